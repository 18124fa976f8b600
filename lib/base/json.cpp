// SPDX-License-Identifier: Apache-2.0
#include "base/json.hpp"

#include <charconv>

namespace live {
namespace {

const Json null_value;

// nlohmann's parser recurses when values are destroyed, so depth is bounded before it builds them.
bool deeper_than(std::string_view text, int max_depth) {
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      if (++depth > max_depth) return true;
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return false;
}

}  // namespace

Json parse_json(std::string_view text, int max_depth) {
  if (deeper_than(text, max_depth)) return Json(Json::value_t::discarded);
  return Json::parse(text, nullptr, /*allow_exceptions=*/false);
}

std::string dump_json(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

const Json& json_at(const Json& value, std::string_view path) {
  const Json* at = &value;
  while (!path.empty()) {
    path.remove_prefix(1);
    const std::size_t end = path.find('/');
    const std::string key(path.substr(0, end));
    path = end == std::string_view::npos ? std::string_view{} : path.substr(end);
    if (at->is_object()) {
      const auto found = at->find(key);
      if (found == at->end()) return null_value;
      at = &*found;
    } else if (at->is_array()) {
      std::size_t index = 0;
      const auto [end_of_number, ec] = std::from_chars(key.data(), key.data() + key.size(), index);
      if (ec != std::errc{} || end_of_number != key.data() + key.size() || index >= at->size())
        return null_value;
      at = &(*at)[index];
    } else {
      return null_value;
    }
  }
  return *at;
}

std::optional<std::int64_t> json_int(const Json& value) {
  if (value.is_number_unsigned()) {
    const auto number = value.get<std::uint64_t>();
    if (number > static_cast<std::uint64_t>(INT64_MAX)) return std::nullopt;
    return static_cast<std::int64_t>(number);
  }
  if (value.is_number_integer()) return value.get<std::int64_t>();
  if (value.is_boolean()) return value.get<bool>() ? 1 : 0;
  if (value.is_number_float()) {
    const double number = value.get<double>();
    if (number >= -9e15 && number <= 9e15) return static_cast<std::int64_t>(number);
    return std::nullopt;
  }
  if (value.is_string()) {
    const auto& text = value.get_ref<const std::string&>();
    std::int64_t number = 0;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (ec == std::errc{} && end == text.data() + text.size()) return number;
  }
  return std::nullopt;
}

std::optional<std::string> json_string(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number_unsigned()) return std::to_string(value.get<std::uint64_t>());
  if (value.is_number_integer()) return std::to_string(value.get<std::int64_t>());
  return std::nullopt;
}

std::optional<bool> json_bool(const Json& value) {
  if (value.is_boolean()) return value.get<bool>();
  if (const auto number = json_int(value)) return *number != 0;
  return std::nullopt;
}

std::optional<double> json_number(const Json& value) {
  if (value.is_number()) return value.get<double>();
  if (const auto number = json_int(value)) return static_cast<double>(*number);
  return std::nullopt;
}

}  // namespace live
