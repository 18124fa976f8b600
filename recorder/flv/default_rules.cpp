// SPDX-License-Identifier: Apache-2.0
#include "recorder/flv/default_rules.hpp"

#include "recorder/flv/rules/decodable.hpp"
#include "recorder/flv/rules/filler.hpp"
#include "recorder/flv/rules/headers.hpp"
#include "recorder/flv/rules/in_band.hpp"
#include "recorder/flv/rules/join.hpp"
#include "recorder/flv/rules/script.hpp"
#include "recorder/flv/rules/time_base.hpp"
#include "recorder/flv/rules/timeline.hpp"

namespace live::flv {
namespace {

template <class R, class... Arguments>
R* add(RuleChain& chain, Arguments&&... arguments) {
  auto rule = std::make_unique<R>(std::forward<Arguments>(arguments)...);
  R* added = rule.get();
  if (!chain.rules.empty()) chain.rules.back()->pass_to(*added);
  chain.rules.push_back(std::move(rule));
  return added;
}

}  // namespace

RuleChain make_default_rules(RuleContext& context, Sink& sink) {
  RuleChain chain;
  add<ScriptRule>(chain, context);                   // onMetaData for the next file; other scripts go
  add<InBandRule>(chain, context);                   // a header for key frames that bring another one
  add<DecodableRule>(chain, context);                // frames without a configuration go
  add<FillerRule>(chain, context);                   // before hashes are made: files hold what is hashed
  add<TimeBaseRule>(chain, context);                 // source times without wraps; jumps found
  add<JoinRule>(chain, context);                     // a late connection begins a new file
  add<HeadersRule>(chain, context);                  // so does a changed configuration
  chain.repeats = add<RepeatsRule>(chain, context);  // what was written before goes
  add<TimelineRule>(chain, context);                 // times of the output
  chain.merge = add<MergeRule>(chain, context);      // audio and video in one order
  chain.split = add<SplitRule>(chain, context);      // limits
  chain.file_start = add<FileStartRule>(chain, context, sink);
  return chain;
}

}  // namespace live::flv
