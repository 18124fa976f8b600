// SPDX-License-Identifier: Apache-2.0
#include "recorder/reporting/status_reporter.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <deque>

#include "base/json.hpp"
#include "liveroom/names.hpp"
#include "support/loop.hpp"

namespace live::recorder {
namespace {

using namespace std::chrono_literals;
using liveroom::ConditionStatus;
using liveroom::ConditionType;

// An API server that knows one LiveRoom and takes status patches only.
class StatusServer final : public kube::Client {
 public:
  struct Write {
    kube::PatchType type;
    Json body;
  };
  std::vector<Write> writes;
  Json live_room =
      parse_json(R"({"metadata":{"uid":"u1"},"status":{"totals":{"recordings":4,"bytes":100}}})");
  bool unreachable = false;
  std::deque<kube::ApiError> errors;

  awaitable<kube::ApiResult<Json>> patch(kube::Resource, kube::ObjectKey, Json body,
                                         kube::PatchOptions options, std::stop_token) override {
    if (unreachable)
      throw system_error(boost::system::errc::make_error_code(boost::system::errc::connection_refused));
    EXPECT_EQ(options.subresource, "status");
    EXPECT_EQ(options.field_manager, "liveroom-recorder");
    writes.push_back({options.type, body});
    if (options.type == kube::PatchType::apply && !errors.empty()) {
      const kube::ApiError error = errors.front();
      errors.pop_front();
      co_return kube::ApiResult<Json>(Failure<kube::ApiError>(error));
    }
    co_return kube::ApiResult<Json>(live_room);
  }
  std::size_t applies() const {
    return static_cast<std::size_t>(std::count_if(writes.begin(), writes.end(), [](const Write& write) {
      return write.type == kube::PatchType::apply;
    }));
  }

  awaitable<kube::ApiResult<Json>> get(kube::Resource, kube::ObjectKey, std::stop_token) override {
    return forbidden<Json>();
  }
  awaitable<kube::ApiResult<kube::ListPage>> list(kube::Resource, std::string, kube::ListOptions,
                                                  std::stop_token) override {
    return forbidden<kube::ListPage>();
  }
  awaitable<kube::ApiResult<Json>> create(kube::Resource, std::string, Json, kube::WriteOptions,
                                          std::stop_token) override {
    return forbidden<Json>();
  }
  awaitable<kube::ApiResult<Json>> create_text(kube::Resource, std::string, std::string, kube::WriteOptions,
                                               std::stop_token) override {
    return forbidden<Json>();
  }
  awaitable<kube::ApiResult<Json>> replace(kube::Resource, kube::ObjectKey, Json, kube::WriteOptions,
                                           std::stop_token) override {
    return forbidden<Json>();
  }
  awaitable<kube::ApiResult<Json>> remove(kube::Resource, kube::ObjectKey, kube::DeleteOptions,
                                          std::stop_token) override {
    return forbidden<Json>();
  }
  awaitable<kube::ApiResult<std::unique_ptr<net::ByteStream>>> watch(kube::Resource, std::string,
                                                                     kube::WatchOptions,
                                                                     std::stop_token) override {
    return forbidden<std::unique_ptr<net::ByteStream>>();
  }

 private:
  template <class T>
  awaitable<kube::ApiResult<T>> forbidden() {
    ADD_FAILURE() << "the recorder has the right to patch the status and no other";
    kube::ApiError error;
    error.code = 403;
    co_return kube::ApiResult<T>(Failure<kube::ApiError>(error));
  }
};

class StatusReporterTest : public ::testing::Test {
 protected:
  ~StatusReporterTest() override {
    stop_.request_stop();
    loop_.poll();
  }
  void start() {
    asio::co_spawn(loop_.io, reporter_.run(stop_.get_token()), [](std::exception_ptr) {});
  }
  void set_live(bool live) {
    board_.set(ConditionType::live, live ? ConditionStatus::yes : ConditionStatus::no,
               live ? "Live" : "Offline");
  }
  Json last_status() const { return server_.writes.back().body["status"]; }

  test::Loop loop_;
  Metrics registry_;
  RecorderMetrics metrics_{registry_};
  Random random_{1};
  StatusServer server_;
  StatusBoard board_{loop_.executor(), loop_.clock, liveroom::RecorderInfo()};
  StatusReporter reporter_{server_, loop_.clock, board_, metrics_, random_, {{"rooms", "a"}, "u1"}};
  std::stop_source stop_;
};

TEST_F(StatusReporterTest, ReadsWhatWasThereBeforeItsFirstWrite) {
  start();
  loop_.advance(1s);
  ASSERT_EQ(server_.writes.size(), 2u);
  EXPECT_EQ(server_.writes[0].type, kube::PatchType::merge);
  EXPECT_EQ(server_.writes[0].body, Json::object());
  EXPECT_EQ(json_at(last_status(), "/totals/recordings"), 4);
}

TEST_F(StatusReporterTest, WritesChangesAtOnceAndNothingWhileNothingChanges) {
  start();
  loop_.advance(1s);
  loop_.advance(10min);
  EXPECT_EQ(server_.applies(), 1u);
  set_live(true);
  loop_.advance(1s);
  EXPECT_EQ(server_.applies(), 2u);
  set_live(true);
  loop_.advance(10min);
  EXPECT_EQ(server_.applies(), 2u);
}

TEST_F(StatusReporterTest, SizesGoOutOnceAMinute) {
  start();
  board_.edit().recording.emplace();
  loop_.advance(1s);
  const std::size_t before = server_.applies();
  for (int second = 0; second < 300; ++second) {
    board_.edit().recording->size_bytes += 1000;
    loop_.advance(1s);
  }
  EXPECT_GE(server_.applies() - before, 4u);
  EXPECT_LE(server_.applies() - before, 6u);
}

TEST_F(StatusReporterTest, CatchesUpWithinSecondsAfterAnOutage) {
  start();
  loop_.advance(1s);
  server_.unreachable = true;
  set_live(true);
  loop_.advance(30s);
  EXPECT_EQ(server_.applies(), 1u);
  server_.unreachable = false;
  loop_.advance(8s);
  EXPECT_EQ(server_.applies(), 2u);
  EXPECT_NE(dump_json(last_status()).find("\"Live\""), std::string::npos);
}

TEST_F(StatusReporterTest, AFieldThatTheClusterDoesNotKnowIsLeftOut) {
  kube::ApiError error;
  error.code = 500;
  error.message =
      "failed to create typed patch object (rooms/a; liveroom.dev/v1alpha1, Kind=LiveRoom): "
      ".status.totals.bytes: field not declared in schema";
  server_.errors.push_back(error);
  start();
  loop_.advance(10s);
  EXPECT_EQ(server_.applies(), 2u);
  EXPECT_TRUE(json_at(last_status(), "/totals/bytes").is_null());
  EXPECT_EQ(json_at(last_status(), "/totals/recordings"), 4);
}

TEST_F(StatusReporterTest, AnotherLiveRoomOfTheSameNameIsLeftAlone) {
  server_.live_room["metadata"]["uid"] = "u2";
  start();
  loop_.advance(10min);
  EXPECT_EQ(server_.applies(), 0u);
}

TEST_F(StatusReporterTest, RepeatWritesEverythingAgain) {
  start();
  loop_.advance(1s);
  reporter_.repeat();
  loop_.advance(1s);
  EXPECT_EQ(server_.applies(), 2u);
}

}  // namespace
}  // namespace live::recorder
