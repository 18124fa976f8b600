// SPDX-License-Identifier: Apache-2.0
#include "recorder/recorder.hpp"

#include <fmt/format.h>

#include "base/json.hpp"
#include "base/log.hpp"
#include "base/process_memory.hpp"
#include "base/stop.hpp"
#include "liveroom/names.hpp"
#include "recorder/login.hpp"
#include "recorder/recording/start_up.hpp"
#include "recorder/reporting/room_report.hpp"
#include "recorder/show/leftovers.hpp"
#include "recorder/storage/state_file.hpp"

namespace live::recorder {

using liveroom::ConditionStatus;
using liveroom::ConditionType;
namespace reason = liveroom::reason;

// What needs the directory: made once it is ours.
struct Recorder::Watching {
  bilibili::ApiClient api;
  Login login;
  bilibili::RoomWatcher watcher;
  HostScores hosts;
  RecordingSupervisor supervisor;
  Retention retention;
  std::array<bilibili::CallStats, bilibili::api_call_count> told{};  // what the metrics already have
  bilibili::SessionStats told_session;
  Duration told_gap{};

  Watching(const RecorderEnvironment& env, const std::string& directory,
           const liveroom::RecorderConfig& config, storage::FileNameTemplate names, RecorderState state,
           RecordingReport& report, bilibili::RoomListener& listener)
      : api(env.executor, env.api_http, env.clock, env.api_options, fork(env.random), std::move(state.api)),
        login(env.executor, env.clock, api, env.board, env.metrics,
              LoginSettings{env.cookie_file, config.credentials_secret}),
        watcher(env.executor, env.clock, api, env.sockets, config.room_id, monitor_settings(config),
                fork(env.random), listener),
        supervisor(
            RecordingEnvironment{env.executor, env.clock, api, env.media_tls,
                                 RecordingStorage{env.disk, env.files, directory, config.recording.directory},
                                 env.metrics, env.random, hosts},
            report, env.board, config, std::move(names), std::move(state.last)),
        retention(RetentionEnvironment{env.clock, env.disk, env.files, env.metrics.registry(), env.board,
                                       env.retention_dry_run},
                  directory, config.retention, [this] { return supervisor.session_in_progress(); }) {
    api.set_rooms(config.rooms);
    login.load();
    login.on_changed([this] { watcher.identity_changed(); });
    report.on_stream_found([this](const bilibili::FoundStream& found) { watcher.observed(found); });
    report.on_media([this](bool flowing) { watcher.media(flowing); });
  }

