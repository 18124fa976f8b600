// SPDX-License-Identifier: Apache-2.0
#include "recorder/bilibili/command.hpp"

#include <gtest/gtest.h>

namespace live::bilibili {
namespace {

TEST(CommandTest, FindsTheTopLevelCommand) {
  EXPECT_EQ(peek_command(R"({"cmd":"LIVE","roomid":1})"), "LIVE");
  EXPECT_EQ(peek_command(" {\n \"cmd\" : \"LIVE\" } "), "LIVE");
  EXPECT_EQ(peek_command(R"({"data":{"cmd":"INNER","a":[{"cmd":"X"},"}"]},"cmd":"LAST"})"), "LAST");
  EXPECT_EQ(peek_command(R"({"a":"\"cmd\":\"NO\"","b":1.5e3,"c":null,"d":[],"e":{},"cmd":"YES"})"), "YES");
}

TEST(CommandTest, CutsTheSuffix) {
  EXPECT_EQ(peek_command(R"({"cmd":"DANMU_MSG:4:0:2:2:2:0","info":[]})"), "DANMU_MSG");
  EXPECT_EQ(peek_command(R"({"cmd":":"})"), "");
}

TEST(CommandTest, GivesUpOnWhatItDoesNotUnderstand) {
  for (const char* text :
       {"", "{", "{}", "[]", "null", R"("cmd")", R"({"cmd":1})", R"({"cmd":null})", R"({"cmd)",
        R"({"cmd":"L)", R"({"cmd":"L\)", R"({"a":"\)", R"({"a":[1,2)", R"({"a":]})", R"({"a" "b"})",
        R"({"a":{"cmd":"INNER"}})", R"({"cmd":"L\u0049VE"})", R"({a:1,"cmd":"X"})"}) {
    EXPECT_EQ(peek_command(text), std::nullopt) << text;
  }
}

TEST(CommandTest, KnowsCommands) {
  EXPECT_TRUE(is_known_command("DANMU_MSG"));
  EXPECT_TRUE(is_known_command("master_qn_strategy_chg"));
  EXPECT_FALSE(is_known_command("danmu_msg"));
  EXPECT_FALSE(is_known_command(""));
}

}  // namespace
}  // namespace live::bilibili
