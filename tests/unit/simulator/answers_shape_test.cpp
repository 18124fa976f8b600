// SPDX-License-Identifier: Apache-2.0
// The simulator's answers against captured ones: every member that we send is in the capture with the same
// type, and what clients need of the capture is in ours.
#include <gtest/gtest.h>

#include <set>

#include "base/file_text.hpp"
#include "base/json.hpp"
#include "flv_builder.hpp"
#include "simulator/answers.hpp"
#include "simulator/messages.hpp"

#ifdef LIVE_SHARED_DATA

namespace live::simulator {
namespace {

Json captured(const std::string& name) {
  const auto text = read_file(std::string(LIVE_SHARED_DATA) + "/bilibili/" + name);
  EXPECT_TRUE(text) << name;
  return text ? parse_json(*text) : Json();
}

Json captured_line(const std::string& name, int line) {
  const std::string text =
      read_file(std::string(LIVE_SHARED_DATA) + "/bilibili/messages/" + name).value_or("");
  std::size_t at = 0;
  for (int i = 1; i < line; ++i) at = text.find('\n', at) + 1;
  return parse_json(text.substr(at, text.find('\n', at) - at));
}

bool same_kind(const Json& a, const Json& b) {
  return a.type() == b.type() || (a.is_number() && b.is_number()) || a.is_null() || b.is_null();
}

// Members of ours that the capture lacks or has with another type; lists by their first element.
void differences(const Json& ours, const Json& theirs, const std::string& path,
                 std::vector<std::string>& found) {
  if (!same_kind(ours, theirs)) {
    found.push_back(path + ": another type");
  } else if (ours.is_object() && theirs.is_object()) {
    for (const auto& [name, value] : ours.items()) {
      const auto at = theirs.find(name);
      if (at == theirs.end())
        found.push_back(path + "/" + name + ": not in the capture");
      else
        differences(value, *at, path + "/" + name, found);
    }
  } else if (ours.is_array() && theirs.is_array() && !ours.empty() && !theirs.empty()) {
    differences(ours[0], theirs[0], path + "[0]", found);
  }
}

std::vector<std::string> differences(const Json& ours, const Json& theirs,
                                     const std::set<std::string>& allowed = {}) {
  std::vector<std::string> found;
  differences(ours, theirs, "", found);
  std::erase_if(found,
                [&](const std::string& text) { return allowed.contains(text.substr(0, text.find(':'))); });
  return found;
}

using Lines = std::vector<std::string>;

std::vector<std::string> missing(const Json& ours, const Json& theirs, const std::string& at) {
  std::vector<std::string> names;
  for (const auto& [name, value] : json_at(theirs, at).items())
    if (!json_at(ours, at).contains(name)) names.push_back(name);
  return names;
}

class AnswerShape : public ::testing::Test {
 protected:
  AnswerShape() {
    (void)room_.info.update({{"roomId", 23058}, {"shortId", 3}, {"title", "标题"}});
    Show show(
        std::make_shared<const FlvSource>(std::move(FlvSource::parse(test::FlvFile::two_groups()).value())));
    show.key = 693870340542020839;
    show.started = wall_;
    room_.show = std::move(show);
    room_.set_status(LiveStatus::live, now_);
  }

