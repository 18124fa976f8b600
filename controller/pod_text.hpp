// SPDX-License-Identifier: Apache-2.0
// The text of make_pod(), for many LiveRooms that ask for the same pod: it is made once, with holes where
// rooms differ. Making each pod anew costs as much as all else that a creation takes. Pure but for what it
// keeps.
#pragma once
#include <string>
#include <unordered_map>
#include <vector>

#include "controller/live_room.hpp"
#include "controller/settings.hpp"
#include "liveroom/recorder_config.hpp"

namespace live::controller {

class PodTexts {
 public:
  explicit PodTexts(const Settings& settings) : settings_(settings) {}

  // dump_json(make_pod(room, settings, config)).
  std::string text(const LiveRoom& room, const liveroom::RecorderConfig& config);

 private:
  enum class Hole { name, name_space, uid, config };
  struct Piece {
    std::string before;
    Hole hole;
  };
  struct Form {
    std::vector<Piece> pieces;
    std::string end;
  };

  static Form make_form(const LiveRoom& room, const Settings& settings);

  const Settings& settings_;
  std::unordered_map<std::string, Form> forms_;  // by pod_template_input()
};

}  // namespace live::controller