  static Random fork(Random& random) { return Random(random.between(0, UINT64_MAX)); }
};

storage::FileNameTemplate file_name_template(const liveroom::RecordingSpec& spec) {
  Result<storage::FileNameTemplate> wanted =
      storage::FileNameTemplate::parse(spec.file_name_template, spec.time_zone);
  if (wanted) return std::move(wanted).value();
  log::error("The file name template can't be used; the default is", {{"problem", wanted.error().message}});
  return storage::FileNameTemplate::parse(storage::default_file_name_template).value();
}

Recorder::Recorder(RecorderEnvironment environment, liveroom::RecorderConfig config)
    : environment_(std::move(environment)),
      config_(std::move(config)),
      names_(file_name_template(config_.recording)),
      report_(environment_.clock, environment_.board, environment_.metrics),
      directory_(storage::join_path(environment_.volume, config_.recording.directory)) {}

Recorder::~Recorder() = default;

awaitable<void> Recorder::run(std::stop_token stop) {
  while (!stop.stop_requested()) {
    co_await take_directory(stop);
    if (stop.stop_requested()) break;
    lost_ = false;
    co_await watch(stop);
    co_await let_go();
  }
}

awaitable<void> Recorder::watch(std::stop_token stop) {
  make_notifications();
  if (notifications_) {
    co_await notifications_->load();
  }
  std::optional<Interrupted> interrupted;
  RecorderState state = co_await prepare(interrupted);
  watching_ = std::make_unique<Watching>(environment_, directory_, config_, names_, std::move(state), report_,
                                         static_cast<bilibili::RoomListener&>(*this));
  apply_network();
  if (interrupted) watching_->supervisor.set_interrupted(*std::move(interrupted));
  watching_->api.on_state_changed([this](const bilibili::ApiState&) { save_state(); });
  watching_->supervisor.on_last_changed([this] { save_state(); });
  watching_->supervisor.on_recording_ended([this] {
    if (notifications_) notifications_->session_ended(watching_->supervisor.session(), room_facts());
    watching_->retention.look();
    save_state();
    give_back_text();
  });
  tell_of_files();
  TaskGroup group(environment_.executor, stop);
  group.spawn(watching_->watcher.run(group.token()));
  group.spawn(watching_->supervisor.run(group.token()));
  group.spawn(watching_->login.run(group.token()));
  group.spawn(watching_->retention.run(group.token()));
  if (notifications_) group.spawn(notifications_->run(group.token()));
  if (lock_->by_heartbeat()) group.spawn(keep_heartbeat(group));
  std::exception_ptr error;
  try {
    co_await group.join();
  } catch (...) {
    error = std::current_exception();
  }
  if (notifications_) {
    co_await notifications_->finish();
  }
  if (error) std::rethrow_exception(error);
}

void Recorder::make_notifications() {
  if (environment_.notification_http == nullptr) return;
  notifications_ = std::make_unique<Notifications>(
      NotificationEnvironment{environment_.executor, environment_.clock, *environment_.notification_http,
                              environment_.disk, environment_.files, environment_.metrics.registry(),
                              environment_.random, environment_.notification_keys},
      directory_, config_.notifications, config_.recording.time_zone);
}

void Recorder::tell_of_files() {
  if (!notifications_) return;
  report_.on_file_begun([this](const std::string& path, WallTime opened) {
    FileFacts file;
    file.path = path;
    file.opened = opened;
    notifications_->file_opening(watching_->supervisor.session(), file, room_facts());
  });
  report_.on_file_finished([this](const liveroom::FinishedFile& finished) {
    FileFacts file;
    file.path = finished.file;
    file.closed = environment_.clock.wall_now();
    file.bytes = finished.bytes;
    file.duration_ms = finished.milliseconds;
    notifications_->file_closed(file, room_facts());
  });
  watching_->supervisor.on_idle([this] { notifications_->settle(room_facts()); });
}

// Of an earlier process: receivers may have heard that it was begun.
void Recorder::tell_of_recovered(const storage::RecoveredFile& recovered) {
  if (!notifications_ || recovered.path.empty()) return;
  FileFacts file;
  file.path = storage::join_path(config_.recording.directory, recovered.path);
  file.closed = environment_.clock.wall_now();
  file.bytes = static_cast<std::int64_t>(recovered.size);
  file.duration_ms = recovered.duration_ms;
  notifications_->file_closed(file, room_facts());
}

RoomFacts Recorder::room_facts() const {
  const liveroom::RecorderStatus& status = environment_.board.status();
  RoomFacts facts;
  if (status.room) {
    facts.room_id = status.room->id;
    facts.short_id = status.room->short_id;
    facts.anchor = status.room->anchor;
    facts.title = status.room->title;
    facts.parent_area = status.room->parent_area;
    facts.area = status.room->area;
  }
  facts.danmaku_connected =
      liveroom::find_condition(status.conditions, ConditionType::danmaku_connected)->status ==
      ConditionStatus::yes;
  return facts;
}

awaitable<void> Recorder::take_directory(std::stop_token stop) {
  while (!stop.stop_requested()) {
    const LockAttempt attempt = co_await try_lock();
    if (attempt == LockAttempt::ours) {
      if (lock_->by_heartbeat())
        log::warning("The volume has no file locks; a heartbeat keeps a second recorder out",
                     {{"directory", directory_}});
      environment_.board.set(ConditionType::storage_writable, ConditionStatus::yes, reason::writable);
      environment_.metrics.set_storage_writable(true);
      co_return;
    }
    const Duration pause = attempt == LockAttempt::claimed ? claim_wait : storage_retry;
    co_await environment_.clock.sleep_for(pause, stop);
  }
}

awaitable<Recorder::LockAttempt> Recorder::try_lock() {
  std::function<storage::DirectoryLock::Outcome()> acquire([this, now = environment_.clock.now()] {
    return storage::DirectoryLock::acquire(environment_.files, directory_, environment_.holder, heartbeat_,
                                           now);
  });
  try {
    storage::DirectoryLock::Outcome outcome = co_await environment_.disk.run(std::move(acquire));
    if (auto* lock = std::get_if<std::unique_ptr<storage::DirectoryLock>>(&outcome)) {
      lock_ = std::move(*lock);
      co_return LockAttempt::ours;
    }
    if (std::holds_alternative<storage::DirectoryLock::Claimed>(outcome)) co_return LockAttempt::claimed;
    const storage::LockHolder& holder = std::get<storage::DirectoryLock::HeldBy>(outcome).holder;
    storage_problem(
        reason::directory_in_use,
        fmt::format("another recorder ({}, process {}) has the directory", holder.name, holder.pid));
  } catch (const system_error& error) {
    storage_problem(reason::write_failed, fmt::format("{}: {}", directory_, error.what()));
  }
  co_return LockAttempt::refused;
}

// A volume that stands still for longer than a takeover needs may have given the directory to somebody else:
// then nothing more is written here.
awaitable<void> Recorder::keep_heartbeat(TaskGroup& group) {
  const std::stop_token stop = group.token();
  std::function<bool()> beat([this] { return lock_->beat(); });
  while (true) {
    const bool passed = co_await environment_.clock.sleep_for(storage::DirectoryLock::beat_interval, stop);
    if (!passed) co_return;
    try {
      const bool ours = co_await environment_.disk.run(beat);
      if (!ours) {
        log::error("Another recorder has taken the directory over", {{"directory", directory_}});
        lost_ = true;
        group.request_stop();
        co_return;
      }
    } catch (const system_error& error) {
      log::warning("The heartbeat could not be written", {{"error", error.what()}});
    }
  }
}

// What was posted to the disk thread is done then, too.
awaitable<void> Recorder::let_go() {
  std::function<void()> release([this] {
    try {
      if (!lost_) lock_->release();
    } catch (const system_error&) {
      // It grows old by itself.
    }
  });
  co_await environment_.disk.run(std::move(release));
  lock_.reset();
}

void Recorder::storage_problem(std::string_view why, const std::string& message) {
  const liveroom::Condition* before =
      liveroom::find_condition(environment_.board.status().conditions, ConditionType::storage_writable);
  if (before->message != message)
    log::warning("The directory can't be used", {{"reason", why}, {"problem", message}});
  environment_.board.set(ConditionType::storage_writable, ConditionStatus::no, why, message);
  environment_.metrics.set_storage_writable(false);
  report_.not_recording(reason::storage_not_writable, message);
}

awaitable<RecorderState> Recorder::prepare(std::optional<Interrupted>& interrupted) {
  const std::shared_ptr<RecorderState> state = std::make_shared<RecorderState>();
  std::function<StartUp()> recover([this, state, now = environment_.clock.wall_now()] {
    storage::StateFile state_file(environment_.files, directory_);
    *state = recorder_state_from_json(state_file.load());
    return start_up(environment_.files, directory_, now, state->last);
  });
  StartUp found = co_await environment_.disk.run(std::move(recover));
  for (const storage::RecoveredFile& file : found.recovered) {
    if (!file.error.empty()) {
      log::error("A leftover could not be recovered", {{"file", file.part_path}, {"problem", file.error}});
      continue;
    }
    log::info("A leftover is recovered", {{"file", file.part_path},
                                          {"published", file.path},
                                          {"milliseconds", file.duration_ms},
                                          {"cut_bytes", file.cut_bytes},
                                          {"hole_bytes", file.hole_bytes}});
    tell_of_recovered(file);
  }
  for (const std::string& video : found.records)
    log::info("A leftover's description is written", {{"file", video}});
  for (const std::string& chat : found.chats)
    log::info("A leftover chat is recovered", {{"published", chat}});
  if (found.interrupted) {
    log::info("A file may go on", {{"file", found.interrupted->leftover.part_path},
                                   {"milliseconds", found.interrupted->leftover.scan.last_ms},
                                   {"cut_bytes", found.interrupted->leftover.cut_bytes}});
  }
  if (found.trash_removed > 0) log::info("The trash is cut back", {{"files", found.trash_removed}});
  interrupted = std::move(found.interrupted);
  co_return std::move(*state);
}

void Recorder::save_state() {
  const RecorderState state{watching_->api.state(), watching_->supervisor.last()};
  environment_.disk.post(
      [files = &environment_.files, directory = directory_, json = to_json(state)] {
        storage::StateFile(*files, directory).save(json);
      },
      [](std::exception_ptr error) {
        if (error) log::warning("The recorder's state could not be saved; it is made anew at the next start");
      });
}

// The option's proxy comes before the configuration's.
void Recorder::apply_network() {
  std::optional<net::Url> proxy = environment_.api_options.proxy;
  if (!proxy && !config_.transport.proxy.empty()) {
    Result<net::Url> wanted = parse_proxy(config_.transport.proxy);
    if (wanted) {
      proxy = *std::move(wanted);
    } else {
      log::error("The proxy can't be used", {{"problem", wanted.error().message}});
    }
  }
  if (environment_.set_api_proxy) environment_.set_api_proxy(proxy);
  watching_->api.set_network(std::move(proxy), address_family(config_.transport.address_family));
}

void Recorder::configure(const liveroom::RecorderConfig& config) {
  config_ = config;
  names_ = file_name_template(config_.recording);
  environment_.board.edit().recorder.applied_generation = config_.generation;
  if (notifications_) notifications_->configure(config_.notifications, config_.recording.time_zone);
  if (!watching_) return;
  watching_->retention.configure(config_.retention);
  watching_->api.set_rooms(config_.rooms);
  apply_network();
  watching_->watcher.set(monitor_settings(config_));
  watching_->supervisor.configure(config_, names_);
}

void Recorder::update_metrics() {
  if (notifications_) notifications_->update_metrics();
  if (!watching_) return;
  for (std::size_t call = 0; call < bilibili::api_call_count; ++call) {
    const auto kind = static_cast<bilibili::ApiCall>(call);
    const bilibili::CallStats& now = watching_->api.stats(kind);
    bilibili::CallStats& told = watching_->told[call];
    const std::string_view endpoint = bilibili::to_string(kind);
    environment_.metrics.api_requests(endpoint, "sent", now.sent - told.sent);
    for (std::size_t i = 0; i < now.failed.size(); ++i) {
      if (now.failed[i] == told.failed[i]) continue;
      environment_.metrics.api_requests(endpoint, bilibili::to_string(static_cast<bilibili::ErrorKind>(i)),
                                        now.failed[i] - told.failed[i]);
    }
    told = now;
  }
  update_danmaku_metrics();
}

void Recorder::update_danmaku_metrics() {
  const bilibili::DanmakuSession* session = watching_->watcher.session();
  if (session == nullptr) return;
  const bilibili::SessionStats& now = session->machine().stats();
  bilibili::SessionStats& told = watching_->told_session;
  for (std::size_t i = 0; i < now.ends.size(); ++i) {
    environment_.metrics.danmaku_ended(bilibili::to_string(static_cast<bilibili::SessionEnd>(i)),
                                       now.ends[i] - told.ends[i]);
  }
  environment_.metrics.danmaku_damaged(now.damaged_frames - told.damaged_frames);
  const Duration gap = session->machine().gap(environment_.clock.now());
  environment_.metrics.danmaku_gap(std::chrono::duration<double>(gap - watching_->told_gap).count());
  watching_->told_gap = gap;
  told = now;
}

void Recorder::on_room(const bilibili::RoomView& view) {
  report_room(view, environment_.board, environment_.metrics);
  if (notifications_ && view.state != bilibili::RoomState::unknown) {
    const bool live = view.state == bilibili::RoomState::live;
    notifications_->stream(live, view.show.value_or(bilibili::Show()), room_facts());
  }
  watching_->supervisor.set_room(view);
  if (!settled_ && view.danmaku_connected) {
    settled_ = true;
    give_back_text();
  }
}

void Recorder::on_live_push() { watching_->supervisor.live_pushed(); }

// While no chat file is open viewers' messages are counted and not read.
bool Recorder::wants_chat() const {
  return config_.recording.danmaku != liveroom::DanmakuFile::none && watching_->supervisor.recording();
}

void Recorder::on_message(const bilibili::Message& message, std::string_view json) {
  const bool repeated = watching_->supervisor.message(message, json);
  environment_.metrics.danmaku_message(repeated ? "repeated" : message_kind(message));
}

}  // namespace live::recorder
