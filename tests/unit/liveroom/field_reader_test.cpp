// SPDX-License-Identifier: Apache-2.0
#include "liveroom/field_reader.hpp"

#include <gtest/gtest.h>

#include "base/json.hpp"

namespace live::liveroom {
namespace {

TEST(FieldReader, KeepsTheFirstProblemAndTheOldValue) {
  const Json json = parse_json(R"({"a": "x", "b": 99, "c": 5})");
  ReadReport report;
  FieldReader reader(json, "spec", report);
  std::int64_t a = 1;
  std::int64_t b = 2;
  std::int64_t c = 3;
  std::int64_t absent = 4;
  reader.integer("a", a);
  reader.integer("b", b, {.min = 0, .max = 10});
  reader.integer("c", c);
  reader.integer("d", absent);
  EXPECT_EQ(report.problem, "spec.a must be an integer");
  EXPECT_EQ(a, 1);
  EXPECT_EQ(b, 2);
  EXPECT_EQ(c, 5);
  EXPECT_EQ(absent, 4);
}

TEST(FieldReader, CountsCodePoints) {
  const Json json = parse_json(R"({"a": "直播间", "b": ""})");
  ReadReport report;
  FieldReader reader(json, "", report);
  std::string text;
  reader.text("a", text, {.max = 3});
  EXPECT_EQ(text, "直播间");
  EXPECT_FALSE(report.problem);
  reader.text("a", text, {.max = 2});
  EXPECT_EQ(report.problem, "a must have at most 2 characters");
  report.problem.reset();
  reader.text("b", text, {.min = 1});
  EXPECT_EQ(report.problem, "b must not be empty");
}

TEST(FieldReader, QuantitiesAreTextOrNumber) {
  const Json json = parse_json(R"({"a": "8Gi", "b": 1024, "c": -1, "d": 1.5, "e": 1e3})");
  ReadReport report;
  FieldReader reader(json, "", report);
  std::int64_t a = 0;
  std::int64_t b = 0;
  std::int64_t e = 0;
  reader.quantity("a", a);
  reader.quantity("b", b);
  reader.quantity("e", e);
  EXPECT_FALSE(report.problem);
  EXPECT_EQ(a, std::int64_t{8} << 30);
  EXPECT_EQ(b, 1024);
  EXPECT_EQ(e, 1000);
  reader.quantity("c", a);
  EXPECT_TRUE(report.problem);
  report.problem.reset();
  reader.quantity("d", a);
  EXPECT_TRUE(report.problem);
}

TEST(FieldReader, ListsAreBounded) {
  const Json json = parse_json(R"({"a": ["x", "y", "z"], "b": [{}, 7]})");
  ReadReport report;
  FieldReader reader(json, "", report);
  std::vector<std::string> list = {"old"};
  reader.texts("a", list, 2, {});
  EXPECT_EQ(report.problem, "a must have at most 2 items");
  EXPECT_EQ(list, std::vector<std::string>{"old"});
  report.problem.reset();
  int seen = 0;
  reader.objects("b", 5, [&](FieldReader&) { ++seen; });
  EXPECT_EQ(report.problem, "b[1] must be an object");
  EXPECT_EQ(seen, 2);
}

TEST(FieldReader, OnlyStrictReadingMindsUnknownKeys) {
  const Json json = parse_json(R"({"a": 1, "b": 2})");
  for (const bool strict : {false, true}) {
    ReadReport report{.strict = strict, .problem = std::nullopt, .unknown = {}};
    FieldReader reader(json, "x", report);
    std::int64_t a = 0;
    reader.integer("a", a);
    reader.finish();
    EXPECT_EQ(report.problem.value_or(""), strict ? "unknown field \"x.b\"" : "");
  }
}

}  // namespace
}  // namespace live::liveroom
