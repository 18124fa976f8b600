// SPDX-License-Identifier: Apache-2.0
#include "recorder/storage/file_name.hpp"

#include <gtest/gtest.h>

#include "recorder/storage/utf8.hpp"

namespace live::storage {
namespace {

FileNameFields fields(std::string title = "Title") {
  FileNameFields result;
  result.title = std::move(title);
  result.room_id = 23058;
  result.short_id = 3;
  result.uid = 11153765;
  result.anchor = "主播";
  result.area = "单机";
  result.parent_area = "游戏";
  result.quality = "原画";
  result.part = 2;
  result.time = WallTime(std::chrono::seconds(1'700'000'000));  // 06:13:20 on 15 November in Shanghai
  return result;
}

FileName expand(std::string_view text, const FileNameFields& values) {
  Result<FileNameTemplate> parsed = FileNameTemplate::parse(text);
  EXPECT_TRUE(parsed) << text;
  return parsed->expand(values);
}

std::string stem(std::string title) {
  return expand(default_file_name_template, fields(std::move(title))).stem;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    if (next_code_point(text) == invalid_code_point) return false;
  }
  return true;
}

TEST(FileName, FillsInFields) {
  EXPECT_EQ(expand(default_file_name_template, fields()), (FileName{"", "Title_2023-11-15-06-13-20"}));
  EXPECT_EQ(
      expand("{roomId} {shortId} {uid} {anchor} {parentArea} {area} {quality} {part}.{ext}", fields()).stem,
      "23058 3 11153765 主播 游戏 单机 原画 2");
  FileNameFields without = fields();
  without.short_id = 0;
  EXPECT_EQ(expand("{shortId}", without).stem, "23058");
  EXPECT_EQ(expand("{roomId}/{year}-{month}/{title}", fields()), (FileName{"23058/2023-11", "Title"}));
}

TEST(FileName, UsesItsTimeZone) {
  const auto hour = [](const char* zone) {
    return FileNameTemplate::parse("{day}-{hour}", zone)->expand(fields()).stem;
  };
  EXPECT_EQ(hour("Asia/Shanghai"), "15-06");
  EXPECT_EQ(hour("UTC"), "14-22");
  EXPECT_EQ(hour("America/New_York"), "14-17");
}

TEST(FileName, NamesWhatIsWrongWithATemplate) {
  const auto problem = [](std::string_view text, std::string_view zone = "UTC") {
    const Result<FileNameTemplate> parsed = FileNameTemplate::parse(text, zone);
    return parsed ? std::string() : parsed.error().message;
  };
  EXPECT_NE(problem("{titel}").find("{titel}"), std::string::npos);
  EXPECT_NE(problem("{titel}").find("{title}"), std::string::npos);
  EXPECT_NE(problem("{title").find("brace"), std::string::npos);
  EXPECT_NE(problem("title}").find("brace"), std::string::npos);
  EXPECT_NE(problem("{ext}/x").find("ext"), std::string::npos);
  EXPECT_NE(problem("{title}", "Nowhere").find("Nowhere"), std::string::npos);
  for (const char* text : {"", ".{ext}", "/a", "a//b", "a/", "../a", "a/../b", "./a", "a/."})
    EXPECT_NE(problem(text), "") << text;
  EXPECT_NE(problem(std::string(2000, 'x')), "");
  EXPECT_NE(problem("a/b/c/d/e/f/g/h/i/j"), "");
  EXPECT_EQ(problem("a/{title}.b.{ext}"), "");
}

struct Trap {
  const char* name;
  std::string title;
  std::string stem;
};

TEST(FileName, SanitizesTitles) {
  const std::string tail = "_2023-11-15-06-13-20";
  const std::vector<Trap> traps{
      {"slashes", "a/b\\c", "a_b_c" + tail},
      {"escape", "../../etc/passwd", "_.._etc_passwd" + tail},
      {"line breaks", "a\nb\r\tc", "a_b__c" + tail},
      {"zero-width",
       "a\xE2\x80\x8B"
       "b\xEF\xBB\xBF"
       "c",
       "abc" + tail},
      {"right to left",
       "\xE2\x80\xAE"
       "gpj.exe",
       "gpj.exe" + tail},
      {"what Windows forbids", "a:b*c?d\"e<f>g|h", "a_b_c_d_e_f_g_h" + tail},
      {"emoji", "😀 live", "😀 live" + tail},
      {"fields are not filled in again", "{roomId} {{x}} %Y %m {ext}", "{roomId} {{x}} %Y %m {ext}" + tail},
      {"blanks around", "  title . ", "title" + tail},
      {"bytes that are no UTF-8",
       "a\xFF\xC0\xAF"
       "b",
       "a___b" + tail},
      {"a NUL byte", std::string("a\0b", 3), "a_b" + tail},
      {"empty", "", tail},
      {"only dots", "...", "_" + tail},
      {"only what cannot be seen", "\xE2\x80\x8B\xE2\x80\x8F", "_" + tail},
  };
  for (const Trap& trap : traps) EXPECT_EQ(stem(trap.title), trap.stem) << trap.name;
}

TEST(FileName, SanitizesComponents) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"", "_"},
      {".", "_"},
      {"..", "_"},
      {"....", "_"},
      {"   ", "_"},
      {"CON", "_CON"},
      {"nul", "_nul"},
      {"NUL.txt", "_NUL.txt"},
      {"com1", "_com1"},
      {"LPT9.x", "_LPT9.x"},
      {"COM¹", "_COM¹"},
      {"lpt².txt", "_lpt².txt"},
      {"COM³ .x", "_COM³ .x"},
      {"COM⁴", "COM⁴"},
      {"COM１", "COM１"},
      {"NUL .txt", "_NUL .txt"},
      {"conin$", "_conin$"},
      {"CONOUT$.log", "_CONOUT$.log"},
      {"CONSOLE", "CONSOLE"},
      {"com", "com"},
      {"COM10", "COM10"},
      {".hidden", "hidden"},
      {"trailing.", "trailing"},
      {"trailing ", "trailing"},
      {"\xE3\x80\x80x\xE3\x80\x80", "x"},
      {"a\x7F"
       "b",
       "a_b"},
      {"\xC2\x85", "_"},
  };
  for (const auto& [text, expected] : cases) EXPECT_EQ(sanitize_component(text), expected) << text;
  EXPECT_EQ(expand("{title}/{anchor}", fields("..")), (FileName{"_", "主播"}));
  EXPECT_EQ(expand("{title}/x", fields("CON")), (FileName{"_CON", "x"}));
  EXPECT_EQ(expand("x/{title}", fields("a/b")), (FileName{"x", "a_b"}));
}

