// SPDX-License-Identifier: Apache-2.0
#include "controller/room_events.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "liveroom/names.hpp"

namespace live::controller {
namespace {
using namespace liveroom;

kube::Event event(const LiveRoom& room, kube::EventType type, std::string_view why, std::string_view action,
                  std::string note) {
  return {.type = type,
          .reason = std::string(why),
          .action = std::string(action),
          .note = std::move(note),
          .regarding = {.api_version = live_rooms.api_version(),
                        .kind = live_rooms.kind,
                        .key = room.key,
                        .uid = room.uid},
          .related = std::nullopt};
}

// Reasons that are a normal step on the way, or that somebody asked for.
bool is_expected(std::string_view why) {
  static constexpr std::array expected = {
      reason::pending,           reason::suspended,       reason::pod_pending,
      reason::pod_not_ready,     reason::pod_terminating, reason::claim_pending,
      reason::storage_not_ready, reason::room_not_found,  reason::recorder_absent,
      reason::not_live,          reason::connecting,      reason::offline,
      reason::stopping,          reason::draining,        reason::guest,
      reason::replacing,         reason::not_throttled};
  return std::find(expected.begin(), expected.end(), why) != expected.end();
}

// What a person should hear of when the condition is False; when it is True for Throttled.
std::string_view action_of(ConditionType type) {
  switch (type) {
    case ConditionType::ready:
      return "Reconcile";
    case ConditionType::storage_ready:
      return "PrepareStorage";
    case ConditionType::up_to_date:
      return "Update";
    case ConditionType::room_found:
      return "FindRoom";
    case ConditionType::recording:
      return "Record";
    case ConditionType::authenticated:
      return "Authenticate";
    case ConditionType::storage_writable:
      return "Write";
    case ConditionType::throttled:
      return "Poll";
    default:
      return {};
  }
}

std::string note_of(const Condition& condition) {
  if (!condition.message.empty()) return condition.message;
  return std::string(to_string(condition.type)) + " is " + std::string(to_string(condition.status));
}

bool same(const Condition* before, const Condition& after) {
  return before != nullptr && before->status == after.status && before->reason == after.reason;
}

// What a person wants to know next.
std::string note_of_end(const Condition& condition) {
  if (!condition.message.empty()) return condition.reason + ": " + condition.message;
  return condition.reason + (condition.reason == reason::not_live ? ": the show is over; " : "; ") +
         "status.lastRecording names its files";
}

// That a room can't be found is told once, by its own condition.
bool is_told_by_room(const LiveRoom& room, const Condition& recording) {
  const Condition* found = find_condition(room.conditions, ConditionType::room_found);
  return found != nullptr && found->status == ConditionStatus::no && found->reason == recording.reason;
}

std::optional<kube::Event> of_recording(const LiveRoom& room, const Condition* before,
                                        const Condition& after) {
  const bool was = before != nullptr && before->status == ConditionStatus::yes;
  if (after.status == ConditionStatus::yes && !was)
    return event(room, kube::EventType::normal, "RecordingStarted", "Record",
                 after.message.empty() ? "status.recording names the file" : after.message);
  if (was && after.status == ConditionStatus::no)
    return event(room, kube::EventType::normal, "RecordingEnded", "Record", note_of_end(after));
  if (was && after.reason == reason::recorder_absent)
    return event(room, kube::EventType::warning, "RecorderAbsent", "Record", note_of(after));
  if (after.status == ConditionStatus::no && !is_expected(after.reason) && !is_told_by_room(room, after))
    return event(room, kube::EventType::warning, after.reason, "Record", note_of(after));
  return std::nullopt;
}

std::optional<kube::Event> event_of(const LiveRoom& room, const Condition* before, const Condition& after) {
  if (same(before, after)) return std::nullopt;
  if (after.type == ConditionType::recording) return of_recording(room, before, after);
  const std::string_view action = action_of(after.type);
  if (action.empty()) return std::nullopt;
  const ConditionStatus bad =
      after.type == ConditionType::throttled ? ConditionStatus::yes : ConditionStatus::no;
  if (after.type == ConditionType::ready && after.reason == reason::duplicate_room)
    return event(room, kube::EventType::warning, after.reason, action, note_of(after));
  if (after.type == ConditionType::storage_ready && after.reason == reason::resize_refused)
    return event(room, kube::EventType::warning, after.reason, action, note_of(after));
  // That an update waits for the end of a recording is as it should be; only its failure is news.
  if (after.type == ConditionType::up_to_date && after.reason != reason::image_pull_failed)
    return std::nullopt;
  if (after.status == bad) {
    if (is_expected(after.reason)) return std::nullopt;
    // A recorder's condition that Ready repeats is told once, by the recorder's.
    if (after.type == ConditionType::ready) {
      for (const ConditionType source : {ConditionType::storage_writable, ConditionType::storage_ready}) {
        const Condition* other = find_condition(room.conditions, source);
        if (other != nullptr && other->status == ConditionStatus::no && other->reason == after.reason)
          return std::nullopt;
      }
    }
    return event(room, kube::EventType::warning, after.reason, action, note_of(after));
  }
  const bool is_healed = before != nullptr && before->status == bad && !is_expected(before->reason) &&
                         after.status != ConditionStatus::unknown;
  if (is_healed && after.type != ConditionType::ready)
    return event(room, kube::EventType::normal, after.reason, action, note_of(after));
  return std::nullopt;
}

}  // namespace

kube::Event drain_waits_event(const LiveRoom& room, const std::string& pod, const std::string& node) {
  return event(room, kube::EventType::normal, "DrainWaits", "Drain",
               fmt::format("node {} takes no more pods; pod {} may be evicted when its recording has ended",
                           node, pod));
}

std::vector<kube::Event> events_of(const LiveRoom& before, const LiveRoom& after) {
  std::vector<kube::Event> events;
  if (before.uid != after.uid) return events;
  for (const Condition& condition : after.conditions) {
    auto event = event_of(after, find_condition(before.conditions, condition.type), condition);
    if (event) events.push_back(std::move(*event));
  }
  return events;
}

}  // namespace live::controller
