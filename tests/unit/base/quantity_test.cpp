// SPDX-License-Identifier: Apache-2.0
#include "base/quantity.hpp"

#include <gtest/gtest.h>

namespace live {
namespace {

TEST(Quantity, ReadsWhatKubernetesReads) {
  const std::pair<const char*, std::int64_t> cases[] = {{"0", 0},
                                                        {"1024", 1024},
                                                        {"8Gi", 8589934592},
                                                        {"1.5Ki", 1536},
                                                        {"500M", 500000000},
                                                        {"1k", 1000},
                                                        {"1500m", 2},
                                                        {"1e3", 1000},
                                                        {"2E", 2000000000000000000},
                                                        {"1Ei", 1152921504606846976}};
  for (const auto& [text, bytes] : cases) {
    const auto read = parse_quantity(text);
    ASSERT_TRUE(read) << text;
    EXPECT_EQ(*read, bytes) << text;
  }
}

TEST(Quantity, RefusesTheRest) {
  for (const char* text :
       {"", ".", "Gi", "8GiB", "-1", "1..5", "1e", "1e99", "99999999999999999999E", "1 Gi"}) {
    EXPECT_FALSE(parse_quantity(text)) << text;
  }
}

}  // namespace
}  // namespace live
