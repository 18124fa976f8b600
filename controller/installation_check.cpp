// SPDX-License-Identifier: Apache-2.0
#include "controller/installation_check.hpp"

#include <fmt/format.h>

#include "base/json.hpp"
#include "base/log.hpp"
#include "controller/live_room.hpp"
#include "liveroom/names.hpp"

namespace live::controller {
namespace {

constexpr Duration look_interval = std::chrono::seconds(1);

Json trial_room(const std::string& ns) {
  return {{"apiVersion", liveroom::group_version},
          {"kind", liveroom::kind},
          {"metadata", {{"generateName", "installation-check-"}, {"namespace", ns}}},
          {"spec", {{"roomId", 1}}}};
}

// Empty when all is well, else what is missing.
awaitable<std::string> try_room(kube::Client& client, std::string ns, std::stop_token stop) {
  kube::WriteOptions options;
  options.field_manager = "installation-check";
  options.validation = kube::FieldValidation::strict;
  options.dry_run = true;
  const Json room = trial_room(ns);
  const kube::ApiResult<Json> made = co_await client.create(live_rooms, ns, room, options, stop);
  if (!made) co_return fmt::format("a LiveRoom would be refused: {}", made.error().text());
  co_return std::string();
}

awaitable<std::string> try_readiness(net::HttpClient& http, std::string url, std::stop_token stop) {
  const Result<net::Url> parsed = net::parse_url(url);
  if (!parsed) co_return fmt::format("{}: {}", url, parsed.error().message);
  net::HttpRequest request;
  request.url = *parsed;
  request.timeout = std::chrono::seconds(5);
  const net::HttpResponse reply = co_await http.send(request, stop);
  if (reply.status != 200)
    co_return fmt::format("the controller is not ready: {} {}", reply.status, reply.body);
  co_return std::string();
}

awaitable<std::string> look(kube::Client& client, net::HttpClient& http, InstallationCheck check,
                            std::stop_token stop) {
  try {
    const std::string of_room = co_await try_room(client, check.ns, stop);
    if (!of_room.empty()) co_return of_room;
    const std::string of_controller = co_await try_readiness(http, check.readiness, stop);
    co_return of_controller;
  } catch (const boost::system::system_error& error) {
    co_return std::string(error.what());
  }
}

}  // namespace

awaitable<bool> check_installation(kube::Client& client, net::HttpClient& http, Clock& clock,
                                   InstallationCheck check, std::stop_token stop) {
  const TimePoint end = clock.now() + check.limit;
  while (true) {
    const std::string missing = co_await look(client, http, check, stop);
    if (missing.empty()) {
      log::info("a LiveRoom would be taken, and the controller is ready");
      co_return true;
    }
    const bool is_last = clock.now() + look_interval > end;
    log::warning("not yet", {{"why", missing}});
    if (is_last) co_return false;
    const bool time_came = co_await clock.sleep_for(look_interval, stop);
    if (!time_came) co_return false;
  }
}

}  // namespace live::controller
