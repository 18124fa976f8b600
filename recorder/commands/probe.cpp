// SPDX-License-Identifier: Apache-2.0
#include "recorder/commands/probe.hpp"

#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <cstdio>

#include "base/file_text.hpp"
#include "base/json.hpp"
#include "recorder/cookie.hpp"
#include "recorder/probe.hpp"
#include "recorder/process.hpp"
#include "recorder/room_target.hpp"

namespace live::recorder {
namespace {

constexpr int exit_failed = 1;
constexpr int exit_bad_input = 2;
constexpr int exit_not_recordable = 3;

awaitable<void> ask(bilibili::ApiClient& api, const Clock& clock, std::int64_t room, ProbeAnswers& answers,
                    std::stop_token stop) {
  bilibili::ApiResult<bilibili::RoomInit> init = co_await api.room_init(room, stop);
  if (!init) {
    answers.error = init.error();
    co_return;
  }
  answers.init = *std::move(init);
  const std::int64_t real = answers.init->room_id;
  bilibili::ApiResult<std::optional<bilibili::RoomStatus>> status = co_await api.room_base_info(real, stop);
  if (status) answers.status = *std::move(status);
  const bilibili::LiveStatus now = answers.status ? answers.status->status : answers.init->status;
  if (now != bilibili::LiveStatus::live) co_return;
  bilibili::StreamPreferences wanted;
  bilibili::FoundStream found = co_await bilibili::find_stream(api, clock, real, wanted, stop);
  answers.stream = std::move(found);
}

awaitable<void> probe(RecorderEnvironment& environment, std::int64_t room, std::string cookie,
                      ProbeAnswers& answers, std::stop_token stop) {
  Random random(environment.random.between(0, UINT64_MAX));
  bilibili::ApiClient api(environment.executor, environment.api_http, environment.clock,
                          environment.api_options, std::move(random));
  if (!cookie.empty()) {
    api.set_cookie(std::move(cookie));
    const bilibili::ApiResult<bilibili::NavInfo> nav = co_await api.nav(stop);
    if (nav) answers.logged_in = nav->logged_in;
  }
  co_await ask(api, environment.clock, room, answers, stop);
}

int refuse(const std::string& problem) {
  std::fputs(fmt::format("liveroom-recorder: {}\n", problem).c_str(), stderr);
  return exit_bad_input;
}

Result<std::string> cookie_of(const std::string& path) {
  if (path.empty()) return std::string();
  const Result<std::string> text = read_file(path, max_cookie_bytes);
  if (!text) return failure("--cookie-file: " + text.error().message);
  Result<Cookie> cookie = parse_cookie(*text);
  if (!cookie) return failure("--cookie-file: " + cookie.error().message);
  return std::move(cookie->text);
}

}  // namespace

int probe_room(const ProbeOptions& options) {
  const Result<std::int64_t> room = parse_room(options.room);
  if (!room) return refuse(room.error().message);
  const Result<std::string> cookie = cookie_of(options.common.cookie_file);
  if (!cookie) return refuse(cookie.error().message);
  Result<std::unique_ptr<Process>> made = Process::make(options.common, {});
  if (!made) return refuse(made.error().message);
  Process& process = **made;
  RecorderEnvironment environment = process.environment({});
  ProbeAnswers answers;
  std::exception_ptr error;
  asio::co_spawn(process.io(), probe(environment, *room, *cookie, answers, process.stop()),
                 [&error, &process](std::exception_ptr thrown) {
                   error = thrown;
                   process.io().stop();
                 });
  process.io().run();
  if (error) std::rethrow_exception(error);
  const std::string text =
      options.json ? dump_json(probe_json(*room, answers)) + "\n" : probe_text(*room, answers);
  std::fputs(text.c_str(), stdout);
  const ProbeVerdict verdict = judge(answers);
  if (verdict.recordable) return 0;
  return verdict.known ? exit_not_recordable : exit_failed;
}

}  // namespace live::recorder
