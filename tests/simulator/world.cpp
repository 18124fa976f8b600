// SPDX-License-Identifier: Apache-2.0
#include "simulator/world.hpp"

#include <fmt/format.h>

#include "base/json.hpp"
#include "simulator/text.hpp"

namespace live::simulator {

HlsStream& hls_of(Room& room) {
  if (!room.hls) room.hls = std::make_unique<HlsStream>(*room.state.show);
  return *room.hls;
}

World::World(Clock& clock_to_use, Random random_to_use, Later later, std::size_t max_tags)
    : clock(clock_to_use), random(std::move(random_to_use)), connections(max_tags), later_(std::move(later)) {
  url_secret = random.uuid();
  // The pair of the public examples, until somebody rotates it.
  keys = {"7cd084941338484aae1ad9425b84077c", "4932caff0ff746eab6f01bf08b70ac45"};
}

Room* World::find_room(std::int64_t id) {
  const auto at = rooms_.find(id);
  return at == rooms_.end() || at->second->gone ? nullptr : at->second.get();
}

Room* World::find_room_by_any(std::int64_t id) {
  if (Room* room = find_room(id)) return room;
  if (id == 0) return nullptr;
  for (const auto& [real_id, room] : rooms_)
    if (!room->gone && room->state.info.short_id == id) return room.get();
  return nullptr;
}

std::vector<Room*> World::rooms() {
  std::vector<Room*> list;
  for (const auto& [id, room] : rooms_)
    if (!room->gone) list.push_back(room.get());
  return list;
}

Result<Room*> World::put_room(const Json& body) {
  RoomInfo info;
  const std::int64_t id = body.is_object() ? json_int(json_at(body, "/roomId")).value_or(0) : 0;
  const auto at = rooms_.find(id);
  if (at != rooms_.end()) info = at->second->state.info;
  if (const auto problem = info.update(body)) return failure(problem->message);
  std::unique_ptr<Room>& room = rooms_[info.id];
  if (!room) room = std::make_unique<Room>();
  room->state.info = std::move(info);
  room->gone = false;
  return room.get();
}

Result<Media> World::media(const std::string& name) {
  const auto at = media_.find(name);
  if (at != media_.end()) return at->second;
  Result<FlvSource> source = FlvSource::load(name);
  if (!source) return failure(source.error().message);
  Media loaded = std::make_shared<const FlvSource>(std::move(*source));
  add_media(name, loaded);
  return loaded;
}

void World::add_media(const std::string& name, Media media) {
  media_[name] = media;
  media_[name.substr(name.rfind('/') + 1)] = media;
  if (!default_media_) default_media_ = media;
}

Result<Media> World::default_media() {
  if (!default_media_) return failure("there is no media: start with --media, or name a file");
  return default_media_;
}

void World::broadcast(Room& room, std::string message) {
  const auto shared = std::make_shared<const std::string>(std::move(message));
  for (DanmakuPeer* peer : room.danmaku) peer->send(shared);
}

void World::report(Event event, Room& room) {
  for (const Listener& listener : listeners_) listener(event, room);
}

void World::rotate_keys() {
  keys.image = md5_hex(random.uuid());
  keys.sub = md5_hex(random.uuid());
}

std::uint64_t World::new_show_key() {
  return 600'000'000'000'000'000 + random.between(0, 99'999'999'999'999'999);
}

std::string World::voucher() { return "voucher_" + random.uuid(); }

}  // namespace live::simulator
