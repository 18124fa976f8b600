// SPDX-License-Identifier: Apache-2.0
#include "liveroom/spec_rules.hpp"

#include <gtest/gtest.h>

namespace live::liveroom {
namespace {

TEST(Directory, CanNotLeaveTheVolume) {
  for (const char* good : {"a", "a/b", "直播/6", "a..b", "..a", "a b"})
    EXPECT_FALSE(directory_complaint(good)) << good;
  for (const char* bad :
       {"", "/a", "a/", "a//b", "..", "a/../b", ".", "a/./b", ".liveroom", "a/.liveroom/b", "a\nb"})
    EXPECT_TRUE(directory_complaint(bad)) << bad;
  EXPECT_TRUE(directory_complaint(std::string(256, 'x')));
}

TEST(FileNameTemplate, KnowsItsVariables) {
  for (const char* good : {"{title}.{ext}", "{year}/{month}/{day}_{part}.{ext}", "x.{ext}"})
    EXPECT_FALSE(file_name_template_complaint(good)) << good;
  EXPECT_EQ(file_name_template_complaint("{titel}.{ext}"), "has no variable {titel}");
  for (const char* bad :
       {"", "{title}", "{title}.{ext}.{ext}", "{ext}/a.{ext}", "/{title}.{ext}", "../{title}.{ext}",
        "{title.{ext}", "title}.{ext}", "{{title}}.{ext}", "a//{title}.{ext}", "{ext}"})
    EXPECT_TRUE(file_name_template_complaint(bad)) << bad;
}

TEST(Names, AreThoseOfKubernetes) {
  EXPECT_FALSE(label_complaint("a-1"));
  for (const char* bad : {"", "-a", "a-", "A", "a.b", "a_b"}) EXPECT_TRUE(label_complaint(bad)) << bad;
  EXPECT_FALSE(subdomain_complaint("a.b-c.d"));
  for (const char* bad : {"", ".a", "a.", "a..b"}) EXPECT_TRUE(subdomain_complaint(bad)) << bad;
  EXPECT_FALSE(live_room_name_complaint(std::string(52, 'a')));
  EXPECT_TRUE(live_room_name_complaint(std::string(53, 'a')));
}

TEST(Addresses, AreHttp) {
  for (const char* good : {"http://p:3128", "http://10.0.0.1:1/", "http://[::1]:3128", "http://proxy"})
    EXPECT_FALSE(proxy_complaint(good)) << good;
  for (const char* bad : {"", "socks5://p:1", "http://u:p@h:1", "http://h:0", "http://h:70000", "http://h:x",
                          "http://h:1/path", "http://", "http://:80", "https://h:1"})
    EXPECT_TRUE(proxy_complaint(bad)) << bad;
  EXPECT_FALSE(webhook_url_complaint("https://example.org/x?y=1"));
  for (const char* bad : {"", "ftp://x", "https://", "https:///x", "http://a b"})
    EXPECT_TRUE(webhook_url_complaint(bad)) << bad;
}

TEST(TimeZone, HasTheFormOfAName) {
  for (const char* good : {"UTC", "Asia/Shanghai", "America/Argentina/Buenos_Aires", "Etc/GMT+8"})
    EXPECT_FALSE(time_zone_complaint(good)) << good;
  for (const char* bad : {"", "/etc/passwd", "../UTC", "Asia//X", "a b"})
    EXPECT_TRUE(time_zone_complaint(bad)) << bad;
}

TEST(MinuteOfDay, IsReadAndWritten) {
  EXPECT_EQ(parse_minute_of_day("00:00"), 0);
  EXPECT_EQ(parse_minute_of_day("23:59"), 1439);
  EXPECT_EQ(parse_minute_of_day("24:00"), 1440);
  for (const char* bad : {"", "1:00", "24:01", "25:00", "12:60", "ab:cd", "12-30", "12:300"})
    EXPECT_EQ(parse_minute_of_day(bad), std::nullopt) << bad;
  EXPECT_EQ(format_minute_of_day(65), "01:05");
}

}  // namespace
}  // namespace live::liveroom
