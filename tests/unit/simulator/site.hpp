// SPDX-License-Identifier: Apache-2.0
// The simulator inside a test's process: real sockets on loopback, virtual time.
#pragma once
#include <stop_token>
#include <string>

#include "base/json.hpp"
#include "simulator/simulator.hpp"
#include "site_client.hpp"
#include "support/loop.hpp"

namespace live::simulator::test {

inline constexpr std::int64_t room_id = 23058, short_id = 3;
inline const std::string chrome =
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) Chrome/147.0.0.0 Safari/537.36\r\n";
inline const std::string device = "Cookie: buvid3=X\r\n";

// Has one room, offline, and media of two groups of pictures in 400 ms.
class Site {
 public:
  explicit Site(Options options = {});
  ~Site();

  live::test::Loop loop;

  World& world() { return simulator_.world(); }
  Simulator& simulator() { return simulator_; }
  Room& room() { return *world().find_room(room_id); }
  int port() const { return simulator_.http_port(); }

  HttpAnswer get(std::string target, std::string headers = "");
  // By the control API; the answer must be 200.
  Json control(std::string method, std::string path, const Json& body = nullptr);
  int control_status(std::string method, std::string path, std::string body = "");
  std::int64_t now_seconds() const;
  // The path and query of the stream as getRoomPlayInfo gives it.
  std::string stream_target(int quality = 10000);
  std::string token();
  // Runs the loop until the condition holds, letting virtual time pass in small steps.
  void pass_until(const std::function<bool()>& condition, Duration limit);
  // Lets so much virtual time pass while sockets are served.
  void pass(Duration length);

 private:
  static Options with_control(Options options);

  Simulator simulator_;
  std::stop_source stop_;
  bool ended_ = false;
};

}  // namespace live::simulator::test
