// SPDX-License-Identifier: Apache-2.0
#include "recorder/notifications/notifications.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>

#include "recorder/notifications/signature.hpp"
#include "support/fault_filesystem.hpp"
#include "support/loop.hpp"
#include "support/temp_directory.hpp"
#include "unit/recorder/notifications/fake_receiver.hpp"

namespace live::recorder {
namespace {

using namespace std::chrono_literals;
using live::test::FaultFileSystem;
using test::FakeReceiver;
using test::member;

constexpr const char* log_path = "/r/.liveroom/outbox.log";

liveroom::NotificationSpec spec_of(std::string name) {
  liveroom::NotificationSpec spec;
  spec.name = std::move(name);
  spec.url = "http://receiver.example/hook?x=1";
  return spec;
}

// One process: made anew over the same volume it is the next one.
class OneProcess {
 public:
  OneProcess(live::test::Loop& loop, FaultFileSystem& files, FakeReceiver& receiver, const std::string& keys,
             std::vector<liveroom::NotificationSpec> specs)
      : loop_(loop),
        disk_(loop.executor()),
        notifications({loop.executor(), loop.clock, receiver, disk_, files, metrics, random_, keys}, "/r",
                      std::move(specs), "Asia/Shanghai") {
    loop_.run_real(notifications.load());
    asio::co_spawn(loop_.io, notifications.run(stop_.get_token()),
                   [this](std::exception_ptr) { ended_ = true; });
    settle();
  }
  ~OneProcess() { stop(); }

  void stop() {
    stop_.request_stop();
    loop_.run_until([this] { return ended_; });
  }
  // What is due now is done, on the disk as well.
  void settle() {
    loop_.poll();
    loop_.run_until([this] { return disk_.queued_jobs() == 0; });
    loop_.poll();
    loop_.run_until([this] { return disk_.queued_jobs() == 0; });
    loop_.poll();
  }
  // Virtual time; the disk keeps up with each step.
  void advance(Duration length) {
    settle();
    const TimePoint end = loop_.clock.now() + length;
    while (loop_.clock.next_due() <= end) {
      loop_.clock.set(loop_.clock.next_due());
      settle();
    }
    loop_.clock.set(end);
    settle();
  }

  void begin_show(const std::string& key) {
    bilibili::Show show;
    show.key = key;
    notifications.stream(true, show, room(key));
  }
  void open_file(const std::string& session) {
    notifications.file_opening(session, file(session), room(session));
  }
  void close_file(const std::string& session) { notifications.file_closed(file(session), room(session)); }
  void end_show(const std::string& session) {
    notifications.session_ended(session, room(session));
    notifications.stream(false, {}, room(session));
  }
  void whole_show(const std::string& session) {
    begin_show(session);
    open_file(session);
    close_file(session);
    end_show(session);
  }
  static RoomFacts room(const std::string& title) {
    RoomFacts facts;
    facts.room_id = 6;
    facts.title = title;
    return facts;
  }
  FileFacts file(const std::string& session) const {
    FileFacts facts;
    facts.path = "room/" + session + ".flv";
    facts.opened = loop_.clock.wall_now();
    facts.closed = facts.opened + 1s;
    facts.bytes = 10;
    facts.duration_ms = 1000;
    return facts;
  }

 private:
  live::test::Loop& loop_;
  storage::DiskThread disk_;
  Random random_{++started};  // event ids are not those of the process before
  static inline std::uint64_t started = 0;
  std::stop_source stop_;
  bool ended_ = false;

 public:
  Metrics metrics;
  Notifications notifications;
};

class NotificationsTest : public ::testing::Test {
 protected:
  std::unique_ptr<OneProcess> start(std::vector<liveroom::NotificationSpec> specs) {
    return std::make_unique<OneProcess>(loop_, files_, receiver_, keys_.path(), std::move(specs));
  }

  static constexpr const char* whole_show =
      "StreamStarted SessionStarted FileOpening FileClosed SessionEnded StreamEnded";

