// SPDX-License-Identifier: Apache-2.0
#include "liveroom/text.hpp"

#include <gtest/gtest.h>

namespace live::liveroom {
namespace {

TEST(BoundedText, TakesWhatIsValidAsItIs) {
  EXPECT_EQ(bounded_text("直播 😀 room", 100), "直播 😀 room");
  EXPECT_EQ(bounded_text("", 10), "");
}

TEST(BoundedText, CutsAtACodePoint) {
  EXPECT_EQ(bounded_text("直播间", 2), "直播");
  EXPECT_EQ(bounded_text("😀😀😀", 1), "😀");
  EXPECT_EQ(bounded_text("abc", 0), "");
}

TEST(BoundedText, DropsControlCharacters) {
  EXPECT_EQ(bounded_text(std::string_view("a\0b\x1b[0mc\x7f", 9), 100), "ab[0mc");
  EXPECT_EQ(bounded_text("a\nb\r\tc", 100), "a b  c");
  EXPECT_EQ(bounded_text("a\xc2\x85z", 100), "az");  // U+0085
}

TEST(BoundedText, ReplacesWhatIsNotUtf8) {
  const std::string replacement = "\xef\xbf\xbd";
  EXPECT_EQ(bounded_text("a\xff", 100), "a" + replacement);
  EXPECT_EQ(bounded_text("\xe7\x9b", 100), replacement + replacement);     // torn
  EXPECT_EQ(bounded_text("\xc0\xaf", 100), replacement + replacement);     // overlong
  EXPECT_EQ(bounded_text("\xed\xa0\x80", 100).substr(0, 3), replacement);  // a surrogate
  EXPECT_EQ(bounded_text("\xf4\x90\x80\x80", 1), replacement);             // above U+10FFFF
}

}  // namespace
}  // namespace live::liveroom
