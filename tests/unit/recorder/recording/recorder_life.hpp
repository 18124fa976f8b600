// SPDX-License-Identifier: Apache-2.0
// A recorder process on a volume that fails: start-up, one recording fed with tags, its end. In virtual time,
// with the real disk thread.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "recorder/flv/pipeline.hpp"
#include "recorder/recording/recording_output.hpp"
#include "recorder/recording/start_up.hpp"
#include "support/fault_filesystem.hpp"
#include "support/flv_builder.hpp"
#include "support/loop.hpp"

namespace live::recorder::test {

inline constexpr const char* root = "/volume/room";

class Life final : private RecordingObserver {
 public:
  // `age`: how long after the first process this one starts.
  Life(live::test::FaultFileSystem& files, Duration age, flv::PipelineOptions options = {});
  ~Life() override;

  // False when it was killed meanwhile. What an unclean end left goes on if the show does.
  bool start();
  // One connection, every tag arriving at its time; ends at a kill or a failure. The time of the last tag
  // fed.
  std::int64_t connection(const live::test::FlvItems& items);
  // One connection that is read as Recording does it: at each look what has come since the one before, then
  // the tick; each look so late. Told of each moment, counted from the begin of the connection, until a
  // second after the last tag.
  struct Arrival {
    std::int64_t ms = 0;
    live::test::FlvItem item;
  };
  void looks(const std::vector<Arrival>& arrivals, Duration late,
             const std::function<void(std::int64_t)>& looked);
  // Closes and publishes, and keeps the state.
  void finish();

  const std::optional<storage::DiskFailure>& failure() const { return failure_; }
  const RecordingOutput& output() const { return *output_; }
  const RecordingTail& tail() const { return tail_; }
  bool went_on() const { return went_on_; }
  double lost(const std::string& cause);

 private:
  void file_opened(const std::string& part_path, WallTime time) override;
  void file_finished(const liveroom::FinishedFile& file) override;
  void storage_failed(const storage::DiskFailure& failure) override { failure_ = failure; }
  void begin(StartUp found);
  void keep_state();
  void publish();
  void settle();
  std::int64_t now_ms() const;

  live::test::FaultFileSystem& files_;
  live::test::Loop loop_;
  storage::DiskThread disk_{loop_.executor()};
  Metrics registry_;
  RecorderMetrics metrics_{registry_};
  flv::PipelineOptions options_;
  LastShow last_;
  ShowFacts facts_;
  std::optional<RecordingOutput> output_;
  std::optional<flv::Pipeline> pipeline_;
  std::optional<storage::DiskFailure> failure_;
  RecordingTail tail_;
  bool went_on_ = false;
};

// Every media item that a published file has, with how often; each file must be whole. Problems go to
// `problem`.
std::map<std::pair<char, int>, int> published_items(const live::test::FaultFileSystem& files,
                                                    std::string& problem);
// The media items of an FLV file, in order.
live::test::FlvItems media_items(const Bytes& file);
std::size_t published_files(const live::test::FaultFileSystem& files);

}  // namespace live::recorder::test
