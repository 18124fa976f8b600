// SPDX-License-Identifier: Apache-2.0
#include "recorder/cookie.hpp"

#include <gtest/gtest.h>

namespace live::recorder {
namespace {

using std::chrono::seconds;

TEST(CookieTest, TakesAHeadersValue) {
  EXPECT_EQ(parse_cookie("SESSDATA=abc; bili_jct=1; DedeUserID=5\n")->text,
            "SESSDATA=abc; bili_jct=1; DedeUserID=5");
  EXPECT_EQ(parse_cookie("Cookie: SESSDATA=abc;bili_jct=1;")->text, "SESSDATA=abc; bili_jct=1");
  EXPECT_EQ(parse_cookie("cookie:SESSDATA=abc")->text, "SESSDATA=abc");
  EXPECT_EQ(parse_cookie("a=1\r\nSESSDATA=x%2Cy\r\n\r\n")->text, "a=1; SESSDATA=x%2Cy");
}

TEST(CookieTest, FindsWhenTheSessionEnds) {
  EXPECT_EQ(parse_cookie("SESSDATA=ab%2C1790000000%2Ccd*11")->expires, WallTime(seconds(1'790'000'000)));
  EXPECT_EQ(parse_cookie("SESSDATA=ab,1790000000,cd")->expires, WallTime(seconds(1'790'000'000)));
  EXPECT_EQ(parse_cookie("SESSDATA=ab%2c1790000000")->expires, WallTime(seconds(1'790'000'000)));
  for (const char* text : {"SESSDATA=ab", "SESSDATA=ab,", "SESSDATA=ab,12,cd",
                           "SESSDATA=ab,17900000000000000000,c", "SESSDATA=ab,1790000000x,c"}) {
    EXPECT_EQ(parse_cookie(text)->expires, std::nullopt) << text;
  }
}

TEST(CookieTest, RefusesTheRestWithoutShowingIt) {
  for (const std::string& text :
       {std::string(), std::string(" \n"), std::string("Cookie:"), std::string("secret"),
        std::string("a=secret"), std::string("SESSDATA=; a=secret"), std::string("=secret"),
        std::string("SESSDATA=sec\x01ret"), std::string("SESSDATA=sec ret"), std::string(20'000, 's')}) {
    const Result<Cookie> cookie = parse_cookie(text);
    ASSERT_FALSE(cookie) << text;
    EXPECT_EQ(cookie.error().message.find("sec"), std::string::npos) << cookie.error().message;
  }
}

}  // namespace
}  // namespace live::recorder
