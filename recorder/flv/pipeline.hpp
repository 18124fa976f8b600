// SPDX-License-Identifier: Apache-2.0
// Tags of any number of connections in, whole files out: the rules in their order (default_rules.cpp). No
// I/O.
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "recorder/flv/sink.hpp"
#include "recorder/flv/tag.hpp"
#include "recorder/flv/tag_reader.hpp"

namespace live::flv {

enum class Gaps : std::uint8_t {
  close,  // a hole in the source's time is closed
  keep,   // a forward hole that agrees with the arrival times stays
};
// Without arrival times (PipelineOptions::has_clock) forward holes up to this stay: no longer one comes to be
// inside a file that was recorded so, for a later connection begins a new one.
constexpr std::int64_t longest_hole_without_clock = 61'000;

struct PipelineOptions {
  Gaps gaps = Gaps::close;
  bool has_clock = true;          // arrival times mean something; false for files
  std::int64_t split_ms = 0;      // 0: no limit
  std::uint64_t split_bytes = 0;  // 0: no limit; of the whole file
};

// One written media tag as rule E remembers it: enough to know it again in a later process.
struct RememberedTag {
  std::uint64_t hash = 0;
  std::uint32_t size = 0;
  Frame frame = Frame::inter;
};

struct BufferUse {
  std::size_t repeats = 0;  // bytes held by rule E
  std::size_t merge = 0;    // by the merge of audio and video
  std::size_t start = 0;    // by the start of a file
  std::size_t split = 0;    // copies of a GOP that may have to move to the next file
};

struct Resumption;

class Pipeline {
 public:
  Pipeline(PipelineOptions options, Sink& sink);
  ~Pipeline();
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  // Before the first tag of each connection. The file goes on if the connection joins (headers equal, in
  // time).
  void connection_started(ArrivalTime now);

  // Before the first connection: goes on where an earlier pipeline ended.
  void resume(const Resumption& from);

  // Bytes of the connection were skipped: what is missing now is lost to that.
  void damaged(ArrivalTime now);

  // The payload must stay valid until settle(): drain() below does both.
  void push(const TagView& tag, ArrivalTime arrival);
  // Copies what is still held, so that the reader's buffer may be used again.
  void settle();

  // For times without data, once a second: nothing is held for want of the other stream.
  void idle(ArrivalTime now);

  // A new file at the next key frame (title changed).
  void request_split();
  // From the next tag on.
  void set_options(const PipelineOptions& options);

  // The recording ends: everything held is written and the file closed. Afterwards push() begins anew.
  void finish();

  // The server sends the same seconds again and again: time for another connection. Cleared by
  // connection_started().
  bool wants_reconnect() const;

  // Rule E across processes: what was written last, oldest first.
  std::vector<RememberedTag> memory() const;
  void remember(std::span<const RememberedTag> tags);

  BufferUse buffers() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

// Hands all whole tags of the reader to the pipeline; afterwards the reader may prepare() again.
// Returns how many media tags there were.
std::size_t drain(TagReader& reader, Pipeline& pipeline, ArrivalTime arrival);

}  // namespace live::flv
