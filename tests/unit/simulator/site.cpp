// SPDX-License-Identifier: Apache-2.0
#include "site.hpp"

#include <gtest/gtest.h>

#include "flv_builder.hpp"

namespace live::simulator::test {

Options Site::with_control(Options options) {
  if (options.control.empty()) options.control = "127.0.0.1:0";
  return options;
}

Site::Site(Options options) : simulator_(loop.executor(), loop.clock, with_control(std::move(options))) {
  auto source = FlvSource::parse(FlvFile::two_groups());
  world().add_media("two-groups.flv", std::make_shared<const FlvSource>(std::move(source.value())));
  (void)world().put_room({{"roomId", room_id}, {"shortId", short_id}, {"title", "标题"}});
  asio::co_spawn(loop.io, simulator_.run(stop_.get_token()), [this](std::exception_ptr) { ended_ = true; });
}

Site::~Site() {
  stop_.request_stop();
  loop.run_until([this] { return ended_; });
}

HttpAnswer Site::get(std::string target, std::string headers) {
  return loop.run_real(call(port(), "GET", std::move(target), "", std::move(headers)));
}

Json Site::control(std::string method, std::string path, const Json& body) {
  const HttpAnswer answer = loop.run_real(call(simulator_.control_port(), std::move(method), std::move(path),
                                               body.is_null() ? "" : dump_json(body)));
  EXPECT_EQ(answer.status, 200) << answer.body;
  return parse_json(answer.body);
}

int Site::control_status(std::string method, std::string path, std::string body) {
  return loop.run_real(call(simulator_.control_port(), std::move(method), std::move(path), std::move(body)))
      .status;
}

std::int64_t Site::now_seconds() const { return to_seconds(loop.clock.wall_now()); }

std::string Site::stream_target(int quality) {
  const HttpAnswer answer =
      get("/xlive/web-room/v2/index/getRoomPlayInfo?room_id=3&protocol=0,1&format=0,1,2&codec=0&qn=" +
          std::to_string(quality));
  const Json codec = json_at(parse_json(answer.body), "/data/playurl_info/playurl/stream/0/format/0/codec/0");
  return json_string(json_at(codec, "/base_url")).value_or("") +
         json_string(json_at(codec, "/url_info/0/extra")).value_or("");
}

std::string Site::token() {
  const std::string query = sign_query("id=" + std::to_string(room_id) + "&type=0", now_seconds());
  const HttpAnswer answer = get("/xlive/web-room/v1/index/getDanmuInfo?" + query, chrome + device);
  return json_string(json_at(parse_json(answer.body), "/data/token")).value_or("");
}

void Site::pass_until(const std::function<bool()>& condition, Duration limit) {
  const TimePoint end = loop.clock.now() + limit;
  while (!condition()) {
    if (loop.clock.now() >= end) throw std::runtime_error("the condition does not come true");
    pass(std::chrono::milliseconds(10));
  }
}

void Site::pass(Duration length) {
  const TimePoint end = loop.clock.now() + length;
  while (loop.clock.now() < end) {
    loop.clock.set(std::min(end, loop.clock.now() + std::chrono::milliseconds(10)));
    // Both ends are in this loop; a few turns bring what is written to its reader.
    for (int turn = 0; turn < 3; ++turn) loop.poll();
  }
}

}  // namespace live::simulator::test
