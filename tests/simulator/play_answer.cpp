// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "base/json.hpp"
#include "simulator/answers.hpp"
#include "simulator/stream_url.hpp"

namespace live::simulator {
namespace {

Json quality_names() {
  Json list = Json::array();
  const std::pair<int, const char*> names[] = {{30000, "杜比"}, {20000, "4K"}, {10000, "原画"}, {400, "蓝光"},
                                               {250, "超清"},   {150, "高清"}, {80, "流畅"}};
  for (const auto& [quality, name] : names)
    list.push_back({{"qn", quality}, {"desc", name}, {"hdr_desc", ""}, {"attr_desc", nullptr}});
  return list;
}

std::string origin(const PublicHost& host, bool secure) {
  const int port = secure ? host.https_port : host.http_port;
  const bool usual = port == (secure ? 443 : 80);
  const std::string scheme = secure ? "https://" : "http://";
  return usual ? scheme + host.name : fmt::format("{}{}:{}", scheme, host.name, port);
}

}  // namespace

int granted_quality(const RoomInfo& info, int wanted, bool logged_in) {
  const int best = logged_in || info.guest_quality == 0 ? wanted : std::min(wanted, info.guest_quality);
  for (const int quality : info.qualities)
    if (quality <= best) return quality;
  return info.qualities.back();
}

Json play_info_answer(const RoomState* room, const PlayRequest& request, const std::vector<PublicHost>& hosts,
                      bool secure, const std::string& secret, WallTime wall, TimePoint now) {
  if (!room) return envelope(1002002, "参数错误", nullptr);
  const RoomInfo& info = room->info;
  const std::int64_t start = room->live_seconds(now);
  Json data = {{"room_id", info.id},
               {"short_id", info.short_id},
               {"uid", info.uid},
               {"is_hidden", info.hidden},
               {"is_locked", info.locked},
               {"is_portrait", info.portrait},
               {"live_status", static_cast<int>(room->shown_status(now))},
               {"hidden_till", info.hidden_till},
               {"lock_till", info.lock_till},
               {"encrypted", info.encrypted},
               {"pwd_verified", !info.encrypted},
               {"live_time", start},
               {"room_shield", start == 0 ? 0 : 1},
               {"all_special_types", info.all_special_types},
               {"playurl_info", nullptr}};
  if (start == 0 || info.encrypted || info.locked || info.hidden) return envelope(0, "0", std::move(data));

  const int quality = granted_quality(info, request.quality, request.logged_in);
  const auto offers = [&info](const char* format) {
    return std::find(info.formats.begin(), info.formats.end(), format) != info.formats.end();
  };
  const auto stream = [&](const char* protocol, const char* format, StreamKind kind) {
    const StreamKey key{info.id, info.uid, quality};
    Json url_info = Json::array();
    for (const PublicHost& host : hosts) {
      const int order = static_cast<int>(url_info.size()) + 1;
      const StreamAddress address = make_stream_address(key, wall + info.url_lifetime, order, secret, kind);
      url_info.push_back({{"host", origin(host, secure)}, {"extra", address.extra}, {"stream_ttl", 3600}});
    }
    Json codec = {{"codec_name", "avc"},
                  {"current_qn", quality},
                  {"accept_qn", info.qualities},
                  {"base_url", make_stream_address(key, wall, 1, secret, kind).base_url},
                  {"url_info", std::move(url_info)},
                  {"hdr_qn", nullptr},
                  {"dolby_type", 0},
                  {"attr_name", ""}};
    Json list = {{"format_name", format}, {"codec", Json::array({std::move(codec)})}};
    return Json{{"protocol_name", protocol}, {"format", Json::array({std::move(list)})}};
  };
  Json streams = Json::array();
  if (request.flv && offers("flv")) streams.push_back(stream("http_stream", "flv", StreamKind::flv));
  const bool has_fmp4 = offers("fmp4") && now >= room->show->push_begins + info.fmp4_delay;
  if (request.fmp4 && has_fmp4) streams.push_back(stream("http_hls", "fmp4", StreamKind::hls));
  Json playurl = {{"cid", info.id},
                  {"g_qn_desc", quality_names()},
                  {"stream", std::move(streams)},
                  {"p2p_data", {{"p2p", true}, {"p2p_type", 1}, {"m_p2p", false}, {"m_servers", nullptr}}},
                  {"dolby_qn", nullptr}};
  data["playurl_info"] = {{"conf_json", "{\"cdn_rate\":10000,\"report_interval_sec\":150}"},
                          {"playurl", std::move(playurl)}};
  return envelope(0, "0", std::move(data));
}

}  // namespace live::simulator
