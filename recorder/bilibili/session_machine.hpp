// SPDX-License-Identifier: Apache-2.0
// One room's danmaku connection as a machine: token, host choice, auth, heartbeats, silence, reconnects. No
// I/O: time and randomness come from the caller.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/backoff.hpp"
#include "base/clock.hpp"
#include "base/random.hpp"
#include "net/url.hpp"
#include "recorder/bilibili/packet.hpp"
#include "recorder/bilibili/replies.hpp"

namespace live::bilibili {

// What authenticates a connection. The token is bound to the account whose cookie fetched it.
struct DanmuAccess {
  DanmuInfo info;
  std::int64_t uid = 0;
  std::string buvid3;
};

enum class SessionEnd {
  token_failed,
  connect_failed,
  auth_refused,
  auth_timeout,
  silent,
  closed,
  write_failed
};
constexpr std::size_t session_end_count = 7;
std::string_view to_string(SessionEnd end);  // "ConnectFailed", as reason of a condition

struct SessionStats {
  std::uint64_t tokens_fetched = 0;
  std::uint64_t attempts = 0;
  std::uint64_t established = 0;
  std::array<std::uint64_t, session_end_count> ends{};  // by SessionEnd
  std::uint64_t frames = 0;
  std::uint64_t messages = 0;
  std::uint64_t heartbeat_replies = 0;
  std::uint64_t unknown_packets = 0;
  std::uint64_t damaged_frames = 0;
  FrameDamage damage;
  Duration gap{};  // time without an authenticated connection since the first one
};

struct FetchToken {};
struct OpenSocket {
  net::Url url;
};
struct SendPacket {
  Bytes packet;
};
struct CloseSocket {
  SessionEnd reason{};
};
struct WaitUntil {
  TimePoint when;
};
using SessionAction = std::variant<FetchToken, OpenSocket, SendPacket, CloseSocket, WaitUntil>;

class SessionMachine {
 public:
  static constexpr Duration heartbeat_interval = std::chrono::seconds(30);
  static constexpr Duration auth_deadline = std::chrono::seconds(10);
  // Each heartbeat is answered; two without an answer and five seconds more mean a half-open connection.
  static constexpr Duration silence_limit = std::chrono::seconds(65);
  // A connection that lasted this long was sound: the next one comes at once.
  static constexpr Duration sound_after = std::chrono::seconds(60);
  // A token older than this is not used for a further connection.
  static constexpr Duration token_age = std::chrono::minutes(2);

  // `secure`: wss and wss_port, else ws and ws_port.
  SessionMachine(std::int64_t room_id, bool secure, Random random);

  // Each token but the first waits so long at most, at random: many pods behind one address may lose their
  // sockets in the same second.
  void set_token_spread(Duration spread) { token_spread_ = spread; }

  // What to do at this moment. Everything but WaitUntil counts as begun when it is returned.
  SessionAction next(TimePoint now);

  void token_arrived(DanmuAccess access, TimePoint now);
  // `not_before`: where the error says when to come back (an open breaker).
  void token_failed(TimePoint now, std::optional<TimePoint> not_before = std::nullopt);
  // The token belongs to somebody else than we are now: the next connection begins with another.
  void forget_token() { token_stale_ = true; }
  void connected(TimePoint now);  // the WebSocket is open; auth is next
  void ended(SessionEnd reason, TimePoint now);
  // Takes replies for itself; what is left in the result are the messages.
  DecodedFrame received(ByteView frame, TimePoint now);

  bool established() const { return state_ == State::established; }
  // Why the last connection ended or did not come about.
  std::optional<SessionEnd> last_end() const { return last_end_; }
  const SessionStats& stats() const { return stats_; }
  Duration gap(TimePoint now) const;  // stats().gap and what runs now

 private:
  enum class State { waiting, fetching, connecting, opened, authenticating, established, closing };

  net::Url url_of(const DanmuHost& host) const;
  Bytes auth_packet() const;
  void take(const Packet& packet, TimePoint now);
  void wait(Duration length, TimePoint now);
  SessionAction close(SessionEnd reason);
  bool wants_token(TimePoint now) const;
  SessionAction next_token(TimePoint now);

  std::int64_t room_id_;
  bool secure_;
  Random random_;
  State state_ = State::waiting;
  TimePoint not_before_ = TimePoint::min();
  std::optional<DanmuAccess> access_;
  TimePoint token_time_{};
  bool token_stale_ = false;
  bool token_asked_ = false;  // ever
  Duration token_spread_{};
  std::optional<TimePoint> token_due_;
  std::size_t next_host_ = 0;  // beyond the last: a new token first
  std::string last_host_;
  TimePoint opened_at_{};
  std::optional<TimePoint> established_at_;
  TimePoint last_received_{};
  TimePoint next_heartbeat_{};
  std::optional<TimePoint> down_since_;
  std::optional<SessionEnd> refusal_;  // found while reading, to be acted on
  std::optional<SessionEnd> last_end_;
  Backoff connect_backoff_;
  Backoff token_backoff_;
  SessionStats stats_;
};

}  // namespace live::bilibili
