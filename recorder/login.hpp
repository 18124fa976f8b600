// SPDX-License-Identifier: Apache-2.0
// Keeps the account's cookie: read from a file, again when that changes, and tried on the site. The condition
// Authenticated says how it stands; without a valid one the room is recorded as a guest.
#pragma once
#include <functional>
#include <optional>
#include <stop_token>
#include <string>

#include "base/alarm.hpp"
#include "base/asio.hpp"
#include "recorder/bilibili/api_client.hpp"
#include "recorder/cookie.hpp"
#include "recorder/reporting/metrics.hpp"
#include "recorder/reporting/status_board.hpp"

namespace live::recorder {

struct LoginSettings {
  std::string file;         // empty: a guest by choice
  std::string secret_name;  // that the file is mounted from, to be named where it is missing; may be empty
};

class Login {
 public:
  // A cookie that was good is tried again so often; one that could not be tried, sooner.
  static constexpr Duration check_interval = std::chrono::hours(6);
  static constexpr Duration retry_interval = std::chrono::minutes(2);
  // Where the folder can't be watched the file is looked at so often.
  static constexpr Duration look_interval = std::chrono::minutes(1);

  // The references must outlive this.
  Login(const Executor& executor, Clock& clock, bilibili::ApiClient& api, StatusBoard& board,
        RecorderMetrics& metrics, LoginSettings settings);

  // Reads the file once, at once: before anything is asked as the wrong person.
  void load();
  // Until stopped.
  awaitable<void> run(std::stop_token stop);

  // Called when calls are made as somebody else than before.
  void on_changed(std::function<void()> callback) { changed_ = std::move(callback); }

 private:
  awaitable<void> watch(std::stop_token stop);
  awaitable<void> check(std::stop_token stop);
  void use(std::string cookie);
  void invalid(const std::string& problem);
  void as_guest(std::string_view reason, const std::string& message);

  Executor executor_;
  Clock& clock_;
  bilibili::ApiClient& api_;
  StatusBoard& board_;
  RecorderMetrics& metrics_;
  LoginSettings settings_;
  std::function<void()> changed_;
  Alarm alarm_;
  std::optional<std::string> file_text_;  // as it was last read; nullopt: there was no file
  bool loaded_ = false;
  std::optional<Cookie> cookie_;  // of the file, when it is one
  std::string used_;              // what calls are made with
  TimePoint next_check_ = TimePoint::max();
  bool told_guest_ = false;
};

}  // namespace live::recorder
