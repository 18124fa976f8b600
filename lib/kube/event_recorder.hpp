// SPDX-License-Identifier: Apache-2.0
// Kubernetes Events (events.k8s.io/v1), best effort: a queue with a limit, repetitions counted in one object.
#pragma once
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "base/asio.hpp"
#include "base/clock.hpp"
#include "kube/client.hpp"
#include "kube/object.hpp"

namespace live {
class Metrics;
class Random;
}  // namespace live

namespace live::kube {

struct ObjectReference {
  std::string api_version;
  std::string kind;
  ObjectKey key;
  std::string uid;
  bool operator==(const ObjectReference&) const = default;
};

enum class EventType { normal, warning };

struct Event {
  EventType type = EventType::normal;
  std::string reason;  // "PodCreated": CamelCase, at most 128 characters
  std::string action;  // what was tried: "Create", "Delete"
  std::string note;    // for people; cut at 1024 bytes
  ObjectReference regarding;
  std::optional<ObjectReference> related;
};

struct EventRecorderOptions {
  std::string controller;  // "liveroom.dev/controller"
  std::string instance;    // the pod's name
};

class EventRecorder {
 public:
  // The same event (all but the note) within this time is counted in the existing object.
  static constexpr Duration series_window = std::chrono::minutes(6);
  // More that are waiting are dropped and counted.
  static constexpr std::size_t max_queue = 1000;

  EventRecorder(const Executor& executor, Client& client, Clock& clock, Random& random, Metrics& metrics,
                EventRecorderOptions options);
  ~EventRecorder();

  // Never waits and never fails. Before run() it only queues.
  void record(Event event);
  // Sends what was recorded until stopped.
  awaitable<void> run(std::stop_token stop);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace live::kube
