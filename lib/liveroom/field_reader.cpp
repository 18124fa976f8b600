// SPDX-License-Identifier: Apache-2.0
#include "liveroom/field_reader.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/json.hpp"
#include "base/quantity.hpp"

namespace live::liveroom {
namespace {

constexpr std::size_t max_enumeration_items = 32;

std::size_t code_points(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

std::string listed(std::span<const std::string_view> names) {
  return fmt::format("{}", fmt::join(names, ", "));
}

std::optional<std::string> length_problem(std::string_view text, TextRange range) {
  const std::size_t length = code_points(text);
  if (length < range.min)
    return range.min == 1 ? "must not be empty" : fmt::format("needs {} characters", range.min);
  if (length > range.max) return fmt::format("must have at most {} characters", range.max);
  return std::nullopt;
}

std::optional<std::string> range_problem(std::int64_t value, IntegerRange range) {
  if (value < range.min) return fmt::format("must be at least {}", range.min);
  if (value > range.max) return fmt::format("must be at most {}", range.max);
  return std::nullopt;
}

// A JSON number that is an integer; text is none, as for the API server.
std::optional<std::int64_t> integer_of(const Json& value) {
  if (!value.is_number()) return std::nullopt;
  if (value.is_number_float()) {
    const double number = value.get<double>();
    if (number != static_cast<double>(static_cast<std::int64_t>(std::clamp(number, -9e15, 9e15))))
      return std::nullopt;
  }
  return json_int(value);
}

}  // namespace

FieldReader::FieldReader(const Json& object, std::string path, ReadReport& report)
    : object_(object), path_(std::move(path)), report_(report) {
  if (!object.is_object())
    report_.complain(fmt::format("{} must be an object", path_.empty() ? "the document" : path_));
}

std::string FieldReader::path(std::string_view key) const {
  return path_.empty() ? std::string(key) : fmt::format("{}.{}", path_, key);
}

const Json* FieldReader::member(std::string_view key) {
  asked_.push_back(key);
  if (!object_.is_object()) return nullptr;
  const auto found = object_.find(std::string(key));
  if (found == object_.end() || found->is_null()) return nullptr;
  return &*found;
}

void FieldReader::expected(std::string_view key, std::string_view what) {
  report_.complain(fmt::format("{} {}", path(key), what));
}

bool FieldReader::has(std::string_view key) { return member(key) != nullptr; }

void FieldReader::integer(std::string_view key, std::int64_t& target, IntegerRange range) {
  const Json* value = member(key);
  if (value == nullptr) return;
  const std::optional<std::int64_t> number = integer_of(*value);
  if (!number) return expected(key, "must be an integer");
  if (const auto problem = range_problem(*number, range)) return expected(key, *problem);
  target = *number;
}

void FieldReader::boolean(std::string_view key, bool& target) {
  const Json* value = member(key);
  if (value == nullptr) return;
  if (!value->is_boolean()) return expected(key, "must be true or false");
  target = value->get<bool>();
}

void FieldReader::text(std::string_view key, std::string& target, TextRange range) {
  const Json* value = member(key);
  if (value == nullptr) return;
  if (!value->is_string()) return expected(key, "must be a string");
  const auto& text = value->get_ref<const std::string&>();
  if (const auto problem = length_problem(text, range)) return expected(key, *problem);
  target = text;
}

void FieldReader::quantity(std::string_view key, std::int64_t& target) {
  const Json* value = member(key);
  if (value == nullptr) return;
  if (value->is_string()) {
    const Result<std::int64_t> bytes = parse_quantity(value->get_ref<const std::string&>());
    if (!bytes) return expected(key, "must be a quantity: " + bytes.error().message);
    target = *bytes;
    return;
  }
  const std::optional<std::int64_t> number = integer_of(*value);
  if (!number || *number < 0) return expected(key, "must be a quantity such as 500M or 8Gi");
  target = *number;
}

const Json* FieldReader::list(std::string_view key, std::size_t max_items) {
  const Json* value = member(key);
  if (value == nullptr) return nullptr;
  if (!value->is_array()) {
    expected(key, "must be a list");
    return nullptr;
  }
  if (value->size() > max_items) {
    expected(key, fmt::format("must have at most {} items", max_items));
    return nullptr;
  }
  return value;
}

void FieldReader::texts(std::string_view key, std::vector<std::string>& target, std::size_t max_items,
                        TextRange range) {
  const Json* items = list(key, max_items);
  if (items == nullptr) return;
  std::vector<std::string> read;
  for (std::size_t i = 0; i < items->size(); ++i) {
    const Json& item = (*items)[i];
    const std::string name = fmt::format("{}[{}]", key, i);
    if (!item.is_string()) return expected(name, "must be a string");
    const auto& text = item.get_ref<const std::string&>();
    if (const auto problem = length_problem(text, range)) return expected(name, *problem);
    read.push_back(text);
  }
  target = std::move(read);
}

void FieldReader::integers(std::string_view key, std::vector<std::int64_t>& target, std::size_t max_items,
                           IntegerRange range) {
  const Json* items = list(key, max_items);
  if (items == nullptr) return;
  std::vector<std::int64_t> read;
  for (std::size_t i = 0; i < items->size(); ++i) {
    const std::string name = fmt::format("{}[{}]", key, i);
    const std::optional<std::int64_t> number = integer_of((*items)[i]);
    if (!number) return expected(name, "must be an integer");
    if (const auto problem = range_problem(*number, range)) return expected(name, *problem);
    read.push_back(*number);
  }
  target = std::move(read);
}

std::optional<std::size_t> FieldReader::read_enumeration(std::string_view key,
                                                         std::span<const std::string_view> names) {
  const Json* value = member(key);
  if (value == nullptr) return std::nullopt;
  return enumeration_member(*value, std::string(key), names);
}

std::optional<std::vector<std::size_t>> FieldReader::read_enumerations(
    std::string_view key, std::span<const std::string_view> names) {
  const Json* items = list(key, max_enumeration_items);
  if (items == nullptr) return std::nullopt;
  std::vector<std::size_t> read;
  for (std::size_t i = 0; i < items->size(); ++i) {
    const std::optional<std::size_t> at =
        enumeration_member((*items)[i], fmt::format("{}[{}]", key, i), names);
    if (!at) return std::nullopt;
    if (*at == names.size() || std::find(read.begin(), read.end(), *at) == read.end())
      read.push_back(*at);
    else if (report_.strict)
      expected(key, fmt::format("must not have \"{}\" twice", names[*at]));
  }
  return read;
}

std::optional<std::size_t> FieldReader::enumeration_member(const Json& value, std::string_view name,
                                                           std::span<const std::string_view> names) {
  if (!value.is_string()) {
    expected(name, "must be one of " + listed(names));
    return std::nullopt;
  }
  const auto& text = value.get_ref<const std::string&>();
  const auto found = std::find(names.begin(), names.end(), text);
  if (found == names.end()) {
    if (report_.strict)
      expected(name, fmt::format("must be one of {}, not \"{}\"", listed(names), text));
    else
      report_.unknown.push_back(fmt::format("{}: {}", path(name), text));
  }
  return static_cast<std::size_t>(found - names.begin());
}

void FieldReader::object(std::string_view key, const std::function<void(FieldReader&)>& read) {
  const Json* value = member(key);
  if (value == nullptr) return;
  FieldReader reader(*value, path(key), report_);
  read(reader);
  reader.finish();
}

void FieldReader::objects(std::string_view key, std::size_t max_items,
                          const std::function<void(FieldReader&)>& read) {
  const Json* items = list(key, max_items);
  if (items == nullptr) return;
  for (std::size_t i = 0; i < items->size(); ++i) {
    FieldReader reader((*items)[i], path(fmt::format("{}[{}]", key, i)), report_);
    read(reader);
    reader.finish();
  }
}

void FieldReader::opaque(std::string_view key, std::string& target) {
  const Json* value = member(key);
  if (value == nullptr) return;
  if (!value->is_object()) return expected(key, "must be an object");
  target = value->empty() ? std::string{} : dump_json(*value);
}

void FieldReader::finish() {
  if (!report_.strict || !object_.is_object()) return;
  for (const auto& [key, value] : object_.items()) {
    if (std::find(asked_.begin(), asked_.end(), key) == asked_.end())
      report_.complain(fmt::format("unknown field \"{}\"", path(key)));
  }
}

}  // namespace live::liveroom
