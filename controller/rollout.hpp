// SPDX-License-Identifier: Apache-2.0
// How many pods are updated at a time, and whether an image is good. The kubelet ends a container before it
// pulls the new image: so one pod tries an image first, and none follows it while that has not gone well.
// Pure; one for all rooms of a process. What it knows is learned anew after a restart.
#pragma once
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "kube/object.hpp"

namespace live::controller {

struct UpdatePermit {
  enum class Kind : std::uint8_t {
    yes,
    wait,  // for others; rooms that wait are named by finish() when it is their turn
    bad,   // the image could not be pulled a short while ago
  };
  Kind kind = Kind::yes;
  Duration again{};     // when to ask again at the latest, unless yes
  bool proven = false;  // a pod runs with the image
};

class Rollout {
 public:
  // A pod that has not come up for so long no longer keeps others waiting.
  static constexpr Duration longest = std::chrono::minutes(10);
  static constexpr Duration wait_again = std::chrono::minutes(1);
  // A bad image is tried again by one pod after this, then ever later.
  static constexpr Duration first_retry = std::chrono::minutes(5);
  static constexpr Duration last_retry = std::chrono::hours(1);

  explicit Rollout(int at_a_time) : at_a_time_(static_cast<std::size_t>(at_a_time)) {}

  // `image`: that the pod would get, the one it has when only its template changes. `runs`: its container
  // does; one that doesn't may change whatever the others do, once the image is known to be good.
  UpdatePermit ask(const kube::ObjectKey& room, const std::string& image, bool runs, TimePoint now) const;

  void begin(const kube::ObjectKey& room, const std::string& image, TimePoint now);
  void wait(const kube::ObjectKey& room) { waiting_.insert(room); }
  // The room's update has ended, well or not, or will not be; gives the rooms whose turn it is.
  std::vector<kube::ObjectKey> finish(const kube::ObjectKey& room);
  // A pod is ready with it.
  void succeeded(const std::string& image);
  void failed(const std::string& image, TimePoint now);

  std::size_t under_way(TimePoint now) const;

 private:
  struct Update {
    std::string image;
    TimePoint began;
  };
  struct Bad {
    std::string image;
    TimePoint until;
    Duration wait;
  };

  std::size_t at_a_time_;
  std::unordered_map<kube::ObjectKey, Update, kube::ObjectKeyHash> updates_;
  std::set<kube::ObjectKey> waiting_;
  std::string proven_;
  std::optional<Bad> bad_;
};

}  // namespace live::controller
