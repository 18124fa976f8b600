// SPDX-License-Identifier: Apache-2.0
// The part of the configuration that a recording goes by, in the words of the libraries it hands it to. Pure.
#pragma once
#include "liveroom/recorder_config.hpp"
#include "net/media_stream.hpp"
#include "recorder/bilibili/play_url.hpp"
#include "recorder/bilibili/room_monitor.hpp"
#include "recorder/connection/connection_policy.hpp"
#include "recorder/flv/pipeline.hpp"
#include "recorder/hls/assembler.hpp"

namespace live::recorder {

bilibili::StreamPreferences stream_preferences(const liveroom::StreamSpec& spec);
// "http://host:port" and nothing behind it; user information is refused.
Result<net::Url> parse_proxy(std::string_view text);
net::AddressFamily address_family(liveroom::AddressFamily family);
flv::PipelineOptions pipeline_options(const liveroom::RecordingSpec& spec);
hls::AssemblerOptions assembler_options(const liveroom::RecordingSpec& spec);

// The formats of a show do not appear at the same moment: while it is young, a recording waits so long for
// the first wanted format before it takes another one.
inline constexpr Duration format_wait = std::chrono::seconds(10);
inline constexpr Duration young_show = std::chrono::seconds(60);
bilibili::StreamPreferences preferences_at(bilibili::StreamPreferences wanted, const bilibili::Show& show,
                                           WallTime wall, Duration recording_for);

TransportSettings transport_settings(const liveroom::TransportSpec& spec);
bilibili::MonitorSettings monitor_settings(const liveroom::RecorderConfig& config);
std::vector<StreamCandidate> stream_candidates(const bilibili::ChosenStream& stream);

}  // namespace live::recorder
