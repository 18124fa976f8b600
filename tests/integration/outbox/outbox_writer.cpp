// SPDX-License-Identifier: Apache-2.0
// A process that tells of one show after the other, for the test that kills it: outbox_writer DIRECTORY URL
// SEED. With SEED "last" it only delivers what is left, and ends.
#include "recorder/notifications/notifications.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdio>
#include <string>

#include "net/cpprest_http.hpp"

namespace {

using namespace live;
using namespace std::chrono_literals;

struct Writer {
  Writer(const std::string& directory, const std::string& url, std::uint64_t seed)
      : random(seed), disk(io.get_executor()), http(net::CpprestOptions()) {
    liveroom::NotificationSpec spec;
    spec.name = "test";
    spec.url = url;
    notifications.emplace(recorder::NotificationEnvironment{io.get_executor(), clock, http, disk, files,
                                                            metrics, random, directory},
                          directory, std::vector{spec}, "Asia/Shanghai");
  }

  recorder::RoomFacts room(const std::string& title) const {
    recorder::RoomFacts facts;
    facts.room_id = 6;
    facts.title = title;
    return facts;
  }

  awaitable<void> pause() {
    const Duration length = std::chrono::microseconds(random.between(0, 3000));
    co_await clock.sleep_for(length, std::stop_token());
  }

  awaitable<void> tell_shows() {
    while (true) {
      const std::string session = random.uuid();
      bilibili::Show show;
      show.key = session;
      recorder::FileFacts file;
      file.path = session + ".flv";
      file.opened = clock.wall_now();
      notifications->stream(true, show, room(session));
      co_await pause();
      notifications->file_opening(session, file, room(session));
      co_await pause();
      file.bytes = 1;
      file.closed = clock.wall_now();
      notifications->file_closed(file, room(session));
      co_await pause();
      notifications->session_ended(session, room(session));
      notifications->stream(false, {}, room(session));
      co_await pause();
    }
  }

  awaitable<void> run(bool last) {
    co_await notifications->load();
    notifications->settle(room("settled"));
    notifications->stream(false, {}, room("settled"));
    if (last) {
      co_await notifications->finish();
      co_return;
    }
    TaskGroup group(io.get_executor());
    group.spawn(notifications->run(group.token()));
    group.spawn(tell_shows());
    co_await group.join();
  }

  asio::io_context io{1};
  SystemClock clock;
  Random random;
  Metrics metrics;
  storage::PosixFileSystem files;
  storage::DiskThread disk;
  net::CpprestHttpClient http;
  std::optional<recorder::Notifications> notifications;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  net::limit_cpprest_threads();
  const std::string seed = argv[3];
  const bool last = seed == "last";
  Writer writer(argv[1], argv[2], last ? 0 : std::stoull(seed));
  bool failed = false;
  asio::co_spawn(writer.io, writer.run(last), [&](std::exception_ptr error) {
    failed = error != nullptr;
    writer.io.stop();
  });
  writer.io.run();
  return failed ? 1 : 0;
}
