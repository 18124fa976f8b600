// SPDX-License-Identifier: Apache-2.0
#include "recorder/recording/recording_settings.hpp"

namespace live::recorder {

bilibili::StreamPreferences stream_preferences(const liveroom::StreamSpec& spec) {
  bilibili::StreamPreferences wanted;
  wanted.qualities.clear();
  for (const std::int64_t quality : spec.qualities) wanted.qualities.push_back(static_cast<int>(quality));
  wanted.fallback = spec.fallback == liveroom::QualityFallback::wait ? bilibili::QualityFallback::wait
                                                                     : bilibili::QualityFallback::best;
  wanted.formats.clear();
  for (const liveroom::StreamFormat format : spec.formats) {
    wanted.formats.push_back(format == liveroom::StreamFormat::fmp4 ? bilibili::StreamFormat::fmp4
                                                                    : bilibili::StreamFormat::flv);
  }
  wanted.codecs.clear();
  for (const liveroom::StreamCodec codec : spec.codecs) {
    wanted.codecs.push_back(codec == liveroom::StreamCodec::hevc ? bilibili::Codec::hevc
                                                                 : bilibili::Codec::avc);
  }
  wanted.prefer_hosts = spec.prefer_hosts;
  wanted.avoid_hosts = spec.avoid_hosts;
  return wanted;
}

Result<net::Url> parse_proxy(std::string_view text) {
  if (!text.starts_with("http://")) return failure("must be http://host:port");
  Result<net::Url> url = net::parse_url(text);
  if (!url) return url;
  if (url->target != "/") return failure("must be http://host:port");
  return url;
}

net::AddressFamily address_family(liveroom::AddressFamily family) {
  switch (family) {
    case liveroom::AddressFamily::ipv4:
      return net::AddressFamily::ipv4;
    case liveroom::AddressFamily::ipv6:
      return net::AddressFamily::ipv6;
    case liveroom::AddressFamily::any:
      break;
  }
  return net::AddressFamily::any;
}

flv::PipelineOptions pipeline_options(const liveroom::RecordingSpec& spec) {
  flv::PipelineOptions options;
  options.gaps = spec.gaps == liveroom::GapHandling::keep ? flv::Gaps::keep : flv::Gaps::close;
  options.split_ms = spec.split_seconds * 1000;
  options.split_bytes = static_cast<std::uint64_t>(spec.split_size_bytes);
  return options;
}

hls::AssemblerOptions assembler_options(const liveroom::RecordingSpec& spec) {
  hls::AssemblerOptions options;
  options.keep_gaps = spec.gaps == liveroom::GapHandling::keep;
  options.split_ms = spec.split_seconds * 1000;
  options.split_bytes = static_cast<std::uint64_t>(spec.split_size_bytes);
  return options;
}

bilibili::StreamPreferences preferences_at(bilibili::StreamPreferences wanted, const bilibili::Show& show,
                                           WallTime wall, Duration recording_for) {
  const bool young = !show.start || wall - *show.start < young_show;
  if (young && recording_for < format_wait && wanted.formats.size() > 1) wanted.formats.resize(1);
  return wanted;
}

TransportSettings transport_settings(const liveroom::TransportSpec& spec) {
  TransportSettings settings;
  settings.socket_timeout = std::chrono::seconds(spec.socket_timeout_seconds);
  settings.retry_interval = std::chrono::seconds(spec.retry_interval_seconds);
  settings.max_retry_times = static_cast<int>(spec.max_retry_times);
  return settings;
}

bilibili::MonitorSettings monitor_settings(const liveroom::RecorderConfig& config) {
  bilibili::MonitorSettings settings;
  settings.poll_interval = std::chrono::seconds(config.transport.poll_interval_seconds);
  settings.rooms = config.rooms;
  return settings;
}

std::vector<StreamCandidate> stream_candidates(const bilibili::ChosenStream& stream) {
  std::vector<StreamCandidate> candidates;
  for (const bilibili::StreamAddress& address : stream.addresses) {
    candidates.push_back({address.url, address.host, address.expires});
  }
  return candidates;
}

}  // namespace live::recorder
