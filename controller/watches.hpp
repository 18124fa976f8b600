// SPDX-License-Identifier: Apache-2.0
// What the controller watches, and whom a change wakes.
#pragma once
#include <array>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "controller/cordoned_node.hpp"
#include "controller/live_room.hpp"
#include "controller/namespace_objects.hpp"
#include "controller/recorder_pod.hpp"
#include "controller/recordings_claim.hpp"
#include "controller/room_index.hpp"
#include "kube/informer.hpp"
#include "kube/work_queue.hpp"

namespace live {
class Clock;
class Metrics;
class Random;
}  // namespace live

namespace live::controller {

struct Watches {
  // `namespaces` empty: all, and then the objects of namespaces are watched too.
  Watches(kube::Client& client, Clock& clock, Random& random, Metrics& metrics,
          const std::vector<std::string>& namespaces);

  Watches(const Watches&) = delete;
  Watches& operator=(const Watches&) = delete;

  bool has_namespace_objects() const { return objects[0] != nullptr; }

  kube::Informer<LiveRoom> rooms;
  kube::Informer<RecorderPod> pods;
  kube::Informer<RecordingsClaim> claims;
  std::array<std::unique_ptr<kube::Informer<NamespaceObject>>, namespace_object_kinds.size()> objects;
  // Null where only the objects of some namespaces may be read.
  std::unique_ptr<kube::Informer<CordonedNode>> cordoned;
  RoomIndex index;  // kept by connect()
  std::function<void()> returned = [] {};
};

struct Wakeups {
  std::function<void(const kube::ObjectKey& room, kube::Priority)> room;
  std::function<void(const std::string& ns)> name_space;  // may be empty
  // A LiveRoom changed while it was watched, from one state to another.
  std::function<void(const LiveRoom& before, const LiveRoom& after)> changed;
  // The server answers a watch again, after a time in which nobody did.
  std::function<void()> server_returned;
  // The drain of the pod's node waits for the end of its recording.
  std::function<void(const RecorderPod& pod)> drain_waits;
};

// Before the first list.
void connect(Watches& watches, Wakeups wakeups);

}  // namespace live::controller
