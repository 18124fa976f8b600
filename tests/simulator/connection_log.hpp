// SPDX-License-Identifier: Apache-2.0
// What connections got, for tests to compare with. Bounded; pure.
#pragma once
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json_fwd.hpp"
#include "simulator/flv_output.hpp"

namespace live::simulator {

enum class ConnectionKind { danmaku, media };

struct TagMoment {
  std::uint32_t media_ms = 0;  // timestamp as sent
  std::int64_t wall_ms = 0;    // Unix time at which the kernel had taken it
};

struct ConnectionRecord {
  std::uint64_t id = 0;
  ConnectionKind kind = ConnectionKind::media;
  std::int64_t room_id = 0;
  std::string peer, host, user_agent;
  bool tls = false;
  bool cookie = false;  // a Cookie header came along
  int quality = 0;
  std::int64_t uid = 0;
  std::int64_t opened_ms = 0;
  std::optional<std::int64_t> closed_ms;
  std::string end;  // why it was closed
  std::uint64_t bytes = 0;
  std::uint64_t tags = 0;                        // media tags
  std::uint64_t messages = 0;                    // danmaku messages sent
  std::uint64_t dropped = 0;                     // danmaku messages that a slow client did not get
  std::uint64_t heartbeats = 0;                  // received
  std::optional<TagMoment> first_tag, last_tag;  // media tags
};

struct TagRecord {
  std::uint64_t connection = 0;
  std::int64_t wall_ms = 0;
  SentTag tag;
};

class ConnectionLog {
 public:
  static constexpr std::size_t max_closed = 10'000;
  static constexpr std::size_t default_max_tags = 200'000;

  explicit ConnectionLog(std::size_t max_tags = default_max_tags) : max_tags_(max_tags) {}

  // The record stays valid until close().
  ConnectionRecord& open(ConnectionRecord record);
  void close(std::uint64_t id, std::string end, std::int64_t wall_ms);
  void sent(ConnectionRecord& record, const SentTag& tag, std::int64_t wall_ms);

  // Open ones first, then closed ones, each in order of opening.
  std::vector<const ConnectionRecord*> of_room(std::int64_t room_id) const;
  const ConnectionRecord* find(std::uint64_t id) const;
  std::uint64_t total(std::int64_t room_id, ConnectionKind kind) const;
  const std::deque<TagRecord>& tags() const { return tags_; }
  // How many tag records were thrown away because there was no room.
  std::uint64_t forgotten_tags() const { return forgotten_tags_; }

 private:
  std::size_t max_tags_;
  std::uint64_t next_id_ = 1;
  std::map<std::uint64_t, ConnectionRecord> open_;
  std::deque<ConnectionRecord> closed_;
  std::deque<TagRecord> tags_;
  std::uint64_t forgotten_tags_ = 0;
  std::map<std::pair<std::int64_t, ConnectionKind>, std::uint64_t> totals_;
};

Json to_json(const ConnectionRecord& record);
Json to_json(const TagRecord& record);

}  // namespace live::simulator
