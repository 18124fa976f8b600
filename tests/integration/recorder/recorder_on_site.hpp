// SPDX-License-Identifier: Apache-2.0
// A whole recorder against the simulated site, in one process: real sockets, TLS, files; the wall clock
// begins where a test wants it.
#pragma once
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <optional>

#include "base/json.hpp"
#include "liveroom/names.hpp"
#include "net/beast_websocket.hpp"
#include "net/cpprest_http.hpp"
#include "recorder/recorder.hpp"
#include "simulator/commands.hpp"
#include "simulator/simulator.hpp"
#include "support/loop.hpp"
#include "support/temp_directory.hpp"
#include "unit/simulator/flv_builder.hpp"

namespace live::recorder::test {

// Real time, told from another wall; some of it can be skipped.
class WallClock final : public Clock {
 public:
  explicit WallClock(WallTime wall) : wall_(wall), begin_(std::chrono::steady_clock::now()) {}
  TimePoint now() const override { return real_.now() + skipped_; }
  WallTime wall_now() const override {
    return wall_ + std::chrono::duration_cast<WallTime::duration>(now() - begin_);
  }
  awaitable<bool> sleep_until(TimePoint when, std::stop_token stop) override;
  // Who sleeps now notices within `slice`.
  void skip(Duration length) { skipped_ += length; }

 private:
  static constexpr Duration slice = std::chrono::milliseconds(50);
  SystemClock real_;
  WallTime wall_;
  TimePoint begin_;
  Duration skipped_{};
};

// The recorder has an account's cookie, of which nothing may appear in what it leaves behind: log, files,
// metrics, status. That is looked for at the end of every test.
class RecorderOnSite : public ::testing::Test {
 protected:
  static constexpr std::int64_t room_id = 23058;

  static void SetUpTestSuite() {
    static const bool once = (net::limit_cpprest_threads(), true);
    EXPECT_TRUE(once);
  }

  // `hosts`: names in the addresses of streams; none: the site's own.
  explicit RecorderOnSite(WallTime wall = std::chrono::system_clock::now(),
                          const std::vector<std::string>& hosts = {});
  ~RecorderOnSite() override;

  // Starts the recorder with `config`.
  void start();
  // Ends it as SIGTERM does.
  void stop();

  void command(std::string_view name, const Json& body = Json::object());
  const liveroom::Condition& condition(liveroom::ConditionType type) const;
  bool recording() const;
  std::string recording_reason() const;
  // Names of the files with this ending in the recording directory, sorted.
  std::vector<std::string> files(std::string_view ending) const;

  live::test::TempDirectory volume;
  live::test::TempDirectory site_files;
  live::test::Loop loop;
  WallClock clock;
  std::optional<simulator::Simulator> site;
  net::TlsContext tls;
  std::optional<net::CpprestHttpClient> http;
  net::CpprestHttpClient plain_http{net::CpprestOptions()};
  std::optional<net::BeastWebSocketConnector> sockets;
  Metrics registry;
  RecorderMetrics metrics{registry};
  StatusBoard board{loop.executor(), clock, liveroom::RecorderInfo()};
  Random random{Random::from_system()};
  storage::PosixFileSystem disk_files;
  storage::DiskThread disk{loop.executor()};
  liveroom::RecorderConfig config;
  std::optional<Recorder> recorder;

 private:
  void expect_no_credential();

  std::stop_source site_stop_;
  std::stop_source stop_;
  bool site_ended_ = false;
  bool ended_ = true;
};

}  // namespace live::recorder::test
