// SPDX-License-Identifier: Apache-2.0
// What a start makes of leftovers, and what becomes of a file that may go on when its show does not.
#include "recorder/show/interrupted.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>

#include "../../hls/stream.hpp"
#include "base/json.hpp"
#include "recorder/recording/recording_supervisor.hpp"
#include "recorder/recording/start_up.hpp"
#include "support/fault_filesystem.hpp"
#include "support/flv_recorder.hpp"
#include "support/loop.hpp"
#include "support/mp4_builder.hpp"
#include "support/scripted_http.hpp"

namespace live::recorder {
namespace {

using namespace std::chrono_literals;

ShowFacts facts_of_show() {
  ShowFacts facts;
  facts.session = "s";
  facts.part = 2;
  facts.room.room_id = 6;
  facts.room.title = "title";
  facts.show.key = "show-1";
  return facts;
}

constexpr std::string_view chat_lines = "<?xml version=\"1.0\"?>\n<i>\n<x></x>\n<d p=\"1\">a</d>\n";
const std::string finished_chat = std::string(chat_lines) + "</i>\n";

class InterruptedTest : public ::testing::Test {
 protected:
  InterruptedTest() { files_.make_directories("/room"); }
  ~InterruptedTest() override {
    if (!supervisor_) return;
    stop_.request_stop();
    loop_.run_until([this] {
      loop_.advance(100ms);
      return ended_;
    });
  }

  // Written to last `age` ago.
  void leave(const std::string& stem, Duration age, bool with_journal = true) {
    files_.set_time(loop_.clock.wall_now() - age);
    const auto video =
        test::record(test::items("V1@0 A1@0") + test::run_of({.end = 4000})).files.at(0).as_bytes();
    files_.put("/room/" + stem + ".flv.part", video);
    if (!with_journal) return;
    Journal journal(facts_of_show(), loop_.clock.wall_now() - age - 4s);
    flv::Finding gap;
    gap.kind = flv::FindingKind::gap;
    gap.lost_ms = 1500;
    journal.add(gap, "connection", loop_.clock.wall_now() - age);
    const std::string text = journal.text(4000, video.size());
    files_.put("/room/" + stem + ".part.json", Bytes(text.begin(), text.end()));
  }
  void leave_chat(const std::string& stem) {
    const std::string text = std::string(chat_lines) + "<d p=\"2\">b";
    files_.put("/room/" + stem + ".xml.part", Bytes(text.begin(), text.end()));
  }
  StartUp start() {
    LastShow last;
    return start_up(files_, "/room", loop_.clock.wall_now(), last);
  }

  void supervise(Interrupted file) {
    report_.on_file_finished(
        [this](const liveroom::FinishedFile& finished) { finished_.push_back(finished); });
    liveroom::RecorderConfig config;
    config.room_id = 6;
    supervisor_.emplace(
        RecordingEnvironment{loop_.executor(), loop_.clock, api_, nullptr,
                             RecordingStorage{disk_, files_, "/room", "shows"}, metrics_, random_, hosts_},
        report_, board_, config,
        storage::FileNameTemplate::parse(storage::default_file_name_template).value(), LastShow());
    supervisor_->on_idle([this] { ++idle_; });
    supervisor_->on_recording_ended([this] { ++sessions_ended_; });
    supervisor_->set_interrupted(std::move(file));
    asio::co_spawn(loop_.io, supervisor_->run(stop_.get_token()), [this](std::exception_ptr error) {
      EXPECT_FALSE(error);
      ended_ = true;
    });
    loop_.poll();
  }
  void room(bilibili::RoomState state, const std::string& show = "") {
    view_.state = state;
    view_.room.room_id = 6;
    view_.show.reset();
    if (!show.empty()) view_.show = bilibili::Show{show, {}};
    supervisor_->set_room(view_);
    loop_.poll();
  }

