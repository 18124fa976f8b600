// SPDX-License-Identifier: Apache-2.0
#include "liveroom/conditions.hpp"

#include <gtest/gtest.h>

#include "base/json.hpp"

namespace live::liveroom {
namespace {
using namespace std::chrono_literals;

const WallTime start{1'700'000'000s};

Condition make(ConditionType type, ConditionStatus status, std::string reason, std::string message = "") {
  return {.type = type, .status = status, .reason = std::move(reason), .message = std::move(message)};
}

TEST(SetCondition, KeepsTheOrderOfTypes) {
  Conditions conditions;
  set_condition(conditions, make(ConditionType::throttled, ConditionStatus::no, "A"), start);
  set_condition(conditions, make(ConditionType::ready, ConditionStatus::yes, "A"), start);
  set_condition(conditions, make(ConditionType::live, ConditionStatus::unknown, "A"), start);
  ASSERT_EQ(conditions.size(), 3U);
  EXPECT_EQ(conditions[0].type, ConditionType::ready);
  EXPECT_EQ(conditions[1].type, ConditionType::live);
  EXPECT_EQ(conditions[2].type, ConditionType::throttled);
}

TEST(SetCondition, TheTimeMovesOnlyWithTheStatus) {
  Conditions conditions;
  EXPECT_TRUE(
      set_condition(conditions, make(ConditionType::live, ConditionStatus::no, "Offline"), start + 300ms));
  EXPECT_EQ(conditions[0].last_transition, start);
  EXPECT_FALSE(
      set_condition(conditions, make(ConditionType::live, ConditionStatus::no, "Offline"), start + 5s));
  EXPECT_TRUE(
      set_condition(conditions, make(ConditionType::live, ConditionStatus::no, "Rotation"), start + 6s));
  EXPECT_EQ(conditions[0].last_transition, start);
  EXPECT_TRUE(set_condition(conditions, make(ConditionType::live, ConditionStatus::yes, "Live"), start + 7s));
  EXPECT_EQ(conditions[0].last_transition, start + 7s);
}

TEST(SetCondition, CutsWhatIsTooLongAndNeverLeavesAReasonEmpty) {
  Conditions conditions;
  set_condition(conditions, make(ConditionType::ready, ConditionStatus::no, "", std::string(5000, 'x')),
                start);
  EXPECT_EQ(conditions[0].reason, "Unknown");
  EXPECT_EQ(conditions[0].message.size(), max_message);
}

TEST(ConditionsJson, GoesThereAndBack) {
  Conditions conditions;
  for (const ConditionType type : controller_conditions)
    set_condition(conditions, make(type, ConditionStatus::yes, "Reason", "直播"), start);
  for (const ConditionType type : recorder_conditions)
    set_condition(conditions, make(type, ConditionStatus::unknown, "Pending"), start + 1s);
  conditions[2].observed_generation = 7;
  EXPECT_EQ(conditions_from_json(to_json(conditions)), conditions);
  EXPECT_EQ(dump_json(to_json(conditions)[2]),
            R"({"lastTransitionTime":"2023-11-14T22:13:20Z","message":"直播","observedGeneration":7,)"
            R"("reason":"Reason","status":"True","type":"UpToDate"})");
}

TEST(ConditionsJson, LeavesOutWhatItDoesNotKnow) {
  const Json list = parse_json(R"([
    {"type": "Shiny", "status": "True", "reason": "A"},
    {"type": "Live", "status": "Perhaps", "reason": "A"},
    {"type": "Recording", "status": "True", "reason": "First"},
    {"type": "Recording", "status": "False", "reason": "Second"},
    7, null, {"status": "True"}])");
  const Conditions conditions = conditions_from_json(list);
  ASSERT_EQ(conditions.size(), 1U);
  EXPECT_EQ(conditions[0].type, ConditionType::recording);
  EXPECT_EQ(conditions[0].reason, "First");
  EXPECT_TRUE(conditions_from_json(parse_json("null")).empty());
}

TEST(ConditionTypes, HaveOneOwnerEach) {
  for (const ConditionType type : controller_conditions) EXPECT_FALSE(is_recorders(type));
  for (const ConditionType type : recorder_conditions) {
    EXPECT_TRUE(is_recorders(type));
    EXPECT_EQ(parse_condition_type(to_string(type)), type);
  }
  EXPECT_EQ(parse_condition_type("Nothing"), std::nullopt);
}

}  // namespace
}  // namespace live::liveroom
