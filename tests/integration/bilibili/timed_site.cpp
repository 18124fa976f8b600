// SPDX-License-Identifier: Apache-2.0
#include "integration/bilibili/timed_site.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/json.hpp"
#include "base/log.hpp"
#include "simulator/http_message.hpp"

namespace live::bilibili::test {
namespace {

simulator::Request as_received(const net::HttpRequest& request) {
  std::string text =
      fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\n", request.method, request.url.target, request.url.host);
  for (const auto& [name, value] : request.headers) text += fmt::format("{}: {}\r\n", name, value);
  text += "\r\n";
  simulator::RequestReader reader;
  std::size_t used = 0;
  EXPECT_EQ(reader.feed(as_bytes(text), used), simulator::RequestReader::State::whole);
  simulator::Request received = reader.request();
  received.tls = request.url.secure();
  return received;
}

}  // namespace

TimedSite::TimedSite(live::test::Loop& loop)
    : world(loop.clock, Random(1), [](Duration, const std::function<void()>&) {}),
      loop_(loop),
      api_(world, {80, 443, {}}),
      danmaku_(loop) {
  log::configure(log::Format::text, log::Level::error);  // a thousand pods have much to say
  EXPECT_TRUE(world.put_room({{"roomId", room_id}, {"shortId", 3}, {"title", "标题"}, {"anchor", "主播"}}));
}

awaitable<net::HttpResponse> TimedSite::send(net::HttpRequest request, std::stop_token) {
  simulator::Reply reply = api_.answer(as_received(request));
  net::HttpResponse response;
  response.status = reply.status;
  response.body = std::move(reply.body);
  co_return std::move(response);
}

void TimedSite::refuse(int status) {
  (void)world.faults.add({{"api", Json::array()}});
  if (status != 0) (void)world.faults.add({{"api", {{{"count", -1}, {"httpStatus", status}}}}});
}

TimedSite::Load TimedSite::pass(Duration length) {
  loop_.advance(length);
  std::map<std::int64_t, std::size_t> by_second;
  Load load;
  for (const simulator::RequestRecord& record : world.requests.newest()) {
    ++load.calls;
    ++load.by_endpoint[record.endpoint];
    load.busiest_second = std::max(load.busiest_second, ++by_second[record.wall_ms / 1000]);
  }
  EXPECT_LT(load.calls, simulator::RequestLog::max_kept) << "not all of the log was kept";
  world.requests.clear();
  return load;
}

TimedSite::Load& TimedSite::Load::operator+=(const Load& more) {
  calls += more.calls;
  busiest_second = std::max(busiest_second, more.busiest_second);
  for (const auto& [endpoint, count] : more.by_endpoint) by_endpoint[endpoint] += count;
  return *this;
}

std::string TimedSite::Load::text() const {
  std::string list;
  for (const auto& [endpoint, count] : by_endpoint) {
    list += fmt::format("{}{} {}", list.empty() ? ": " : ", ", endpoint, count);
  }
  return fmt::format("{} calls{}", calls, list);
}

}  // namespace live::bilibili::test
