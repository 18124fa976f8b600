// SPDX-License-Identifier: Apache-2.0
#include "net/http.hpp"

#include <gtest/gtest.h>

namespace live::net {
namespace {

TEST(Headers, FindNamesWithoutCase) {
  Headers headers{{"Set-Cookie", "a=1"}, {"Content-Type", "text/plain"}, {"set-cookie", "b=2"}};
  EXPECT_EQ(headers.get("SET-COOKIE"), "a=1");
  EXPECT_EQ(headers.get("content-type"), "text/plain");
  EXPECT_EQ(headers.get("content"), std::nullopt);
  headers.set("SET-Cookie", "c=3");
  EXPECT_EQ(headers.size(), 2U);
  EXPECT_EQ(headers.get("Set-Cookie"), "c=3");
  headers.add("Set-Cookie", "d=4");
  EXPECT_EQ(headers.get("Set-Cookie"), "c=3");
  EXPECT_EQ(headers.size(), 3U);
}

}  // namespace
}  // namespace live::net
