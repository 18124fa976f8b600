// SPDX-License-Identifier: Apache-2.0
#include "recorder/bilibili/room_watcher.hpp"

#include "base/alarm.hpp"
#include "base/log.hpp"
#include "base/stop.hpp"
#include "base/task_group.hpp"
#include "recorder/bilibili/api_client.hpp"

namespace live::bilibili {
namespace {

constexpr int any_quality = 10000;

Random forked(Random& random) { return Random(random.between(0, UINT64_MAX)); }

// Whether another call may know what this one did not answer.
bool worth_asking_elsewhere(const ApiError& error) {
  return error.kind == ErrorKind::malformed || error.kind == ErrorKind::bad_request;
}

}  // namespace

struct RoomWatcher::Impl final : SessionListener {
  Impl(const Executor& executor_in, Clock& clock_in, ApiClient& api_in, net::WebSocketConnector& connector_in,
       std::int64_t room_id_in, MonitorSettings settings, Random random_in, RoomListener& listener_in)
      : executor(executor_in),
        clock(clock_in),
        api(api_in),
        connector(connector_in),
        room_id(room_id_in),
        rooms(settings.rooms),
        random(std::move(random_in)),
        listener(listener_in),
        monitor(settings, clock.now(), forked(random)),
        alarm(clock_in) {
    api.on_breaker_changed([this] { breaker_changed(); });
  }
  ~Impl() override { api.on_breaker_changed({}); }

  awaitable<void> poll_for_ever(TaskGroup* group);
  awaitable<PollAnswer> poll(PollKind kind, std::stop_token stop);
  awaitable<void> ask_init(PollAnswer* answer, std::stop_token stop);
  awaitable<void> ask_status(std::int64_t real_id, PollAnswer* answer, std::stop_token stop);
  awaitable<void> ask_status_elsewhere(std::int64_t real_id, PollAnswer* answer, std::stop_token stop);
  void start_session(TaskGroup& group);
  void breaker_changed();
  void publish();

  void on_danmaku_connected() override {
    log::info("danmaku connected", {{"room", room_id}});
    monitor.socket_up(clock.now());
    publish();
  }
  void on_danmaku_disconnected(SessionEnd reason) override {
    monitor.socket_down(reason, clock.now());
    publish();
  }
  bool wants_chat() const override { return listener.wants_chat(); }
  void on_danmaku_message(const Message& message, std::string_view json) override {
    const bool about_room =
        !is_from_viewers(message.content) && !std::holds_alternative<OtherMessage>(message.content);
    if (about_room) {
      log::info("room message", {{"room", room_id}, {"command", message.command}});
      monitor.pushed(message, clock.now());
      publish();
    }
    listener.on_message(message, json);
  }

