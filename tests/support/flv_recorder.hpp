// SPDX-License-Identifier: Apache-2.0
// Runs streams through reader and pipeline and keeps what comes out, as tags and as files.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "recorder/flv/pipeline.hpp"
#include "recorder/flv/sink.hpp"
#include "support/flv_builder.hpp"

namespace live::test {

class MemoryBytes final : public flv::ByteSink {
 public:
  void append(ByteView more) override { bytes.insert(bytes.end(), more.begin(), more.end()); }
  void patch(std::uint64_t offset, ByteView over) override;
  void truncate(std::uint64_t size) override { bytes.resize(size); }
  Bytes bytes;
};

struct OutputFile {
  flv::amf::Object metadata;
  Bytes video_header;
  Bytes audio_header;
  flv::FileHeaders headers;  // its views are not valid; see the two above
  struct Tag {
    flv::TagType type;
    bool is_header;
    std::int64_t time;
    flv::ArrivalTime arrival;
    Bytes payload;
  };
  std::vector<Tag> tags;
  flv::CloseReason reason = flv::CloseReason::end;
  bool closed = false;

  // Headers first, at time 0, then all tags.
  FlvItems as_items() const;
  Bytes as_bytes() const;  // by FileWriter
};

class CollectingSink final : public flv::Sink {
 public:
  void open_file(const flv::FileHeaders& headers) override;
  void write(const flv::OutputTag& tag) override;
  void take_back() override;
  void close_file(flv::CloseReason reason) override;
  void report(const flv::Finding& finding) override;

  std::uint64_t count(flv::FindingKind kind) const { return counts[kind]; }
  // Names and counts, e.g. "jump 1, straggler 2".
  std::string findings_text() const;
  std::int64_t lost_ms() const;

  std::vector<OutputFile> files;
  std::vector<flv::Finding> findings;
  flv::FindingCounts counts;
};

// A pipeline behind a reader, fed with bytes in pieces.
class FlvRecorder {
 public:
  explicit FlvRecorder(flv::PipelineOptions options = {}) : pipeline(options, sink), options_(options) {}

  // One connection: its bytes in pieces of `piece` bytes, all arriving at `now`.
  void connection(ByteView bytes, flv::ArrivalTime now = 0, std::size_t piece = 4096);
  void connection(const FlvItems& items, flv::ArrivalTime now = 0) { connection(flv_bytes(items), now); }
  // The same with every tag arriving when its time says, counted from `start`.
  void live_connection(const FlvItems& items, flv::ArrivalTime start);
  // The output is shown to output_check, where one is set.
  void finish();

  const std::vector<OutputFile>& files() const { return sink.files; }

  CollectingSink sink;
  flv::Pipeline pipeline;

 private:
  flv::PipelineOptions options_;
};

// A test program that sets this has every output of every FlvRecorder checked.
extern void (*output_check)(const CollectingSink& output, const flv::PipelineOptions& options);

// One connection, finished.
CollectingSink record(const FlvItems& items, flv::PipelineOptions options = {});
CollectingSink record_bytes(ByteView bytes, flv::PipelineOptions options = {});

// What must hold of every output: times rise, one codec configuration a file, and a second pass with the same
// policy gives the same tags and reports nothing (but holes that were kept, and limits of buffers). Returns
// what is wrong; empty when all is well.
//
// Whether equal parts of a stream are a repeat is judged by what stands between them, and the merge may move
// audio there. `equal_parts` is for made-up streams that have such parts: of a file in which key frames are
// equal, a second pass may drop pictures that the file has elsewhere, and what sound goes with them.
std::string broken_invariants(const CollectingSink& output, flv::PipelineOptions options = {},
                              bool equal_parts = false);

}  // namespace live::test
