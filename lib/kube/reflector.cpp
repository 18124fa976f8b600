// SPDX-License-Identifier: Apache-2.0
#include "kube/reflector.hpp"

#include <boost/asio/error.hpp>
#include <utility>
#include <vector>

#include "base/alarm.hpp"
#include "base/json.hpp"
#include "base/log.hpp"
#include "base/stop.hpp"
#include "kube/reflector_metrics.hpp"
#include "kube/watch_decoder.hpp"
#include "kube/watch_machine.hpp"

namespace live::kube {
namespace {
constexpr std::size_t read_size = 16 * 1024;  // a whole TLS record
}

struct Reflector::Impl {
  Impl(Client& client_, Clock& clock_, Random& random, Metrics& registry, ObjectSink& sink_,
       ReflectorOptions options_)
      : client(client_),
        clock(clock_),
        sink(sink_),
        options(std::move(options_)),
        metrics(registry, options.resource.plural, options.ns),
        machine(options.times, options.page_size, options.streaming_lists, random),
        settled(clock_) {}

  awaitable<void> run(std::stop_token stop);
  awaitable<void> step(std::stop_token stop);
  awaitable<void> list(ListStep step, std::stop_token stop);
  awaitable<void> watch(WatchStep step, std::stop_token stop);
  awaitable<void> follow(net::ByteStream& body, TimePoint deadline, std::stop_token stop);
  void take_page(const ListStep& step, const ListPage& page);
  void commit_list();
  bool take_event(const WatchEvent& event);
  void ended(StreamEnd end);
  void failed(const char* what, const ApiError& error);
  void no_answer(const char* what, const std::string& why);
  void news();
  void answered();

