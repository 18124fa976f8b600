// SPDX-License-Identifier: Apache-2.0
#include "controller/template_hash.hpp"

#include <fmt/format.h>
#include <xxhash.h>

#include "base/json.hpp"

namespace live::controller {
namespace {

// Raised when the controller must give all pods another shape although nobody changed their LiveRooms.
constexpr int template_revision = 1;

bool says_nothing(const Json& value) { return value.is_null() || (value.is_structured() && value.empty()); }

void drop_empty_members(Json& object) {
  for (auto member = object.begin(); member != object.end();)
    member = says_nothing(*member) ? object.erase(member) : std::next(member);
}

void drop_default(Json& object, const char* key, const Json& value) {
  const auto member = object.find(key);
  if (member != object.end() && *member == value) object.erase(member);
}

std::string computed_hash(const liveroom::LiveRoomSpec& spec, const Settings& settings) {
  Json environment = Json::array();
  for (const EnvironmentVariable& variable : settings.recorder_env)
    environment.push_back({variable.name, variable.value});
  Json secrets = Json::array();
  for (const liveroom::NotificationSpec& notification : spec.notifications) {
    if (notification.secret_name.empty()) continue;
    secrets.push_back({notification.name, notification.secret_name, notification.secret_key});
  }
  Json parts = {{"revision", template_revision},       {"claim", spec.storage.claim_name},
                {"podTemplate", spec.pod_template},    {"credentials", spec.credentials_secret},
                {"notifications", std::move(secrets)}, {"environment", std::move(environment)}};
  if (settings.recorder_resources != built_in_resources)
    parts["resources"] = parse_json(settings.recorder_resources);
  return fmt::format("{:016x}", text_hash(dump_json(parts)));
}

std::string normalized(std::string_view text) {
  Json json = parse_json(text, 128);
  if (!json.is_object()) return {};
  // Only these: deeper down, as in `emptyDir: {}` or an empty selector, an empty object has a meaning.
  for (const char* key : {"metadata", "resources", "securityContext"}) {
    const auto member = json.find(key);
    if (member == json.end() || !member->is_object()) continue;
    drop_default(*member, "fsGroupChangePolicy", "OnRootMismatch");
    drop_empty_members(*member);
  }
  drop_default(json, "terminationGracePeriodSeconds", 90);
  drop_empty_members(json);
  return json.empty() ? std::string{} : dump_json(json);
}

}  // namespace

std::string normalized_pod_template(std::string_view text) {
  if (text.empty()) return {};
  // What the schema's defaults bring to a room that asks for nothing is the same for all of them.
  thread_local std::string last_text;
  thread_local std::string last_result;
  if (text != last_text) {
    last_result = normalized(text);
    last_text = text;
  }
  return last_result;
}

std::string pod_template_input(const liveroom::LiveRoomSpec& spec, const Settings& settings) {
  std::string text = fmt::format("{}\n{}\n{}\n{}\n", spec.storage.claim_name, spec.pod_template,
                                 spec.credentials_secret, settings.recorder_resources);
  for (const liveroom::NotificationSpec& notification : spec.notifications) {
    if (notification.secret_name.empty()) continue;
    text += fmt::format("{}\n{}\n{}\n", notification.name, notification.secret_name, notification.secret_key);
  }
  text += '\0';
  for (const EnvironmentVariable& variable : settings.recorder_env)
    text += fmt::format("{}={}\n", variable.name, variable.value);
  return text;
}

std::string template_hash(const liveroom::LiveRoomSpec& spec, const Settings& settings) {
  // Most rooms ask for the same; the hash of the last one is theirs, too.
  thread_local std::string last_input;
  thread_local std::string last_hash;
  std::string input = pod_template_input(spec, settings);
  if (input != last_input) {
    last_hash = computed_hash(spec, settings);
    last_input = std::move(input);
  }
  return last_hash;
}

std::uint64_t text_hash(std::string_view text) { return XXH3_64bits(text.data(), text.size()); }

}  // namespace live::controller
