// SPDX-License-Identifier: Apache-2.0
// What a recorder keeps on the volume between two processes. Pure.
#pragma once
#include "base/json_fwd.hpp"
#include "liveroom/recorder_status.hpp"
#include "recorder/bilibili/api_client.hpp"
#include "recorder/show/recording_tail.hpp"
#include "recorder/show/show_facts.hpp"

namespace live::recorder {

// The newest recording, so that a restart in the same show makes the next part of it.
struct LastShow {
  std::string session;
  int next_part = 1;
  bilibili::Show show;
  // Below the recording directory: as it was opened (a .part), and the published one before it.
  std::string file;
  std::string file_before;
  // Whether the recording came to its end: then `tail` is that end. Else it is of an earlier one.
  bool ended = false;
  RecordingTail tail;
  // The files that are finished, and what of them is in the totals.
  liveroom::LastRecording files;
  liveroom::Totals counted;
};

struct RecorderState {
  bilibili::ApiState api;
  LastShow last;
};

Json to_json(const RecorderState& state);
// Never fails: what is absent or broken has its default.
RecorderState recorder_state_from_json(const Json& json);

}  // namespace live::recorder
