// SPDX-License-Identifier: Apache-2.0
#include "simulator/simulator.hpp"

#include <stdexcept>

#include "base/file_text.hpp"
#include "base/json.hpp"
#include "simulator/certificate.hpp"
#include "simulator/commands.hpp"
#include "simulator/scenario.hpp"

namespace live::simulator {
namespace {

template <class T>
T require(Result<T> result, const std::string& what) {
  if (!result) throw std::runtime_error(what + result.error().message);
  return std::move(*result);
}

net::TlsContext make_tls(const Options& options) {
  if (options.tls_listen.empty()) return nullptr;
  Identity identity;
  if (options.self_signed.empty()) {
    identity.chain_pem = require(read_file(options.tls_certificate), "--tls-certificate: ");
    identity.key_pem = require(read_file(options.tls_key), "--tls-key: ");
  } else {
    identity = make_identity(options.self_signed, options.tls_names);
  }
  return require(net::make_server_tls(identity.chain_pem, identity.key_pem), "TLS: ");
}

}  // namespace

Simulator::Simulator(const Executor& executor, Clock& clock, const Options& options)
    : clock_(clock),
      group_(executor),
      world_(
          clock, Random::from_system(),
          [this](Duration length, std::function<void()> action) { later(length, std::move(action)); },
          options.tag_records),
      plain_(executor, options.listen),
      tls_(make_tls(options)),
      api_(world_, {}),
      front_(world_, api_),
      control_(world_, api_) {
  if (tls_) secure_.emplace(executor, options.tls_listen);
  if (!options.control.empty()) control_listener_.emplace(executor, options.control);
  api_.settings().http_port = http_port();
  api_.settings().https_port = https_port();
  api_.settings().public_hosts = public_hosts(options, http_port(), https_port());
  load(options);
}

Simulator::~Simulator() = default;

void Simulator::load(const Options& options) {
  for (const std::string& file : options.media) (void)require(world_.media(file), "--media: ");
  for (const std::int64_t id : options.live) {
    Room* room = require(world_.put_room({{"roomId", id}}), "--live: ");
    Json live = Json::object();
    if (options.flat_out > 0) live = {{"pace", 0}, {"connectionBytes", options.flat_out}};
    (void)require(run_command(world_, *room, "live", live), "--live: ");
  }
  if (options.scenario.empty()) return;
  const std::string text = require(read_file(options.scenario), "--scenario: ");
  const Scenario scenario = require(Scenario::parse(text), "--scenario: ");
  if (const auto problem = scenario.start(world_))
    throw std::runtime_error("--scenario: " + problem->message);
}

void Simulator::later(Duration length, std::function<void()> action) {
  if (running_) {
    group_.spawn(after(length, std::move(action), group_.token()));
  } else {
    waiting_.emplace_back(length, std::move(action));
  }
}

awaitable<void> Simulator::after(Duration length, std::function<void()> action, std::stop_token stop) {
  const bool due = co_await clock_.sleep_for(length, stop);
  if (due) action();
}

awaitable<void> Simulator::run(std::stop_token stop) {
  std::stop_callback on_stop(stop, [this] { group_.request_stop(); });
  const std::stop_token token = group_.token();
  running_ = true;
  for (auto& [length, action] : std::exchange(waiting_, {})) later(length, std::move(action));
  group_.spawn(front_.run(plain_, nullptr, token));
  if (secure_) group_.spawn(front_.run(*secure_, tls_, token));
  if (control_listener_) group_.spawn(control_.run(*control_listener_, token));
  co_await group_.join();
}

}  // namespace live::simulator
