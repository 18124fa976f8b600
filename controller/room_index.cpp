// SPDX-License-Identifier: Apache-2.0
#include "controller/room_index.hpp"

namespace live::controller {

void RoomIndex::take_away(const kube::ObjectKey& key, const Entry& entry) {
  if (entry.active) {
    --active_;
    const auto ages = by_room_.find(entry.room_id);
    ages->second.erase({entry.created, key});
    if (ages->second.empty()) by_room_.erase(ages);
  }
  const auto count = by_namespace_.find(key.ns);
  if (--count->second == 0) by_namespace_.erase(count);
}

std::vector<kube::ObjectKey> RoomIndex::update(const kube::ObjectKey& key, const LiveRoom* room) {
  std::optional<Entry> after;
  if (room != nullptr)
    after = Entry{.room_id = room->real_room_id != 0 ? room->real_room_id : room->spec.room_id,
                  .created = room->created,
                  .active = !room->spec.suspend && !room->terminating};
  const auto found = entries_.find(key);
  if (found == entries_.end() && !after) return {};
  if (found != entries_.end() && after && found->second == *after) return {};

  std::map<std::int64_t, std::optional<kube::ObjectKey>> touched;  // with the oldest so far
  if (found != entries_.end()) touched.emplace(found->second.room_id, oldest(found->second.room_id));
  if (after) touched.emplace(after->room_id, oldest(after->room_id));
  if (found != entries_.end()) {
    take_away(key, found->second);
    entries_.erase(found);
  }
  if (after) {
    entries_.emplace(key, *after);
    ++by_namespace_[key.ns];
    if (after->active) {
      ++active_;
      by_room_[after->room_id].insert({after->created, key});
    }
  }
  std::vector<kube::ObjectKey> others;
  for (const auto& [room_id, before] : touched) {
    const auto ages = by_room_.find(room_id);
    if (ages == by_room_.end() || oldest(room_id) == before) continue;
    for (const auto& [created, other] : ages->second)
      if (other != key) others.push_back(other);
  }
  return others;
}

std::optional<kube::ObjectKey> RoomIndex::oldest(std::int64_t room_id) const {
  const auto ages = by_room_.find(room_id);
  if (ages == by_room_.end()) return std::nullopt;
  return ages->second.begin()->second;
}

std::optional<kube::ObjectKey> RoomIndex::elder(const kube::ObjectKey& key) const {
  const auto entry = entries_.find(key);
  if (entry == entries_.end() || !entry->second.active) return std::nullopt;
  const std::optional<kube::ObjectKey> first = oldest(entry->second.room_id);
  return first == key ? std::nullopt : first;
}

std::size_t RoomIndex::in_namespace(const std::string& ns) const {
  const auto found = by_namespace_.find(ns);
  return found == by_namespace_.end() ? 0 : found->second;
}

std::int64_t RoomIndex::magnitude() const {
  std::int64_t power = 1;
  while (power < static_cast<std::int64_t>(active_)) power *= 10;
  return power;
}

}  // namespace live::controller
