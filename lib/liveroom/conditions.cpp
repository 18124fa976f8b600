// SPDX-License-Identifier: Apache-2.0
#include "liveroom/conditions.hpp"

#include <algorithm>

#include "base/json.hpp"
#include "base/time_format.hpp"
#include "liveroom/text.hpp"

namespace live::liveroom {
namespace {

constexpr std::array<std::string_view, 11> type_names = {
    "Ready",     "StorageReady",     "UpToDate",      "Suspended",       "RoomFound", "Live",
    "Recording", "DanmakuConnected", "Authenticated", "StorageWritable", "Throttled"};
static_assert(type_names.size() == controller_conditions.size() + recorder_conditions.size());

std::optional<ConditionStatus> parse_status(std::string_view text) {
  if (text == "True") return ConditionStatus::yes;
  if (text == "False") return ConditionStatus::no;
  if (text == "Unknown") return ConditionStatus::unknown;
  return std::nullopt;
}

WallTime whole_seconds(WallTime time) { return std::chrono::floor<std::chrono::seconds>(time); }

Conditions::iterator place_of(Conditions& conditions, ConditionType type) {
  return std::lower_bound(conditions.begin(), conditions.end(), type,
                          [](const Condition& c, ConditionType t) { return c.type < t; });
}

}  // namespace

std::string_view to_string(ConditionType type) { return type_names[static_cast<std::size_t>(type)]; }

std::optional<ConditionType> parse_condition_type(std::string_view text) {
  const auto found = std::find(type_names.begin(), type_names.end(), text);
  if (found == type_names.end()) return std::nullopt;
  return static_cast<ConditionType>(found - type_names.begin());
}

std::string_view to_string(ConditionStatus status) {
  switch (status) {
    case ConditionStatus::yes:
      return "True";
    case ConditionStatus::no:
      return "False";
    case ConditionStatus::unknown:
      return "Unknown";
  }
  return "Unknown";
}

const Condition* find_condition(const Conditions& conditions, ConditionType type) {
  const auto found = std::find_if(conditions.begin(), conditions.end(),
                                  [type](const Condition& c) { return c.type == type; });
  return found == conditions.end() ? nullptr : &*found;
}

bool is_true(const Conditions& conditions, ConditionType type) {
  const Condition* found = find_condition(conditions, type);
  return found != nullptr && found->status == ConditionStatus::yes;
}

bool set_condition(Conditions& conditions, Condition wanted, WallTime now) {
  wanted.reason = bounded_text(wanted.reason, max_reason);
  wanted.message = bounded_text(wanted.message, max_message);
  if (wanted.reason.empty()) wanted.reason = "Unknown";
  const auto place = place_of(conditions, wanted.type);
  const bool there = place != conditions.end() && place->type == wanted.type;
  wanted.last_transition =
      there && place->status == wanted.status ? place->last_transition : whole_seconds(now);
  if (!there) {
    conditions.insert(place, std::move(wanted));
    return true;
  }
  if (*place == wanted) return false;
  *place = std::move(wanted);
  return true;
}

Json to_json(const Conditions& conditions) {
  Json list = Json::array();
  for (const Condition& condition : conditions) {
    list.push_back({{"type", to_string(condition.type)},
                    {"status", to_string(condition.status)},
                    {"reason", condition.reason},
                    {"message", condition.message},
                    {"lastTransitionTime", format_rfc3339(condition.last_transition)},
                    {"observedGeneration", condition.observed_generation}});
  }
  return list;
}

Conditions conditions_from_json(const Json& list) {
  Conditions conditions;
  if (!list.is_array()) return conditions;
  for (const Json& item : list) {
    const auto type = parse_condition_type(json_string(json_at(item, "/type")).value_or(""));
    const auto status = parse_status(json_string(json_at(item, "/status")).value_or(""));
    if (!type || !status) continue;
    const auto place = place_of(conditions, *type);
    if (place != conditions.end() && place->type == *type) continue;
    const auto time = parse_rfc3339(json_string(json_at(item, "/lastTransitionTime")).value_or(""));
    conditions.insert(place,
                      {.type = *type,
                       .status = *status,
                       .reason = json_string(json_at(item, "/reason")).value_or(""),
                       .message = json_string(json_at(item, "/message")).value_or(""),
                       .last_transition = whole_seconds(time.value_or(WallTime{})),
                       .observed_generation = json_int(json_at(item, "/observedGeneration")).value_or(0)});
  }
  return conditions;
}

}  // namespace live::liveroom
