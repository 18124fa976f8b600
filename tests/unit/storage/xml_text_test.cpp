// SPDX-License-Identifier: Apache-2.0
#include "recorder/storage/xml_text.hpp"

#include <gtest/gtest.h>

namespace live::storage {
namespace {

std::string xml(std::string_view text) {
  std::string out = "[";
  append_xml(out, text);
  return out.substr(1);
}

TEST(XmlText, EscapesWhatHasAMeaning) {
  EXPECT_EQ(xml("a<b>&\"c'"), "a&lt;b&gt;&amp;&quot;c&apos;");
  EXPECT_EQ(xml("]]>"), "]]&gt;");
  EXPECT_EQ(xml("&amp;"), "&amp;amp;");
}

TEST(XmlText, KeepsAnElementOnOneLine) { EXPECT_EQ(xml("a\tb\nc\rd"), "a&#9;b&#10;c&#13;d"); }

TEST(XmlText, LeavesOutWhatXmlHasNoPlaceFor) {
  EXPECT_EQ(xml(std::string_view("a\0b\x01\x1F", 5)), "ab");
  EXPECT_EQ(xml("\xEF\xBF\xBE\xEF\xBF\xBF"), "");  // U+FFFE, U+FFFF
  EXPECT_EQ(xml("\xEF\xBF\xBD\x7F"), "\xEF\xBF\xBD\x7F");
}

TEST(XmlText, ReplacesBrokenUtf8) {
  EXPECT_EQ(xml("a\xFFz"), "a\xEF\xBF\xBDz");
  EXPECT_EQ(xml("\xC0\xBC"), "\xEF\xBF\xBD\xEF\xBF\xBD");                  // an overlong <
  EXPECT_EQ(xml("\xED\xA0\x80"), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");  // a surrogate
  EXPECT_EQ(xml("字\xE5\xAD"), "字\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST(XmlText, KeepsEverythingElse) { EXPECT_EQ(xml("弹幕 😀 ÷"), "弹幕 😀 ÷"); }

}  // namespace
}  // namespace live::storage
