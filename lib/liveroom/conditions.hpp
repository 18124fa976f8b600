// SPDX-License-Identifier: Apache-2.0
// Conditions of a LiveRoom: types, owners, order. Pure.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/json_fwd.hpp"

namespace live::liveroom {

// In the order in which they are written: the API server keeps the order of a list, and the same conditions
// in another order would be a change.
enum class ConditionType : std::uint8_t {
  ready,  // the controller's
  storage_ready,
  up_to_date,
  suspended,
  room_found,  // the recorder's
  live,
  recording,
  danmaku_connected,
  authenticated,
  storage_writable,
  throttled,
};

enum class ConditionStatus : std::uint8_t { unknown, yes, no };  // Unknown, True, False

inline constexpr std::array controller_conditions = {ConditionType::ready, ConditionType::storage_ready,
                                                     ConditionType::up_to_date, ConditionType::suspended};
inline constexpr std::array recorder_conditions = {
    ConditionType::room_found,        ConditionType::live,          ConditionType::recording,
    ConditionType::danmaku_connected, ConditionType::authenticated, ConditionType::storage_writable,
    ConditionType::throttled};

std::string_view to_string(ConditionType type);  // "StorageReady"
std::optional<ConditionType> parse_condition_type(std::string_view text);
std::string_view to_string(ConditionStatus status);  // "True"
constexpr bool is_recorders(ConditionType type) { return type >= ConditionType::room_found; }

// Bounds of the schema, in code points.
inline constexpr std::size_t max_reason = 128;
inline constexpr std::size_t max_message = 1024;

struct Condition {
  ConditionType type = ConditionType::ready;
  ConditionStatus status = ConditionStatus::unknown;
  std::string reason{};                  // CamelCase, never empty
  std::string message{};                 // a sentence for a person, may be empty
  WallTime last_transition{};            // whole seconds: when `status` changed
  std::int64_t observed_generation = 0;  // of the LiveRoom that the condition is about
  bool operator==(const Condition&) const = default;
};

// At most one of each type, sorted by type.
using Conditions = std::vector<Condition>;

const Condition* find_condition(const Conditions& conditions, ConditionType type);
bool is_true(const Conditions& conditions, ConditionType type);

// Puts `wanted` in its place. Keeps last_transition of the one that was there when the status is the same,
// else it becomes `now` in whole seconds; cuts reason and message to their bounds; an empty reason becomes
// "Unknown". True when something other than nothing changed.
bool set_condition(Conditions& conditions, Condition wanted, WallTime now);

// The `conditions` list of a status. Unknown types, double ones and broken items are left out when reading.
Json to_json(const Conditions& conditions);
Conditions conditions_from_json(const Json& list);

}  // namespace live::liveroom
