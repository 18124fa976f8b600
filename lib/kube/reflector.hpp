// SPDX-License-Identifier: Apache-2.0
// Keeps an ObjectSink equal to what the server has: lists, watches, and never gives up.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "base/asio.hpp"
#include "base/clock.hpp"
#include "kube/client.hpp"
#include "kube/object_sink.hpp"
#include "kube/watch_times.hpp"

namespace live {
class Metrics;
class Random;
}  // namespace live

namespace live::kube {

struct ReflectorOptions {
  Resource resource;
  std::string ns;  // empty: all namespaces
  std::string label_selector;
  std::string field_selector;
  const Fields* fields = nullptr;  // of each object; null: all but managedFields
  int page_size = 100;
  // Lists are streamed where the server can; it is known after one request when it can't.
  bool streaming_lists = true;
  WatchTimes times;
  // Called when the server answers again after a time in which nobody did.
  std::function<void()> on_return = {};
};

class Reflector {
 public:
  // `sink` and the rest must live as long as the reflector.
  Reflector(Client& client, Clock& clock, Random& random, Metrics& metrics, ObjectSink& sink,
            ReflectorOptions options);
  ~Reflector();

  // Lasts until stopped. Errors are logged, counted and met with a wait.
  awaitable<void> run(std::stop_token stop);

  // A whole list is in the sink.
  bool has_synced() const;
  // Synced, or refused with 403 or 404 (no right, no such resource or namespace): there is no use in waiting
  // for it, and it must not block others. It goes on trying.
  bool has_settled() const;
  // Waits for it; false when stopped before. One waiter.
  awaitable<bool> settled(std::stop_token stop);
  // The last answer that was no success; none once things go well again.
  const std::optional<ApiError>& last_error() const;
  // When the last byte's worth of news came (a page, an event, a bookmark); none before the first.
  std::optional<TimePoint> last_news() const;
  const ReflectorOptions& options() const;
  // Sets the gauges that are functions of time; call it before the metrics are read.
  void refresh_metrics();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace live::kube
