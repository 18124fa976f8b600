// SPDX-License-Identifier: Apache-2.0
#include "recorder/reporting/metrics.hpp"

namespace live::recorder {

RecorderMetrics::RecorderMetrics(Metrics& metrics)
    : metrics_(metrics),
      live_(metrics.gauge("liveroom_live", "1 while the room is live.")),
      recording_(metrics.gauge("liveroom_recording", "1 while a file is being written.")),
      danmaku_connected_(
          metrics.gauge("liveroom_danmaku_connected", "1 while the danmaku socket is authenticated.")),
      throttled_(metrics.gauge("liveroom_throttled", "1 while Bilibili refuses calls and they pause.")),
      quality_wanted_(metrics.gauge("liveroom_quality_wanted", "Number of the quality that is wanted most.")),
      quality_granted_(
          metrics.gauge("liveroom_quality_granted",
                        "Number of the quality that the newest play-info gave; 0 before the first.")),
      storage_writable_(
          metrics.gauge("liveroom_storage_writable", "1 while the directory is ours and takes writes.")),
      storage_free_(metrics.gauge("liveroom_storage_free_bytes",
                                  "Bytes free on the volume at the newest look; 0 before the first.")),
      authenticated_(
          metrics.gauge("liveroom_authenticated", "1 while Bilibili accepts the account's cookie.")),
      credential_expiry_(
          metrics.gauge("liveroom_credential_expiry_timestamp_seconds",
                        "Unix time at which the cookie's session ends; 0 while that isn't known.")),
      received_bytes_(
          metrics.counter("liveroom_received_bytes_total", "Media bytes received from the network.")),
      recorded_bytes_(metrics.counter("liveroom_recorded_bytes_total", "Bytes written to recordings.")),
      recorded_seconds_(
          metrics.counter("liveroom_recorded_seconds_total", "Media seconds written to recordings.")),
      files_(metrics.counter("liveroom_files_total", "Files published.")),
      damaged_frames_(metrics.counter("liveroom_danmaku_damaged_frames_total",
                                      "Danmaku frames of which a part could not be read.")),
      danmaku_gap_(metrics.counter("liveroom_danmaku_gap_seconds_total",
                                   "Time without an authenticated danmaku socket since the first one.")),
      start_delay_(metrics.histogram("liveroom_start_delay_seconds",
                                     "From noticing that the room is live to the first media byte.", {},
                                     {0.25, 0.5, 1, 2, 3, 5, 10, 30, 60, 120})) {
  for (const char* end : {"finished", "broken", "stalled", "absent", "refused", "no_stream"}) {
    count("liveroom_connections_total", "Media connections by how they ended.", "end", end, 0);
  }
  for (const char* result : {"written", "refused", "unreachable"}) {
    count("liveroom_status_writes_total", "Writes of the LiveRoom's status.", "result", result, 0);
  }
  for (const char* reason : {"no_file", "volume"}) {
    count("liveroom_danmaku_dropped_total", "Messages during a recording that its chat file lacks.", "reason",
          reason, 0);
  }
  for (const char* cause : {"connection", "source", "damage", "restart", "disk"}) lost(cause, 0);
}

void RecorderMetrics::build_info(const std::string& version) {
  metrics_.gauge("liveroom_build_info", "Always 1; says which version runs.", {{"version", version}}).Set(1);
}

void RecorderMetrics::set_credential_expiry(const std::optional<WallTime>& time) {
  const auto seconds =
      time ? std::chrono::duration_cast<std::chrono::seconds>(time->time_since_epoch()).count() : 0;
  credential_expiry_.Set(static_cast<double>(seconds));
}

void RecorderMetrics::set_quality(int wanted, int granted) {
  quality_wanted_.Set(wanted);
  quality_granted_.Set(granted);
}

void RecorderMetrics::set_room_info(const std::string& room_id, const std::string& title,
                                    const std::string& anchor, const std::string& area) {
  const std::string family = "liveroom_room_info";
  Labels labels{{"room_id", room_id}, {"title", title}, {"anchor", anchor}, {"area", area}};
  if (room_info_ != nullptr && labels == room_labels_) return;
  if (room_info_ != nullptr) metrics_.remove_gauge(family, *room_info_);
  room_info_ = &metrics_.gauge(family, "Always 1; what the room is called at the moment.", labels);
  room_info_->Set(1);
  room_labels_ = std::move(labels);
}

void RecorderMetrics::danmaku_ended(std::string_view end, std::uint64_t by) {
  count("liveroom_danmaku_connections_total", "Danmaku connections and attempts by how they ended.", "end",
        end, static_cast<double>(by));
}

void RecorderMetrics::set_buffer_bytes(const std::string& buffer, std::size_t bytes) {
  prometheus::Gauge*& gauge = buffers_[buffer];
  if (gauge == nullptr) {
    gauge = &metrics_.gauge("liveroom_buffer_bytes", "Bytes that wait in a named, bounded buffer.",
                            {{"buffer", buffer}});
  }
  gauge->Set(static_cast<double>(bytes));
}

void RecorderMetrics::recorded(std::uint64_t bytes, double seconds) {
  recorded_bytes_.Increment(static_cast<double>(bytes));
  if (seconds > 0) recorded_seconds_.Increment(seconds);
}

void RecorderMetrics::lost(const std::string& cause, double seconds) {
  count("liveroom_lost_seconds_total", "Media seconds that no file has, by cause.", "cause", cause, seconds);
}

void RecorderMetrics::connection_ended(std::string_view end) {
  count("liveroom_connections_total", "Media connections by how they ended.", "end", end);
}

void RecorderMetrics::finding(std::string_view kind) {
  count("liveroom_findings_total", "What the repair rules noticed or mended.", "kind", kind);
}

void RecorderMetrics::danmaku_message(std::string_view kind) {
  count("liveroom_danmaku_messages_total", "Messages on the danmaku socket.", "kind", kind);
}

void RecorderMetrics::danmaku_dropped(std::string_view reason) {
  count("liveroom_danmaku_dropped_total", "Messages during a recording that its chat file lacks.", "reason",
        reason);
}

void RecorderMetrics::api_requests(std::string_view endpoint, std::string_view result, std::uint64_t by) {
  const std::string family = "liveroom_api_requests_total";
  prometheus::Counter*& counter = counters_[family + "/" + std::string(endpoint) + "/" + std::string(result)];
  if (counter == nullptr) {
    counter = &metrics_.counter(family, "Calls of Bilibili's API.",
                                {{"endpoint", std::string(endpoint)}, {"result", std::string(result)}});
  }
  counter->Increment(static_cast<double>(by));
}

void RecorderMetrics::status_write(std::string_view result) {
  count("liveroom_status_writes_total", "Writes of the LiveRoom's status.", "result", result);
}

void RecorderMetrics::count(std::string_view family, std::string_view help, std::string_view label,
                            std::string_view value, double by) {
  prometheus::Counter*& counter = counters_[std::string(family) + "/" + std::string(value)];
  if (counter == nullptr) {
    counter =
        &metrics_.counter(std::string(family), std::string(help), {{std::string(label), std::string(value)}});
  }
  counter->Increment(by);
}

}  // namespace live::recorder
