// SPDX-License-Identifier: Apache-2.0
// AMF0 values of script tags. Never throws, never trusts a count.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace live::flv::amf {

class Value;
using Property = std::pair<std::string, Value>;

struct Null {
  bool operator==(const Null&) const = default;
};
struct Undefined {
  bool operator==(const Undefined&) const = default;
};
struct Reference {
  std::uint16_t index = 0;
  bool operator==(const Reference&) const = default;
};
struct Date {
  double milliseconds = 0;  // since 1970, UTC
  std::int16_t zone_minutes = 0;
  bool operator==(const Date&) const = default;
};
// Keys in the order of the sender; a key may come twice.
struct Object {
  std::vector<Property> properties;
  bool is_ecma_array = false;
  const Value* find(std::string_view key) const;
  bool operator==(const Object&) const;
};
struct StrictArray {
  std::vector<Value> values;
  bool operator==(const StrictArray&) const;
};

class Value {
 public:
  using Variant =
      std::variant<Null, Undefined, double, bool, std::string, Date, Reference, Object, StrictArray>;

  Value() = default;
  Value(double number) : data(number) {}
  Value(bool boolean) : data(boolean) {}
  Value(std::string text) : data(std::move(text)) {}
  Value(const char* text) : data(std::string(text)) {}
  Value(Date date) : data(date) {}
  Value(Reference reference) : data(reference) {}
  Value(Undefined undefined) : data(undefined) {}
  Value(Object object) : data(std::move(object)) {}
  Value(StrictArray array) : data(std::move(array)) {}

  const double* number() const { return std::get_if<double>(&data); }
  const std::string* text() const { return std::get_if<std::string>(&data); }
  const Object* object() const { return std::get_if<Object>(&data); }
  const StrictArray* array() const { return std::get_if<StrictArray>(&data); }
  bool operator==(const Value&) const = default;

  Variant data;
};

// Limits of parse(): beyond them a body counts as unreadable.
constexpr std::size_t max_body_size = std::size_t{2} << 20;
constexpr std::size_t max_values = std::size_t{1} << 17;
constexpr int max_depth = 16;

// All values of a script body. A missing end marker of the last object is accepted, as is a body that ends
// inside a value after at least one whole value; a wrong count of an ECMA array does not matter.
Result<std::vector<Value>> parse(ByteView body);

// Passes over one value; false when it is cut off, too deep or of an unknown type.
bool skip(ByteReader& in, int depth = 0);

void write(ByteWriter& out, const Value& value);
void write_key(ByteWriter& out, std::string_view key);  // cut at 65,535 bytes

}  // namespace live::flv::amf