  live::test::Loop loop_;
  FaultFileSystem files_;
  FakeReceiver receiver_{loop_.clock};
  live::test::TempDirectory keys_;
};

TEST_F(NotificationsTest, PostsEachEventAsTheFormatWantsIt) {
  const auto run = start({spec_of("archive")});
  run->whole_show("s");
  run->settle();
  EXPECT_EQ(receiver_.told(), whole_show);
  ASSERT_EQ(receiver_.requests.size(), 6u);
  const net::HttpRequest& request = receiver_.requests[2];
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.url.host, "receiver.example");
  EXPECT_EQ(request.url.target, "/hook?x=1");
  EXPECT_EQ(request.headers.get("Content-Type"), "application/json");
  EXPECT_FALSE(request.headers.get(signature_header));
  EXPECT_EQ(member(request.body, "RelativePath"), "room/s.flv");
}

TEST_F(NotificationsTest, AReceiverThatIsDownForAnHourGetsEverythingInOrder) {
  const auto run = start({spec_of("archive")});
  receiver_.status = 0;
  for (int i = 0; i < 12; ++i) {
    run->whole_show("s" + std::to_string(i));
    run->advance(5min);
  }
  EXPECT_EQ(receiver_.accepted.size(), 0u);
  // Waits that grow to five minutes and half as much again: no more than a few dozen attempts.
  EXPECT_LE(receiver_.requests.size(), 40u);
  EXPECT_GE(receiver_.requests.size(), 12u);
  receiver_.status = 200;
  run->advance(8min);
  const std::vector<std::string> bodies = receiver_.bodies();
  ASSERT_EQ(bodies.size(), 72u);
  for (std::size_t i = 0; i < bodies.size(); ++i)
    EXPECT_EQ(member(bodies[i], "Title"), "s" + std::to_string(i / 6));
}

TEST_F(NotificationsTest, ARetryIsTheSameRequest) {
  const auto run = start({spec_of("archive")});
  receiver_.status = 503;
  run->begin_show("s");
  run->settle();
  run->advance(1min);
  receiver_.status = 204;
  run->advance(2min);
  ASSERT_GE(receiver_.requests.size(), 3u);
  for (const net::HttpRequest& request : receiver_.requests)
    EXPECT_EQ(request.body, receiver_.requests[0].body);
  EXPECT_EQ(receiver_.accepted.size(), 1u);
}

TEST_F(NotificationsTest, ASlowReceiverHoldsBackNoOther) {
  liveroom::NotificationSpec other = spec_of("other");
  other.url = "http://other.example/";
  const auto run = start({spec_of("archive"), other});
  receiver_.latency = 9s;
  run->whole_show("s");
  run->advance(9s);
  ASSERT_EQ(receiver_.accepted.size(), 2u);  // one each
  EXPECT_NE(receiver_.accepted[0].url.host, receiver_.accepted[1].url.host);
}

TEST_F(NotificationsTest, SendsOnlyTheEventsThatAreWanted) {
  liveroom::NotificationSpec spec = spec_of("archive");
  spec.events = {liveroom::NotificationEvent::file_closed, liveroom::NotificationEvent::session_ended};
  const auto run = start({spec});
  run->whole_show("s");
  run->settle();
  EXPECT_EQ(receiver_.told(), "FileClosed SessionEnded");
}

TEST_F(NotificationsTest, SignsWithTheKeyAndWaitsWhileItIsMissing) {
  liveroom::NotificationSpec spec = spec_of("archive");
  spec.secret_name = "hook-key";
  spec.secret_key = "hmac";
  const auto run = start({spec});
  run->begin_show("s");
  run->advance(10min);
  EXPECT_EQ(receiver_.requests.size(), 0u);
  EXPECT_NE(run->metrics.text().find("liveroom_notifications_held{receiver=\"archive\"} 1"),
            std::string::npos);
  keys_.write("archive/hmac", "secret");
  run->advance(15s);
  ASSERT_EQ(receiver_.requests.size(), 1u);
  const net::HttpRequest& request = receiver_.requests[0];
  EXPECT_EQ(request.headers.get("X-Liveroom-Signature"), webhook_signature("secret", request.body));
  EXPECT_NE(run->metrics.text().find("liveroom_notifications_held{receiver=\"archive\"} 0"),
            std::string::npos);
}

TEST_F(NotificationsTest, ARestartDeliversWhatIsLeft) {
  receiver_.status = 0;
  {
    const auto run = start({spec_of("archive")});
    run->begin_show("s");
    run->open_file("s");
    run->settle();
  }
  receiver_.status = 200;
  const auto run = start({spec_of("archive")});
  EXPECT_EQ(receiver_.told(), "StreamStarted SessionStarted FileOpening");
  run->begin_show("s");  // found live again: known
  run->close_file("s");
  run->end_show("s");
  run->settle();
  EXPECT_EQ(receiver_.told(), whole_show);
}

TEST_F(NotificationsTest, TheEndOfTheProcessDeliversForTenSecondsAtMost) {
  const auto run = start({spec_of("archive")});
  receiver_.status = 0;
  run->whole_show("s");
  run->settle();
  run->stop();
  receiver_.status = 200;
  receiver_.latency = 4s;
  const TimePoint begin = loop_.clock.now();
  bool done = false;
  asio::co_spawn(loop_.io, run->notifications.finish(), [&done](std::exception_ptr) { done = true; });
  run->advance(9s);
  EXPECT_FALSE(done);
  EXPECT_EQ(receiver_.accepted.size(), 2u);
  run->advance(1s);
  EXPECT_TRUE(done);
  EXPECT_EQ(loop_.clock.now() - begin, 10s);
  receiver_.latency = 0s;
  const auto next = start({spec_of("archive")});
  EXPECT_EQ(receiver_.told(), whole_show);
}

TEST_F(NotificationsTest, TheEndOfTheProcessDoesNotWaitForAReceiverThatIsDown) {
  const auto run = start({spec_of("archive")});
  receiver_.status = 0;
  run->whole_show("s");
  run->settle();
  run->stop();
  loop_.run_real(run->notifications.finish());
}

TEST_F(NotificationsTest, AChangedAddressIsTriedAtOnce) {
  const auto run = start({spec_of("archive")});
  receiver_.status = 0;
  run->begin_show("s");
  run->settle();
  run->advance(10min);
  receiver_.status = 200;
  liveroom::NotificationSpec moved = spec_of("archive");
  moved.url = "https://elsewhere.example/";
  run->notifications.configure({moved}, "Asia/Shanghai");
  run->settle();
  EXPECT_EQ(receiver_.told(), "StreamStarted");
  EXPECT_EQ(receiver_.accepted[0].url.host, "elsewhere.example");
}

TEST_F(NotificationsTest, ReceiversComeAndGo) {
  const auto run = start({});
  run->begin_show("s");
  run->settle();
  EXPECT_FALSE(files_.exists(log_path));
  run->notifications.configure({spec_of("archive")}, "Asia/Shanghai");
  run->open_file("s");
  run->settle();
  EXPECT_EQ(receiver_.told(), "SessionStarted FileOpening");
  EXPECT_TRUE(files_.exists(log_path));
  run->notifications.configure({}, "Asia/Shanghai");
  run->close_file("s");
  run->settle();
  EXPECT_EQ(receiver_.told(), "SessionStarted FileOpening");
  EXPECT_FALSE(files_.exists(log_path));
}

TEST_F(NotificationsTest, AVolumeThatIsFullCostsNothingButTheRestart) {
  const auto run = start({spec_of("archive")});
  files_.set_capacity(0);
  run->begin_show("s");
  run->settle();
  EXPECT_EQ(receiver_.told(), "StreamStarted");
  EXPECT_NE(run->metrics.text().find("liveroom_outbox_write_failures_total 2"), std::string::npos);
  files_.set_capacity(1 << 20);
  receiver_.status = 0;
  run->open_file("s");
  run->settle();
  run->stop();
  receiver_.status = 200;
  const auto next = start({spec_of("archive")});
  EXPECT_EQ(receiver_.told(), "StreamStarted SessionStarted FileOpening");
}

TEST_F(NotificationsTest, TheLogIsMadeShortWhenItHasGrown) {
  const auto run = start({spec_of("archive")});
  std::size_t longest = 0;
  for (int i = 0; i < 500; ++i) {
    run->whole_show(std::string(200, 'x') + std::to_string(i));
    run->settle();
    longest = std::max(longest, files_.content(log_path).size());
  }
  EXPECT_EQ(receiver_.accepted.size(), 3000u);
  EXPECT_GT(longest, std::size_t{900} << 10);
  EXPECT_LT(longest, std::size_t{1200} << 10);
}

// The process is killed, or power is lost, after each of its changes to the volume in turn. What was kept by
// then arrives, in order, and whatever began ends.
class NotificationsKilledTest : public NotificationsTest {
 protected:
  void show_with_receiver_faults(OneProcess& run, const std::string& session) {
    run.begin_show(session);
    run.settle();
    run.open_file(session);
    receiver_.status = 503;
    run.settle();
    run.close_file(session);
    receiver_.status = 200;
    run.advance(3s);
    run.end_show(session);
    run.settle();
  }
  void check_order() {
    std::map<std::string, std::string> by_title;
    for (const std::string& body : receiver_.bodies())
      by_title[member(body, "Title")] += member(body, "EventType") + " ";
    for (const auto& [title, types] : by_title) {
      if (title == "end") continue;  // what the second process ended
      EXPECT_TRUE((std::string(whole_show) + " ").starts_with(types)) << title << ": " << types;
    }
    const std::string told = receiver_.told() + " ";
    for (const auto& [begin, end] :
         {std::pair("StreamStarted ", "StreamEnded "), std::pair("SessionStarted ", "SessionEnded "),
          std::pair("FileOpening ", "FileClosed ")})
      EXPECT_EQ(count(told, begin), count(told, end)) << told;
  }
  static int count(const std::string& text, const std::string& part) {
    int found = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
    return found;
  }
  // Events that stand in the log; what was made short is delivered already.
  std::vector<std::string> kept() const {
    std::vector<std::string> bodies;
    if (!files_.exists(log_path)) return bodies;
    const Bytes content = files_.content(log_path);
    for (const OutboxRecord& record : read_outbox_log(as_text(content)).records)
      if (const auto* event = std::get_if<EventRecord>(&record)) bodies.push_back(event->event.body);
    return bodies;
  }

