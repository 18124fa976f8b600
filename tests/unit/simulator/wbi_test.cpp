// SPDX-License-Identifier: Apache-2.0
#include "simulator/wbi.hpp"

#include <gtest/gtest.h>

namespace live::simulator {
namespace {

const WbiKeys keys{"7cd084941338484aae1ad9425b84077c", "4932caff0ff746eab6f01bf08b70ac45"};

WallTime at(std::int64_t seconds) { return WallTime(std::chrono::seconds(seconds)); }

TEST(Wbi, MixesTheKeys) { EXPECT_EQ(keys.mixin(), "ea1db124af3c7062474693fa704f4ff8"); }

TEST(Wbi, AcceptsThePublicExamples) {
  const std::pair<const char*, std::int64_t> cases[] = {
      {"foo=114&bar=514&zab=1919810&wts=1702204169&w_rid=8f6f2b5b3d485fe1886cec6a0be8c5d4", 1702204169},
      {"w_rid=6ba96e28a3f09b40e704f1e4b4f8e3e3&foo=)-_-(%20F**'%20%E5%93%94~!&wts=1748867128&bar=2333",
       1748867128},
      {"platform=web&web_location=444.7&wts=1743671757&w_rid=38f74af0c2908b42d19c87710d71e0b2", 1743671757},
      {"id=5553263&type=0&wts=1776925721&w_rid=2662a4f8479c442aa069cef32d60394b", 1776925721},
  };
  for (const auto& [query, time] : cases) {
    EXPECT_EQ(check_wbi(query, keys, at(time + 5)), WbiVerdict::good) << query;
    EXPECT_EQ(check_wbi(query, keys, at(time + 601)), WbiVerdict::old) << query;
    EXPECT_EQ(check_wbi(query, keys, at(time - 601)), WbiVerdict::old) << query;
    EXPECT_EQ(check_wbi(query, {keys.sub, keys.image}, at(time)), WbiVerdict::wrong) << query;
  }
}

TEST(Wbi, RefusesTheRest) {
  EXPECT_EQ(check_wbi("id=5553263&type=0", keys, at(1776925721)), WbiVerdict::absent);
  EXPECT_EQ(check_wbi("", keys, at(1776925721)), WbiVerdict::absent);
  const char* wrong[] = {
      "id=5553264&type=0&wts=1776925721&w_rid=2662a4f8479c442aa069cef32d60394b",  // another room
      "id=5553263&type=0&wts=1776925722&w_rid=2662a4f8479c442aa069cef32d60394b",  // another time
      "id=5553263&type=0&w_rid=2662a4f8479c442aa069cef32d60394b",                 // no time
      "id=5553263&type=0&wts=1776925721",                                         // no signature
      "id=5553263&type=0&wts=x&w_rid=2662a4f8479c442aa069cef32d60394b",
  };
  for (const char* query : wrong)
    EXPECT_EQ(check_wbi(query, keys, at(1776925721)), WbiVerdict::wrong) << query;
}

}  // namespace
}  // namespace live::simulator
