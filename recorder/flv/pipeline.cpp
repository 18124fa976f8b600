// SPDX-License-Identifier: Apache-2.0
#include "recorder/flv/pipeline.hpp"

#include "recorder/flv/codec.hpp"
#include "recorder/flv/default_rules.hpp"

namespace live::flv {

struct Pipeline::Parts {
  SlabPool pool;  // first: everything else may own bytes of it
  RuleContext context;
  RuleChain chain;

  Parts(PipelineOptions options, Sink& sink)
      : context{sink, pool, options}, chain(make_default_rules(context, sink)) {}

  void apply(Action&& action) { chain.rules.front()->apply(std::move(action)); }

  void apply_frame(const TagView& tag, const TagClass& kind, ArrivalTime arrival) {
    Media media;
    media.type = tag.type;
    media.frame = kind.frame;
    media.codec = kind.codec;
    media.enhanced = kind.enhanced;
    media.needs_header = kind.needs_header;
    media.data_offset = kind.data_offset;
    media.timestamp = tag.timestamp;
    media.arrival = arrival;
    media.payload = Payload(tag.payload);
    apply(Action(std::move(media)));
  }

  void apply_header(const TagView& tag, const TagClass& kind, ArrivalTime arrival) {
    Header header;
    header.type = tag.type;
    header.codec = kind.codec;
    header.enhanced = kind.enhanced;
    header.data_offset = kind.data_offset;
    header.arrival = arrival;
    header.body = std::make_shared<const Bytes>(tag.payload.begin(), tag.payload.end());
    apply(std::move(header));
  }
};

Pipeline::Pipeline(PipelineOptions options, Sink& sink) : parts_(std::make_unique<Parts>(options, sink)) {}

Pipeline::~Pipeline() = default;

void Pipeline::connection_started(ArrivalTime now) {
  parts_->apply(Boundary{BoundaryReason::connection, now});
}

void Pipeline::resume(const Resumption& from) {
  for (const std::unique_ptr<Rule>& rule : parts_->chain.rules) rule->resume(from);
}

void Pipeline::damaged(ArrivalTime now) { parts_->apply(Boundary{BoundaryReason::damage, now}); }

void Pipeline::push(const TagView& tag, ArrivalTime arrival) {
  const TagClass kind = classify(tag.type, tag.payload);
  const auto report = [&](FindingKind finding) {
    parts_->context.reporter.report(parts_->context.finding(finding, arrival, 1, tag.payload.size()));
  };
  switch (kind.kind) {
    case TagKind::frame:
      parts_->apply_frame(tag, kind, arrival);
      break;
    case TagKind::header:
      parts_->apply_header(tag, kind, arrival);
      break;
    case TagKind::script:
      parts_->apply(Script{arrival, tag.payload});
      break;
    case TagKind::end_of_sequence:
      report(FindingKind::end_of_sequence);
      parts_->apply(Boundary{BoundaryReason::end_of_sequence, arrival});
      break;
    case TagKind::command:
      report(FindingKind::command_tag);
      break;
    case TagKind::malformed:
      report(FindingKind::malformed_tag);
      break;
  }
}

void Pipeline::settle() {
  for (const std::unique_ptr<Rule>& rule : parts_->chain.rules) rule->settle();
}

void Pipeline::idle(ArrivalTime now) {
  for (const std::unique_ptr<Rule>& rule : parts_->chain.rules) rule->idle(now);
}

void Pipeline::request_split() { parts_->chain.split->request(); }

void Pipeline::set_options(const PipelineOptions& options) { parts_->context.options = options; }

void Pipeline::finish() {
  for (const std::unique_ptr<Rule>& rule : parts_->chain.rules) rule->flush();
}

bool Pipeline::wants_reconnect() const { return parts_->context.wants_reconnect; }

std::vector<RememberedTag> Pipeline::memory() const { return parts_->chain.repeats->memory().export_tags(); }

void Pipeline::remember(std::span<const RememberedTag> tags) {
  for (const RememberedTag& tag : tags) parts_->chain.repeats->memory().add(tag);
}

BufferUse Pipeline::buffers() const {
  BufferUse use;
  use.repeats = parts_->chain.repeats->held_bytes();
  use.merge = parts_->chain.merge->held_bytes();
  use.start = parts_->chain.file_start->held_bytes();
  use.split = parts_->chain.split->held_bytes();
  return use;
}

std::size_t drain(TagReader& reader, Pipeline& pipeline, ArrivalTime arrival) {
  std::size_t media = 0;
  while (const std::optional<TagView> tag = reader.next()) {
    if (reader.take_resynced()) pipeline.damaged(arrival);
    if (tag->type != TagType::script) ++media;
    pipeline.push(*tag, arrival);
  }
  pipeline.settle();
  return media;
}

}  // namespace live::flv
