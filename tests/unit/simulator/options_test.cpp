// SPDX-License-Identifier: Apache-2.0
#include "simulator/options.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace live::simulator {
namespace {

std::variant<Options, Exit> parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "bilibili-simulator");
  return parse_options(static_cast<int>(arguments.size()), arguments.data());
}

TEST(Options, MistakesAreOneLineAndExitTwo) {
  const std::vector<const char*> wrong[] = {{"--nothing"},
                                            {"--media", "/nowhere.flv"},
                                            {"--tls-listen", "127.0.0.1:0"},
                                            {"--self-signed", "/tmp"},
                                            {"--live", "0"},
                                            {"--tag-records", "many"}};
  for (const auto& arguments : wrong) {
    const auto parsed = parse(arguments);
    ASSERT_TRUE(std::holds_alternative<Exit>(parsed)) << arguments[0];
    const auto& exit = std::get<Exit>(parsed);
    EXPECT_EQ(exit.code, 2);
    EXPECT_EQ(std::count(exit.text.begin(), exit.text.end(), '\n'), 1) << exit.text;
  }
}

TEST(Options, HelpIsNoMistake) {
  const auto parsed = parse({"--help"});
  EXPECT_EQ(std::get<Exit>(parsed).code, 0);
}

TEST(Options, PublicHosts) {
  const auto parsed = parse({"--public-host", "a:81", "--public-host", "b", "--public-tls-host", "a:444",
                             "--public-tls-host", "c"});
  const auto hosts = public_hosts(std::get<Options>(parsed), 80, 443);
  ASSERT_EQ(hosts.size(), 3u);
  EXPECT_EQ(hosts[0].name, "a");
  EXPECT_EQ(hosts[0].http_port, 81);
  EXPECT_EQ(hosts[0].https_port, 444);
  EXPECT_EQ(hosts[1].http_port, 80);
  EXPECT_EQ(hosts[1].https_port, 443);
  EXPECT_EQ(hosts[2].name, "c");
  EXPECT_EQ(hosts[2].https_port, 443);
  EXPECT_TRUE(public_hosts({}, 80, 443).empty());
}

}  // namespace
}  // namespace live::simulator
