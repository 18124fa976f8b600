// SPDX-License-Identifier: Apache-2.0
#include "recorder/recording/recording_supervisor.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>

#include "liveroom/names.hpp"
#include "support/fault_filesystem.hpp"
#include "support/loop.hpp"
#include "support/scripted_http.hpp"

namespace live::recorder {
namespace {

using namespace std::chrono_literals;
using liveroom::ConditionStatus;
using liveroom::ConditionType;

constexpr const char* play_info_path = "/xlive/web-room/v2/index/getRoomPlayInfo";
constexpr const char* without_streams =
    R"({"code":0,"message":"0","data":{"room_id":6,"live_status":1,"playurl_info":null}})";

// A supervisor whose room has no stream to give: attempts are seen as calls for a play-info.
class RecordingSupervisorTest : public ::testing::Test {
 protected:
  RecordingSupervisorTest() {
    config_.room_id = 6;
    http_.reply(play_info_path, without_streams);
    supervisor_.emplace(
        RecordingEnvironment{loop_.executor(), loop_.clock, api_, nullptr,
                             RecordingStorage{disk_, files_, "/room", ""}, metrics_, random_, hosts_},
        report_, board_, config_,
        storage::FileNameTemplate::parse(storage::default_file_name_template).value(), LastShow());
    asio::co_spawn(loop_.io, supervisor_->run(stop_.get_token()), [this](std::exception_ptr error) {
      EXPECT_FALSE(error);
      ended_ = true;
    });
    loop_.poll();
  }
  ~RecordingSupervisorTest() override {
    stop_.request_stop();
    loop_.advance(10s);
    EXPECT_TRUE(ended_);
  }

  void room(bilibili::RoomState state, bilibili::StateReason reason) {
    view_.state = state;
    view_.reason = reason;
    if (state == bilibili::RoomState::live) ++view_.show_number;
    view_.room.room_id = 6;
    supervisor_->set_room(view_);
    loop_.poll();
  }
  void go_live() { room(bilibili::RoomState::live, bilibili::StateReason::pushed); }
  void end_show() { room(bilibili::RoomState::offline, bilibili::StateReason::preparing); }
  void drain(const std::string& id) {
    config_.drain = id;
    supervisor_->configure(config_,
                           storage::FileNameTemplate::parse(storage::default_file_name_template).value());
    loop_.poll();
  }
  void configure() {
    supervisor_->configure(config_,
                           storage::FileNameTemplate::parse(storage::default_file_name_template).value());
    loop_.poll();
  }
  // More than a minute, with the disk thread's answers.
  void watch_the_volume() {
    for (int second = 0; second < 65; ++second) {
      loop_.advance(1s);
      loop_.run_until([this] { return disk_.queued_jobs() == 0; });
    }
  }
  std::string storage_reason() const {
    const auto* condition =
        liveroom::find_condition(board_.status().conditions, ConditionType::storage_writable);
    return condition ? condition->reason : "";
  }
  std::size_t attempts() const { return http_.count(play_info_path); }
  std::string reason() const {
    return liveroom::find_condition(board_.status().conditions, ConditionType::recording)->reason;
  }

