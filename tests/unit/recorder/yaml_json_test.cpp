// SPDX-License-Identifier: Apache-2.0
#include "recorder/yaml_json.hpp"

#include <gtest/gtest.h>

#include "base/json.hpp"

namespace live::recorder {
namespace {

TEST(YamlJson, KeepsTheTypesThatAPersonMeant) {
  const auto json =
      yaml_to_json("a: 1\nb: \"1\"\nc: true\nd: 'true'\ne: [x, 2.5, ~]\nf: {g: 8Gi}\nh: 0x10\n");
  ASSERT_TRUE(json);
  EXPECT_EQ(dump_json(*json),
            R"({"a":1,"b":"1","c":true,"d":"true","e":["x",2.5,null],"f":{"g":"8Gi"},"h":"0x10"})");
}

TEST(YamlJson, SaysWhereItIsBroken) {
  const auto json = yaml_to_json("a: 1\nb: [1\n");
  ASSERT_FALSE(json);
  EXPECT_NE(json.error().message.find("line"), std::string::npos);
}

TEST(YamlJson, RefusesAliasesThatExplode) {
  std::string bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
  for (int i = 1; i < 8; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int j = 0; j < 10; ++j) bomb += before + ",";
    bomb += "]\n";
  }
  EXPECT_FALSE(yaml_to_json(bomb));
  EXPECT_FALSE(yaml_to_json(std::string(200, '[') + std::string(200, ']')));
}

}  // namespace
}  // namespace live::recorder
