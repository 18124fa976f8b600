// SPDX-License-Identifier: Apache-2.0
// What of a LiveRoom needs a new pod when it changes, as one number. Pure.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "controller/settings.hpp"
#include "liveroom/spec.hpp"

namespace live::controller {

// podTemplate without the empty objects and lists that the schema's defaults bring, and without values that
// are the schema's defaults: a later schema must not change the hash of a template that says nothing new.
std::string normalized_pod_template(std::string_view text);

// 16 hexadecimal digits over volume, podTemplate, names of Secrets and the environment of all pods. No image
// and no version of this program: neither may make a pod outdated by itself.
std::string template_hash(const liveroom::LiveRoomSpec& spec, const Settings& settings);

// All that goes into a pod and differs between LiveRooms, but for their names and configurations. Of equal
// inputs the hashes are equal.
std::string pod_template_input(const liveroom::LiveRoomSpec& spec, const Settings& settings);

// For comparing what is long with what was.
std::uint64_t text_hash(std::string_view text);

}  // namespace live::controller
