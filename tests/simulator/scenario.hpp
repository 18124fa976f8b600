// SPDX-License-Identifier: Apache-2.0
// A play of commands over time, read from a file; README.md has its form. No I/O.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"
#include "simulator/world.hpp"

namespace live::simulator {

struct ScenarioStep {
  enum class Begin { start, first_danmaku, first_media };  // what `at` counts from, for the step's room
  Begin begin = Begin::start;
  Milliseconds at{0};
  std::int64_t room_id = 0;
  std::string command;
  Json body;
};

struct Scenario {
  std::vector<Json> rooms;
  std::vector<ScenarioStep> steps;

  static Result<Scenario> parse(std::string_view text);
  // Makes the rooms and lets the world do each step in its time; a step that fails is logged.
  std::optional<Problem> start(World& world) const;
};

}  // namespace live::simulator
