// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <vector>

#include "recorder/flv/rule.hpp"
#include "recorder/flv/rules/file_start.hpp"
#include "recorder/flv/rules/merge.hpp"
#include "recorder/flv/rules/repeats.hpp"
#include "recorder/flv/rules/split.hpp"

namespace live::flv {

// The rules in their order, linked. The named ones are asked for things beside the chain.
struct RuleChain {
  std::vector<std::unique_ptr<Rule>> rules;
  RepeatsRule* repeats = nullptr;
  MergeRule* merge = nullptr;
  SplitRule* split = nullptr;
  FileStartRule* file_start = nullptr;
};

RuleChain make_default_rules(RuleContext& context, Sink& sink);

}  // namespace live::flv