  test::Loop loop_;
  test::FaultFileSystem files_;
  storage::DiskThread disk_{loop_.executor()};
  test::ScriptedHttp http_{loop_.clock};
  Metrics registry_;
  RecorderMetrics metrics_{registry_};
  Random random_{1};
  HostScores hosts_;
  StatusBoard board_{loop_.executor(), loop_.clock, liveroom::RecorderInfo()};
  bilibili::ApiClient api_{loop_.executor(), http_, loop_.clock, bilibili::ApiOptions(), Random(2)};
  RecordingReport report_{loop_.clock, board_, metrics_};
  bilibili::RoomView view_;
  std::stop_source stop_;
  std::optional<RecordingSupervisor> supervisor_;
  std::vector<liveroom::FinishedFile> finished_;
  int idle_ = 0;
  int sessions_ended_ = 0;
  bool ended_ = false;
};

TEST_F(InterruptedTest, TheNewestFileMayGoOnWithinAMinute) {
  leave("a", 30s);
  leave("b", 20s);
  const StartUp found = start();
  ASSERT_TRUE(found.interrupted);
  EXPECT_EQ(found.interrupted->leftover.part_path, "b.flv.part");
  EXPECT_EQ(found.interrupted->journal.facts().session, "s");
  EXPECT_EQ(found.interrupted->journal.lost_ms(), 1500);
  EXPECT_TRUE(files_.exists("/room/b.flv.part"));
  EXPECT_TRUE(files_.exists("/room/a.flv"));
}

TEST_F(InterruptedTest, AMinuteLaterItIsPublished) {
  leave("a", 61s);
  EXPECT_FALSE(start().interrupted);
  EXPECT_TRUE(files_.exists("/room/a.flv"));
}

// Killed after so many file operations, again and again: what is published is whole, and nothing is lost.
TEST_F(InterruptedTest, AKillWhileItIsPublishedLosesNothing) {
  leave("a", 61s);
  leave_chat("a");
  const Bytes left = files_.content("/room/a.flv.part");
  const Bytes chat = files_.content("/room/a.xml.part");
  const Bytes journal = files_.content("/room/a.part.json");
  const Bytes whole = [&] {
    (void)start();
    return files_.content("/room/a.flv");
  }();
  bool killed = true;
  for (std::uint64_t operations = 0; killed; ++operations) {
    for (const std::string& path : files_.files()) files_.remove(path);
    files_.set_time(loop_.clock.wall_now() - 61s);
    files_.put("/room/a.flv.part", left);
    files_.put("/room/a.xml.part", chat);
    files_.put("/room/a.part.json", journal);
    files_.kill_after(files_.changes() + operations);
    try {
      (void)start();
    } catch (const test::Killed&) {
    }
    killed = files_.killed();
    files_.restart();
    (void)start();
    EXPECT_EQ(files_.content("/room/a.flv"), whole) << operations;
    EXPECT_EQ(std::string(as_text(files_.content("/room/a.xml"))), finished_chat) << operations;
    EXPECT_FALSE(files_.exists("/room/a.flv.part")) << operations;
    EXPECT_FALSE(files_.exists("/room/a.xml.part")) << operations;
    ASSERT_LT(operations, 100U);
  }
}

TEST_F(InterruptedTest, WithoutAJournalItIsPublished) {
  leave("a", 10s, false);
  EXPECT_FALSE(start().interrupted);
  EXPECT_TRUE(files_.exists("/room/a.flv"));
}

TEST_F(InterruptedTest, AnHlsRecordingIsPublishedAndNeverGoesOn) {
  files_.set_time(loop_.clock.wall_now() - 5s);
  test::Mp4Track track;
  track.config = {1, 0x64, 0, 0x1E, 0xFF, 0xE0, 0};
  const Bytes picture(100, 7);
  const std::vector<test::Mp4Run> runs{{1, 0, {{picture, 3600}, {picture, 3600}, {picture, 3600}}}};
  Bytes bytes = test::mp4_init({track});
  const Bytes fragment = test::mp4_fragment(1, runs);
  bytes.insert(bytes.end(), fragment.begin(), fragment.end());
  files_.put("/room/a.mp4.part", bytes);
  const std::string text = Journal(facts_of_show(), loop_.clock.wall_now()).text(120, bytes.size());
  files_.put("/room/a.part.json", Bytes(text.begin(), text.end()));
  const StartUp found = start();
  EXPECT_FALSE(found.interrupted);
  ASSERT_EQ(found.recovered.size(), 1U);
  EXPECT_EQ(found.recovered[0].path, "a.mp4");
  EXPECT_TRUE(files_.exists("/room/a.mp4"));
}

// The next part is told where it ended.
TEST_F(InterruptedTest, AnHlsRecordingLeavesItsEndForTheNextPart) {
  files_.set_time(loop_.clock.wall_now() - 5s);
  Bytes bytes = hls::test::stream_init();
  for (int i = 0; i < 3; ++i) {
    const Bytes segment = hls::test::stream_segment({i, static_cast<double>(i), i == 0});
    bytes.insert(bytes.end(), segment.begin(), segment.end());
  }
  const std::size_t whole = bytes.size();
  bytes.insert(bytes.end(), 50, 0);  // half a write
  files_.put("/room/a.mp4.part", bytes);
  Journal journal(facts_of_show(), loop_.clock.wall_now() - 8s);
  journal.clock_point({1000, loop_.clock.wall_now() - 7s, 501'000});
  const std::string text = journal.text(1000, whole);
  files_.put("/room/a.part.json", Bytes(text.begin(), text.end()));
  LastShow last;
  (void)start_up(files_, "/room", loop_.clock.wall_now(), last);
  EXPECT_EQ(last.session, "s");
  EXPECT_EQ(last.next_part, 3);
  const RecordingTail back = recording_tail_from_json(to_json(last.tail));
  const hls::Resumption from = to_hls_resumption(back, loop_.clock);
  ASSERT_EQ(from.hashes.size(), 3U);
  EXPECT_EQ(from.source_end_ms, 503'000);
  EXPECT_TRUE(from.tell_gap);
  const auto now =
      std::chrono::duration_cast<std::chrono::milliseconds>(loop_.clock.now().time_since_epoch());
  EXPECT_EQ(from.arrival_ms, now.count() - 5000);
  // A third process knows what both wrote.
  files_.put("/room/b.mp4.part", bytes);
  files_.put("/room/b.part.json", Bytes(text.begin(), text.end()));
  (void)start_up(files_, "/room", loop_.clock.wall_now(), last);
  EXPECT_EQ(last.tail.fragments.size(), 6U);
  // Where no journal is left, published as it is, the clock alone tells how long nothing was recorded.
  const hls::Resumption without = to_hls_resumption(tail_of_file(files_, "/room", "a.mp4"), loop_.clock);
  EXPECT_EQ(without.hashes, from.hashes);
  EXPECT_EQ(without.source_end_ms, 3000);
}

// Killed after the video got its name and before STEM.json was written.
TEST_F(InterruptedTest, APublishedVideoIsDescribedByItsJournal) {
  leave("a", 10s);
  leave_chat("a");
  files_.rename("/room/a.flv.part", "/room/a.flv");
  files_.put("/room/a.cover.jpg", Bytes{1});
  files_.put("/room/a.srt", Bytes{1});  // not ours
  const StartUp found = start();
  EXPECT_EQ(found.records, std::vector<std::string>{"a.flv"});
  EXPECT_FALSE(files_.exists("/room/a.part.json"));
  const Bytes text = files_.content("/room/a.json");
  const Json record = parse_json(as_text(text));
  EXPECT_EQ(record["session"], "s");
  EXPECT_EQ(record["part"], 2);
  EXPECT_EQ(record["durationMs"], 3980);
  EXPECT_EQ(record["lostMs"], 1500);
  EXPECT_EQ(record["endedUncleanly"], true);
  EXPECT_EQ(record["files"], (Json{"a.flv", "a.xml", "a.cover.jpg"}));
  EXPECT_TRUE(start().records.empty());
}

TEST_F(InterruptedTest, AJournalWithNothingToDescribeGoes) {
  leave("gone", 10s);
  files_.remove("/room/gone.flv.part");
  leave("described", 10s);
  files_.rename("/room/described.flv.part", "/room/described.flv");
  files_.put("/room/described.json", Bytes{'{', '}'});
  files_.make_directories("/room/other/.liveroom");
  files_.put("/room/other/theirs.part.json", Bytes{'{', '}'});
  EXPECT_TRUE(start().records.empty());
  EXPECT_FALSE(files_.exists("/room/gone.part.json"));
  EXPECT_FALSE(files_.exists("/room/described.part.json"));
  EXPECT_EQ(files_.content("/room/described.json"), (Bytes{'{', '}'}));
  EXPECT_TRUE(files_.exists("/room/other/theirs.part.json"));
}

TEST_F(InterruptedTest, WaitsForTheRoomAndIsToldOfWhenItsShowIsOver) {
  leave("a", 10s);
  leave_chat("a");
  supervise(*start().interrupted);
  EXPECT_EQ(supervisor_->session_in_progress(), "s");
  loop_.advance(10s);
  EXPECT_TRUE(files_.exists("/room/a.flv.part"));
  EXPECT_EQ(idle_, 0);
  room(bilibili::RoomState::offline);
  loop_.run_until([this] { return sessions_ended_ == 1; });
  ASSERT_EQ(finished_.size(), 1U);
  EXPECT_EQ(finished_[0].file, "shows/a.flv");
  EXPECT_EQ(finished_[0].milliseconds, 3980);
  EXPECT_EQ(finished_[0].lost_seconds, 2);
  EXPECT_EQ(supervisor_->last().session, "s");
  EXPECT_EQ(supervisor_->last().next_part, 3);
  ASSERT_TRUE(board_.status().last_recording);
  EXPECT_EQ(board_.status().last_recording->end_reason, "Interrupted");
  EXPECT_EQ(board_.status().totals.recordings, 1);
  loop_.poll();
  EXPECT_GT(idle_, 0);
  // With its chat, up to the last whole line, and its description.
  EXPECT_EQ(std::string(as_text(files_.content("/room/a.xml"))), finished_chat);
  const Json description = parse_json(as_text(files_.content("/room/a.json")));
  EXPECT_EQ(description["lostMs"], 1500);
  EXPECT_EQ(description["endedUncleanly"], true);
}

TEST_F(InterruptedTest, AnotherShowDoesNotGoOnInIt) {
  leave("a", 10s);
  supervise(*start().interrupted);
  room(bilibili::RoomState::live, "show-2");
  loop_.run_until([this] { return finished_.size() == 1; });
  EXPECT_TRUE(files_.exists("/room/a.flv"));
}

TEST_F(InterruptedTest, AtTheDeadlineItIsPublishedWithoutNewsOfTheRoom) {
  leave("a", 10s);
  supervise(*start().interrupted);
  loop_.advance(49s);
  EXPECT_TRUE(finished_.empty());
  loop_.advance(2s);
  loop_.run_until([this] { return finished_.size() == 1; });
  EXPECT_TRUE(files_.exists("/room/a.flv"));
}

}  // namespace
}  // namespace live::recorder
