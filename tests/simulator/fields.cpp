// SPDX-License-Identifier: Apache-2.0
#include "simulator/fields.hpp"

#include <fmt/format.h>

namespace live::simulator {

Fields::Fields(const Json& object) : object_(object) {
  if (!object.is_object() && !object.is_null()) problem_ = Problem{"a JSON object is wanted"};
}

const Json* Fields::member(const char* name) {
  known_.insert(name);
  if (!has(name)) return nullptr;
  return &object_.at(name);
}

void Fields::wrong(const char* name, const char* wanted) {
  if (!problem_) problem_ = Problem{fmt::format("{}: {} is wanted", name, wanted)};
}

void Fields::read(const char* name, std::int64_t& to) {
  const Json* value = member(name);
  if (!value) return;
  if (!value->is_number_integer()) return wrong(name, "a whole number");
  to = json_int(*value).value_or(0);
}

void Fields::read(const char* name, int& to) {
  std::int64_t wide = to;
  read(name, wide);
  if (wide < INT32_MIN || wide > INT32_MAX) return wrong(name, "a smaller number");
  to = static_cast<int>(wide);
}

void Fields::read(const char* name, double& to) {
  const Json* value = member(name);
  if (!value) return;
  if (!value->is_number()) return wrong(name, "a number");
  to = value->get<double>();
}

void Fields::read(const char* name, bool& to) {
  const Json* value = member(name);
  if (!value) return;
  if (!value->is_boolean()) return wrong(name, "true or false");
  to = value->get<bool>();
}

void Fields::read(const char* name, std::string& to) {
  const Json* value = member(name);
  if (!value) return;
  if (!value->is_string()) return wrong(name, "a string");
  to = value->get<std::string>();
}

void Fields::read(const char* name, std::vector<int>& to) {
  const Json* value = member(name);
  if (!value) return;
  if (!value->is_array()) return wrong(name, "a list of numbers");
  std::vector<int> list;
  for (const Json& element : *value) {
    if (!element.is_number_integer()) return wrong(name, "a list of numbers");
    list.push_back(static_cast<int>(json_int(element).value_or(0)));
  }
  to = std::move(list);
}

void Fields::read(const char* name, std::vector<std::string>& to) {
  const Json* value = member(name);
  if (!value) return;
  if (!value->is_array()) return wrong(name, "a list of texts");
  std::vector<std::string> list;
  for (const Json& element : *value) {
    if (!element.is_string()) return wrong(name, "a list of texts");
    list.push_back(element.get<std::string>());
  }
  to = std::move(list);
}

void Fields::read(const char* name, std::chrono::milliseconds& to) {
  std::int64_t count = to.count();
  read(name, count);
  to = std::chrono::milliseconds(count);
}

void Fields::read_seconds(const char* name, std::chrono::milliseconds& to) {
  double seconds = static_cast<double>(to.count()) / 1000;
  read(name, seconds);
  if (seconds < -1e9 || seconds > 1e9) return wrong(name, "a smaller number");
  to = std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
}

std::optional<Problem> Fields::problem() const {
  if (problem_) return problem_;
  if (!object_.is_object()) return std::nullopt;
  for (const auto& [name, value] : object_.items())
    if (!known_.contains(name)) return Problem{fmt::format("{}: no such field here", name)};
  return std::nullopt;
}

}  // namespace live::simulator
