// SPDX-License-Identifier: Apache-2.0
#include "kube/api_json.hpp"

#include <gtest/gtest.h>

#include "base/json.hpp"

namespace live::kube {
namespace {

std::string nested(int depth) {
  std::string text;
  for (int i = 0; i < depth; ++i) text += "{\"a\":";
  text += "1";
  text.append(static_cast<std::size_t>(depth), '}');
  return text;
}

TEST(ParseObject, AZeroByteIsNoEndOfTheText) {
  using namespace std::string_view_literals;
  for (const std::string_view text :
       {"4\0"sv, "4\0 \0"sv, "{\"a\": 4\0}"sv, "{\"a\": true\0}"sv, "{\"a\": 1}\0{"sv, "{\"a\0\": 1}"sv})
    EXPECT_TRUE(parse_object(text).is_discarded()) << text;
}

TEST(ParseObject, KeepsManagedFieldsAndRefusesWhatIsNotJson) {
  const Json object = parse_object(R"({"metadata":{"name":"a","managedFields":[{"manager":"m"}]}})");
  EXPECT_EQ(object["metadata"]["managedFields"].size(), 1u);
  EXPECT_TRUE(parse_object("{").is_discarded());
  EXPECT_TRUE(parse_object("").is_discarded());
}

TEST(ParseObject, CutsOffWhatIsTooDeepAndKeepsTheRest) {
  const Json object =
      parse_object(R"({"metadata":{"name":"a"},"spec":{"deep":)" + nested(100'000) + R"(,"after":1}})");
  ASSERT_TRUE(object.is_object());
  EXPECT_EQ(object["metadata"]["name"], "a");
  EXPECT_EQ(object["spec"]["after"], 1);
}

TEST(ParseObject, ReadsTheSameAsThePlainParser) {
  for (const char* text : {
           "{}",
           "[]",
           "1",
           "-7",
           "18446744073709551615",
           "1.5e3",
           "true",
           "null",
           R"("a\u6b4c\ud83c\udfa4\n")",
           R"({"a":{"b":[1,[2,{"c":null}],"x"]},"a":{"d":false},"":[{}],"metadata":{"managedFields":[1]}})",
           "",
           "{",
           "[1,]",
           R"({"a" 1})",
           "1 2",
           "{}x",
           "\"\xff\"",
           "1e999",
           "-0",
           "00",
           "-",
           "1.",
           "999999999999999999",
           "1000000000000000000",
           "123456789012345678901234567890",
           "tru",
           "nulls",
           R"("tab\t \/ \u00e9 end")",
           R"("\ud83c")",
           R"("\x")",
           R"("a\)",
           "\"a\nb\"",
           "\"\xe6\xad\x8c\"",
           "\"\\\\\xff\"",
           R"({"a":1,})",
           R"({"a":1 "b":2})",
           R"({1:2})",
           R"({"k\"ey":[]})",
           " [ 1 , 2 ] ",
       }) {
    const Json plain = Json::parse(text, nullptr, /*allow_exceptions=*/false);
    const Json ours = parse_object(text);
    EXPECT_EQ(ours.is_discarded(), plain.is_discarded()) << text;
    if (!plain.is_discarded()) {
      EXPECT_EQ(ours, plain) << text;
    }
  }
}

TEST(ParseObject, LeavesOutManagedFieldsOfTheObjectAlone) {
  const Json json = parse_object(
      R"({"kind":"Pod","managedFields":1,"metadata":{"managedFields":[{"a":[{}]}],"name":"a"},"spec":{"managedFields":2}})",
      all_but_managed_fields);
  EXPECT_EQ(
      json,
      parse_object(R"({"kind":"Pod","managedFields":1,"metadata":{"name":"a"},"spec":{"managedFields":2}})"));
}

TEST(ParseObject, BuildsOnlyTheFieldsAskedFor) {
  const Fields fields = object_fields(
      {{.name = "mine"}}, {},
      {{.name = "spec", .members = {{.name = "items", .members = {{.name = "a"}}}}}, {.name = "all"}});
  const Json json = parse_object(
      R"({"kind":"K","metadata":{"name":"n","labels":{"mine":"1","other":"2"},"annotations":{"x":"y"},
          "finalizers":["f"]},"spec":{"x":{"a":1},"items":[{"a":1,"b":2},{"b":[{"a":"}"}]},3]},
          "all":{"b":{"c":[1]}},"status":{"s":"\"}"}})",
      fields);
  EXPECT_EQ(json, parse_object(R"({"kind":"K","metadata":{"name":"n","labels":{"mine":"1"},"annotations":{}},
          "spec":{"items":[{"a":1},{},3]},"all":{"b":{"c":[1]}}})"));
}