  Executor executor;
  Clock& clock;
  ApiClient& api;
  net::WebSocketConnector& connector;
  std::int64_t room_id;
  std::int64_t rooms;
  Random random;
  RoomListener& listener;
  RoomMonitor monitor;
  Alarm alarm;
  std::unique_ptr<DanmakuSession> session;
  PollStats stats;
};

void RoomWatcher::Impl::publish() {
  alarm.ring();  // what is due next may have changed
  if (monitor.take_changed()) listener.on_room(monitor.view());
  if (monitor.take_wake()) listener.on_live_push();
}

void RoomWatcher::Impl::breaker_changed() {
  const CircuitBreaker& breaker = api.breaker();
  Throttle throttle;
  if (breaker.open() && is_throttling(breaker.cause()))
    throttle = {true, breaker.cause(), breaker.retry_at()};
  monitor.throttled(throttle, clock.now());
  publish();
}

awaitable<void> RoomWatcher::Impl::poll_for_ever(TaskGroup* group) {
  const std::stop_token stop = group->token();
  publish();
  while (true) {
    throw_if_stopped(stop);
    const MonitorAction action = monitor.next(clock.now());
    if (const auto* wait = std::get_if<WaitUntil>(&action)) {
      co_await alarm.wait_until(wait->when, stop);
      continue;
    }
    const PollAnswer answer = co_await poll(std::get<Poll>(action).kind, stop);
    ++stats.polls;
    if (answer.error) {
      ++stats.failed;
      log::info("poll failed", {{"room", room_id}, {"error", answer.error->message}});
    }
    monitor.polled(answer, clock.now());
    publish();
    start_session(*group);
  }
}

awaitable<PollAnswer> RoomWatcher::Impl::poll(PollKind kind, std::stop_token stop) {
  PollAnswer answer;
  answer.asked = clock.now();
  std::int64_t real_id = monitor.view().room.room_id;
  if (kind == PollKind::resolve) {
    co_await ask_init(&answer, stop);
    if (answer.error) co_return std::move(answer);
    real_id = answer.init->room_id;
  } else if (kind == PollKind::access) {
    ApiResult<PlayInfo> play = co_await api.play_info(real_id, any_quality, stop);
    if (!play) {
      answer.error = std::move(play.error());
      co_return std::move(answer);
    }
    answer.play = *std::move(play);
  }
  co_await ask_status(real_id, &answer, stop);
  co_return std::move(answer);
}

awaitable<void> RoomWatcher::Impl::ask_init(PollAnswer* answer, std::stop_token stop) {
  ApiResult<RoomInit> init = co_await api.room_init(room_id, stop);
  if (init) {
    answer->init = *init;
  } else {
    answer->error = std::move(init.error());
  }
}

awaitable<void> RoomWatcher::Impl::ask_status(std::int64_t real_id, PollAnswer* answer,
                                              std::stop_token stop) {
  ApiResult<std::optional<RoomStatus>> status = co_await api.room_base_info(real_id, stop);
  if (!status && !worth_asking_elsewhere(status.error())) {
    answer->error = std::move(status.error());
    co_return;
  }
  if (status && *status) {
    answer->status = **std::move(status);
    co_return;
  }
  // The room is hidden, locked or gone: room_init tells which.
  if (status && !answer->init) {
    co_await ask_init(answer, stop);
    if (answer->error) co_return;
  }
  co_await ask_status_elsewhere(real_id, answer, stop);
}

awaitable<void> RoomWatcher::Impl::ask_status_elsewhere(std::int64_t real_id, PollAnswer* answer,
                                                        std::stop_token stop) {
  ApiResult<RoomStatus> status = co_await api.get_info(real_id, stop);
  if (!status) {
    answer->error = std::move(status.error());
    co_return;
  }
  answer->status = *std::move(status);
  if (!monitor.view().room.anchor.empty()) co_return;
  const ApiResult<std::string> name = co_await api.anchor(real_id, stop);
  if (name) answer->status->room.anchor = *name;
}

void RoomWatcher::Impl::start_session(TaskGroup& group) {
  const std::int64_t real_id = monitor.view().room.room_id;
  if (session || real_id == 0) return;
  session = std::make_unique<DanmakuSession>(executor, clock, api, connector, forked(random), *this, real_id);
  session->set_token_spread(call_spread(rooms));
  group.spawn(session->run(group.token()));
}

RoomWatcher::RoomWatcher(const Executor& executor, Clock& clock, ApiClient& api,
                         net::WebSocketConnector& connector, std::int64_t room_id, MonitorSettings settings,
                         Random random, RoomListener& listener)
    : impl_(std::make_unique<Impl>(executor, clock, api, connector, room_id, settings, std::move(random),
                                   listener)) {}

RoomWatcher::~RoomWatcher() = default;

awaitable<void> RoomWatcher::run(std::stop_token stop) {
  TaskGroup group(impl_->executor, stop);
  group.spawn(impl_->poll_for_ever(&group));
  co_await group.join();
  throw Stopped();
}

const RoomView& RoomWatcher::view() const { return impl_->monitor.view(); }
const PollStats& RoomWatcher::polls() const { return impl_->stats; }
const DanmakuSession* RoomWatcher::session() const { return impl_->session.get(); }

void RoomWatcher::set(MonitorSettings settings) {
  impl_->rooms = settings.rooms;
  if (impl_->session) impl_->session->set_token_spread(call_spread(settings.rooms));
  impl_->monitor.set(settings, impl_->clock.now());
  impl_->publish();
}

void RoomWatcher::observed(const FoundStream& found) {
  const TimePoint now = impl_->clock.now();
  if (const auto* error = std::get_if<ApiError>(&found.outcome)) {
    impl_->monitor.observed(*error, now);
  } else if (found.info) {
    impl_->monitor.observed(*found.info, found.asked, now);
  }
  impl_->publish();
}

void RoomWatcher::media(bool flowing) {
  impl_->monitor.media(flowing, impl_->clock.now());
  impl_->publish();
}

void RoomWatcher::recheck() {
  impl_->monitor.recheck(impl_->clock.now());
  impl_->publish();
}

void RoomWatcher::identity_changed() {
  if (impl_->session) impl_->session->renew();
  recheck();
}

}  // namespace live::bilibili
