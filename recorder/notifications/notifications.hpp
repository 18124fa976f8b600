// SPDX-License-Identifier: Apache-2.0
// Tells receivers what happens, at least once and in order: an outbox on the volume, and for each receiver a
// loop that sends what it does not have.
#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/alarm.hpp"
#include "base/task_group.hpp"
#include "net/http.hpp"
#include "recorder/notifications/delivery_policy.hpp"
#include "recorder/notifications/outbox.hpp"
#include "recorder/notifications/outbox_file.hpp"

namespace live::recorder {

// The references outlive the notifications.
struct NotificationEnvironment {
  Executor executor;
  Clock& clock;
  net::HttpClient& http;
  storage::DiskThread& disk;
  storage::FileSystem& files;
  Metrics& metrics;
  Random& random;
  std::string keys;  // directory of the signatures' keys: <keys>/<notification>/<key>
};

class Notifications {
 public:
  static constexpr Duration attempt_timeout = std::chrono::seconds(10);
  static constexpr std::size_t longest_reply = std::size_t{1} << 20;
  // How often a key that is missing is looked for.
  static constexpr Duration key_interval = std::chrono::seconds(15);
  // What the end of the process may take for what is not delivered yet.
  static constexpr Duration last_deliveries = std::chrono::seconds(10);

  // `directory`: of the recordings, absolute.
  Notifications(NotificationEnvironment environment, const std::string& directory,
                std::vector<liveroom::NotificationSpec> specs, std::string time_zone);
  ~Notifications();

  // What an earlier process left. First, and once.
  awaitable<void> load();
  // Delivers until stopped.
  awaitable<void> run(std::stop_token stop);
  // After run(): each receiver gets what waits for it, until one attempt fails or the time is over.
  awaitable<void> finish();

  void configure(std::vector<liveroom::NotificationSpec> specs, std::string time_zone);

  // What happens; see EventLedger. Before load() nothing may.
  void stream(bool live, const bilibili::Show& show, const RoomFacts& room);
  void file_opening(const std::string& session, const FileFacts& file, const RoomFacts& room);
  void file_closed(const FileFacts& file, const RoomFacts& room);
  void session_ended(const std::string& session, const RoomFacts& room);
  void settle(const RoomFacts& room);

  // Before a scrape.
  void update_metrics();

 private:
  struct Delivery;

  void tell(EventLedger::Events events);
  void apply_receivers();
  void compact_if_worthwhile();
  void kept(std::uint64_t sequence);
  void wake_all();
  const OutboxEvent* next_of(const Delivery& delivery) const;
  TimePoint due(const Delivery& delivery) const;
  awaitable<void> deliver(std::shared_ptr<Delivery> delivery, std::stop_token stop);
  awaitable<void> deliver_last(std::shared_ptr<Delivery> delivery, std::stop_token stop);
  awaitable<bool> attempt(std::shared_ptr<Delivery> delivery, std::stop_token stop);
  awaitable<std::optional<int>> send(const Delivery& delivery, net::HttpRequest request,
                                     std::stop_token stop);
  std::optional<net::HttpRequest> request_for(Delivery& delivery, const std::string& body);
  awaitable<void> expire_hourly(std::stop_token stop);
  awaitable<void> stop_after_last_deliveries(TaskGroup* group, std::stop_token stop);

  NotificationEnvironment environment_;
  NotificationMetrics metrics_;
  std::vector<liveroom::NotificationSpec> specs_;
  std::string time_zone_;
  EventLedger ledger_;
  Outbox outbox_;
  OutboxFile file_;
  std::uint64_t kept_ = 0;  // events up to this one are on the volume, or can't be put there
  std::map<std::string, std::shared_ptr<Delivery>> deliveries_;
  TaskGroup* group_ = nullptr;  // while run() runs
};

}  // namespace live::recorder
