// SPDX-License-Identifier: Apache-2.0
// The part of the configuration that a recording goes by, in the words of the libraries it hands it to. Pure.
#pragma once
#include "liveroom/recorder_config.hpp"
#include "net/media_stream.hpp"
#include "recorder/bilibili/play_url.hpp"
#include "recorder/bilibili/room_monitor.hpp"
#include "recorder/connection_policy.hpp"
#include "recorder/flv/pipeline.hpp"

namespace live::recorder {

bilibili::StreamPreferences stream_preferences(const liveroom::StreamSpec& spec);
// "http://host:port" and nothing behind it; user information is refused.
Result<net::Url> parse_proxy(std::string_view text);
net::AddressFamily address_family(liveroom::AddressFamily family);
TransportSettings transport_settings(const liveroom::TransportSpec& spec);
bilibili::MonitorSettings monitor_settings(const liveroom::RecorderConfig& config);
std::vector<StreamCandidate> stream_candidates(const bilibili::ChosenStream& stream);

}  // namespace live::recorder
