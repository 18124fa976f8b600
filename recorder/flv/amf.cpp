// SPDX-License-Identifier: Apache-2.0
#include "recorder/flv/amf.hpp"

#include <algorithm>
#include <cstring>
#include <optional>

namespace live::flv::amf {
namespace {

enum Marker : std::uint8_t {
  number_marker = 0x00,
  boolean_marker = 0x01,
  string_marker = 0x02,
  object_marker = 0x03,
  null_marker = 0x05,
  undefined_marker = 0x06,
  reference_marker = 0x07,
  ecma_array_marker = 0x08,
  object_end_marker = 0x09,
  strict_array_marker = 0x0A,
  date_marker = 0x0B,
  long_string_marker = 0x0C,
};

constexpr std::size_t longest_short_string = 0xFFFF;

class Parser {
 public:
  explicit Parser(ByteView body) : in_(body) {}

  Result<std::vector<Value>> values() {
    std::vector<Value> all;
    while (in_.left() > 0 && !refused_) {
      std::optional<Value> value = next(0);
      if (!value) break;
      all.push_back(std::move(*value));
      if (!in_.ok()) break;
    }
    if (refused_) return failure("an AMF body beyond the limits, or of an unknown type");
    if (all.empty()) return failure("no whole AMF value");
    return all;
  }

 private:
  // Nothing when the body ends before the value has begun to make sense. What was read of an object or array
  // that the end cuts off is kept.
  std::optional<Value> next(int depth) {
    if (depth > max_depth || ++count_ > max_values) {
      refused_ = true;
      return std::nullopt;
    }
    const std::uint8_t marker = in_.u8();
    if (!in_.ok()) return std::nullopt;
    switch (marker) {
      case object_marker:
        return Value(object(depth, false));
      case ecma_array_marker:
        in_.skip(4);  // a hint, often wrong
        return Value(object(depth, true));
      case strict_array_marker:
        return Value(array(depth));
      default:
        return scalar(marker);
    }
  }

  std::optional<Value> scalar(std::uint8_t marker) {
    std::optional<Value> value;
    switch (marker) {
      case number_marker:
        value = Value(in_.f64());
        break;
      case boolean_marker:
        value = Value(in_.u8() != 0);
        break;
      case string_marker:
        value = Value(text(in_.u16()));
        break;
      case long_string_marker:
        value = Value(text(in_.u32()));
        break;
      case null_marker:
        return Value();
      case undefined_marker:
        return Value(Undefined{});
      case reference_marker:
        value = Value(Reference{in_.u16()});
        break;
      case date_marker: {
        const double milliseconds = in_.f64();
        value = Value(Date{milliseconds, static_cast<std::int16_t>(in_.u16())});
        break;
      }
      default:
        refused_ = true;
        return std::nullopt;
    }
    if (!in_.ok()) return std::nullopt;
    return value;
  }

  std::string text(std::size_t size) { return std::string(as_text(in_.take(size))); }

  Object object(int depth, bool is_ecma_array) {
    Object result;
    result.is_ecma_array = is_ecma_array;
    while (in_.ok() && in_.left() > 0 && !refused_) {
      const std::size_t size = in_.u16();
      std::string key = text(size);
      if (!in_.ok()) break;
      if (key.empty() && at_end_marker()) break;
      std::optional<Value> value = next(depth + 1);
      if (!value) break;
      result.properties.emplace_back(std::move(key), std::move(*value));
    }
    return result;
  }

  // After an empty key: true when the object ends here (or with the body).
  bool at_end_marker() {
    ByteReader ahead = in_;
    const std::uint8_t marker = ahead.u8();
    if (!ahead.ok()) return true;
    if (marker != object_end_marker) return false;
    in_ = ahead;
    return true;
  }

  StrictArray array(int depth) {
    StrictArray result;
    const std::uint32_t size = in_.u32();
    for (std::uint32_t i = 0; i < size && in_.ok() && in_.left() > 0 && !refused_; ++i) {
      std::optional<Value> value = next(depth + 1);
      if (!value) break;
      result.values.push_back(std::move(*value));
    }
    return result;
  }

