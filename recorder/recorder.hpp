// SPDX-License-Identifier: Apache-2.0
// Everything that records one room, put together: storage, room watcher, supervisor. The same for a pod and
// for a laptop.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/task_group.hpp"
#include "net/websocket.hpp"
#include "recorder/bilibili/room_watcher.hpp"
#include "recorder/notifications/notifications.hpp"
#include "recorder/recording/recording_supervisor.hpp"
#include "recorder/retention/retention.hpp"
#include "recorder/storage/directory_lock.hpp"
#include "recorder/storage/recovery.hpp"

namespace live::recorder {

// What the process gives; the references outlive the recorder.
struct RecorderEnvironment {
  Executor executor;
  Clock& clock;
  net::HttpClient& api_http;
  net::WebSocketConnector& sockets;
  net::TlsContext media_tls;
  bilibili::ApiOptions api_options;
  storage::DiskThread& disk;
  storage::FileSystem& files;
  RecorderMetrics& metrics;
  StatusBoard& board;
  Random& random;
  std::function<void(const std::optional<net::Url>&)> set_api_proxy;  // may be empty
  std::string cookie_file;                                            // of the account; empty: guest
  std::string volume;          // root that names in the status are relative to
  storage::LockHolder holder;  // who we are, for the directory's lock
  // To tell receivers by; without one nobody is told.
  net::HttpClient* notification_http = nullptr;
  std::string notification_keys;   // directory of the signatures' keys
  bool retention_dry_run = false;  // the retention says what would go, and removes nothing
};

class Recorder final : private bilibili::RoomListener {
 public:
  // How often a directory that is somebody else's, or that can't be written, is tried again.
  static constexpr Duration storage_retry = std::chrono::seconds(10);
  // How long a claim by heartbeat must have stood before it counts.
  static constexpr Duration claim_wait = std::chrono::seconds(3);

  Recorder(RecorderEnvironment environment, liveroom::RecorderConfig config);
  ~Recorder() override;

  // Until stopped; returns when every file is published.
  awaitable<void> run(std::stop_token stop);

  // Takes effect as DESIGN's table of changes says; what can't be used keeps the old and is logged.
  void configure(const liveroom::RecorderConfig& config);

  // Brings counters that are kept elsewhere up to date, before a scrape.
  void update_metrics();

 private:
  struct Watching;

  void on_room(const bilibili::RoomView& view) override;
  void on_live_push() override;
  bool wants_chat() const override;
  void on_message(const bilibili::Message& message, std::string_view json) override;

  awaitable<void> take_directory(std::stop_token stop);
  void update_danmaku_metrics();
  enum class LockAttempt { ours, claimed, refused };
  awaitable<LockAttempt> try_lock();
  awaitable<void> keep_heartbeat(TaskGroup& group);
  awaitable<void> let_go();
  awaitable<void> watch(std::stop_token stop);
  awaitable<RecorderState> prepare(std::optional<Interrupted>& interrupted);
  void save_state();
  void apply_network();
  void storage_problem(std::string_view reason, const std::string& message);
  void make_notifications();
  void tell_of_files();
  void tell_of_recovered(const storage::RecoveredFile& file);
  RoomFacts room_facts() const;

  RecorderEnvironment environment_;
  liveroom::RecorderConfig config_;
  storage::FileNameTemplate names_;
  RecordingReport report_;
  std::string directory_;  // absolute
  std::unique_ptr<storage::DirectoryLock> lock_;
  storage::HeartbeatWatch heartbeat_;
  bool lost_ = false;                             // somebody else has taken the directory over
  std::unique_ptr<Notifications> notifications_;  // once the directory is ours, where somebody can be told
  std::unique_ptr<Watching> watching_;            // once the directory is ours
  bool settled_ = false;                          // the room has been seen once: start-up is over
};

// The template of a configuration, or the default one, with the problem logged, when it can't be read.
storage::FileNameTemplate file_name_template(const liveroom::RecordingSpec& spec);

}  // namespace live::recorder