  // Returns false when the kill came after the end of it all.
  bool killed_after(std::uint64_t changes, bool power) {
    bool killed = false;
    {
      auto run = start({spec_of("archive")});
      const std::uint64_t end = files_.changes() + changes;
      files_.kill_after(end);
      receiver_.on_request = [this, end] {
        if (files_.changes() >= end) receiver_.status = 0;  // a dead process sends nothing
      };
      show_with_receiver_faults(*run, "one");
      show_with_receiver_faults(*run, "two");
      killed = files_.changes() >= end;
      receiver_.on_request = nullptr;
    }
    if (power) {
      files_.lose_power();
    } else {
      files_.restart();
    }
    const std::vector<std::string> kept_then = kept();
    receiver_.status = 200;
    auto run = start({spec_of("archive")});
    run->notifications.settle(OneProcess::room("end"));
    run->notifications.stream(false, {}, OneProcess::room("end"));
    run->settle();
    const std::vector<std::string> got = receiver_.bodies();
    for (const std::string& body : kept_then)
      EXPECT_NE(std::find(got.begin(), got.end(), body), got.end()) << body;
    check_order();
    return killed;
  }
};

TEST_F(NotificationsKilledTest, AtEachChangeOfTheVolume) {
  for (std::uint64_t changes = 1; changes < 200; ++changes) {
    SCOPED_TRACE(changes);
    receiver_.accepted.clear();
    files_.remove(log_path);
    files_.sync_directory("/r/.liveroom");
    if (!killed_after(changes, false)) {
      EXPECT_GT(changes, 20u);
      return;
    }
  }
  FAIL() << "the show makes more changes than were tried";
}

TEST_F(NotificationsKilledTest, ByLossOfPowerAtEachChangeOfTheVolume) {
  for (std::uint64_t changes = 1; changes < 200; ++changes) {
    SCOPED_TRACE(changes);
    receiver_.accepted.clear();
    files_.remove(log_path);
    files_.sync_directory("/r/.liveroom");
    if (!killed_after(changes, true)) return;
  }
  FAIL() << "the show makes more changes than were tried";
}

}  // namespace
}  // namespace live::recorder
