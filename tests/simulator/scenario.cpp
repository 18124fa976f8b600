// SPDX-License-Identifier: Apache-2.0
#include "simulator/scenario.hpp"

#include <fmt/format.h>

#include <memory>

#include "base/log.hpp"
#include "simulator/commands.hpp"
#include "simulator/fields.hpp"

namespace live::simulator {
namespace {

using Begin = ScenarioStep::Begin;

std::optional<Problem> read_begin(const std::string& after, Begin& begin) {
  if (after.empty()) return std::nullopt;
  if (after == "start")
    begin = Begin::start;
  else if (after == "first-danmaku-connection")
    begin = Begin::first_danmaku;
  else if (after == "first-media-connection")
    begin = Begin::first_media;
  else
    return Problem{"after: start, first-danmaku-connection or first-media-connection is wanted"};
  return std::nullopt;
}

// The members of a step that are not of the scenario are the command's body.
std::optional<Problem> read_step(const Json& json, Begin begin, ScenarioStep& step) {
  if (!json.is_object()) return Problem{"a JSON object is wanted"};
  step.begin = begin;
  Json own = Json::object();
  step.body = json;
  for (const char* name : {"at", "room", "do", "after"}) {
    if (json.contains(name)) own[name] = json.at(name);
    step.body.erase(name);
  }
  std::string after;
  Fields fields(own);
  fields.read_seconds("at", step.at);
  fields.read("room", step.room_id);
  fields.read("do", step.command);
  fields.read("after", after);
  if (auto problem = fields.problem()) return problem;
  if (step.command.empty()) return Problem{"do: a command is wanted"};
  return read_begin(after, step.begin);
}

void perform(World& world, const ScenarioStep& step) {
  Room* room = world.find_room_by_any(step.room_id);
  const Result<Json> done =
      room ? run_command(world, *room, step.command, step.body) : Result<Json>(failure("no such room"));
  if (done) log::info("scenario step", {{"room", step.room_id}, {"do", step.command}});
  if (!done)
    log::warning("scenario step failed",
                 {{"room", step.room_id}, {"do", step.command}, {"error", done.error().message}});
}

}  // namespace

Result<Scenario> Scenario::parse(std::string_view text) {
  const Json json = parse_json(text);
  if (json.is_discarded()) return failure("no JSON");
  Scenario scenario;
  const Json* steps = json.is_array() ? &json : nullptr;
  Begin begin = Begin::start;
  if (!steps) {
    std::string after;
    Fields fields(json);
    fields.read("after", after);
    steps = fields.member("steps");
    const Json* rooms = fields.member("rooms");
    if (auto problem = fields.problem()) return failure(problem->message);
    if (auto problem = read_begin(after, begin)) return failure(problem->message);
    if (rooms && !rooms->is_array()) return failure("rooms: a list is wanted");
    if (rooms) scenario.rooms.assign(rooms->begin(), rooms->end());
  }
  if (!steps || !steps->is_array()) return failure("steps: a list is wanted");
  for (const Json& json_step : *steps) {
    ScenarioStep step;
    if (const auto problem = read_step(json_step, begin, step))
      return failure(fmt::format("step {}: {}", scenario.steps.size() + 1, problem->message));
    scenario.steps.push_back(std::move(step));
  }
  return scenario;
}

std::optional<Problem> Scenario::start(World& world) const {
  for (const Json& room : rooms)
    if (const auto made = world.put_room(room); !made) return Problem{"rooms: " + made.error().message};
  for (const ScenarioStep& step : steps)
    if (!world.find_room_by_any(step.room_id))
      return Problem{fmt::format("a step names room {}, which is not among the rooms", step.room_id)};
  for (const ScenarioStep& step : steps) {
    const auto run = [&world, step] { perform(world, step); };
    if (step.begin == Begin::start) {
      world.later(step.at, run);
      continue;
    }
    const Event wanted =
        step.begin == Begin::first_danmaku ? Event::danmaku_connected : Event::media_connected;
    world.listen([&world, step, wanted, run, seen = std::make_shared<bool>(false)](Event event, Room& room) {
      if (*seen || event != wanted || &room != world.find_room_by_any(step.room_id)) return;
      *seen = true;
      world.later(step.at, run);
    });
  }
  return std::nullopt;
}

}  // namespace live::simulator