  ByteReader in_;
  std::size_t count_ = 0;
  bool refused_ = false;
};

void write_text(ByteWriter& out, const std::string& text) {
  if (text.size() <= longest_short_string) {
    out.u8(string_marker);
    out.u16(static_cast<std::uint16_t>(text.size()));
  } else {
    out.u8(long_string_marker);
    out.u32(static_cast<std::uint32_t>(text.size()));
  }
  out.text(text);
}

struct Writer {
  ByteWriter& out;

  void operator()(const Null&) const { out.u8(null_marker); }
  void operator()(const Undefined&) const { out.u8(undefined_marker); }
  void operator()(double number) const {
    out.u8(number_marker);
    out.f64(number);
  }
  void operator()(bool boolean) const {
    out.u8(boolean_marker);
    out.u8(boolean ? 1 : 0);
  }
  void operator()(const std::string& text) const { write_text(out, text); }
  void operator()(const Date& date) const {
    out.u8(date_marker);
    out.f64(date.milliseconds);
    out.u16(static_cast<std::uint16_t>(date.zone_minutes));
  }
  void operator()(const Reference& reference) const {
    out.u8(reference_marker);
    out.u16(reference.index);
  }
  void operator()(const Object& object) const {
    out.u8(object.is_ecma_array ? ecma_array_marker : object_marker);
    if (object.is_ecma_array) out.u32(static_cast<std::uint32_t>(object.properties.size()));
    for (const Property& property : object.properties) {
      write_key(out, property.first);
      write(out, property.second);
    }
    out.u24(object_end_marker);
  }
  void operator()(const StrictArray& array) const {
    out.u8(strict_array_marker);
    out.u32(static_cast<std::uint32_t>(array.values.size()));
    for (const Value& value : array.values) write(out, value);
  }
};

bool skip_properties(ByteReader& in, int depth) {
  while (in.ok()) {
    const std::size_t size = in.u16();
    in.skip(size);
    if (size == 0) {
      ByteReader ahead = in;
      if (ahead.u8() == object_end_marker && ahead.ok()) {
        in = ahead;
        return true;
      }
    }
    if (!skip(in, depth + 1)) return false;
  }
  return false;
}

}  // namespace

const Value* Object::find(std::string_view key) const {
  for (const Property& property : properties) {
    if (property.first == key) return &property.second;
  }
  return nullptr;
}

bool Object::operator==(const Object& other) const {
  return is_ecma_array == other.is_ecma_array && properties == other.properties;
}

bool StrictArray::operator==(const StrictArray& other) const { return values == other.values; }

Result<std::vector<Value>> parse(ByteView body) {
  if (body.size() > max_body_size) return failure("an AMF body beyond the limits");
  return Parser(body).values();
}

bool skip(ByteReader& in, int depth) {
  if (depth > max_depth) return false;
  switch (in.u8()) {
    case number_marker:
      in.skip(8);
      return in.ok();
    case boolean_marker:
      in.skip(1);
      return in.ok();
    case string_marker:
      in.skip(in.u16());
      return in.ok();
    case long_string_marker:
      in.skip(in.u32());
      return in.ok();
    case null_marker:
    case undefined_marker:
      return in.ok();
    case reference_marker:
      in.skip(2);
      return in.ok();
    case date_marker:
      in.skip(10);
      return in.ok();
    case ecma_array_marker:
      in.skip(4);
      return skip_properties(in, depth);
    case object_marker:
      return skip_properties(in, depth);
    case strict_array_marker: {
      const std::uint32_t count = in.u32();
      for (std::uint32_t i = 0; i < count; ++i) {
        if (!skip(in, depth + 1)) return false;
      }
      return in.ok();
    }
    default:
      return false;
  }
}

void write_key(ByteWriter& out, std::string_view key) {
  const std::string_view cut = key.substr(0, longest_short_string);
  out.u16(static_cast<std::uint16_t>(cut.size()));
  out.text(cut);
}

void write(ByteWriter& out, const Value& value) { std::visit(Writer{out}, value.data); }

}  // namespace live::flv::amf
