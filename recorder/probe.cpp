// SPDX-License-Identifier: Apache-2.0
#include "recorder/probe.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/json.hpp"
#include "base/time_format.hpp"
#include "recorder/bilibili/room_monitor.hpp"

namespace live::recorder {

using bilibili::LiveStatus;
using bilibili::StateReason;

namespace {

ProbeVerdict closed(StateReason reason, std::string detail) {
  return {false, true, std::string(bilibili::to_string(reason)), std::move(detail)};
}

ProbeVerdict judge_error(const bilibili::ApiError& error) {
  switch (error.kind) {
    case bilibili::ErrorKind::not_found:
      return closed(StateReason::not_found, error.message);
    case bilibili::ErrorKind::encrypted:
      return closed(StateReason::encrypted, error.message);
    case bilibili::ErrorKind::region_blocked:
      return closed(StateReason::region_blocked, error.message);
    default:
      return {false, false, "Unreachable", error.message};
  }
}

ProbeVerdict judge_stream(const bilibili::FoundStream& stream) {
  if (const auto* error = std::get_if<bilibili::ApiError>(&stream.outcome)) return judge_error(*error);
  if (const auto* refusal = std::get_if<bilibili::Refusal>(&stream.outcome)) {
    return {false, true, std::string(bilibili::to_string(refusal->reason)), refusal->text};
  }
  return {true, true, "Live", {}};
}

std::string_view status_name(LiveStatus status) {
  switch (status) {
    case LiveStatus::live:
      return "live";
    case LiveStatus::rotation:
      return "rotation";
    case LiveStatus::idle:
      break;
  }
  return "offline";
}

// What strangers wrote, for a terminal: in one line, and without anything that a terminal obeys.
std::string printable(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto byte = static_cast<unsigned char>(text[at]);
    const bool c1 = byte == 0xC2 && at + 1 < text.size() && static_cast<unsigned char>(text[at + 1]) < 0xA0;
    if (c1) ++at;
    out += byte < 0x20 || byte == 0x7F || c1 ? '?' : text[at];
  }
  return out;
}

LiveStatus status_of(const ProbeAnswers& answers) {
  return answers.status ? answers.status->status : answers.init->status;
}

Json stream_json(const bilibili::StreamEntry& entry) {
  Json json = Json::object();
  json["format"] = bilibili::to_string(entry.format);
  json["codec"] = bilibili::to_string(entry.codec);
  json["quality"] = entry.current_qn;
  json["qualities"] = entry.accept_qn;
  Json hosts = Json::array();
  for (const bilibili::StreamHost& host : entry.hosts) hosts.push_back(host.host);
  json["hosts"] = std::move(hosts);
  json["drm"] = entry.drm;
  return json;
}

// Addresses carry signatures: only hosts are shown.
Json chosen_json(const bilibili::ChosenStream& chosen) {
  Json json = Json::object();
  json["format"] = bilibili::to_string(chosen.format);
  json["codec"] = bilibili::to_string(chosen.codec);
  json["wanted"] = chosen.wanted_qn;
  json["granted"] = chosen.granted_qn;
  json["quality"] = chosen.quality_name;
  json["original"] = chosen.encoding == bilibili::Encoding::original;
  Json hosts = Json::array();
  for (const bilibili::StreamAddress& address : chosen.addresses) hosts.push_back(address.host);
  json["hosts"] = std::move(hosts);
  return json;
}

}  // namespace

ProbeVerdict judge(const ProbeAnswers& answers) {
  if (answers.error) return judge_error(*answers.error);
  if (!answers.init) return {false, false, "Unreachable", "nothing was answered"};
  const bilibili::RoomAccess& access = answers.init->access;
  if (access.locked) return closed(StateReason::locked, "Bilibili has locked the room");
  if (access.hidden) return closed(StateReason::hidden, "Bilibili hides the room");
  if (access.encrypted) return closed(StateReason::encrypted, "the room wants a password");
  if (answers.stream) return judge_stream(*answers.stream);
  const bool rotates = status_of(answers) == LiveStatus::rotation;
  return {true, true, rotates ? "Rotation" : "Offline",
          rotates ? "replays old recordings, which is not live" : "it is not live now"};
}

