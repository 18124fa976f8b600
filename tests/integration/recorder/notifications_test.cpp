// SPDX-License-Identifier: Apache-2.0
// What a receiver hears of a show, end to end.
#include <filesystem>
#include <mutex>

#include "integration/recorder/recorder_on_site.hpp"
#include "recorder/notifications/signature.hpp"
#include "support/scripted_server.hpp"

namespace live::recorder {
namespace {

struct Heard {
  std::string head;
  std::string body;
  std::string type() const { return json_string(json_at(parse_json(body), "/EventType")).value_or(""); }
  Json data() const { return json_at(parse_json(body), "/EventData"); }
};

// Answers every request by 200.
class Receiver {
 public:
  Receiver() : server_([this](live::test::Peer& peer, int) { serve(peer); }) {}
  std::string url() const { return server_.url("/hook"); }
  std::vector<Heard> heard() const {
    const std::lock_guard lock(mutex_);
    return heard_;
  }

 private:
  void serve(live::test::Peer& peer) {
    while (true) {
      Heard one;
      one.head = peer.read_head();
      std::string lower = one.head;
      for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
      const std::size_t at = lower.find("content-length:");
      one.body = peer.read_exactly(at == std::string::npos ? 0 : std::stoul(lower.substr(at + 15)));
      {
        const std::lock_guard lock(mutex_);
        heard_.push_back(std::move(one));
      }
      peer.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    }
  }
  mutable std::mutex mutex_;
  std::vector<Heard> heard_;
  live::test::ScriptedServer server_;
};

class NotificationsOnSite : public test::RecorderOnSite {
 protected:
  NotificationsOnSite() {
    liveroom::NotificationSpec spec;
    spec.name = "archive";
    spec.url = receiver.url();
    config.notifications = {spec};
  }
  std::string told() const {
    std::string text;
    for (const Heard& one : receiver.heard()) text += one.type() + " ";
    return text;
  }
  Receiver receiver;
};

TEST_F(NotificationsOnSite, AShowIsToldFromBeginToEnd) {
  start();
  command("live");
  loop.run_until([this] { return recording() && files(".part").size() > 0; });
  loop.run_until([this] { return board.status().recording && board.status().recording->size_bytes > 1000; });
  command("stop", {{"drainSeconds", 0}});
  loop.run_until([this] { return receiver.heard().size() == 6; });
  const std::string order = told();
  EXPECT_TRUE(order.starts_with("StreamStarted SessionStarted FileOpening ")) << order;
  EXPECT_LT(order.find("FileClosed"), order.find("SessionEnded")) << order;
  EXPECT_NE(order.find("StreamEnded"), std::string::npos) << order;
  std::string session;
  for (const Heard& one : receiver.heard()) {
    const Json data = one.data();
    EXPECT_EQ(data["RoomId"], room_id);
    EXPECT_EQ(data["ShortId"], 3);
    EXPECT_EQ(data["Name"], "主播");
    EXPECT_EQ(data["Title"], "标题");
    EXPECT_EQ(data["DanmakuConnected"], true);
    if (one.type() == "SessionStarted") session = data["SessionId"];
    if (data.contains("SessionId")) {
      EXPECT_EQ(data["SessionId"], session);
    }
    if (one.type() == "FileOpening" || one.type() == "FileClosed") {
      EXPECT_EQ(data["RelativePath"], "room/1.flv");
    }
    if (one.type() == "FileClosed") {
      EXPECT_EQ(data["FileSize"], std::filesystem::file_size(volume.path() + "/room/1.flv"));
      EXPECT_GT(data["Duration"], 0.0);
    }
  }
}

TEST_F(NotificationsOnSite, AStopInTheMiddleOfAShowEndsTheSessionBeforeTheProcessDoes) {
  start();
  command("live");
  loop.run_until([this] { return board.status().recording && board.status().recording->size_bytes > 1000; });
  stop();
  EXPECT_EQ(told(), "StreamStarted SessionStarted FileOpening FileClosed SessionEnded ");
  start();
  loop.run_until([this] { return receiver.heard().size() == 7; });
  EXPECT_TRUE(told().ends_with("SessionEnded SessionStarted FileOpening ")) << told();
  const std::vector<Heard> heard = receiver.heard();
  EXPECT_EQ(heard[1].data()["SessionId"], heard[5].data()["SessionId"]);
  EXPECT_EQ(heard[6].data()["RelativePath"], "room/2.flv");
}

}  // namespace
}  // namespace live::recorder
