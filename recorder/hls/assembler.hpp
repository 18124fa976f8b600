// SPDX-License-Identifier: Apache-2.0
// Segments in their order in, files that play out: one codec configuration a file, times from 0 and rising,
// repeats left out, losses measured. Pure.
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "recorder/hls/finding.hpp"
#include "recorder/hls/init_segment.hpp"
#include "recorder/hls/repeat_memory.hpp"
#include "recorder/hls/timeline.hpp"

namespace live::hls {

struct AssemblerOptions {
  bool keep_gaps = false;         // a hole stays in the file's time; else it is closed
  std::int64_t split_ms = 0;      // 0: no limit
  std::uint64_t split_bytes = 0;  // 0: no limit
};

struct FileStart {
  ByteView init;                  // what the file begins with
  std::uint32_t video_entry = 0;  // 'avc1', 'hvc1' …; 0 without video
};

enum class CloseReason : std::uint8_t {
  end,
  configuration_changed,
  not_joined,  // numbers and times began anew
  duration_limit,
  size_limit,
  requested,
  time_limit,  // 32-bit times end
};
std::string_view to_string(CloseReason reason);

// Calls come as begin_file, append…, end_file, again and again. Bytes are valid during the call only.
class Sink {
 public:
  virtual ~Sink() = default;
  virtual void begin_file(const FileStart& start) = 0;
  // Whole fragments; `file_ms` is the file's length with them, `source_ms` the source's time there.
  virtual void append_media(ByteView bytes, std::int64_t file_ms, std::int64_t source_ms) = 0;
  virtual void end_file(CloseReason reason) = 0;
  virtual void report(const Finding& finding) = 0;
};

// A segment in its turn.
struct SegmentInput {
  std::shared_ptr<const InitSegment> init;
  std::int64_t duration_ms = 0;  // as the playlist says
  bool new_timeline = false;     // numbers began anew before it
  bool discontinuity = false;    // the playlist says that it does not continue
};

// Where an earlier assembler of the same show ended: in another process, or because of the volume.
struct Resumption {
  std::vector<std::uint64_t> hashes;          // of the media that was written last, oldest first
  std::optional<std::int64_t> source_end_ms;  // source time behind it
  std::int64_t arrival_ms = 0;                // when the last of it came, on the clock of this assembler
  bool tell_gap = false;                      // what is missing since then counts as lost
};

enum class LossReason : std::uint8_t { missing, damaged, window };

class Assembler {
 public:
  static constexpr std::int64_t longest_step_ms = 10'000;  // further ahead is no hole but another time base
  static constexpr std::int64_t joins_within_ms = 1000;    // after a restart of the numbers
  static constexpr int most_repeats = 10;                  // segments in a row
  static constexpr std::int64_t follows_within_ms = 100;   // of an earlier end: no gap is told

  Assembler(AssemblerOptions options, Sink& sink) : options_(options), sink_(sink) {}

  void set_options(AssemblerOptions options) { options_ = options; }
  // Before the first segment: what was written is not written again, and the file may begin with the rest of
  // a group of pictures that the one before has the beginning of.
  void resume(const Resumption& from);
  // Segments that follow may be repeats of what was written.
  void connection_started();
  // Changes the bytes in place. `arrival_ms`: when it came, on any steady clock.
  void segment(const SegmentInput& input, std::span<std::uint8_t> bytes, std::int64_t arrival_ms);
  // So many segments come no more, here.
  void lost(LossReason reason, std::uint64_t segments, std::int64_t estimated_ms);
  // A new file at the next key frame.
  void request_split() { split_requested_ = true; }
  // The recording ends. Afterwards segment() begins anew.
  void finish();

  // The server sends the same segments again and again. Cleared by connection_started().
  bool wants_reconnect() const { return repeats_ >= most_repeats; }
  const RepeatMemory& memory() const { return memory_; }

 private:
  struct Loss {
    std::uint64_t segments = 0;
    std::int64_t estimated_ms = 0;
  };

  void take(const SegmentInput& input, std::span<std::uint8_t> bytes, const Fragment& fragment);
  void use_init(const std::shared_ptr<const InitSegment>& init, const Fragment& fragment);
  bool settle(const SegmentInput& input, const Fragment& fragment);
  bool settle_restart(const SegmentInput& input, const Step& step, const Fragment& fragment);
  void settle_losses(const Step& step, const Fragment& fragment);
  void report_losses(std::optional<std::int64_t> exact_ms, std::int64_t raw_after);
  void settle_step(const Step& step, const Fragment& fragment);
  void split_if_due(const Fragment& fragment);
  bool can_begin(const Fragment& fragment) const;
  bool goes_on(const Fragment& fragment) const;
  void begin(const SegmentInput& input, const Fragment& fragment);
  void settle_resumption(const SegmentInput& input, const Fragment& fragment);
  void end(CloseReason reason);
  void write(std::span<std::uint8_t> bytes, const Fragment& fragment);
  void report(FindingKind kind, const Fragment& fragment, std::uint64_t bytes = 0);
  std::int64_t estimated_loss() const;

  AssemblerOptions options_;
  Sink& sink_;
  std::shared_ptr<const InitSegment> init_;
  Timeline timeline_;
  RepeatMemory memory_;
  std::array<Loss, 3> losses_{};
  std::optional<Resumption> resumed_;  // until the first file begins
  bool open_ = false;
  bool boundary_ = false;      // what comes may be a repeat
  bool overlapped_ = false;    // since that boundary repeats came: what is new continues what was written
  bool follows_ = false;       // the newest of what was written came just now, as a repeat
  bool new_timeline_ = false;  // not yet decided whether it joins
  bool split_requested_ = false;
  bool segment_repeats_ = false;
  int repeats_ = 0;
  std::uint64_t file_bytes_ = 0;
  std::uint32_t fragments_ = 0;
  std::int64_t arrival_ms_ = 0;       // of this segment
  std::int64_t last_arrival_ms_ = 0;  // of the last one written
};

}  // namespace live::hls
