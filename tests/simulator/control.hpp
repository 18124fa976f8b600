// SPDX-License-Identifier: Apache-2.0
// The control API of testers, as README.md describes it. Plain HTTP, never reachable by who is tested.
#pragma once
#include <stop_token>

#include "simulator/api.hpp"
#include "simulator/http_message.hpp"
#include "simulator/listener.hpp"
#include "simulator/world.hpp"

namespace live::simulator {

class Control {
 public:
  Control(World& world, Api& api) : world_(world), api_(api) {}

  Reply answer(const Request& request);
  awaitable<void> run(Listener& listener, std::stop_token stop);

 private:
  awaitable<void> serve(asio::ip::tcp::socket socket, std::stop_token stop);
  Reply rooms(const Request& request, const Json& body);
  Reply room(const Request& request, const std::vector<std::string>& path, const Json& body);
  Reply site(const Json& body);
  Reply tags(std::uint64_t connection) const;

  World& world_;
  Api& api_;
};

}  // namespace live::simulator
