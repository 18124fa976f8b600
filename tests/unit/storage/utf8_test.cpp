// SPDX-License-Identifier: Apache-2.0
#include "recorder/storage/utf8.hpp"

#include <gtest/gtest.h>

#include <string>

namespace live::storage {
namespace {

std::u32string points(std::string_view text) {
  std::u32string result;
  while (!text.empty()) result += next_code_point(text);
  return result;
}

TEST(Utf8, ReadsCodePoints) {
  EXPECT_EQ(points("a\xC3\xA9\xE6\x97\xA5\xF0\x9F\x98\x80"), U"aé日😀");
  const char32_t bad = invalid_code_point;
  EXPECT_EQ(points("\x80"), std::u32string({bad}));
  EXPECT_EQ(points("\xC0\xAF"), std::u32string({bad, bad}));           // overlong
  EXPECT_EQ(points("\xED\xA0\x80"), std::u32string({bad, bad, bad}));  // surrogate
  EXPECT_EQ(points("\xF4\x90\x80\x80"), std::u32string({bad, bad, bad, bad}));
  EXPECT_EQ(points("\xE6\x97"), std::u32string({bad, bad}));  // cut
  EXPECT_EQ(points("\xE6"
                   "a"),
            std::u32string({bad, U'a'}));
}

TEST(Utf8, CutsBetweenCharacters) {
  const std::string text = "a日本";
  EXPECT_EQ(cut_at_code_point(text, 7), text);
  EXPECT_EQ(cut_at_code_point(text, 6), "a日");
  EXPECT_EQ(cut_at_code_point(text, 4), "a日");
  EXPECT_EQ(cut_at_code_point(text, 3), "a");
  EXPECT_EQ(cut_at_code_point(text, 0), "");
  EXPECT_EQ(last_code_point_size(text), 3U);
  EXPECT_EQ(last_code_point_size("x"), 1U);
  EXPECT_EQ(last_code_point_size("\xF0\x9F\x98\x80"), 4U);
}

}  // namespace
}  // namespace live::storage
