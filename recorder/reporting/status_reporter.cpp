// SPDX-License-Identifier: Apache-2.0
#include "recorder/reporting/status_reporter.hpp"

#include <algorithm>

#include "base/json.hpp"
#include "base/log.hpp"
#include "base/stop.hpp"
#include "liveroom/names.hpp"
#include "recorder/reporting/status_schedule.hpp"

namespace live::recorder {
namespace {

const kube::Resource live_rooms{std::string(liveroom::api_group), std::string(liveroom::api_version),
                                std::string(liveroom::plural), std::string(liveroom::kind)};
constexpr std::size_t max_unknown_fields = 16;

// ".status.recording.newField: field not declared in schema" as the pointer "/recording/newField".
std::string unknown_field_pointer(std::string_view message) {
  const std::size_t end = message.find(": field not declared");
  if (end == std::string_view::npos) return {};
  const std::size_t begin = message.rfind(".status.", end);
  if (begin == std::string_view::npos) return {};
  std::string pointer(message.substr(begin + 7, end - begin - 7));
  if (pointer.find('[') != std::string::npos) return {};
  std::replace(pointer.begin(), pointer.end(), '.', '/');
  return pointer;
}

void erase_pointer(Json& value, const std::string& pointer) {
  const std::size_t cut = pointer.rfind('/');
  const Json::json_pointer parent(pointer.substr(0, cut));
  if (value.contains(parent) && value[parent].is_object()) value[parent].erase(pointer.substr(cut + 1));
}

}  // namespace

awaitable<void> StatusReporter::run(std::stop_token stop) {
  Backoff backoff(retry_limits);
  while (!stop.stop_requested() && !foreign_) {
    bool done = false;
    if (earlier_known_) {
      done = co_await write(stop);
    } else {
      done = co_await read_earlier(stop);
      earlier_known_ = done;
    }
    if (done) {
      backoff.reset();
      co_await wait_until_due(stop);
    } else {
      co_await clock_.sleep_for(backoff.next(clock_.now(), random_), stop);
    }
  }
}

awaitable<bool> StatusReporter::wait_until_due(std::stop_token stop) {
  while (!stop.stop_requested()) {
    if (!written_) co_return true;
    const std::optional<Duration> due = write_due(*written_, board_.status());
    if (due && clock_.now() >= last_write_ + *due) co_return true;
    if (!due) {
      co_await board_.changed(stop);
      continue;
    }
    // Sizes wait for their minute, but a change that people wait for must end the wait: look once a second.
    co_await clock_.sleep_until(std::min(last_write_ + *due, clock_.now() + std::chrono::seconds(1)), stop);
  }
  co_return false;
}

awaitable<bool> StatusReporter::read_earlier(std::stop_token stop) {
  kube::PatchOptions options;
  options.type = kube::PatchType::merge;
  options.field_manager = liveroom::field_manager::recorder;
  options.subresource = "status";
  try {
    // An empty merge patch changes nothing and answers with the whole object: reading with the right to patch
    // alone.
    const kube::ApiResult<Json> answer =
        co_await client_.patch(live_rooms, target_.key, Json::object(), options, stop);
    if (!answer) {
      metrics_.status_write("refused");
      log::warning("The LiveRoom's status could not be read", {{"error", answer.error().text()}});
      co_return false;
    }
    const std::string uid = json_string(json_at(*answer, "/metadata/uid")).value_or("");
    if (!target_.uid.empty() && uid != target_.uid) {
      foreign_ = true;
      log::warning("The LiveRoom of this name is another one; its status is left alone", {{"uid", uid}});
      co_return false;
    }
    board_.adopt(liveroom::recorder_status_from_json(json_at(*answer, "/status")));
    co_return true;
  } catch (const system_error& error) {
    metrics_.status_write("unreachable");
    log::warning("The API server could not be reached", {{"error", error.what()}});
  }
  co_return false;
}

awaitable<bool> StatusReporter::write(std::stop_token stop) {
  if (written_ && !write_due(*written_, board_.status())) co_return true;
  liveroom::RecorderStatus status = board_.status();
  status.recorder.report_time = clock_.wall_now();
  Json body = liveroom::to_json(status);
  for (const std::string& field : unknown_fields_) erase_pointer(body, field);
  const bool done = co_await apply(std::move(body), stop);
  if (done) {
    written_ = std::move(status);
    last_write_ = clock_.now();
  }
  co_return done;
}

awaitable<bool> StatusReporter::apply(Json status, std::stop_token stop) {
  Json body = Json::object();
  body["apiVersion"] = liveroom::group_version;
  body["kind"] = liveroom::kind;
  body["status"] = std::move(status);
  kube::PatchOptions options;
  options.type = kube::PatchType::apply;
  options.field_manager = liveroom::field_manager::recorder;
  options.force = true;
  options.subresource = "status";
  try {
    const kube::ApiResult<Json> answer =
        co_await client_.patch(live_rooms, target_.key, std::move(body), std::move(options), stop);
    if (answer) {
      metrics_.status_write("written");
      co_return true;
    }
    metrics_.status_write("refused");
    log::warning("The LiveRoom's status was refused", {{"error", answer.error().text()}});
    drop_unknown_field(answer.error());
  } catch (const system_error& error) {
    metrics_.status_write("unreachable");
    log::warning("The API server could not be reached", {{"error", error.what()}});
  }
  co_return false;
}

// An older CRD must not cost a newer recorder its whole status.
bool StatusReporter::drop_unknown_field(const kube::ApiError& error) {
  if (!error.is_unknown_field() || unknown_fields_.size() >= max_unknown_fields) return false;
  const std::string pointer = unknown_field_pointer(error.message);
  if (pointer.empty()) return false;
  log::warning("The installed CRD does not know a status field; it is left out", {{"field", pointer}});
  return unknown_fields_.insert(pointer).second;
}

awaitable<void> StatusReporter::flush(std::stop_token stop) {
  if (foreign_) co_return;
  if (!earlier_known_) {
    const bool known = co_await read_earlier(stop);
    if (!known) co_return;
    earlier_known_ = true;
  }
  co_await write(stop);
}

}  // namespace live::recorder
