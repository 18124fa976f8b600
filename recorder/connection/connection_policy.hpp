// SPDX-License-Identifier: Apache-2.0
// Decides when and where a show's next connection goes. No I/O: time and randomness come from the caller.
#pragma once
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "recorder/connection/connection_end.hpp"
#include "recorder/connection/host_scores.hpp"

namespace live::recorder {

struct TransportSettings {
  Duration socket_timeout = std::chrono::seconds(10);
  Duration retry_interval = std::chrono::seconds(5);
  int max_retry_times = 0;  // consecutive connections without a complete media tag; 0 = for ever
};

// One address of the chosen stream.
struct StreamCandidate {
  std::string url;
  std::string host;
  WallTime expires = WallTime::max();  // limits opening, not an open connection
  bool operator==(const StreamCandidate&) const = default;
};

struct FetchPlayInfo {};
struct Connect {
  StreamCandidate candidate;
};
struct WaitUntil {
  TimePoint when;
};
struct GiveUp {};  // max_retry_times used up
using ConnectionAction = std::variant<FetchPlayInfo, Connect, WaitUntil, GiveUp>;

// The first attempt at once, each host once; then a new play-info after retry_interval ± 20 %. After a
// connection that brought media: the same URL while it is valid, then the next host, then a new play-info.
// Hosts that have failed of late come after the others, in both.
class ConnectionPolicy {
 public:
  // Shortest time between the starts of two connections, against a server that accepts and closes at once.
  static constexpr Duration min_spacing = std::chrono::seconds(1);

  // `hosts` outlives the policy: what one show learns of them holds for the next.
  ConnectionPolicy(TransportSettings settings, HostScores& hosts) : settings_(settings), hosts_(hosts) {}
  void set(TransportSettings settings) { settings_ = settings; }

  // What to do at this moment. Connect and FetchPlayInfo count as begun when they are returned.
  ConnectionAction next(TimePoint now, WallTime wall);

  // Addresses that are all past their end the moment they come tell of our clock, not of themselves: they are
  // tried all the same, and the host decides.
  void play_info_arrived(std::vector<StreamCandidate> candidates, TimePoint now, WallTime wall,
                         Random& random);
  void play_info_failed(TimePoint now, Random& random);
  // `media_for`: how long it was since the first media; nullopt: there was none.
  void connection_ended(ConnectionEnd end, std::optional<Duration> media_for, TimePoint now, Random& random);

  // A LIVE, or a poll that found the show again: try at once, and give a policy that gave up a new start.
  void wake();

  int failures() const { return failures_; }

 private:
  bool valid(const StreamCandidate& candidate, WallTime wall) const;
  void wait_for_new_play_info(TimePoint now, Random& random);
  void begin_with_best(TimePoint now);

  TransportSettings settings_;
  HostScores& hosts_;
  std::vector<StreamCandidate> candidates_;
  std::size_t at_ = 0;     // the candidate to use next
  std::size_t tried_ = 0;  // candidates that failed since the last play-info
  int failures_ = 0;       // consecutive connections without media
  bool gave_up_ = false;
  TimePoint not_before_ = TimePoint::min();
  TimePoint last_start_ = TimePoint::min();
};

}  // namespace live::recorder
