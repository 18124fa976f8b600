// SPDX-License-Identifier: Apache-2.0
// What a recorder keeps on the volume between two processes. Pure.
#pragma once
#include "base/json_fwd.hpp"
#include "recorder/bilibili/api_client.hpp"
#include "recorder/show_facts.hpp"

namespace live::recorder {

// The newest recording, so that a restart in the same show makes the next part of it.
struct LastShow {
  std::string session;
  int next_part = 1;
  bilibili::Show show;
};

struct RecorderState {
  bilibili::ApiState api;
  LastShow last;
};

Json to_json(const RecorderState& state);
// Never fails: what is absent or broken has its default.
RecorderState recorder_state_from_json(const Json& json);

}  // namespace live::recorder
