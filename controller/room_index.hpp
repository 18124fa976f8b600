// SPDX-License-Identifier: Apache-2.0
// LiveRooms by what several of them have in common: the room, the namespace. Pure.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include "controller/live_room.hpp"

namespace live::controller {

class RoomIndex {
 public:
  // One LiveRoom appeared, changed or went (null). Gives the other LiveRooms of the same room that should be
  // looked at again, because another one is the oldest now.
  std::vector<kube::ObjectKey> update(const kube::ObjectKey& key, const LiveRoom* room);

  // The oldest other LiveRoom of the same room that is older than this one (by name when made in the same
  // second).
  std::optional<kube::ObjectKey> elder(const kube::ObjectKey& key) const;

  // LiveRooms of a namespace, and of all those that are not suspended rounded up to a power of ten.
  std::size_t in_namespace(const std::string& ns) const;
  std::int64_t magnitude() const;

 private:
  struct Entry {
    std::int64_t room_id = 0;
    WallTime created{};
    bool active = false;
    bool operator==(const Entry&) const = default;
  };
  using Age = std::pair<WallTime, kube::ObjectKey>;

  void take_away(const kube::ObjectKey& key, const Entry& entry);
  std::optional<kube::ObjectKey> oldest(std::int64_t room_id) const;

  std::unordered_map<kube::ObjectKey, Entry, kube::ObjectKeyHash> entries_;
  std::unordered_map<std::int64_t, std::set<Age>> by_room_;
  std::unordered_map<std::string, std::size_t> by_namespace_;
  std::size_t active_ = 0;
};

}  // namespace live::controller
