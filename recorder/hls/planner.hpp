// SPDX-License-Identifier: Apache-2.0
// What to fetch of a live playlist and when, and in which order it counts: rolling windows, retries, holes,
// numbers that begin anew. No I/O, no clock: times are milliseconds of any steady clock.
#pragma once
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "recorder/hls/assembler.hpp"
#include "recorder/hls/init_segment.hpp"
#include "recorder/hls/playlist.hpp"

namespace live::hls {

struct SegmentId {
  std::uint32_t timeline = 0;  // raised when numbers begin anew
  std::uint64_t number = 0;
  auto operator<=>(const SegmentId&) const = default;
};

struct FetchPlaylist {};
struct FetchInit {
  std::string uri;  // as in the playlist
};
struct FetchSegment {
  SegmentId id;
  std::string uri;
  std::size_t max_bytes = 0;
};
// The next segment in order.
struct Deliver {
  SegmentId id;
  SegmentInput input;
  std::string body;
};
// In its place so many never come.
struct Lost {
  LossReason reason{};
  std::uint64_t segments = 0;
  std::int64_t estimated_ms = 0;
};
enum class EndReason : std::uint8_t {
  finished,    // the playlist says so
  stalled,     // no new segment for too long
  refused,     // the playlist is not, or no longer, given
  unreadable,  // what came is no playlist or no initialisation segment that can be recorded
};
struct End {
  EndReason reason{};
};
using Action = std::variant<FetchPlaylist, FetchInit, FetchSegment, Deliver, Lost, End>;

enum class FetchFailure : std::uint8_t {
  refused,    // an answer other than 2xx
  broken,     // no answer, or half of one
  damaged,    // found by segment_arrived(): size or checksum wrong
  too_large,  // above FetchSegment::max_bytes
};

struct PlannerLimits {
  std::int64_t stall_ms = 5000;  // at least; three target durations when that is more
};

class Planner {
 public:
  static constexpr int parallel = 3;                                       // segments on their way
  static constexpr std::size_t max_segment_bytes = std::size_t{12} << 20;  // of the one that is next in order
  static constexpr std::size_t max_ahead_bytes = std::size_t{4} << 20;     // of each other one
  static constexpr std::size_t max_held_bytes = std::size_t{4}
                                                << 20;  // come, but not in order yet: no more asked
  static constexpr std::int64_t least_poll_ms = 500;
  static constexpr std::int64_t retry_ms = 500;
  static constexpr std::int64_t patience_ms = 5000;  // with one segment that is refused or broken
  static constexpr int damaged_tries = 3;
  static constexpr std::int64_t init_retry_ms = 1000;
  static constexpr int init_tries = 3;
  static constexpr std::uint64_t largest_gap = 100'000;  // of numbers; more is another numbering

  explicit Planner(PlannerLimits limits = {}) : limits_(limits) {}
  void set_limits(PlannerLimits limits) { limits_ = limits; }

  // Another playlist address for the same stream: what was on its way comes no more, the rest goes on.
  void connection_started(std::int64_t now);

  // What to do now; nothing when there is nothing before wake_at(). Ask again until nothing comes. After End
  // it gives nothing until connection_started().
  std::optional<Action> next(std::int64_t now);
  std::int64_t wake_at() const;
  // What has come and is next in order: also after the connection's end. A Deliver, a Lost, or nothing.
  std::optional<Action> ready() { return settle_head(); }

  // Nothing was done for a while, for want of room to write: it counts as no stall.
  void held_back(std::int64_t now) { last_news_ = now; }

  void playlist_arrived(std::int64_t now, const MediaPlaylist& playlist);
  void playlist_unchanged(std::int64_t now);
  // `refused`: an answer that says that there is none. `unreadable`: what came can't be recorded.
  void playlist_failed(std::int64_t now, FetchFailure failure);
  void playlist_unreadable(std::int64_t now);
  // False when it is half-written or no initialisation segment: it is asked for again.
  bool init_arrived(std::int64_t now, const std::string& uri, ByteView bytes);
  void init_failed(std::int64_t now, const std::string& uri);
  // False when its size or checksum is not what the playlist says: it is asked for again.
  bool segment_arrived(std::int64_t now, const SegmentId& id, std::string body);
  void segment_failed(std::int64_t now, const SegmentId& id, FetchFailure failure);

  std::size_t held_bytes() const { return held_bytes_; }

 private:
  enum class State : std::uint8_t { waiting, fetching, loaded, lost };
  struct Slot {
    SegmentId id;
    std::string uri;
    std::string map;
    SegmentInput input;
    std::optional<std::uint64_t> size;
    std::optional<std::uint32_t> crc32;
    State state = State::waiting;
    LossReason loss = LossReason::missing;
    std::uint64_t count = 1;  // lost ones may stand for many
    bool listed = true;       // in the newest playlist
    bool alone = false;       // too large to be fetched ahead
    int damaged = 0;
    std::int64_t retry_at = 0;
    std::optional<std::int64_t> failing_since;
    std::string body;
  };
  struct Known {
    SegmentId id;
    std::string name;
    std::optional<std::uint32_t> crc32;
  };
  struct Init {
    std::uint32_t timeline = 0;
    std::string uri;
    std::shared_ptr<const InitSegment> parsed;
    bool fetching = false;
    int tries = 0;
    std::int64_t retry_at = 0;
  };

  std::optional<Action> settle_head();
  std::optional<Action> deliver(Init& init);
  std::optional<Action> fetch_init(std::int64_t now);
  std::optional<Action> fetch_segment(std::int64_t now);
  const Init* find_init(const Slot& slot) const;
  Init& init_of(const Slot& slot);
  Slot* find(const SegmentId& id);
  bool begins_anew(const MediaPlaylist& playlist) const;
  bool contradicts(const PlaylistSegment& segment) const;
  std::size_t add_segments(const MediaPlaylist& playlist);
  void add_segment(const MediaPlaylist& playlist, const PlaylistSegment& segment);
  void mark_listed(const MediaPlaylist& playlist);
  void polled(std::int64_t now, bool news);
  std::int64_t stall_after() const;
  void give_up(Slot& slot, LossReason reason);
  void end(std::int64_t now, EndReason reason);
  bool may_end(std::int64_t now) const;

  PlannerLimits limits_;
  std::deque<Slot> slots_;  // in order; the first is the next to deliver
  std::deque<Known> known_;
  std::vector<Init> inits_;
  std::uint32_t timeline_ = 0;
  std::optional<std::uint64_t> last_number_;  // of this timeline, highest seen
  bool restarted_ = false;                    // the next segment of a playlist is the first of a timeline
  bool carried_ = false;                      // the same of one that is lost: the next delivered has it
  std::int64_t target_ms_ = 1000;
  std::int64_t last_duration_ms_ = 1000;
  bool polling_ = false;
  std::int64_t poll_at_ = 0;
  std::int64_t last_news_ = 0;       // when segments were last added, or the connection began
  bool seen_playlist_ = false;       // on this connection
  bool ended_ = false;               // EXT-X-ENDLIST
  std::optional<EndReason> ending_;  // what is on its way is waited for, for a while
  std::int64_t ending_since_ = 0;
  bool told_end_ = false;
  int fetching_ = 0;
  std::size_t held_bytes_ = 0;
};

}  // namespace live::hls
