// SPDX-License-Identifier: Apache-2.0
#include "recorder/bilibili/play_url.hpp"

#include <gtest/gtest.h>

#include "base/json.hpp"

namespace live::bilibili {
namespace {

StreamEntry entry(StreamFormat format, Codec codec, int current, std::vector<int> accept,
                  std::vector<std::string> hosts = {"https://d1--cn-gotcha04.bilivideo.com"}) {
  StreamEntry one;
  one.format = format;
  one.codec = codec;
  one.current_qn = current;
  one.accept_qn = std::move(accept);
  one.base_url = "/live-bvc/1/live_5_6.flv?";
  for (std::string& host : hosts) one.hosts.push_back({std::move(host), "expires=1700000000&cdn=x"});
  return one;
}

PlayInfo live_info(std::vector<StreamEntry> streams) {
  PlayInfo info;
  info.status = LiveStatus::live;
  info.has_streams = true;
  info.streams = std::move(streams);
  info.quality_names = {{10000, "original"}, {400, "blue"}};
  return info;
}

RefusalReason refusal(const StreamChoice& choice) { return std::get<Refusal>(choice).reason; }

const auto flv_avc = [](int current, std::vector<int> accept) {
  return entry(StreamFormat::flv, Codec::avc, current, std::move(accept));
};
const auto flv_hevc = [](int current, std::vector<int> accept) {
  return entry(StreamFormat::flv, Codec::hevc, current, std::move(accept));
};
const auto fmp4_avc = [](int current, std::vector<int> accept) {
  return entry(StreamFormat::fmp4, Codec::avc, current, std::move(accept));
};

TEST(PlayUrlTest, TakesTheFirstOfThePreferences) {
  const PlayInfo info =
      live_info({entry(StreamFormat::ts, Codec::avc, 10000, {10000}), fmp4_avc(10000, {10000}),
                 flv_hevc(10000, {10000}), flv_avc(10000, {10000, 400})});
  const auto chosen = std::get<ChosenStream>(choose_stream(info, {}, {10000}));
  EXPECT_EQ(chosen.format, StreamFormat::flv);
  EXPECT_EQ(chosen.codec, Codec::avc);
  EXPECT_EQ(chosen.wanted_qn, 10000);
  EXPECT_EQ(chosen.granted_qn, 10000);
  EXPECT_EQ(chosen.quality_name, "original");
  EXPECT_EQ(chosen.encoding, Encoding::original);
  ASSERT_EQ(chosen.addresses.size(), 1u);
  EXPECT_EQ(chosen.addresses[0].url,
            "https://d1--cn-gotcha04.bilivideo.com/live-bvc/1/live_5_6.flv?expires=1700000000&cdn=x");
  EXPECT_EQ(chosen.addresses[0].host, "d1--cn-gotcha04.bilivideo.com");
  EXPECT_EQ(chosen.addresses[0].expires, WallTime(std::chrono::seconds(1700000000)));
}

TEST(PlayUrlTest, PutsQualityBeforeFormatBeforeCodec) {
  StreamPreferences wanted;
  wanted.qualities = {400, 10000};
  wanted.formats = {StreamFormat::fmp4, StreamFormat::flv};
  wanted.codecs = {Codec::hevc, Codec::avc};
  const PlayInfo info = live_info({fmp4_avc(10000, {10000}), flv_hevc(400, {400}), flv_avc(400, {400})});
  auto chosen = std::get<ChosenStream>(choose_stream(info, wanted, {400}));
  EXPECT_EQ(chosen.format, StreamFormat::flv);
  EXPECT_EQ(chosen.codec, Codec::hevc);
  wanted.qualities = {10000, 400};
  chosen = std::get<ChosenStream>(choose_stream(info, wanted, {10000}));
  EXPECT_EQ(chosen.format, StreamFormat::fmp4);
}

TEST(PlayUrlTest, AsksAgainForAQualityThatIsOffered) {
  StreamPreferences wanted;
  wanted.qualities = {20000, 10000};
  const PlayInfo info = live_info({flv_avc(400, {10000, 400})});
  EXPECT_EQ(std::get<AskAgain>(choose_stream(info, wanted, {20000})).qn, 10000);
  // Asked for and not given: what is there is taken.
  const auto chosen = std::get<ChosenStream>(choose_stream(info, wanted, {20000, 10000}));
  EXPECT_EQ(chosen.granted_qn, 400);
  EXPECT_EQ(chosen.wanted_qn, 20000);
  EXPECT_EQ(chosen.quality_name, "blue");
  EXPECT_EQ(chosen.encoding, Encoding::reencoded);
}

TEST(PlayUrlTest, FallsBackToTheBestThatIsOffered) {
  StreamPreferences wanted;
  wanted.qualities = {20000};
  const PlayInfo low = live_info({flv_avc(150, {250, 150}), fmp4_avc(150, {150})});
  EXPECT_EQ(std::get<AskAgain>(choose_stream(low, wanted, {20000})).qn, 250);
  EXPECT_EQ(std::get<ChosenStream>(choose_stream(low, wanted, {20000, 250})).granted_qn, 150);
  const PlayInfo mixed = live_info({flv_avc(150, {150}), fmp4_avc(250, {250})});
  EXPECT_EQ(std::get<ChosenStream>(choose_stream(mixed, wanted, {20000})).granted_qn, 250);
}

TEST(PlayUrlTest, AsksABoundedNumberOfTimes) {
  StreamPreferences wanted;
  wanted.qualities = {20000};
  std::vector<int> asked = {20000};
  for (int offer = 30000; offer < 30010; ++offer) {
    const StreamChoice choice = choose_stream(live_info({flv_avc(150, {offer})}), wanted, asked);
    if (const auto* again = std::get_if<AskAgain>(&choice)) asked.push_back(again->qn);
  }
  EXPECT_EQ(asked.size(), 2u);
}

TEST(PlayUrlTest, WaitsWhenToldSo) {
  StreamPreferences wanted;
  wanted.qualities = {20000, 10000};
  wanted.fallback = QualityFallback::wait;
  const PlayInfo info = live_info({flv_avc(400, {400})});
  const StreamChoice choice = choose_stream(info, wanted, {20000});
  EXPECT_EQ(refusal(choice), RefusalReason::quality_missing);
  EXPECT_EQ(std::get<Refusal>(choice).text, "wanted quality 20000, 10000, offered flv/avc/400");
}

TEST(PlayUrlTest, SkipsEntriesWithoutAddresses) {
  StreamEntry empty = flv_hevc(10000, {10000});
  empty.hosts.clear();
  StreamPreferences wanted;
  wanted.codecs = {Codec::hevc, Codec::avc};
  const auto chosen =
      std::get<ChosenStream>(choose_stream(live_info({empty, flv_avc(10000, {})}), wanted, {10000}));
  EXPECT_EQ(chosen.codec, Codec::avc);
  EXPECT_EQ(refusal(choose_stream(live_info({empty}), wanted, {10000})), RefusalReason::no_stream);
}

TEST(PlayUrlTest, OrdersHosts) {
  const std::vector<std::string> hosts = {"https://xy1x2x3x4xy.mcdn.bilivideo.cn:486",
                                          "https://a.bilivideo.com", "https://b.bilivideo.com",
                                          "https://c.bilivideo.com"};
  const PlayInfo info = live_info({entry(StreamFormat::flv, Codec::avc, 10000, {}, hosts)});
  const auto names = [&info](const StreamPreferences& wanted) {
    std::string all;
    const auto chosen = std::get<ChosenStream>(choose_stream(info, wanted, {10000}));
    for (const StreamAddress& address : chosen.addresses) {
      all += address.host.substr(0, 1);
    }
    return all;
  };
  StreamPreferences wanted;
  EXPECT_EQ(names(wanted), "abc");
  wanted.prefer_hosts = {"c.bili", "", "b."};
  EXPECT_EQ(names(wanted), "cba");
  wanted.avoid_hosts = {"a.bilivideo", "mcdn"};
  EXPECT_EQ(names(wanted), "cb");
  wanted.avoid_hosts = {"bilivideo"};
  EXPECT_EQ(names(wanted), "cbxa");  // all avoided: better than none
}

TEST(PlayUrlTest, LeavesOutWhatIsNoAddress) {
  const PlayInfo info = live_info({entry(StreamFormat::flv, Codec::avc, 10000, {},
                                         {"javascript:alert(1)", "ftp://a", "https://user@host",
                                          "https://ho st", "https://good.example", "https://good.example"})});
  const auto chosen = std::get<ChosenStream>(choose_stream(info, {}, {10000}));
  ASSERT_EQ(chosen.addresses.size(), 1u);
  EXPECT_EQ(chosen.addresses[0].host, "good.example");
}

TEST(PlayUrlTest, SaysWhyThereIsNothingToRecord) {
  PlayInfo info = live_info({});
  EXPECT_EQ(refusal(choose_stream(info, {}, {})), RefusalReason::no_stream);
  info.access.paid = true;
  EXPECT_EQ(refusal(choose_stream(info, {}, {})), RefusalReason::paid);
  info.status = LiveStatus::rotation;
  EXPECT_EQ(refusal(choose_stream(info, {}, {})), RefusalReason::not_live);
  info.access = {};
  info.access.encrypted = true;
  EXPECT_EQ(refusal(choose_stream(info, {}, {})), RefusalReason::encrypted);
  info.access.hidden = true;
  EXPECT_EQ(refusal(choose_stream(info, {}, {})), RefusalReason::hidden);
  info.access.locked = true;
  EXPECT_EQ(refusal(choose_stream(info, {}, {})), RefusalReason::locked);
  EXPECT_EQ(refusal(choose_stream(live_info({entry(StreamFormat::ts, Codec::avc, 10000, {})}), {}, {10000})),
            RefusalReason::format_missing);
}

TEST(PlayUrlTest, RefusesProtectedStreams) {
  PlayInfo info = live_info({flv_avc(10000, {10000})});
  info.streams[0].drm = true;
  EXPECT_EQ(refusal(choose_stream(info, {}, {10000})), RefusalReason::drm);
  info.streams.push_back(fmp4_avc(10000, {10000}));
  EXPECT_EQ(std::get<ChosenStream>(choose_stream(info, {}, {10000})).format, StreamFormat::fmp4);
  info.access.drm = true;
  EXPECT_EQ(refusal(choose_stream(info, {}, {10000})), RefusalReason::drm);
}

TEST(PlayUrlTest, TellsOriginalFromReencoded) {
  const std::pair<const char*, Encoding> cases[] = {
      {"https://h/live-bvc/1/live_11153765_9369560.flv?expires=1", Encoding::original},
      {"https://h/live-bvc/1/live_11153765_9369560/index.m3u8?expires=1", Encoding::original},
      {"https://h/live-bvc/1/live_1500_2500.flv", Encoding::original},
      {"https://h/live-bvc/1/live_14073662_bs_3699814.flv", Encoding::original},
      {"https://h/live-bvc/1/live_14073662_bs_3699814_1500.flv?qn=150", Encoding::reencoded},
      {"https://h/live-bvc/1/live_11153765_9369560_bluray.flv?", Encoding::reencoded},
      {"https://h/live-bvc/1/live_11153765_9369560_prohevc/index.m3u8", Encoding::reencoded},
      {"https://h/live-bvc/1/live_11153765_9369560_minihevc.m3u8", Encoding::reencoded},
      {"https://h/live_1_2.flv?a=1&suffix=bluray", Encoding::reencoded},
      {"https://h/live_1_2_bluray.flv?suffix=origin", Encoding::original},
      {"https://h/", Encoding::original},
      {"", Encoding::original},
  };
  for (const auto& [url, expected] : cases) EXPECT_EQ(encoding_of(url, 10000), expected) << url;
  EXPECT_EQ(encoding_of("https://h/live_1_2.flv?suffix=origin", 400), Encoding::reencoded);
}

TEST(PlayUrlTest, FindsTheExpiry) {
  const auto at = [](std::int64_t seconds) { return WallTime(std::chrono::seconds(seconds)); };
  EXPECT_EQ(expiry_of("https://h/a.flv?expires=1674103815&deadline=1674103800&x=1"), at(1674103800));
  EXPECT_EQ(expiry_of("https://h/a.flv?x=1&deadline=1674103800"), at(1674103800));
  EXPECT_EQ(expiry_of("https://h/a.flv?myexpires=5"), WallTime::max());
  EXPECT_EQ(expiry_of("https://h/a.flv?expires=soon&deadline=-4&expires=5x"), WallTime::max());
  EXPECT_EQ(expiry_of("https://h/a.flv?expires=99999999999999999999"), WallTime::max());
  EXPECT_EQ(expiry_of("https://h/a.flv?expires="), WallTime::max());
  EXPECT_EQ(expiry_of("expires=5"), WallTime::max());
}

TEST(PlayInfoTest, ReadsTheTree) {
  const PlayInfo info = read_play_info(parse_json(R"({
    "room_id":23058,"short_id":3,"uid":"11153765","live_status":1,"live_time":1671425336,"is_hidden":0,
    "encrypted":true,"pwd_verified":true,"all_special_types":[5,203],
    "playurl_info":{"playurl":{"g_qn_desc":[{"qn":10000,"desc":"o"},{"qn":0,"desc":"z"},{"qn":"400","desc":"b"}],
      "stream":[{"protocol_name":"http_stream","format":[
        {"format_name":"flv","codec":[
          {"codec_name":"avc","current_qn":10000,"accept_qn":[10000,"150",null],"base_url":"/b?",
           "url_info":[{"host":"https://h","extra":"e=1"},{"host":"","extra":"x"},7]},
          {"codec_name":"hevc","current_qn":0,"accept_qn":[400],"base_url":"","url_info":null,"drm":true},
          {"codec_name":"vvc","current_qn":1}]},
        {"format_name":"mkv","codec":[{"codec_name":"avc"}]}]},
        {"format":null},null]}}})"));
  EXPECT_EQ(info.room_id, 23058);
  EXPECT_EQ(info.uid, 11153765);
  EXPECT_EQ(info.status, LiveStatus::live);
  EXPECT_EQ(info.live_time, WallTime(std::chrono::seconds(1671425336)));
  RoomAccess access;
  access.drm = true;
  EXPECT_EQ(info.access, access);
  EXPECT_TRUE(info.has_streams);
  ASSERT_EQ(info.streams.size(), 2u);
  EXPECT_EQ(info.streams[0].accept_qn, (std::vector<int>{10000, 150}));
  ASSERT_EQ(info.streams[0].hosts.size(), 1u);
  EXPECT_EQ(info.streams[0].hosts[0].extra, "e=1");
  EXPECT_EQ(info.streams[1].codec, Codec::hevc);
  EXPECT_TRUE(info.streams[1].drm);
  EXPECT_TRUE(info.streams[1].hosts.empty());
  EXPECT_EQ(info.quality_names.size(), 2u);
}

TEST(PlayInfoTest, BoundsItsLists) {
  std::string codecs;
  for (int i = 0; i < 200; ++i) {
    codecs += std::string(i ? "," : "") + R"({"codec_name":"avc","base_url":"/b?","url_info":[)";
    for (int k = 0; k < 50; ++k) codecs += std::string(k ? "," : "") + R"({"host":"https://h"})";
    codecs += "]}";
  }
  const PlayInfo info = read_play_info(
      parse_json(R"({"playurl_info":{"playurl":{"stream":[{"format":[{"format_name":"flv","codec":[)" +
                 codecs + "]}]}]}}}"));
  EXPECT_EQ(info.streams.size(), max_stream_entries);
  EXPECT_EQ(info.streams[0].hosts.size(), max_stream_hosts);
}

}  // namespace
}  // namespace live::bilibili
