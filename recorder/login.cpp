// SPDX-License-Identifier: Apache-2.0
#include "recorder/login.hpp"

#include <fmt/format.h>

#include "base/directory_watch.hpp"
#include "base/file_text.hpp"
#include "base/log.hpp"
#include "base/task_group.hpp"
#include "liveroom/names.hpp"
#include "recorder/storage/filesystem.hpp"

namespace live::recorder {

using liveroom::ConditionStatus;
using liveroom::ConditionType;
namespace reason = liveroom::reason;

namespace {
constexpr const char* guest_text =
    "guests get lower qualities, and the chat comes with masked names and no user ids";
}

Login::Login(const Executor& executor, Clock& clock, bilibili::ApiClient& api, StatusBoard& board,
             RecorderMetrics& metrics, LoginSettings settings)
    : executor_(executor),
      clock_(clock),
      api_(api),
      board_(board),
      metrics_(metrics),
      settings_(std::move(settings)),
      alarm_(clock) {}

void Login::load() {
  if (settings_.file.empty()) {
    as_guest(reason::guest, guest_text);
    return;
  }
  const Result<std::string> read = read_file(settings_.file, max_cookie_bytes);
  const std::optional<std::string> text = read ? std::optional(*read) : std::nullopt;
  if (loaded_ && text == file_text_) return;
  loaded_ = true;
  file_text_ = text;
  cookie_.reset();
  if (!text) {
    const std::string where =
        settings_.secret_name.empty()
            ? fmt::format("{} can't be read", settings_.file)
            : fmt::format("there is no Secret {} with a key cookie", settings_.secret_name);
    as_guest(reason::secret_missing, where + "; " + guest_text);
    return;
  }
  Result<Cookie> parsed = parse_cookie(*text);
  if (!parsed) {
    invalid("the cookie can't be used: " + parsed.error().message);
    return;
  }
  cookie_ = *std::move(parsed);
  metrics_.set_credential_expiry(cookie_->expires);
  use(cookie_->text);
  next_check_ = clock_.now();
  alarm_.ring();
}

awaitable<void> Login::run(std::stop_token stop) {
  if (settings_.file.empty()) co_return;
  TaskGroup group(executor_, stop);
  group.spawn(watch(group.token()));
  while (!stop.stop_requested()) {
    if (clock_.now() >= next_check_) {
      co_await check(stop);
      continue;
    }
    co_await alarm_.wait_until(next_check_, stop);
  }
  co_await group.join();
}

awaitable<void> Login::watch(std::stop_token stop) {
  std::optional<DirectoryWatch> directory;
  try {
    directory.emplace(executor_, std::string(storage::directory_of(settings_.file)));
  } catch (const system_error& error) {
    log::info("The cookie's folder can't be watched; the file is looked at each minute",
              {{"error", error.what()}});
  }
  while (true) {
    bool more = false;
    if (directory) {
      more = co_await directory->changed(stop);
    } else {
      more = co_await clock_.sleep_for(look_interval, stop);
    }
    if (!more) co_return;
    load();
  }
}

awaitable<void> Login::check(std::stop_token stop) {
  if (!cookie_) {
    next_check_ = TimePoint::max();
    co_return;
  }
  use(cookie_->text);
  const std::string asked_with = used_;
  const bilibili::ApiResult<bilibili::NavInfo> answer = co_await api_.nav(stop);
  if (asked_with != used_) co_return;  // the file has changed meanwhile: its own check follows
  if (!answer) {
    next_check_ = clock_.now() + retry_interval;
    log::info("The cookie could not be tried", {{"error", answer.error().message}});
    co_return;
  }
  if (!answer->logged_in) {
    next_check_ = TimePoint::max();  // it will not become valid again by itself
    invalid("Bilibili doesn't accept the cookie; it may have expired");
    co_return;
  }
  next_check_ = clock_.now() + check_interval;
  log::info("Logged in");
  metrics_.set_authenticated(true);
  board_.set(ConditionType::authenticated, ConditionStatus::yes, reason::cookie_valid);
}

void Login::use(std::string cookie) {
  if (used_ == cookie) return;
  used_ = cookie;
  api_.set_cookie(std::move(cookie));
  if (changed_) changed_();
}

void Login::invalid(const std::string& problem) {
  as_guest(reason::cookie_invalid, problem + "; " + guest_text);
}

void Login::as_guest(std::string_view why, const std::string& message) {
  use({});
  metrics_.set_authenticated(false);
  if (why != reason::cookie_invalid) metrics_.set_credential_expiry(std::nullopt);
  board_.set(ConditionType::authenticated, ConditionStatus::no, why, message);
  if (why != reason::guest) {
    log::warning("No login", {{"reason", why}, {"problem", message}});
  } else if (!told_guest_) {
    log::info("No login is set", {{"consequence", message}});
  }
  told_guest_ = true;
}

}  // namespace live::recorder