  test::Loop loop_;
  test::ScriptedHttp http_{loop_.clock};
  Metrics registry_;
  RecorderMetrics metrics_{registry_};
  Random random_{1};
  HostScores hosts_;
  StatusBoard board_{loop_.executor(), loop_.clock, liveroom::RecorderInfo()};
  bilibili::ApiClient api_{loop_.executor(), http_, loop_.clock, bilibili::ApiOptions(), Random(2)};
  test::FaultFileSystem files_;
  storage::DiskThread disk_{loop_.executor()};
  RecordingReport report_{loop_.clock, board_, metrics_};
  liveroom::RecorderConfig config_;
  bilibili::RoomView view_;
  std::optional<RecordingSupervisor> supervisor_;
  std::stop_source stop_;
  bool ended_ = false;
};

TEST_F(RecordingSupervisorTest, TriesAtOnceWhenTheRoomGoesLiveAndStopsWhenTheShowEnds) {
  EXPECT_EQ(attempts(), 0u);
  go_live();
  EXPECT_EQ(attempts(), 1u);
  EXPECT_TRUE(supervisor_->recording());
  EXPECT_EQ(reason(), liveroom::reason::connecting);
  loop_.advance(20s);
  EXPECT_GE(attempts(), 3u);
  EXPECT_LE(attempts(), 6u);
  end_show();
  loop_.advance(1s);
  EXPECT_FALSE(supervisor_->recording());
  EXPECT_EQ(reason(), liveroom::reason::not_live);
}

TEST_F(RecordingSupervisorTest, ALivePushTriesWithoutWaitingForTheInterval) {
  go_live();
  loop_.advance(1s);
  const std::size_t before = attempts();
  supervisor_->live_pushed();
  loop_.poll();
  EXPECT_EQ(attempts(), before + 1);
}

TEST_F(RecordingSupervisorTest, TellsOfAFullVolumeBeforeAShowNeedsIt) {
  end_show();
  files_.set_capacity(storage::DiskGate::least_free - 1);
  watch_the_volume();
  EXPECT_EQ(storage_reason(), liveroom::reason::disk_full);
  go_live();
  EXPECT_FALSE(supervisor_->recording());
  files_.set_capacity(3 * storage::DiskGate::least_free);
  watch_the_volume();
  EXPECT_NE(storage_reason(), liveroom::reason::disk_full);
  EXPECT_TRUE(supervisor_->recording());
}

TEST_F(RecordingSupervisorTest, NotKnowingEndsNoRecording) {
  go_live();
  room(bilibili::RoomState::unknown, bilibili::StateReason::api_failing);
  loop_.advance(1s);
  EXPECT_TRUE(supervisor_->recording());
}

TEST_F(RecordingSupervisorTest, AReadyAnswerHoldsRecordingsBackForHalfAMinute) {
  drain("d1");
  ASSERT_TRUE(board_.status().recorder.drain);
  EXPECT_EQ(board_.status().recorder.drain->id, "d1");
  EXPECT_EQ(board_.status().recorder.drain->answer, liveroom::DrainAnswer::ready);
  go_live();
  EXPECT_FALSE(supervisor_->recording());
  EXPECT_EQ(reason(), liveroom::reason::draining);
  loop_.advance(31s);
  EXPECT_TRUE(supervisor_->recording());
}

TEST_F(RecordingSupervisorTest, ADrainDuringARecordingIsAnsweredBusyAndReadyAfterIt) {
  go_live();
  drain("d2");
  EXPECT_EQ(board_.status().recorder.drain->answer, liveroom::DrainAnswer::busy);
  end_show();
  loop_.advance(1s);
  EXPECT_EQ(board_.status().recorder.drain->answer, liveroom::DrainAnswer::ready);
}

TEST_F(RecordingSupervisorTest, ADrainThatIsTakenBackLetsRecordingsStart) {
  drain("d3");
  go_live();
  EXPECT_FALSE(supervisor_->recording());
  drain("");
  EXPECT_TRUE(supervisor_->recording());
  EXPECT_FALSE(board_.status().recorder.drain);
}

// The clock of these tests begins at 2023-11-15 06:13:20 in Shanghai.
liveroom::RecordingWindow window(int from_hour, int to_hour) {
  return {liveroom::every_day, from_hour * 60, to_hour * 60};
}

TEST_F(RecordingSupervisorTest, RecordsOnlyInsideItsWindows) {
  config_.recording.windows = {window(7, 8)};
  configure();
  go_live();
  EXPECT_FALSE(supervisor_->recording());
  EXPECT_EQ(reason(), liveroom::reason::outside_window);
  loop_.advance(46min);
  EXPECT_FALSE(supervisor_->recording());
  loop_.advance(41s);  // 07:00:01
  EXPECT_TRUE(supervisor_->recording());
  loop_.advance(59min);
  EXPECT_TRUE(supervisor_->recording());
  loop_.advance(1min);
  EXPECT_FALSE(supervisor_->recording());
  EXPECT_EQ(reason(), liveroom::reason::outside_window);
  loop_.advance(23h);
  EXPECT_TRUE(supervisor_->recording());
}

TEST_F(RecordingSupervisorTest, AWindowThatIsTakenAwayLetsTheRecordingStart) {
  config_.recording.windows = {window(7, 8)};
  configure();
  go_live();
  EXPECT_FALSE(supervisor_->recording());
  config_.recording.windows.clear();
  configure();
  EXPECT_TRUE(supervisor_->recording());
  config_.recording.windows = {window(7, 8)};
  configure();
  loop_.advance(1s);
  EXPECT_FALSE(supervisor_->recording());
}

TEST_F(RecordingSupervisorTest, AFilterFollowsTheTitle) {
  config_.recording.skip_titles = {"rerun"};
  configure();
  view_.room.title = "a rerun";
  go_live();
  EXPECT_FALSE(supervisor_->recording());
  EXPECT_EQ(reason(), liveroom::reason::filtered);
  view_.room.title = "something new";
  supervisor_->set_room(view_);
  loop_.poll();
  EXPECT_TRUE(supervisor_->recording());
  view_.room.title = "the rerun again";
  supervisor_->set_room(view_);
  loop_.advance(1s);
  EXPECT_FALSE(supervisor_->recording());
  EXPECT_EQ(reason(), liveroom::reason::filtered);
}

TEST_F(RecordingSupervisorTest, KnowsWhichSessionMayGoOn) {
  EXPECT_EQ(supervisor_->session_in_progress(), "");
  view_.show = bilibili::Show{"key", {}};
  go_live();
  const std::string session = supervisor_->session_in_progress();
  EXPECT_NE(session, "");
  config_.recording.skip_titles = {"t"};
  view_.room.title = "t";
  configure();
  supervisor_->set_room(view_);
  loop_.advance(1s);
  EXPECT_FALSE(supervisor_->recording());
  EXPECT_EQ(supervisor_->session_in_progress(), session);
  end_show();
  EXPECT_EQ(supervisor_->session_in_progress(), "");
}

}  // namespace
}  // namespace live::recorder
