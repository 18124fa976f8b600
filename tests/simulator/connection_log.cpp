// SPDX-License-Identifier: Apache-2.0
#include "simulator/connection_log.hpp"

#include <fmt/format.h>

#include "base/json.hpp"

namespace live::simulator {
namespace {

const char* name_of(TagType type) {
  switch (type) {
    case TagType::audio:
      return "audio";
    case TagType::video:
      return "video";
    case TagType::script:
      return "script";
  }
  return "unknown";
}

Json to_json(const std::optional<TagMoment>& moment) {
  if (!moment) return nullptr;
  return {{"mediaMs", moment->media_ms}, {"wallMs", moment->wall_ms}};
}

}  // namespace

ConnectionRecord& ConnectionLog::open(ConnectionRecord record) {
  record.id = next_id_++;
  ++totals_[{record.room_id, record.kind}];
  return open_[record.id] = std::move(record);
}

void ConnectionLog::close(std::uint64_t id, std::string end, std::int64_t wall_ms) {
  const auto at = open_.find(id);
  if (at == open_.end()) return;
  at->second.closed_ms = wall_ms;
  at->second.end = std::move(end);
  closed_.push_back(std::move(at->second));
  open_.erase(at);
  if (closed_.size() > max_closed) closed_.pop_front();
}

void ConnectionLog::sent(ConnectionRecord& record, const SentTag& tag, std::int64_t wall_ms) {
  if (!tag.header) {
    ++record.tags;
    record.last_tag = TagMoment{tag.timestamp, wall_ms};
    if (!record.first_tag) record.first_tag = record.last_tag;
  }
  if (max_tags_ == 0) return;
  tags_.push_back({record.id, wall_ms, tag});
  if (tags_.size() > max_tags_) {
    tags_.pop_front();
    ++forgotten_tags_;
  }
}

std::vector<const ConnectionRecord*> ConnectionLog::of_room(std::int64_t room_id) const {
  std::vector<const ConnectionRecord*> found;
  for (const auto& [id, record] : open_)
    if (record.room_id == room_id) found.push_back(&record);
  for (const ConnectionRecord& record : closed_)
    if (record.room_id == room_id) found.push_back(&record);
  return found;
}

const ConnectionRecord* ConnectionLog::find(std::uint64_t id) const {
  const auto at = open_.find(id);
  if (at != open_.end()) return &at->second;
  for (const ConnectionRecord& record : closed_)
    if (record.id == id) return &record;
  return nullptr;
}

std::uint64_t ConnectionLog::total(std::int64_t room_id, ConnectionKind kind) const {
  const auto at = totals_.find({room_id, kind});
  return at == totals_.end() ? 0 : at->second;
}

Json to_json(const ConnectionRecord& record) {
  Json json = {{"id", record.id},
               {"kind", record.kind == ConnectionKind::media ? "media" : "danmaku"},
               {"roomId", record.room_id},
               {"peer", record.peer},
               {"host", record.host},
               {"userAgent", record.user_agent},
               {"tls", record.tls},
               {"cookie", record.cookie},
               {"openedMs", record.opened_ms},
               {"closedMs", nullptr},
               {"end", record.end},
               {"bytes", record.bytes}};
  if (record.closed_ms) json["closedMs"] = *record.closed_ms;
  if (record.kind == ConnectionKind::media) {
    json["quality"] = record.quality;
    json["tags"] = record.tags;
    json["firstTag"] = to_json(record.first_tag);
    json["lastTag"] = to_json(record.last_tag);
  } else {
    json["uid"] = record.uid;
    json["messages"] = record.messages;
    json["droppedMessages"] = record.dropped;
    json["heartbeats"] = record.heartbeats;
  }
  return json;
}

Json to_json(const TagRecord& record) {
  const SentTag& tag = record.tag;
  return {{"type", name_of(tag.type)},
          {"header", tag.header},
          {"key", tag.key},
          {"timestamp", tag.timestamp},
          {"sourceTimestamp", tag.source_timestamp},
          {"size", tag.size},
          {"xxh3", fmt::format("{:016x}", tag.hash)},
          {"loop", tag.loop},
          {"index", tag.index},
          {"wallMs", record.wall_ms}};
}

}  // namespace live::simulator
