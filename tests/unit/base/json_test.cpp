// SPDX-License-Identifier: Apache-2.0
#include "base/json.hpp"

#include <gtest/gtest.h>

namespace live {
namespace {

TEST(Json, BrokenOrTooDeepTextIsDiscarded) {
  EXPECT_TRUE(parse_json("{").is_discarded());
  EXPECT_TRUE(parse_json(std::string(100000, '[')).is_discarded());
  EXPECT_FALSE(parse_json(R"({"a":"[[[[[[[[\"[["})", 2).is_discarded());
}

TEST(Json, NumbersAndNumericStringsAreTheSame) {
  EXPECT_EQ(json_int(Json(3546569288714792)), 3546569288714792);
  EXPECT_EQ(json_int(Json("3546569288714792")), 3546569288714792);
  EXPECT_EQ(json_int(Json("12x")), std::nullopt);
  EXPECT_EQ(json_int(Json(18446744073709551615ull)), std::nullopt);
  EXPECT_EQ(json_int(Json(nullptr)), std::nullopt);
  EXPECT_EQ(json_string(Json(7)), "7");
  EXPECT_EQ(json_bool(Json(1)), true);
}

TEST(Json, PathsThatAreNotThereGiveNull) {
  const Json value = parse_json(R"({"data":{"list":[{"a":1}]}})");
  EXPECT_EQ(json_at(value, "/data/list/0/a"), 1);
  EXPECT_TRUE(json_at(value, "/data/list/1/a").is_null());
  EXPECT_TRUE(json_at(value, "/data/a/b").is_null());
}

TEST(Json, DumpKeepsUtf8AndReplacesWhatIsNot) {
  EXPECT_EQ(dump_json(Json("哔😀")), "\"哔😀\"");
  EXPECT_EQ(dump_json(Json(std::string("a\xff"))), "\"a\xEF\xBF\xBD\"");
}

}  // namespace
}  // namespace live