Json probe_json(std::int64_t asked_for, const ProbeAnswers& answers) {
  const ProbeVerdict verdict = judge(answers);
  Json json = Json::object();
  json["asked"] = asked_for;
  json["recordable"] = verdict.recordable;
  json["reason"] = verdict.reason;
  json["detail"] = verdict.detail;
  if (answers.logged_in) json["loggedIn"] = *answers.logged_in;
  if (answers.init) {
    json["roomId"] = answers.init->room_id;
    json["shortId"] = answers.init->short_id;
    json["uid"] = answers.init->uid;
    json["status"] = status_name(status_of(answers));
    if (answers.init->live_time) json["liveSince"] = format_rfc3339(*answers.init->live_time);
  }
  if (answers.status) {
    json["title"] = answers.status->room.title;
    json["anchor"] = answers.status->room.anchor;
    json["area"] = answers.status->room.area;
    json["parentArea"] = answers.status->room.parent_area;
  }
  if (!answers.stream) return json;
  Json streams = Json::array();
  if (answers.stream->info) {
    for (const bilibili::StreamEntry& entry : answers.stream->info->streams)
      streams.push_back(stream_json(entry));
  }
  json["streams"] = std::move(streams);
  if (const auto* chosen = std::get_if<bilibili::ChosenStream>(&answers.stream->outcome)) {
    json["chosen"] = chosen_json(*chosen);
  }
  return json;
}

std::string probe_text(std::int64_t asked_for, const ProbeAnswers& answers) {
  const ProbeVerdict verdict = judge(answers);
  std::string text = fmt::format("room        {}", asked_for);
  if (answers.init) {
    if (answers.init->room_id != asked_for) text += fmt::format(", real number {}", answers.init->room_id);
    if (answers.init->short_id != 0) text += fmt::format(", short number {}", answers.init->short_id);
  }
  text += '\n';
  if (answers.status) {
    const bilibili::RoomInfo& room = answers.status->room;
    text += fmt::format("anchor      {}\ntitle       {}\narea        {} / {}\n", printable(room.anchor),
                        printable(room.title), printable(room.parent_area), printable(room.area));
  }
  if (answers.logged_in)
    text += fmt::format("login       {}\n", *answers.logged_in ? "accepted" : "not accepted");
  text += fmt::format("recordable  {}: {}{}{}\n", verdict.recordable ? "yes" : "no", verdict.reason,
                      verdict.detail.empty() ? "" : ", ", printable(verdict.detail));
  if (!answers.stream || !answers.stream->info) return text;
  for (const bilibili::StreamEntry& entry : answers.stream->info->streams) {
    std::vector<std::string> hosts;
    for (const bilibili::StreamHost& host : entry.hosts) hosts.push_back(host.host);
    text += fmt::format("stream      {} {} quality {} of {}{} at {}\n", bilibili::to_string(entry.format),
                        bilibili::to_string(entry.codec), entry.current_qn, fmt::join(entry.accept_qn, " "),
                        entry.drm ? " (DRM)" : "", printable(fmt::format("{}", fmt::join(hosts, " "))));
  }
  if (const auto* chosen = std::get_if<bilibili::ChosenStream>(&answers.stream->outcome)) {
    text +=
        fmt::format("chosen      {} {} quality {} ({}{})\n", bilibili::to_string(chosen->format),
                    bilibili::to_string(chosen->codec), chosen->granted_qn, printable(chosen->quality_name),
                    chosen->encoding == bilibili::Encoding::original ? "" : ", encoded anew by the service");
  }
  return text;
}

}  // namespace live::recorder
