// SPDX-License-Identifier: Apache-2.0
#include "controller/pod_text.hpp"

#include <array>
#include <string_view>

#include "base/json.hpp"
#include "controller/config_facts.hpp"
#include "controller/pod_spec.hpp"
#include "controller/template_hash.hpp"
#include "liveroom/names.hpp"

namespace live::controller {
namespace {

constexpr std::size_t max_forms = 32;  // different pods; emptied when there are more

// Stand in for what differs. A pod that has one of them for another reason is made in whole.
constexpr std::string_view mark = "liveroom-hole-";
constexpr std::array<std::string_view, 4> marks = {"liveroom-hole-name", "liveroom-hole-space",
                                                   "liveroom-hole-uid", "liveroom-hole-config"};

// A text between quotes, without them.
std::string escaped(std::string_view text) {
  const std::string quoted = dump_json(Json(text));
  return quoted.substr(1, quoted.size() - 2);
}

}  // namespace

PodTexts::Form PodTexts::make_form(const LiveRoom& room, const Settings& settings) {
  LiveRoom model = room;
  model.key = {std::string(marks[1]), std::string(marks[0])};
  model.uid = marks[2];
  Json pod = make_pod(model, settings, {});
  pod["metadata"]["annotations"][std::string(liveroom::annotation::config)] = marks[3];
  const std::string text = dump_json(pod);
  Form form;
  std::string_view left = text;
  for (std::size_t at = left.find(mark); at != std::string_view::npos; at = left.find(mark)) {
    std::size_t hole = 0;
    while (!left.substr(at).starts_with(marks[hole])) ++hole;
    form.pieces.push_back({std::string(left.substr(0, at)), static_cast<Hole>(hole)});
    left.remove_prefix(at + marks[hole].size());
  }
  form.end = left;
  return form;
}

std::string PodTexts::text(const LiveRoom& room, const liveroom::RecorderConfig& config) {
  std::string input = pod_template_input(room.spec, settings_);
  if (input.find(mark) != std::string::npos || settings_.recorder_image.find(mark) != std::string::npos)
    return dump_json(make_pod(room, settings_, config));
  auto form = forms_.find(input);
  if (form == forms_.end()) {
    if (forms_.size() >= max_forms) forms_.clear();
    form = forms_.emplace(std::move(input), make_form(room, settings_)).first;
  }
  const std::array<std::string, 4> values = {escaped(room.key.name), escaped(room.key.ns), escaped(room.uid),
                                             escaped(config_text(config))};
  std::string text;
  for (const Piece& piece : form->second.pieces) {
    text += piece.before;
    text += values[static_cast<std::size_t>(piece.hole)];
  }
  text += form->second.end;
  return text;
}

}  // namespace live::controller