  Client& client;
  Clock& clock;
  ObjectSink& sink;
  ReflectorOptions options;
  ReflectorMetrics metrics;
  WatchMachine machine;
  TimePoint opened{};
  bool synced = false;
  bool refused = false;
  bool away = false;  // nobody answered the last request
  std::optional<ApiError> last_error;
  std::optional<TimePoint> last_news;
  Alarm settled;
};

void Reflector::Impl::news() {
  last_news = clock.now();
  last_error.reset();
}

void Reflector::Impl::answered() {
  if (std::exchange(away, false) && options.on_return) options.on_return();
}

void Reflector::Impl::failed(const char* what, const ApiError& error) {
  last_error = error;
  if (error.is_forbidden() || error.is_not_found()) {
    refused = true;
    settled.ring();
  }
  // Each restart of an API server makes the versions from before it expire.
  const log::Level level = error.is_gone() ? log::Level::info : log::Level::warning;
  log::write(level, "reflector met an error",
             {{"resource", options.resource.plural},
              {"namespace", options.ns},
              {"during", what},
              {"error", error.text()}});
}

void Reflector::Impl::no_answer(const char* what, const std::string& why) {
  log::warning(
      "reflector has no answer",
      {{"resource", options.resource.plural}, {"namespace", options.ns}, {"during", what}, {"error", why}});
}

void Reflector::Impl::take_page(const ListStep& step, const ListPage& page) {
  news();
  if (step.first) sink.begin_list();
  for (const Json& item : page.items) {
    if (key_of(item).name.empty()) {
      metrics.skipped_events.Increment();
    } else {
      sink.list_item(item);
    }
  }
  if (machine.listed(page.resource_version, page.continue_token)) commit_list();
}

void Reflector::Impl::commit_list() {
  sink.commit_list(machine.resource_version());
  metrics.lists.Increment();
  metrics.synced.Set(1);
  if (!std::exchange(synced, true)) {
    log::info("cache synced", {{"resource", options.resource.plural}, {"namespace", options.ns}});
  }
  refused = false;
  settled.ring();
}

awaitable<void> Reflector::Impl::list(ListStep step, std::stop_token stop) {
  ListOptions list;
  list.label_selector = options.label_selector;
  list.field_selector = options.field_selector;
  list.limit = step.limit;
  list.continue_token = step.continue_token;
  list.item = options.fields;
  try {
    const ApiResult<ListPage> page = co_await client.list(options.resource, options.ns, list, stop);
    if (page) {
      take_page(step, *page);
      answered();
    } else {
      metrics.list_errors.Increment();
      failed("list", page.error());
      machine.list_failed(clock.now(), &page.error());
    }
  } catch (const system_error& error) {
    throw_if_stopped(stop);
    metrics.list_errors.Increment();
    away = true;
    no_answer("list", error.what());
    machine.list_failed(clock.now(), nullptr);
  }
}

// False when the stream is to be closed.
bool Reflector::Impl::take_event(const WatchEvent& event) {
  if (event.type == WatchEventType::error) {
    const ApiError error = api_error_of(event.object);
    metrics.watch_errors.Increment();
    failed("watch", error);
    machine.error_event(clock.now(), error);
    return false;
  }
  const Json& kind = json_at(event.object, "/kind");
  const bool of_kind = kind.is_string() && kind.get_ref<const std::string&>() == options.resource.kind;
  const std::string version = of_kind ? resource_version_of(event.object) : std::string();
  switch (machine.event(clock.now(), event.type, version, is_end_of_initial_events(event))) {
    case EventVerdict::stage:
      news();
      if (event.type == WatchEventType::deleted) {
        sink.list_removed(event.object);
      } else {
        sink.list_item(event.object);
      }
      return true;
    case EventVerdict::complete:
      news();
      commit_list();
      return true;
    case EventVerdict::deliver:
      news();
      metrics.events.Increment();
      if (event.type == WatchEventType::deleted) {
        sink.removed(event.object);
      } else {
        sink.changed(event.object);
      }
      sink.advance(version);
      return true;
    case EventVerdict::advance:
      news();
      sink.advance(version);
      return true;
    case EventVerdict::skip:
      metrics.skipped_events.Increment();
      return true;
    case EventVerdict::close:
      metrics.watch_errors.Increment();
      no_answer("watch", "events out of order");
      return false;
  }
  return false;
}

void Reflector::Impl::ended(StreamEnd end) {
  if (end == StreamEnd::silent) metrics.silent_watches.Increment();
  if (end != StreamEnd::clean && end != StreamEnd::overdue) metrics.watch_errors.Increment();
  if (clock.now() - opened < options.times.short_watch) metrics.short_watches.Increment();
  machine.stream_ended(clock.now(), end);
}

awaitable<void> Reflector::Impl::follow(net::ByteStream& body, TimePoint deadline, std::stop_token stop) {
  WatchDecoder decoder(WatchDecoder::default_max_event,
                       options.fields ? *options.fields : all_but_managed_fields);
  std::vector<std::uint8_t> buffer(read_size);
  while (true) {
    const std::size_t count = co_await body.read_some(buffer, stop);
    if (count == 0) {
      ended(decoder.inside_document() ? StreamEnd::broken : StreamEnd::clean);
      co_return;
    }
    decoder.feed(std::string_view(reinterpret_cast<const char*>(buffer.data()), count));
    while (const std::optional<WatchEvent> event = decoder.next()) {
      if (!take_event(*event)) co_return;
    }
    if (decoder.fault() != WatchDecoder::Fault::none) {
      const bool too_large = decoder.fault() == WatchDecoder::Fault::too_large;
      no_answer("watch", too_large ? "event too large" : "not JSON");
      ended(too_large ? StreamEnd::too_large : StreamEnd::not_json);
      co_return;
    }
    if (clock.now() >= deadline) {
      ended(StreamEnd::overdue);
      co_return;
    }
  }
}

awaitable<void> Reflector::Impl::watch(WatchStep step, std::stop_token stop) {
  WatchOptions watch;
  watch.label_selector = options.label_selector;
  watch.field_selector = options.field_selector;
  watch.resource_version = step.resource_version;
  watch.initial_events = step.initial_events;
  watch.timeout = step.timeout;
  watch.idle = options.times.max_silence;
  bool open = false;
  try {
    const auto body = co_await client.watch(options.resource, options.ns, watch, stop);
    if (!body) {
      metrics.watch_errors.Increment();
      failed("watch", body.error());
      machine.watch_refused(clock.now(), &body.error());
      co_return;
    }
    open = true;
    opened = clock.now();
    metrics.watches.Increment();
    machine.watch_opened(opened);
    answered();
    if (step.initial_events) sink.begin_list();
    const TimePoint deadline = opened + step.timeout + options.times.overdue;
    co_await follow(**body, deadline, stop);
  } catch (const system_error& error) {
    throw_if_stopped(stop);
    if (open) {
      const bool silent = error.code() == asio::error::timed_out;
      log::debug("watch broke", {{"resource", options.resource.plural}, {"error", error.what()}});
      ended(silent ? StreamEnd::silent : StreamEnd::broken);
    } else {
      metrics.watch_errors.Increment();
      away = true;
      no_answer("watch", error.what());
      machine.watch_refused(clock.now(), nullptr);
    }
  }
}

awaitable<void> Reflector::Impl::step(std::stop_token stop) {
  const WatchAction action = machine.next(clock.now());
  if (const auto* wait = std::get_if<WaitStep>(&action)) {
    const bool passed = co_await clock.sleep_until(wait->until, stop);
    if (!passed) throw Stopped();
  } else if (const auto* list_step = std::get_if<ListStep>(&action)) {
    co_await list(*list_step, stop);
  } else {
    const WatchStep watch_step = std::get<WatchStep>(action);
    co_await watch(watch_step, stop);
  }
}

awaitable<void> Reflector::Impl::run(std::stop_token stop) {
  while (!stop.stop_requested()) {
    try {
      co_await step(stop);
    } catch (const Stopped&) {
      throw;
    } catch (const std::exception& error) {
      log::error("reflector failed in itself",
                 {{"resource", options.resource.plural}, {"namespace", options.ns}, {"error", error.what()}});
      machine.start_over(clock.now());
    }
  }
}

Reflector::Reflector(Client& client, Clock& clock, Random& random, Metrics& metrics, ObjectSink& sink,
                     ReflectorOptions options)
    : impl_(std::make_unique<Impl>(client, clock, random, metrics, sink, std::move(options))) {}
Reflector::~Reflector() = default;

awaitable<void> Reflector::run(std::stop_token stop) { return impl_->run(std::move(stop)); }
bool Reflector::has_synced() const { return impl_->synced; }
bool Reflector::has_settled() const { return impl_->synced || impl_->refused; }

awaitable<bool> Reflector::settled(std::stop_token stop) {
  while (!has_settled()) {
    const bool goes_on = co_await impl_->settled.wait_until(TimePoint::max(), stop);
    if (!goes_on) co_return false;
  }
  co_return true;
}

const std::optional<ApiError>& Reflector::last_error() const { return impl_->last_error; }
std::optional<TimePoint> Reflector::last_news() const { return impl_->last_news; }
const ReflectorOptions& Reflector::options() const { return impl_->options; }

void Reflector::refresh_metrics() {
  if (!impl_->last_news) return;
  impl_->metrics.last_news_age.Set(
      std::chrono::duration<double>(impl_->clock.now() - *impl_->last_news).count());
}

}  // namespace live::kube
