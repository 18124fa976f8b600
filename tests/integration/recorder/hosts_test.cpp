// SPDX-License-Identifier: Apache-2.0
// Which of a stream's hosts is asked, end to end.
#include "integration/recorder/recorder_on_site.hpp"

namespace live::recorder {
namespace {

using std::chrono::minutes;

class HostsOnSite : public test::RecorderOnSite {
 protected:
  HostsOnSite() : RecorderOnSite(std::chrono::system_clock::now(), {"localhost", "127.0.0.1"}) {
    // Long enough for a stream as thin as the site's, of which little wakes the recorder.
    config.transport.socket_timeout_seconds = 3;
    config.stream.prefer_hosts = {"localhost"};
  }
  std::string host() const {
    return board.status().recording && recording() ? board.status().recording->host : "";
  }
  bool connected() const {
    return condition(liveroom::ConditionType::danmaku_connected).status == liveroom::ConditionStatus::yes;
  }
};

TEST_F(HostsOnSite, AHostThatStallsIsLeftForAnotherAndForgivenWithTime) {
  start();
  command("live");
  loop.run_until([this] { return host() == "localhost"; });
  command("stall");  // the stream that is open, not those to come
  loop.run_until([this] { return host() == "127.0.0.1"; });
  command("stop", {{"drainSeconds", 0}});
  loop.run_until([this] { return !recording() && !board.status().recording; });

  // Not yet forgotten at the next show.
  command("live");
  loop.run_until([this] { return !host().empty(); });
  EXPECT_EQ(host(), "127.0.0.1");
  command("stop", {{"drainSeconds", 0}});
  loop.run_until([this] { return !recording() && !board.status().recording; });

  clock.skip(minutes(30));
  loop.run_until([this] { return !connected(); });  // the site has not heard of us for so long
  loop.run_until([this] { return connected(); });
  command("live");
  loop.run_until([this] { return !host().empty(); });
  EXPECT_EQ(host(), "localhost");
}

}  // namespace
}  // namespace live::recorder
