// SPDX-License-Identifier: Apache-2.0
#include "simulator/media_target.hpp"

#include <cstdlib>
#include <utility>

#include "simulator/stream_url.hpp"

namespace live::simulator {
namespace {

constexpr std::string_view redirected_prefix = "/redirected";
constexpr std::string_view direct_prefix = "/direct/";

MediaTarget direct_target(World& world, const Request& request) {
  MediaTarget target;
  const std::string_view name = std::string_view(request.path).substr(direct_prefix.size());
  if (!name.ends_with(".flv")) return target;
  const auto id = to_int(name.substr(0, name.size() - 4));
  target.room = id ? world.find_room_by_any(*id) : nullptr;
  if (const auto pace = find(request.query, "pace"))
    target.options.pace = std::max(0.0, std::atof(pace->c_str()));
  if (const auto bytes = find_int(request.query, "bytes"); bytes && *bytes > 0)
    target.options.bytes = static_cast<std::uint64_t>(*bytes);
  return target;
}

MediaTarget signed_target(World& world, const Request& request) {
  MediaTarget target;
  std::string_view text = request.target;
  if (text.starts_with(redirected_prefix)) text.remove_prefix(redirected_prefix.size());
  const OpenedStream opened = check_stream_target(text, world.wall_now(), world.url_secret);
  target.room = world.find_room(opened.room_id);
  target.options.quality = opened.quality;
  if (opened.verdict != StreamVerdict::good && opened.verdict != StreamVerdict::unknown_path)
    target.status = 403;
  return target;
}

MediaTarget locate(World& world, const Request& request) {
  MediaTarget target =
      request.path.starts_with(direct_prefix) ? direct_target(world, request) : signed_target(world, request);
  const bool pushing =
      target.room && target.room->state.show && target.room->state.show->pushing(world.now());
  if (target.status != 403 && pushing) target.status = 200;
  return target;
}

}  // namespace

bool is_hls_path(const std::string& path) { return !hls_name(path).empty(); }

Reply hls_reply(World& world, const Request& request) {
  Reply refusal;
  refusal.status = 404;
  refusal.content_type = "text/plain";
  const std::string name(hls_name(request.path));
  const auto id = room_of_path(request.path);
  Room* const room = id ? world.find_room(*id) : nullptr;
  if (!room || !room->state.show) return refusal;
  if (name == "index.m3u8") {
    const OpenedStream opened = check_stream_target(request.target, world.wall_now(), world.url_secret);
    if (opened.verdict != StreamVerdict::good) {
      refusal.status = 403;
      return refusal;
    }
    if (!std::exchange(room->hls_seen, true)) world.report(Event::media_connected, *room);
  }
  return hls_of(*room).answer(name, *room->state.show, world.now());
}

bool is_media_path(const std::string& path) {
  return path.starts_with(stream_path_prefix) || path.starts_with(direct_prefix) ||
         path.starts_with(redirected_prefix);
}

std::string redirected_target(const std::string& target) { return std::string(redirected_prefix) + target; }

MediaTarget find_media(World& world, const Request& request) {
  MediaTarget target = locate(world, request);
  if (!target.room || target.status == 403) return target;
  const bool redirected = request.path.starts_with(redirected_prefix);
  target.fault = target.room->state.faults.media.take([&](const MediaFault& fault) {
    return (fault.host.empty() || fault.host == request.host) && !(redirected && fault.redirect);
  });
  if (!target.fault) return target;
  if (target.fault->timestamp_base)
    target.options.timestamp_base = static_cast<std::uint32_t>(*target.fault->timestamp_base);
  if (target.fault->random_base)
    target.options.timestamp_base = static_cast<std::uint32_t>(world.random.between(0, UINT32_MAX));
  target.options.cache = !target.fault->no_cache;
  return target;
}

int media_status(World& world, const Request& request) { return locate(world, request).status; }

}  // namespace live::simulator
