// SPDX-License-Identifier: Apache-2.0
#include "recorder/bilibili/session_machine.hpp"

#include <algorithm>

#include "base/json.hpp"

namespace live::bilibili {
namespace {

constexpr int wanted_protocol = 3;  // brotli; small messages come plain all the same
constexpr std::string_view last_resort =
    "broadcastlv";  // the common entry, slower than the hosts of the list

BackoffLimits connect_limits() {
  return {std::chrono::seconds(1), std::chrono::minutes(2), 2.0, 0.5, std::chrono::minutes(2)};
}
BackoffLimits token_limits() {
  return {std::chrono::seconds(5), std::chrono::minutes(5), 2.0, 0.5, std::chrono::minutes(10)};
}

// Any host may be first, so that clients spread; the one that was used last comes after the others, and the
// common entry at the end.
void order_hosts(std::vector<DanmuHost>& hosts, const std::string& last_used, Random& random) {
  for (std::size_t i = hosts.size(); i > 1; --i) std::swap(hosts[i - 1], hosts[random.between(0, i - 1)]);
  std::stable_partition(hosts.begin(), hosts.end(),
                        [&last_used](const DanmuHost& host) { return host.host != last_used; });
  std::stable_partition(hosts.begin(), hosts.end(), [](const DanmuHost& host) {
    return host.host.find(last_resort) == std::string::npos;
  });
}

}  // namespace

std::string_view to_string(SessionEnd end) {
  switch (end) {
    case SessionEnd::token_failed:
      return "TokenFailed";
    case SessionEnd::connect_failed:
      return "ConnectFailed";
    case SessionEnd::auth_refused:
      return "AuthRefused";
    case SessionEnd::auth_timeout:
      return "AuthTimeout";
    case SessionEnd::silent:
      return "Silent";
    case SessionEnd::closed:
      return "Closed";
    case SessionEnd::write_failed:
      return "WriteFailed";
  }
  return "Closed";
}

SessionMachine::SessionMachine(std::int64_t room_id, bool secure, Random random)
    : room_id_(room_id),
      secure_(secure),
      random_(std::move(random)),
      connect_backoff_(connect_limits()),
      token_backoff_(token_limits()) {}

SessionAction SessionMachine::next(TimePoint now) {
  switch (state_) {
    case State::waiting:
      if (now < not_before_) return WaitUntil{not_before_};
      if (wants_token(now)) return next_token(now);
      state_ = State::connecting;
      ++stats_.attempts;
      last_host_ = access_->info.hosts[next_host_].host;
      return OpenSocket{url_of(access_->info.hosts[next_host_++])};
    case State::opened:
      state_ = State::authenticating;
      return SendPacket{auth_packet()};
    case State::authenticating:
      if (refusal_) return close(*refusal_);
      if (now >= opened_at_ + auth_deadline) return close(SessionEnd::auth_timeout);
      return WaitUntil{opened_at_ + auth_deadline};
    case State::established:
      if (now >= last_received_ + silence_limit) return close(SessionEnd::silent);
      if (now >= next_heartbeat_) {
        next_heartbeat_ = now + heartbeat_interval;
        return SendPacket{encode_packet(Operation::heartbeat, {})};
      }
      return WaitUntil{std::min(next_heartbeat_, last_received_ + silence_limit)};
    case State::fetching:
    case State::connecting:
    case State::closing:
      break;
  }
  return WaitUntil{TimePoint::max()};  // the driver's answer is awaited
}

bool SessionMachine::wants_token(TimePoint now) const {
  return !access_ || token_stale_ || next_host_ >= access_->info.hosts.size() ||
         now - token_time_ > token_age;
}

SessionAction SessionMachine::next_token(TimePoint now) {
  // The first one is spread by whoever begins the session; another account's is wanted by us alone.
  const bool at_once = !token_asked_ || token_stale_ || token_spread_ == Duration::zero();
  if (!at_once && !token_due_) token_due_ = now + jittered(token_spread_ / 2, 1.0, random_);
  if (!at_once && now < *token_due_) return WaitUntil{*token_due_};
  token_due_.reset();
  token_asked_ = true;
  token_stale_ = false;
  state_ = State::fetching;
  return FetchToken{};
}

SessionAction SessionMachine::close(SessionEnd reason) {
  state_ = State::closing;
  refusal_.reset();
  return CloseSocket{reason};
}

void SessionMachine::token_arrived(DanmuAccess access, TimePoint now) {
  ++stats_.tokens_fetched;
  access_ = std::move(access);
  order_hosts(access_->info.hosts, last_host_, random_);
  next_host_ = 0;
  token_time_ = now;
  token_backoff_.reset();
  state_ = State::waiting;
}

void SessionMachine::token_failed(TimePoint now, std::optional<TimePoint> not_before) {
  ++stats_.ends[static_cast<std::size_t>(SessionEnd::token_failed)];
  last_end_ = SessionEnd::token_failed;
  access_.reset();
  wait(token_backoff_.next(now, random_), now);
  if (not_before) not_before_ = std::max(not_before_, *not_before);
}

void SessionMachine::connected(TimePoint now) {
  opened_at_ = now;
  last_received_ = now;
  refusal_.reset();
  state_ = State::opened;
}

void SessionMachine::ended(SessionEnd reason, TimePoint now) {
  ++stats_.ends[static_cast<std::size_t>(reason)];
  last_end_ = reason;
  if (reason == SessionEnd::auth_refused) access_.reset();
  const bool was_sound = established_at_ && now - *established_at_ >= sound_after;
  if (established_at_) down_since_ = now;
  established_at_.reset();
  if (was_sound) {
    // Many clients lose one server at the same moment: they come back over a second.
    connect_backoff_.reset();
    wait(jittered(std::chrono::milliseconds(500), 0.9, random_), now);
  } else {
    wait(connect_backoff_.next(now, random_), now);
  }
}

DecodedFrame SessionMachine::received(ByteView frame, TimePoint now) {
  last_received_ = now;
  ++stats_.frames;
  DecodedFrame decoded = decode_frame(frame);
  stats_.damage += decoded.damage;
  if (decoded.damage.any()) ++stats_.damaged_frames;
  for (const Packet& packet : decoded.packets) {
    if (packet.operation != Operation::message) take(packet, now);
  }
  decoded.packets.erase(
      std::remove_if(decoded.packets.begin(), decoded.packets.end(),
                     [](const Packet& packet) { return packet.operation != Operation::message; }),
      decoded.packets.end());
  stats_.messages += decoded.packets.size();
  return decoded;
}

void SessionMachine::take(const Packet& packet, TimePoint now) {
  if (packet.operation == Operation::heartbeat_reply) {
    ++stats_.heartbeat_replies;
    return;
  }
  if (packet.operation != Operation::auth_reply) {
    ++stats_.unknown_packets;
    return;
  }
  if (state_ != State::authenticating) return;
  const Json reply = parse_json(as_text(packet.body));
  if (json_int(json_at(reply, "/code")) != 0) {
    refusal_ = SessionEnd::auth_refused;
    return;
  }
  state_ = State::established;
  ++stats_.established;
  established_at_ = now;
  next_heartbeat_ = now;  // the first one at once
  if (down_since_) stats_.gap += now - *down_since_;
  down_since_.reset();
}

Duration SessionMachine::gap(TimePoint now) const {
  return down_since_ ? stats_.gap + (now - *down_since_) : stats_.gap;
}

net::Url SessionMachine::url_of(const DanmuHost& host) const {
  if (secure_) return net::Url{"wss", host.host, host.wss_port, "/sub"};
  return net::Url{"ws", host.host, host.ws_port, "/sub"};
}

Bytes SessionMachine::auth_packet() const {
  const Json body = {{"uid", access_->uid},       {"roomid", room_id_}, {"protover", wanted_protocol},
                     {"buvid", access_->buvid3},  {"platform", "web"},  {"type", 2},
                     {"key", access_->info.token}};
  return encode_packet(Operation::auth, dump_json(body));
}

void SessionMachine::wait(Duration length, TimePoint now) {
  not_before_ = now + length;
  state_ = State::waiting;
}

}  // namespace live::bilibili