// One title in two normal forms is two names; neither is turned into the other, since the volume may tell
// them apart or not (where it doesn't, the second one finds its name taken).
TEST(FileName, KeepsTheNormalFormOfATitle) {
  const std::string composed = "caf\xC3\xA9 \xEA\xB0\x80";                 // é, 가
  const std::string decomposed = "cafe\xCC\x81 \xE1\x84\x80\xE1\x85\xA1";  // e and its accent, ᄀ and ᅡ
  EXPECT_EQ(sanitize_component(composed), composed);
  EXPECT_EQ(sanitize_component(decomposed), decomposed);
  EXPECT_NE(stem(composed), stem(decomposed));
  std::string marks = "e";
  for (int i = 0; i < 300; ++i) marks += "\xCC\x81";
  const FileName name = expand("{title}", fields(marks));
  EXPECT_TRUE(is_utf8(name.stem));
  EXPECT_LE(name.stem.size() + std::string_view("_99.danmaku.jsonl.part").size(), 255U);
}

TEST(FileName, FitsWithItsLongestSuffix) {
  std::string hostile;
  for (int i = 0; i < 100; ++i) hostile += "../../x/\n😀";
  std::string chinese;
  for (int i = 0; i < 300; ++i) chinese += "弹";
  for (const std::string& title : {hostile, chinese, std::string(3000, 'x'), std::string(3000, '\xFF'),
                                   std::string(1000, ' ') + "x", chinese + "."}) {
    for (const char* text : {"{title}_{year}-{month}-{day}-{hour}-{minute}-{second}.{ext}", "{title}",
                             "a/{title}{title}", "{title}/{title}/{anchor}{title}"}) {
      const FileName name = expand(text, fields(title));
      EXPECT_TRUE(is_utf8(name.stem));
      EXPECT_EQ(name.stem.find('/'), std::string::npos);
      for (const char* suffix : {"_99.danmaku.jsonl.part", ".cover.jpg.part", ".flv.part", ".part.json.tmp"})
        EXPECT_LE(name.stem.size() + std::string_view(suffix).size(), 255U);
      std::string_view rest = name.directory;
      while (!rest.empty()) {
        const std::string_view part = rest.substr(0, rest.find('/'));
        EXPECT_LE(part.size(), 255U);
        EXPECT_NE(part, "..");
        EXPECT_NE(part, "");
        rest.remove_prefix(std::min(rest.size(), part.size() + 1));
      }
    }
  }
}

// A long title does not cost the date behind it.
TEST(FileName, ShortensTheTitleNotTheDate) {
  std::string title;
  for (int i = 0; i < 300; ++i) title += "弹";
  const std::string name = stem(title);
  EXPECT_TRUE(name.ends_with("弹_2023-11-15-06-13-20"));
  EXPECT_GT(name.size(), 225U);
  FileNameFields both = fields(title);
  both.anchor = "short";
  EXPECT_TRUE(expand("{anchor} {title} end", both).stem.starts_with("short 弹"));
}

TEST(FileName, NumbersStems) {
  EXPECT_EQ(numbered_stem("a", 1), "a");
  EXPECT_EQ(numbered_stem("a", 2), "a_2");
  EXPECT_EQ(numbered_stem("a", 99), "a_99");
}

}  // namespace
}  // namespace live::storage
