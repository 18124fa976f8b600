// SPDX-License-Identifier: Apache-2.0
#include "simulator/stream_url.hpp"

#include <fmt/format.h>

#include "simulator/text.hpp"

namespace live::simulator {
namespace {

std::string sign(std::string_view path, std::int64_t expires, std::int64_t quality,
                 const std::string& secret) {
  return md5_hex(fmt::format("{}|{}|{}|{}", path, expires, quality, secret));
}

}  // namespace

StreamAddress make_stream_address(const StreamKey& key, WallTime expires, int order,
                                  const std::string& secret, StreamKind kind) {
  const std::string path =
      fmt::format("{}{}/live_{}_{}{}", stream_path_prefix, 100000 + key.room_id % 899999, key.uid,
                  key.room_id, kind == StreamKind::hls ? "/index.m3u8" : ".flv");
  const std::int64_t until = to_seconds(expires);
  const std::string extra = fmt::format(
      "expires={}&len=0&oi=3405803785&pt=web&qn={}&trid=1000{:016x}&sigparams=cdn,expires,len,oi,pt,qn,trid"
      "&cdn=cn-gotcha01&sign={}&site=0&p2p_type=1&src=57345&sl=1&free_type=0&score=12&pp=rtmp&source=onetier"
      "&trace=0&suffix=origin&order={}",
      until, key.quality, static_cast<std::uint64_t>(until) * 2654435761u,
      sign(path, until, key.quality, secret), order);
  return {path + "?", extra};
}

std::optional<std::int64_t> room_of_path(std::string_view path) {
  if (!path.starts_with(stream_path_prefix)) return std::nullopt;
  const std::size_t underscore = path.rfind('_');
  if (underscore == std::string_view::npos) return std::nullopt;
  const std::string_view rest = path.substr(underscore + 1);
  return to_int(rest.substr(0, rest.find_first_of("./")));
}

OpenedStream check_stream_target(std::string_view target, WallTime now, const std::string& secret) {
  OpenedStream opened{StreamVerdict::unknown_path};
  const std::size_t mark = target.find('?');
  const std::string_view path = target.substr(0, mark);
  const auto room = room_of_path(path);
  if (!room || !(path.ends_with(".flv") || path.ends_with("/index.m3u8"))) return opened;
  opened.room_id = *room;
  const Query query =
      parse_query(mark == std::string_view::npos ? std::string_view{} : target.substr(mark + 1));
  const auto expires = find_int(query, "expires");
  const auto quality = find_int(query, "qn");
  const auto given = find(query, "sign");
  opened.verdict = StreamVerdict::wrong_signature;
  if (!expires || !quality || !given || *given != sign(path, *expires, *quality, secret)) return opened;
  opened.quality = static_cast<int>(*quality);
  opened.verdict = *expires < to_seconds(now) ? StreamVerdict::expired : StreamVerdict::good;
  return opened;
}

}  // namespace live::simulator