  const WallTime wall_{std::chrono::seconds(1'700'000'000)};
  const TimePoint now_{std::chrono::hours(1)};
  RoomState room_;
};

TEST_F(AnswerShape, RoomInit) {
  const Json ours = room_init_answer(&room_, now_), theirs = captured("api/room_init-live.json");
  EXPECT_EQ(differences(ours, theirs), Lines{});
  EXPECT_EQ(missing(ours, theirs, "/data"), Lines{});
  EXPECT_EQ(room_init_answer(nullptr, now_), captured("api/error-60004.json"));
}

TEST_F(AnswerShape, RoomInitOfAnIdleRoomHasTheYearZero) {
  room_.set_status(LiveStatus::idle, now_);
  EXPECT_EQ(json_at(room_init_answer(&room_, now_), "/data/live_time"),
            json_at(captured("api/room_init-encrypted-hidden.json"), "/data/live_time"));
}

TEST_F(AnswerShape, GetInfo) {
  const Json ours = get_info_answer(&room_, now_), theirs = captured("api/get_info-rotation.json");
  EXPECT_EQ(differences(ours, theirs), Lines{});
  EXPECT_EQ(missing(ours, theirs, "/data"), Lines{});
}

TEST_F(AnswerShape, InfoByRoom) {
  const Json ours = info_by_room_answer(&room_, now_), theirs = captured("api/getInfoByRoom-live.json");
  EXPECT_EQ(differences(ours, theirs), Lines{});
  EXPECT_EQ(info_by_room_answer(nullptr, now_), captured("api/error-19002000.json"));
  room_.info.encrypted = true;
  EXPECT_EQ(info_by_room_answer(&room_, now_), captured("api/error-19002005.json"));
}

TEST_F(AnswerShape, BaseInfo) {
  const Json ours = base_info_answer({&room_}, now_), theirs = captured("api/getRoomBaseInfo-two-rooms.json");
  EXPECT_EQ(differences(ours, theirs), Lines{});
  EXPECT_EQ(missing(ours, theirs, "/data/by_room_ids/23058"), Lines{});
}

TEST_F(AnswerShape, PlayInfo) {
  const Json ours = play_info_answer(&room_, {}, {{"media.example", 80, 443}}, true, "secret", wall_, now_);
  const Json theirs = captured("api/getRoomPlayInfo-flv-ts-fmp4-avc.json");
  EXPECT_EQ(differences(ours, theirs), Lines{});
  EXPECT_EQ(missing(ours, theirs, "/data"), Lines{});
  EXPECT_EQ(missing(ours, theirs, "/data/playurl_info/playurl"), Lines{});
  EXPECT_EQ(missing(ours, theirs, "/data/playurl_info/playurl/stream/0/format/0/codec/0"), Lines{});
  EXPECT_EQ(missing(ours, theirs, "/data/playurl_info/playurl/stream/0/format/0/codec/0/url_info/0"),
            Lines{});
}

TEST_F(AnswerShape, PlayInfoOffline) {
  room_.set_status(LiveStatus::idle, now_);
  const Json ours = play_info_answer(&room_, {}, {}, true, "secret", wall_, now_);
  const Json theirs = captured("api/getRoomPlayInfo-offline.json");
  EXPECT_EQ(differences(ours, theirs), Lines{});
  EXPECT_EQ(missing(ours, theirs, "/data"), Lines{});
  EXPECT_TRUE(json_at(ours, "/data/playurl_info").is_null());
}

TEST_F(AnswerShape, TheRest) {
  EXPECT_EQ(differences(danmu_info_answer("t", {{"h", 2244, 2245}}), captured("api/getDanmuInfo-2245.json")),
            Lines{});
  EXPECT_EQ(
      missing(danmu_info_answer("t", {{"h", 2244, 2245}}), captured("api/getDanmuInfo-2245.json"), "/data"),
      Lines{});
  EXPECT_EQ(differences(anchor_answer(&room_), captured("api/get_anchor_in_room.json")), Lines{});
  EXPECT_EQ(nav_answer({"7cd084941338484aae1ad9425b84077c", "4932caff0ff746eab6f01bf08b70ac45"}, false, 0),
            captured("api/nav-logged-out.json"));
  EXPECT_EQ(differences(spi_answer("a", "b"), captured("api/finger-spi.json")), Lines{});
  EXPECT_EQ(differences(risk_control("voucher_x"), captured("api/error-352-voucher.json")), Lines{});
}

TEST_F(AnswerShape, Messages) {
  EXPECT_EQ(differences(parse_json(live_message(room_.info, *room_.show, true)),
                        captured_line("ROOM_STATE.jsonl", 3)),
            Lines{});
  EXPECT_EQ(differences(parse_json(preparing_message(room_.info, true, wall_)),
                        captured_line("ROOM_STATE.jsonl", 6)),
            Lines{});
  EXPECT_EQ(differences(parse_json(room_change_message(room_.info, &*room_.show)),
                        captured_line("ROOM_STATE.jsonl", 9)),
            Lines{});
  EXPECT_EQ(differences(parse_json(cut_off_message(room_.info, "x")), captured_line("ROOM_STATE.jsonl", 11)),
            Lines{});
  EXPECT_EQ(differences(parse_json(warning_message(room_.info, "x")), captured_line("ROOM_STATE.jsonl", 15)),
            Lines{});
  EXPECT_EQ(differences(parse_json(log_in_notice()), captured_line("OTHER.jsonl", 1)), Lines{});
}

TEST_F(AnswerShape, Chat) {
  const Json ours = parse_json(chat_message({1, "名", "文", 1}, wall_)),
             theirs = captured_line("DANMU_MSG.jsonl", 5);
  EXPECT_EQ(differences(ours, theirs), Lines{});
  const Json &info = ours["info"], &captured_info = theirs["info"];
  ASSERT_EQ(info.size(), captured_info.size());
  for (std::size_t i = 0; i < info.size(); ++i) EXPECT_TRUE(same_kind(info[i], captured_info[i])) << i;
  ASSERT_EQ(info[0].size(), captured_info[0].size());
  for (std::size_t i = 0; i < info[0].size(); ++i)
    EXPECT_TRUE(same_kind(info[0][i], captured_info[0][i])) << i;
  EXPECT_EQ(info[0][7], "83dcefb7");  // CRC-32 of "1"
  EXPECT_EQ(differences(info[0][15], captured_info[0][15]), Lines{});
}

}  // namespace
}  // namespace live::simulator

#endif
