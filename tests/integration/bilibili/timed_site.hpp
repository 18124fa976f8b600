// SPDX-License-Identifier: Apache-2.0
// The simulated site in virtual time, without sockets: calls are answered the moment they are made and stand
// in the site's own request log; danmaku connections end in this process.
#pragma once
#include <algorithm>
#include <map>
#include <string>

#include "base/json_fwd.hpp"
#include "net/http.hpp"
#include "simulator/api.hpp"
#include "simulator/world.hpp"
#include "support/loop.hpp"
#include "unit/bilibili/fake_service.hpp"

namespace live::bilibili::test {

class TimedSite final : public net::HttpClient {
 public:
  static constexpr std::int64_t room_id = 23058;

  // Has one room, offline.
  explicit TimedSite(live::test::Loop& loop);

  awaitable<net::HttpResponse> send(net::HttpRequest request, std::stop_token stop) override;

  // From now on every call is answered so; 0: as it should be.
  void refuse(int status);

  struct Load {
    std::size_t calls = 0;
    std::size_t busiest_second = 0;
    std::map<std::string, std::size_t> by_endpoint;
    Load& operator+=(const Load& more);
    std::string text() const;  // "12 calls: room_init 1, ..."
  };
  // The request log over this length of time, from now; with what was asked since the end of the last one.
  Load pass(Duration length);

  simulator::World world;
  live::test::ScriptedSockets& sockets() { return danmaku_.sockets; }

 private:
  live::test::Loop& loop_;
  simulator::Api api_;
  FakeService danmaku_;
};

}  // namespace live::bilibili::test
