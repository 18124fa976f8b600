// SPDX-License-Identifier: Apache-2.0
#include "simulator/room.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "simulator/fields.hpp"
#include "simulator/text.hpp"

namespace live::simulator {
namespace {

std::optional<Problem> read_area(const Json* body, Area& area) {
  if (!body) return std::nullopt;
  Fields fields(*body);
  fields.read("id", area.id);
  fields.read("name", area.name);
  fields.read("parentId", area.parent_id);
  fields.read("parentName", area.parent_name);
  return fields.problem();
}

}  // namespace

std::optional<Problem> RoomInfo::update(const Json& body) {
  RoomInfo next = *this;
  Fields fields(body);
  fields.read("roomId", next.id);
  fields.read("shortId", next.short_id);
  fields.read("uid", next.uid);
  fields.read("title", next.title);
  fields.read("anchor", next.anchor);
  fields.read("cover", next.cover);
  fields.read("description", next.description);
  fields.read("tags", next.tags);
  fields.read("hidden", next.hidden);
  fields.read("hiddenTill", next.hidden_till);
  fields.read("locked", next.locked);
  fields.read("lockTill", next.lock_till);
  fields.read("encrypted", next.encrypted);
  fields.read("portrait", next.portrait);
  fields.read("specialType", next.special_type);
  fields.read("allSpecialTypes", next.all_special_types);
  fields.read("qualities", next.qualities);
  fields.read("guestQuality", next.guest_quality);
  fields.read_seconds("urlSeconds", next.url_lifetime);
  fields.read_seconds("statusLagSeconds", next.status_lag);
  fields.read("framing", next.framing);
  fields.read("formats", next.formats);
  fields.read_seconds("fmp4DelaySeconds", next.fmp4_delay);
  if (auto problem = read_area(fields.member("area"), next.area)) return problem;
  if (auto problem = fields.problem()) return problem;
  if (next.id < 1) return Problem{"roomId: a number from 1 on is wanted"};
  if (next.qualities.empty()) return Problem{"qualities: one at least is wanted"};
  if (next.framing != "chunked" && next.framing != "close")
    return Problem{"framing: chunked or close is wanted"};
  for (const std::string& format : next.formats)
    if (format != "flv" && format != "fmp4") return Problem{"formats: flv and fmp4 are known"};
  std::sort(next.qualities.rbegin(), next.qualities.rend());
  if (next.uid == 0) next.uid = 10'000'000 + next.id;
  if (next.title.empty()) next.title = fmt::format("测试直播间 {}", next.id);
  if (next.anchor.empty()) next.anchor = fmt::format("主播{}", next.id);
  *this = std::move(next);
  return std::nullopt;
}

std::string Show::key_text() const { return std::to_string(key); }

std::string Show::sub_session_key() const { return fmt::format("{}sub_time:{}", key, to_seconds(started)); }

std::uint64_t Show::due(TimePoint now) const {
  const TimePoint until = push_ends ? std::min(*push_ends, now) : now;
  if (until < push_begins) return 0;
  const auto elapsed = std::chrono::duration<double, std::milli>(until - push_begins).count() * pace;
  return timeline.due(static_cast<std::uint64_t>(elapsed));
}

void RoomState::set_status(LiveStatus to, TimePoint now) {
  if (to == status) return;
  previous_ = shown_status(now);
  status = to;
  changed_ = now;
}

LiveStatus RoomState::shown_status(TimePoint now) const {
  return changed_ && now < *changed_ + info.status_lag ? previous_ : status;
}

std::int64_t RoomState::live_seconds(TimePoint now) const {
  return shown_status(now) == LiveStatus::live && show ? to_seconds(show->started) : 0;
}

}  // namespace live::simulator