TEST(ParseObject, WhatIsSteppedOverIsOnlyLookedAtForItsEnd) {
  const Fields only_a{.members = {{.name = "a"}}};
  struct Case {
    const char* text;
    bool is_json;
  };
  for (const Case& c : std::initializer_list<Case>{
           {R"({"b":{"x":[1,"]}",{}]},"a":1})", true},
           {R"({"b":"\\","a":1})", true},
           {R"({"b":01x,"a":1})", true},
           {R"({"b":"\ud800","a":1})", true},
           {R"({"b":,"a":1})", false},
           {R"({"b":{"a":1})", false},
           {R"({"b":"a":1})", false},
           {R"({"b":"x)", false},
           {R"({"b":"x\)", false},
           {R"({"b":[)", false},
           {R"({"b":)", false},
           {R"({"b")", false},
       }) {
    const Json json = parse_object(c.text, only_a);
    EXPECT_EQ(!json.is_discarded(), c.is_json) << c.text;
    if (c.is_json) {
      EXPECT_EQ(json, Json({{"a", 1}})) << c.text;
    }
  }
}

TEST(ParseListPage, GivesItemsTheKindThatTheListImplies) {
  const Result<ListPage> page = parse_list_page(
      R"({"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"9","continue":"tok"},
          "items":[{"metadata":{"name":"a","managedFields":[1]}},{"kind":"Own","metadata":{"name":"b"}}]})");
  ASSERT_TRUE(page);
  EXPECT_EQ(page->resource_version, "9");
  EXPECT_EQ(page->continue_token, "tok");
  ASSERT_EQ(page->items.size(), 2u);
  EXPECT_EQ(page->items[0]["kind"], "Pod");
  EXPECT_EQ(page->items[0]["apiVersion"], "v1");
  EXPECT_FALSE(page->items[0]["metadata"].contains("managedFields"));
  EXPECT_EQ(page->items[1]["kind"], "Own");
}

TEST(ParseListPage, OneTooDeepItemDoesNotCostTheOthers) {
  const Result<ListPage> page = parse_list_page(
      R"({"kind":"PodList","metadata":{"resourceVersion":"9"},"items":[{"metadata":{"name":"a"},"x":)" +
      nested(5000) + R"(},{"metadata":{"name":"b"}}]})");
  ASSERT_TRUE(page);
  ASSERT_EQ(page->items.size(), 2u);
  EXPECT_EQ(key_of(page->items[0]).name, "a");
  EXPECT_EQ(key_of(page->items[1]).name, "b");
}

TEST(ParseListPage, SaysWhyItIsNoList) {
  EXPECT_EQ(parse_list_page("[]").error().message, "the list is not a JSON object");
  EXPECT_EQ(parse_list_page(R"({"kind":"Table"})").error().message, "the reply is a \"Table\", not a list");
  EXPECT_EQ(parse_list_page(R"({"kind":"PodList","metadata":{}})").error().message,
            "metadata.resourceVersion: missing");
  EXPECT_EQ(
      parse_list_page(R"({"kind":"PodList","metadata":{"resourceVersion":"1"},"items":3})").error().message,
      "items: not an array");
  EXPECT_TRUE(parse_list_page(R"({"kind":"PodList","metadata":{"resourceVersion":"1"},"items":null})"));
}

}  // namespace
}  // namespace live::kube
