// SPDX-License-Identifier: Apache-2.0
// Every output of every test of this program is held against the three invariants.
#include <gtest/gtest.h>

#include "support/flv_recorder.hpp"

namespace live::test {
namespace {

void expect_invariants(const CollectingSink& output, const flv::PipelineOptions& options) {
  EXPECT_EQ(broken_invariants(output, options), "");
}

[[maybe_unused]] const bool is_set = [] {
  output_check = &expect_invariants;
  return true;
}();

}  // namespace
}  // namespace live::test
