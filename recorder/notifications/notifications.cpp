// SPDX-License-Identifier: Apache-2.0
#include "recorder/notifications/notifications.hpp"

#include "base/file_text.hpp"
#include "base/log.hpp"
#include "base/stop.hpp"
#include "base/version.hpp"
#include "recorder/notifications/signature.hpp"

namespace live::recorder {
namespace {

constexpr std::size_t longest_key = std::size_t{64} << 10;

}  // namespace

struct Notifications::Delivery {
  Delivery(Clock& clock, liveroom::NotificationSpec of) : spec(std::move(of)), alarm(clock) {}

  liveroom::NotificationSpec spec;
  DeliveryPolicy policy;
  Alarm alarm;
  std::stop_source stop;  // when it is no longer wanted
  TimePoint key_not_before = TimePoint::min();
  bool held = false;
  std::uint64_t failures = 0;  // one after the other
  std::uint64_t told_dropped = 0;
};

Notifications::Notifications(NotificationEnvironment environment, const std::string& directory,
                             std::vector<liveroom::NotificationSpec> specs, std::string time_zone)
    : environment_(std::move(environment)),
      metrics_(environment_.metrics),
      specs_(std::move(specs)),
      time_zone_(std::move(time_zone)),
      file_(environment_.disk, environment_.files, directory, metrics_) {}

Notifications::~Notifications() = default;

awaitable<void> Notifications::load() {
  const std::string log = co_await file_.load();
  Outbox::Loaded loaded = outbox_.load(log);
  if (loaded.damaged > 0) {
    metrics_.log_damaged(loaded.damaged);
    log::warning("Lines of the outbox are damaged and left out", {{"lines", loaded.damaged}});
  }
  ledger_.restore(std::move(loaded.ledger));
  file_.begin(log.size(), loaded.ends_torn);
  kept_ = UINT64_MAX;  // what was read is on the volume
  apply_receivers();
  if (specs_.empty() && !log.empty()) file_.remove();
  for (const auto& [name, delivery] : deliveries_) {
    const std::size_t pending = outbox_.pending(name);
    if (pending > 0)
      log::info("Events of an earlier run are delivered now", {{"receiver", name}, {"events", pending}});
  }
}

void Notifications::apply_receivers() {
  std::vector<Outbox::Receiver> receivers;
  std::map<std::string, std::shared_ptr<Delivery>> deliveries;
  for (const liveroom::NotificationSpec& spec : specs_) {
    receivers.push_back({spec.name, spec.events});
    std::shared_ptr<Delivery>& delivery = deliveries[spec.name];
    if (const auto known = deliveries_.find(spec.name); known != deliveries_.end()) {
      delivery = known->second;
      delivery->spec = spec;
      delivery->policy.retry_now();
      delivery->key_not_before = TimePoint::min();
      deliveries_.erase(known);
    } else {
      delivery = std::make_shared<Delivery>(environment_.clock, spec);
      if (group_ != nullptr) group_->spawn(deliver(delivery, group_->token()));
    }
  }
  for (const auto& [name, gone] : deliveries_) {
    gone->stop.request_stop();
    gone->alarm.ring();
    metrics_.set_pending(name, 0);
    metrics_.set_held(name, false);
  }
  deliveries_ = std::move(deliveries);
  const bool news = !outbox_.set_receivers(std::move(receivers)).empty();
  // The whole log at once: with a receiver's place goes the state that its first events follow from.
  if (news) file_.replace(outbox_.compacted(ledger_.state()));
  wake_all();
}

void Notifications::configure(std::vector<liveroom::NotificationSpec> specs, std::string time_zone) {
  time_zone_ = std::move(time_zone);
  if (specs == specs_) return;
  const bool none_left = specs.empty();
  specs_ = std::move(specs);
  apply_receivers();
  if (none_left) file_.remove();
}

void Notifications::tell(EventLedger::Events events) {
  const WallTime now = environment_.clock.wall_now();
  outbox_.expire(now);
  for (EventLedger::Entry& entry : events) {
    std::string body = webhook_body(entry.event, now, environment_.random.uuid(), time_zone_);
    std::string line = outbox_.add(entry.event.type, std::move(body), now, entry.after);
    if (line.empty()) continue;
    const std::uint64_t sequence = outbox_.newest();
    kept_ = std::min(kept_, sequence - 1);
    file_.append(std::move(line), true, [this, sequence] { kept(sequence); });
  }
}

// The disk thread works in order, so what came before is kept, too.
void Notifications::kept(std::uint64_t sequence) {
  kept_ = sequence == outbox_.newest() ? UINT64_MAX : sequence;
  compact_if_worthwhile();
  wake_all();
}

void Notifications::compact_if_worthwhile() {
  if (!deliveries_.empty() && file_.wants_replacing()) file_.replace(outbox_.compacted(ledger_.state()));
}

void Notifications::wake_all() {
  for (const auto& [name, delivery] : deliveries_) delivery->alarm.ring();
}

void Notifications::stream(bool live, const bilibili::Show& show, const RoomFacts& room) {
  tell(ledger_.stream(live, show, room));
}
void Notifications::file_opening(const std::string& session, const FileFacts& file, const RoomFacts& room) {
  tell(ledger_.file_opening(session, file, room));
}
void Notifications::file_closed(const FileFacts& file, const RoomFacts& room) {
  tell(ledger_.file_closed(file, room));
}
void Notifications::session_ended(const std::string& session, const RoomFacts& room) {
  tell(ledger_.session_ended(session, room, environment_.clock.wall_now()));
}
void Notifications::settle(const RoomFacts& room) {
  tell(ledger_.settle(room, environment_.clock.wall_now()));
}

const OutboxEvent* Notifications::next_of(const Delivery& delivery) const {
  const OutboxEvent* event = outbox_.next(delivery.spec.name);
  return event != nullptr && event->sequence <= kept_ ? event : nullptr;
}

TimePoint Notifications::due(const Delivery& delivery) const {
  if (next_of(delivery) == nullptr) return TimePoint::max();
  return std::max(delivery.policy.not_before(), delivery.key_not_before);
}

awaitable<void> Notifications::run(std::stop_token stop) {
  TaskGroup group(environment_.executor, stop);
  group_ = &group;
  group.spawn(expire_hourly(group.token()));
  for (const auto& [name, delivery] : deliveries_) group.spawn(deliver(delivery, group.token()));
  std::exception_ptr error;
  try {
    co_await group.join();
  } catch (...) {
    error = std::current_exception();
  }
  group_ = nullptr;
  if (error) std::rethrow_exception(error);
}

// Also what keeps run() running when there is nobody to tell.
awaitable<void> Notifications::expire_hourly(std::stop_token stop) {
  while (true) {
    const bool passed = co_await environment_.clock.sleep_for(std::chrono::hours(1), stop);
    if (!passed) co_return;
    outbox_.expire(environment_.clock.wall_now());
  }
}

awaitable<void> Notifications::deliver(std::shared_ptr<Delivery> delivery, std::stop_token stop) {
  std::stop_source ended = delivery->stop;
  std::stop_callback forward(stop, [&ended] { ended.request_stop(); });
  const std::stop_token token = ended.get_token();
  while (!token.stop_requested()) {
    const TimePoint when = due(*delivery);
    if (when > environment_.clock.now()) {
      co_await delivery->alarm.wait_until(when, token);
    } else {
      co_await attempt(delivery, token);
    }
  }
}

// False when the same event is still the next one.
awaitable<bool> Notifications::attempt(std::shared_ptr<Delivery> delivery, std::stop_token stop) {
  const OutboxEvent* next = next_of(*delivery);
  if (next == nullptr) co_return true;
  const std::uint64_t sequence = next->sequence;
  std::optional<net::HttpRequest> request = request_for(*delivery, next->body);
  if (!request) co_return false;
  net::HttpRequest ready = *std::move(request);
  const std::optional<int> status = co_await send(*delivery, std::move(ready), stop);
  const DeliveryOutcome outcome =
      delivery->policy.attempted(sequence, status, environment_.clock.now(), environment_.random);
  const std::string& name = delivery->spec.name;
  metrics_.attempted(name, to_string(outcome));
  if (outcome == DeliveryOutcome::failed) {
    if (delivery->failures++ == 0) {
      log::warning("A receiver could not be told of an event; it is tried again",
                   {{"receiver", name}, {"status", status.value_or(0)}});
    }
    co_return false;
  }
  if (outcome == DeliveryOutcome::rejected) {
    log::error("A receiver refuses an event for good; it is left out",
               {{"receiver", name}, {"status", status.value_or(0)}});
  } else if (delivery->failures > 0) {
    log::info("A receiver takes events again", {{"receiver", name}, {"failures", delivery->failures}});
  }
  delivery->failures = 0;
  std::string line = outbox_.done(name, sequence);
  if (!line.empty()) file_.append(std::move(line), false);
  compact_if_worthwhile();
  co_return true;
}

std::optional<net::HttpRequest> Notifications::request_for(Delivery& delivery, const std::string& body) {
  const liveroom::NotificationSpec& spec = delivery.spec;
  net::HttpRequest request;
  request.method = "POST";
  request.timeout = attempt_timeout;
  request.max_body = longest_reply;
  request.headers = {{"Content-Type", "application/json"},
                     {"User-Agent", "liveroom/" + std::string(version)}};
  const Result<net::Url> url = net::parse_url(spec.url);
  if (url) request.url = *url;
  if (!spec.secret_name.empty()) {
    // Read each time: the kubelet changes it when the Secret does.
    const Result<std::string> key =
        read_file(environment_.keys + "/" + spec.name + "/" + spec.secret_key, longest_key);
    const bool missing = !key || key->empty();
    if (missing && !delivery.held)
      log::warning("The key of a receiver's signature is missing; its events wait",
                   {{"receiver", spec.name}, {"secret", spec.secret_name}, {"key", spec.secret_key}});
    delivery.held = missing;
    metrics_.set_held(spec.name, missing);
    if (missing) {
      delivery.key_not_before = environment_.clock.now() + key_interval;
      return std::nullopt;
    }
    request.headers.add(std::string(signature_header), webhook_signature(*key, body));
  }
  request.body = body;
  return request;
}

awaitable<std::optional<int>> Notifications::send(const Delivery& delivery, net::HttpRequest request,
                                                  std::stop_token stop) {
  const std::string receiver = delivery.spec.name;
  try {
    const net::HttpResponse response = co_await environment_.http.send(std::move(request), stop);
    co_return std::optional<int>(response.status);
  } catch (const system_error& error) {
    log::debug("No reply to a notification", {{"receiver", receiver}, {"error", error.what()}});
  }
  co_return std::optional<int>();
}

awaitable<void> Notifications::deliver_last(std::shared_ptr<Delivery> delivery, std::stop_token stop) {
  delivery->policy.retry_now();
  bool delivered = true;
  while (delivered && !stop.stop_requested() && next_of(*delivery) != nullptr) {
    delivered = co_await attempt(delivery, stop);
  }
}

awaitable<void> Notifications::stop_after_last_deliveries(TaskGroup* group, std::stop_token stop) {
  co_await environment_.clock.sleep_for(last_deliveries, stop);
  group->request_stop();
}

awaitable<void> Notifications::finish() {
  if (deliveries_.empty()) co_return;
  co_await file_.idle();
  TaskGroup last(environment_.executor);
  TaskGroup timer(environment_.executor);
  for (const auto& [name, delivery] : deliveries_) last.spawn(deliver_last(delivery, last.token()));
  timer.spawn(stop_after_last_deliveries(&last, timer.token()));
  co_await last.join();
  timer.request_stop();
  co_await timer.join();
  co_await file_.idle();
  for (const auto& [name, delivery] : deliveries_) {
    const std::size_t pending = outbox_.pending(name);
    if (pending > 0) log::info("Events wait for the next start", {{"receiver", name}, {"events", pending}});
  }
}

void Notifications::update_metrics() {
  metrics_.set_bytes(outbox_.bytes());
  for (const auto& [name, delivery] : deliveries_) {
    metrics_.set_pending(name, outbox_.pending(name));
    const std::uint64_t dropped = outbox_.dropped(name);
    metrics_.attempted(name, "dropped", dropped - delivery->told_dropped);
    delivery->told_dropped = dropped;
  }
}

}  // namespace live::recorder
