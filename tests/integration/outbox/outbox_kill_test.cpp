// SPDX-License-Identifier: Apache-2.0
// A process with an outbox is killed at random moments, again and again: what it kept arrives, in order, and
// each show that receivers heard of ends once. LIVEROOM_TEST_KILLS sets how often (default 10).
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <condition_variable>
#include <cstdlib>
#include <fstream>
#include <map>
#include <mutex>
#include <set>
#include <sstream>

#include "base/json.hpp"
#include "base/random.hpp"
#include "recorder/notifications/outbox_log.hpp"
#include "support/scripted_server.hpp"
#include "support/temp_directory.hpp"

namespace live::recorder {
namespace {

// Takes events over HTTP; now and then it is overloaded, or the connection breaks before or after the answer.
class Receiver {
 public:
  Receiver() : server_([this](live::test::Peer& peer, int) { serve(peer); }) {}

  std::string url() const { return server_.url("/hook"); }
  bool calm = false;

  // Waits until so many more requests have come, or 30 s.
  bool await(std::uint64_t requests) {
    std::unique_lock lock(mutex_);
    const std::uint64_t wanted = requests_ + requests;
    return arrived_.wait_for(lock, std::chrono::seconds(30), [&] { return requests_ >= wanted; });
  }

  // The first arrival of each event, in order.
  std::vector<std::string> bodies() const {
    const std::lock_guard lock(mutex_);
    return first_;
  }

 private:
  void serve(live::test::Peer& peer) {
    while (true) {
      const std::string head = peer.read_head();
      const std::string body = peer.read_exactly(length_of(head));
      const std::uint64_t luck = draw();
      if (luck == 0) return peer.reset();
      if (luck == 1) {
        peer.send("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n");
        continue;
      }
      take(body);
      if (luck == 2) return peer.reset();
      peer.send("HTTP/1.1 204 No Content\r\n\r\n");
    }
  }
  std::uint64_t draw() {
    const std::lock_guard lock(mutex_);
    ++requests_;
    arrived_.notify_all();
    return calm ? 100 : random_.between(0, 60);
  }
  void take(const std::string& body) {
    const std::lock_guard lock(mutex_);
    if (seen_.insert(json_string(json_at(parse_json(body), "/EventId")).value_or("")).second)
      first_.push_back(body);
  }
  static std::size_t length_of(const std::string& head) {
    std::string lower = head;
    for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    const std::size_t at = lower.find("content-length:");
    return at == std::string::npos ? 0 : std::stoul(lower.substr(at + 15));
  }

  mutable std::mutex mutex_;
  std::condition_variable arrived_;
  std::uint64_t requests_ = 0;
  Random random_{17};
  std::set<std::string> seen_;
  std::vector<std::string> first_;
  live::test::ScriptedServer server_;
};

class Child {
 public:
  Child(const std::string& directory, const std::string& url, const std::string& seed) {
    pid_ = ::fork();
    if (pid_ == 0) {
      ::execl(OUTBOX_WRITER, OUTBOX_WRITER, directory.c_str(), url.c_str(), seed.c_str(), nullptr);
      ::_exit(127);
    }
  }
  void kill() { ::kill(pid_, SIGKILL); }
  int wait() {
    int status = 0;
    ::waitpid(pid_, &status, 0);
    return status;
  }

 private:
  pid_t pid_;
};

std::string field(const std::string& body, const char* path) {
  return json_string(json_at(parse_json(body), path)).value_or("");
}

void note_kept(const std::string& directory, std::set<std::string>& kept) {
  std::ifstream in(directory + "/.liveroom/outbox.log", std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  for (const OutboxRecord& record : read_outbox_log(text.str()).records)
    if (const auto* event = std::get_if<EventRecord>(&record)) kept.insert(event->event.body);
}

int kills_wanted() {
  const char* text = std::getenv("LIVEROOM_TEST_KILLS");
  return text == nullptr ? 10 : std::atoi(text);
}

// Of each session and of the streams: begin and end in turn.
void check_pairs(const std::vector<std::string>& bodies) {
  bool streaming = false;
  std::string session;
  std::string file;
  for (const std::string& body : bodies) {
    const std::string type = field(body, "/EventType");
    if (type == "StreamStarted" || type == "StreamEnded") {
      EXPECT_EQ(streaming, type == "StreamEnded");
      streaming = type == "StreamStarted";
    } else if (type == "SessionStarted") {
      EXPECT_EQ(session, "");
      session = field(body, "/EventData/SessionId");
    } else if (type == "FileOpening") {
      EXPECT_EQ(file, "");
      file = field(body, "/EventData/RelativePath");
      EXPECT_EQ(field(body, "/EventData/SessionId"), session);
    } else if (type == "FileClosed") {
      EXPECT_EQ(field(body, "/EventData/RelativePath"), file);
      file.clear();
    } else {
      EXPECT_EQ(type, "SessionEnded");
      EXPECT_EQ(file, "");
      EXPECT_EQ(field(body, "/EventData/SessionId"), session);
      session.clear();
    }
  }
  EXPECT_FALSE(streaming);
  EXPECT_EQ(session, "");
  EXPECT_EQ(file, "");
}

TEST(OutboxKilled, AtRandomMomentsLosesNothingAndKeepsTheOrder) {
  live::test::TempDirectory directory;
  Receiver receiver;
  Random random = Random::from_system();
  std::set<std::string> kept;
  const int kills = kills_wanted();
  for (int i = 0; i < kills; ++i) {
    Child child(directory.path(), receiver.url(), std::to_string(random.between(1, 1'000'000'000)));
    EXPECT_TRUE(receiver.await(random.between(1, 40)));
    child.kill();
    EXPECT_TRUE(WIFSIGNALED(child.wait()));
    note_kept(directory.path(), kept);
  }
  receiver.calm = true;
  Child last(directory.path(), receiver.url(), "last");
  EXPECT_EQ(last.wait(), 0);
  const std::vector<std::string> bodies = receiver.bodies();
  const std::set<std::string> arrived(bodies.begin(), bodies.end());
  for (const std::string& body : kept) EXPECT_TRUE(arrived.contains(body)) << body;
  check_pairs(bodies);
  std::printf("%d kills: %zu events kept, %zu arrived\n", kills, kept.size(), bodies.size());
  EXPECT_GE(bodies.size(), kept.size());
}

}  // namespace
}  // namespace live::recorder
