// SPDX-License-Identifier: Apache-2.0
#include "recorder/retention/retention.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>

#include "base/json.hpp"
#include "recorder/storage/recording_manifest.hpp"
#include "support/fault_filesystem.hpp"
#include "support/loop.hpp"

namespace live::recorder {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class RetentionTest : public ::testing::Test {
 protected:
  ~RetentionTest() override {
    stop_.request_stop();
    if (retention_) loop_.run_until([this] { return ended_; });
  }
  void start(const liveroom::RetentionSpec& spec, bool dry_run = false) {
    retention_.emplace(RetentionEnvironment{loop_.clock, disk_, files_, metrics_, board_, dry_run}, "/r",
                       spec, [this] { return spared_; });
    asio::co_spawn(loop_.io, retention_->run(stop_.get_token()),
                   [this](std::exception_ptr error) { ended_ = !error; });
    settle();
  }
  void settle() {
    for (int i = 0; i < 4; ++i) {
      loop_.poll();
      loop_.run_until([this] { return disk_.queued_jobs() == 0; });
    }
    loop_.poll();
  }
  void advance(Duration length) {
    const TimePoint end = loop_.clock.now() + length;
    while (loop_.clock.next_due() <= end) {
      loop_.clock.set(loop_.clock.next_due());
      settle();
    }
    loop_.clock.set(end);
    settle();
  }
  // A recording of one file with `bytes`, that ended so long ago.
  void put(const std::string& stem, Duration ago, std::size_t bytes) {
    storage::RecordingManifest manifest;
    manifest.session = stem;
    manifest.start = loop_.clock.wall_now() - ago - 1h;
    manifest.end = loop_.clock.wall_now() - ago;
    manifest.files = {stem + ".flv"};
    Json document = Json::object();
    storage::put_manifest(document, manifest);
    const std::string text = dump_json(document);
    files_.make_directories("/r");
    files_.put("/r/" + stem + ".flv", Bytes(bytes, 1));
    files_.put("/r/" + stem + ".json", Bytes(text.begin(), text.end()));
  }
  std::vector<std::string> videos() const {
    std::vector<std::string> list;
    for (const std::string& path : files_.files())
      if (path.ends_with(".flv")) list.push_back(path.substr(3));
    return list;
  }
  static liveroom::RetentionSpec spec(std::int64_t age, std::int64_t size, std::int64_t free = 0) {
    liveroom::RetentionSpec spec;
    spec.max_age_seconds = age;
    spec.max_size_bytes = size;
    spec.min_free_bytes = free;
    return spec;
  }

  test::Loop loop_;
  test::FaultFileSystem files_;
  storage::DiskThread disk_{loop_.executor()};
  Metrics metrics_;
  StatusBoard board_{loop_.executor(), loop_.clock, liveroom::RecorderInfo()};
  std::string spared_;
  std::stop_source stop_;
  bool ended_ = false;
  std::optional<Retention> retention_;
};

TEST_F(RetentionTest, IsOffWithoutLimits) {
  put("a", 24h * 365, 1000);
  start({});
  advance(2h);
  EXPECT_THAT(videos(), ElementsAre("a.flv"));
}

TEST_F(RetentionTest, RemovesWhatBecomesTooOldAndReportsIt) {
  put("a", 50min, 1000);
  put("b", 10min, 1000);
  start(spec(3600, 0));
  EXPECT_THAT(videos(), ElementsAre("a.flv", "b.flv"));
  EXPECT_FALSE(board_.status().last_retention);
  advance(21min);
  EXPECT_THAT(videos(), ElementsAre("b.flv"));
  ASSERT_TRUE(board_.status().last_retention);
  EXPECT_EQ(board_.status().last_retention->files, 2);
  EXPECT_GT(board_.status().last_retention->bytes, 1000);
  EXPECT_NE(metrics_.text().find("liveroom_retention_removed_files_total 2"), std::string::npos);
}

TEST_F(RetentionTest, LooksAtOnceWhenSomethingIsPublishedOrALimitIsSet) {
  start(spec(0, 2000));
  put("a", 3min, 1000);
  put("b", 2min, 1000);
  retention_->look();
  settle();
  EXPECT_THAT(videos(), ElementsAre("b.flv"));
  retention_->configure(spec(60, 0));
  settle();
  EXPECT_THAT(videos(), IsEmpty());
}

TEST_F(RetentionTest, SparesTheRecordingThatGoesOn) {
  put("a", 3min, 1000);
  put("b", 2min, 1000);
  spared_ = "a";
  start(spec(1, 0));
  EXPECT_THAT(videos(), ElementsAre("a.flv"));
}

TEST_F(RetentionTest, SaysThatALimitIsNotKept) {
  put("a", 3min, 1000);
  spared_ = "a";
  start(spec(0, 10));
  EXPECT_NE(metrics_.text().find("liveroom_retention_unmet 1"), std::string::npos);
  spared_.clear();
  retention_->look();
  settle();
  EXPECT_NE(metrics_.text().find("liveroom_retention_unmet 0"), std::string::npos);
}

TEST_F(RetentionTest, ADryRunRemovesNothing) {
  put("a", 3min, 1000);
  start(spec(1, 0), true);
  EXPECT_THAT(videos(), ElementsAre("a.flv"));
  EXPECT_FALSE(board_.status().last_retention);
}

TEST_F(RetentionTest, MakesRoomWithinAMinuteWhenSpaceIsShort) {
  files_.set_capacity(10'000);
  put("a", 3min, 3000);
  put("b", 2min, 3000);
  start(spec(0, 0, 3000));
  EXPECT_THAT(videos(), ElementsAre("a.flv", "b.flv"));
  files_.put("/r/stream.flv.part", Bytes(2000, 1));
  advance(61s);
  EXPECT_THAT(videos(), ElementsAre("b.flv"));
}

TEST_F(RetentionTest, GoesOnAfterAVolumeThatFails) {
  put("a", 3min, 1000);
  files_.fail_next(test::FaultFileSystem::Operation::remove, EIO);
  start(spec(1, 0));
  EXPECT_THAT(videos(), ElementsAre("a.flv"));
  EXPECT_NE(metrics_.text().find("liveroom_retention_failures_total 1"), std::string::npos);
  advance(10min);
  EXPECT_THAT(videos(), IsEmpty());
}

}  // namespace
}  // namespace live::recorder
