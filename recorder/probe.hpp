// SPDX-License-Identifier: Apache-2.0
// What a room's answers say about recording it. Pure.
#pragma once
#include <optional>
#include <string>

#include "base/json_fwd.hpp"
#include "recorder/bilibili/stream_finder.hpp"

namespace live::recorder {

// As far as the questions came; each is asked only when the one before says that it is worth it.
struct ProbeAnswers {
  std::optional<bilibili::RoomInit> init;
  std::optional<bilibili::RoomStatus> status;
  std::optional<bilibili::FoundStream> stream;  // asked while the room is live
  std::optional<bilibili::ApiError> error;      // of the first question that failed
  std::optional<bool> logged_in;                // not asked without a cookie
};

struct ProbeVerdict {
  // Nothing stands between us and the room: it is being recorded by whoever watches it, or will be once it is
  // live.
  bool recordable = false;
  bool known = true;   // false: the service could not be asked
  std::string reason;  // "Live", "Offline", "Encrypted" …, as the reasons of conditions
  std::string detail;  // for a person; may be empty
};
ProbeVerdict judge(const ProbeAnswers& answers);

Json probe_json(std::int64_t asked_for, const ProbeAnswers& answers);
// Lines for a terminal.
std::string probe_text(std::int64_t asked_for, const ProbeAnswers& answers);

}  // namespace live::recorder
