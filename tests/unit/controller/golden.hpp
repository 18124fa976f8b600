// SPDX-License-Identifier: Apache-2.0
// Compares JSON with a file of tests/data/controller. LIVE_UPDATE_GOLDEN=1 writes the files instead.
#pragma once
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <string>

#include "base/file_text.hpp"
#include "base/json.hpp"

namespace live::controller::test {

inline void expect_golden(const Json& actual, const std::string& name) {
  const std::string path = std::string(LIVE_SOURCE_DIR) + "/tests/data/controller/" + name;
  if (std::getenv("LIVE_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(path) << actual.dump(2) << "\n";
    return;
  }
  const auto text = read_file(path);
  ASSERT_TRUE(text) << text.error().message;
  const Json expected = parse_json(*text);
  if (actual != expected) ADD_FAILURE() << name << ": " << Json::diff(expected, actual).dump(2);
}

}  // namespace live::controller::test
