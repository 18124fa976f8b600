// SPDX-License-Identifier: Apache-2.0
// A link of the chain: takes actions, passes on others. State of a rule is in the rule.
#pragma once
#include <utility>

#include "recorder/flv/action.hpp"
#include "recorder/flv/finding.hpp"
#include "recorder/flv/pipeline.hpp"

namespace live::flv {

struct Resumption;

// What all rules of one pipeline share.
struct RuleContext {
  Reporter& reporter;
  SlabPool& pool;
  PipelineOptions options;
  bool wants_reconnect = false;
  // The first file may begin inside a group of pictures: the file before, of an earlier pipeline, has the
  // beginning of it.
  bool continues_gop = false;

  Finding finding(FindingKind kind, ArrivalTime arrival, std::uint64_t tags = 0,
                  std::uint64_t bytes = 0) const {
    Finding result;
    result.kind = kind;
    result.arrival = arrival;
    result.tags = tags;
    result.bytes = bytes;
    return result;
  }
  void report(FindingKind kind, const Media& media) const {
    Finding result = finding(kind, media.arrival, 1, media.payload.size());
    result.raw_after = media.raw;
    reporter.report(result);
  }
};

class Rule {
 public:
  explicit Rule(RuleContext& context) : context_(context) {}
  virtual ~Rule() = default;
  Rule(const Rule&) = delete;
  Rule& operator=(const Rule&) = delete;

  virtual void apply(Action&& action) = 0;

  // Payloads that are held are copied: their buffer is about to be used again.
  virtual void settle() {}
  // Nothing came for a while: media that waits for other media goes on.
  virtual void idle(ArrivalTime) {}
  // Before the first tag: what an earlier pipeline left off with.
  virtual void resume(const Resumption&) {}
  // Everything that is held goes on: the recording ends.
  virtual void flush() {}

  void pass_to(Rule& next) { next_ = &next; }

 protected:
  void emit(Action&& action) { next_->apply(std::move(action)); }
  void emit(Media&& media) { emit(Action(std::move(media))); }
  RuleContext& context() const { return context_; }

 private:
  RuleContext& context_;
  Rule* next_ = nullptr;
};

}  // namespace live::flv
