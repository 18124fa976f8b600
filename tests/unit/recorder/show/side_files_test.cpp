// SPDX-License-Identifier: Apache-2.0
// Chat, cover and description beside a video, on a volume in memory.
#include "recorder/show/side_files.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>

#include "base/json.hpp"
#include "recorder/bilibili/api_client.hpp"
#include "recorder/show/leftovers.hpp"
#include "support/fault_filesystem.hpp"
#include "support/loop.hpp"
#include "support/scripted_http.hpp"

namespace live::recorder {
namespace {

constexpr const char* comment =
    R"({"cmd":"DANMU_MSG","info":[[0,1,25,255,1723979200649,1,0,"h"],"text",[5,"user"]]})";

class SideFilesTest : public ::testing::Test {
 protected:
  SideFilesTest() {
    files_.make_directories("/room");
    facts_.session = "s";
    facts_.room.cover_url = "http://i0.example/cover.png";
  }

  void open(liveroom::DanmakuFile danmaku, liveroom::CoverFile cover = liveroom::CoverFile::none) {
    segment_.emplace(disk_, files_, "/room", storage::FileName{"", "x"}, "flv", loop_.clock.now());
    const SideFileSettings settings{danmaku, cover, "Asia/Shanghai", &api_};
    side_.emplace(loop_.clock, disk_, files_, "/room", *segment_, settings, facts_, loop_.clock.wall_now());
    loop_.run_real(segment_->opened());
    side_->file_clock().written(1500, 0);
    side_->file_clock().flows(false);
  }
  void say(bool repeated = false) {
    const auto message = bilibili::parse_message(comment);
    side_->message(*message, comment, repeated);
  }
  void publish(std::string path = "x.flv") {
    storage::PublishedFile video;
    video.stem = path.substr(0, path.rfind('.'));
    video.path = std::move(path);
    loop_.run_real(side_->publish(std::move(video), SegmentTotals()));
  }
  std::string text(const std::string& name) const {
    return std::string(as_text(files_.content("/room/" + name)));
  }
  std::vector<std::string> listed(const std::string& name) const {
    return parse_json(text(name))["files"].get<std::vector<std::string>>();
  }

  test::Loop loop_;
  test::FaultFileSystem files_;
  storage::DiskThread disk_{loop_.executor()};
  test::ScriptedHttp http_{loop_.clock};
  bilibili::ApiClient api_{loop_.executor(), http_, loop_.clock, bilibili::ApiOptions(), Random(1)};
  ShowFacts facts_;
  std::optional<storage::SegmentFile> segment_;
  std::optional<SideFiles> side_;
};

TEST_F(SideFilesTest, WritesTheChatAtTheFilesTime) {
  open(liveroom::DanmakuFile::xml_and_raw);
  say();
  say(true);
  publish();
  const std::string xml = text("x.xml");
  EXPECT_NE(xml.find("<d p=\"1.500,1,25,255,1723979200649,0,5,0\" user=\"user\" hash=\"h\">text</d>\n</i>\n"),
            std::string::npos)
      << xml;
  const std::string raw = text("x.danmaku.jsonl");
  EXPECT_EQ(std::count(raw.begin(), raw.end(), '\n'), 2);  // repeats too
  const Json line = parse_json(raw.substr(0, raw.find('\n')));
  EXPECT_EQ(line["ts"], 1.5);
  EXPECT_EQ(line["message"], parse_json(comment));
  EXPECT_EQ(listed("x.json"), (std::vector<std::string>{"x.flv", "x.xml", "x.danmaku.jsonl"}));
}

TEST_F(SideFilesTest, WithoutChatThereIsOnlyTheDescription) {
  open(liveroom::DanmakuFile::none);
  say();
  publish();
  EXPECT_EQ(listed("x.json"), std::vector<std::string>{"x.flv"});
  EXPECT_FALSE(files_.exists("/room/x.xml"));
}

TEST_F(SideFilesTest, FollowsTheVideosNumber) {
  open(liveroom::DanmakuFile::xml);
  publish("x_2.flv");
  EXPECT_EQ(listed("x_2.json"), (std::vector<std::string>{"x_2.flv", "x_2.xml"}));
}

TEST_F(SideFilesTest, SavesTheCoverWithoutACookie) {
  http_.reply("/cover.png", "\x89PNG data");
  api_.set_cookie("SESSDATA=hush");
  open(liveroom::DanmakuFile::none, liveroom::CoverFile::save);
  loop_.run_real(side_->save_cover());
  EXPECT_EQ(text("x.cover.jpg"), "\x89PNG data");
  EXPECT_FALSE(http_.last("/cover.png").headers.get("Cookie"));
  publish();
  EXPECT_EQ(listed("x.json"), (std::vector<std::string>{"x.flv", "x.cover.jpg"}));
}

TEST_F(SideFilesTest, ACoverThatIsNoPictureIsLeftOut) {
  http_.reply("/cover.png", "<html>");
  open(liveroom::DanmakuFile::none, liveroom::CoverFile::save);
  bool done = false;
  asio::co_spawn(loop_.io, side_->save_cover(), [&done](std::exception_ptr) { done = true; });
  loop_.advance(std::chrono::minutes(1));
  EXPECT_TRUE(done);
  EXPECT_EQ(http_.count("/cover.png"), static_cast<std::size_t>(SideFiles::cover_attempts));
  publish();
  EXPECT_EQ(listed("x.json"), std::vector<std::string>{"x.flv"});
}

TEST_F(SideFilesTest, TheEndDoesNotWaitForTheCover) {
  http_.latency = std::chrono::hours(1);
  open(liveroom::DanmakuFile::none, liveroom::CoverFile::save);
  bool done = false;
  asio::co_spawn(loop_.io, side_->save_cover(), [&done](std::exception_ptr) { done = true; });
  loop_.poll();
  publish();
  loop_.poll();
  EXPECT_TRUE(done);
}

TEST_F(SideFilesTest, AnUncleanEndIsMendedWithTheVideo) {
  open(liveroom::DanmakuFile::xml);
  say();
  side_->tick(loop_.clock.now() + std::chrono::seconds(1));
  loop_.run_until([this] { return disk_.queued_jobs() == 0; });
  files_.put("/room/x.flv", {1});  // published just before the kill
  files_.remove("/room/x.flv.part");
  EXPECT_EQ(recover_lone_companions(files_, "/room"), std::vector<std::string>{"x.xml"});
  EXPECT_TRUE(text("x.xml").ends_with("</d>\n</i>\n"));
}

TEST_F(SideFilesTest, WhatGoesToTheTrashGoesWhole) {
  http_.reply("/cover.png", "\xFF\xD8\xFF jpeg");
  open(liveroom::DanmakuFile::xml, liveroom::CoverFile::save);
  loop_.run_real(side_->save_cover());
  loop_.run_real(segment_->discard());
  loop_.run_real(side_->discard());
  for (const std::string& path : files_.files())
    EXPECT_TRUE(path.starts_with("/room/.liveroom/trash/")) << path;
}

}  // namespace
}  // namespace live::recorder
