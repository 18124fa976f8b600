// SPDX-License-Identifier: Apache-2.0
// The recorder's series. Every family exists from the start, so that rates and alerts see zeros.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/metrics.hpp"

namespace live::recorder {

class RecorderMetrics {
 public:
  explicit RecorderMetrics(Metrics& metrics);

  // For parts that keep their series themselves.
  Metrics& registry() { return metrics_; }

  void build_info(const std::string& version);
  void set_live(bool live) { live_.Set(live ? 1 : 0); }
  void set_recording(bool recording) { recording_.Set(recording ? 1 : 0); }
  void set_danmaku_connected(bool connected) { danmaku_connected_.Set(connected ? 1 : 0); }
  void set_throttled(bool throttled) { throttled_.Set(throttled ? 1 : 0); }
  // The numbers by which the service knows qualities; the first of the wanted ones.
  void set_quality(int wanted, int granted);
  // Texts of a room as labels of one series: the only place for them.
  void set_room_info(const std::string& room_id, const std::string& title, const std::string& anchor,
                     const std::string& area);
  void set_storage_writable(bool writable) { storage_writable_.Set(writable ? 1 : 0); }
  void set_storage_free(std::uint64_t bytes) { storage_free_.Set(static_cast<double>(bytes)); }
  void set_authenticated(bool authenticated) { authenticated_.Set(authenticated ? 1 : 0); }
  void set_credential_expiry(const std::optional<WallTime>& time);  // none: not known
  void set_buffer_bytes(const std::string& buffer, std::size_t bytes);

  void received(std::uint64_t bytes) { received_bytes_.Increment(static_cast<double>(bytes)); }
  void recorded(std::uint64_t bytes, double seconds);
  void lost(const std::string& cause, double seconds);
  void connection_ended(std::string_view end);
  void file_finished() { files_.Increment(); }
  void finding(std::string_view kind);
  void danmaku_message(std::string_view kind);
  // Why messages of a show are in no file: "no_file" is open, or the "volume" did not take them in time.
  void danmaku_dropped(std::string_view reason);
  // `by` more than when it was last told.
  void danmaku_damaged(std::uint64_t by) { damaged_frames_.Increment(static_cast<double>(by)); }
  void danmaku_gap(double by) { danmaku_gap_.Increment(by); }
  void danmaku_ended(std::string_view end, std::uint64_t by);
  // `by` calls more than when it was last told.
  void api_requests(std::string_view endpoint, std::string_view result, std::uint64_t by);
  void status_write(std::string_view result);

  // Seconds from a LIVE on the socket or in a poll to the first media byte.
  void start_delay(double seconds) { start_delay_.Observe(seconds); }

 private:
  // A counter of a family with one label; label values come from fixed sets in the code, never from outside.
  void count(std::string_view family, std::string_view help, std::string_view label, std::string_view value,
             double by = 1);

  Metrics& metrics_;
  prometheus::Gauge& live_;
  prometheus::Gauge& recording_;
  prometheus::Gauge& danmaku_connected_;
  prometheus::Gauge& throttled_;
  prometheus::Gauge& quality_wanted_;
  prometheus::Gauge& quality_granted_;
  prometheus::Gauge& storage_writable_;
  prometheus::Gauge& storage_free_;
  prometheus::Gauge& authenticated_;
  prometheus::Gauge& credential_expiry_;
  prometheus::Counter& received_bytes_;
  prometheus::Counter& recorded_bytes_;
  prometheus::Counter& recorded_seconds_;
  prometheus::Counter& files_;
  prometheus::Counter& damaged_frames_;
  prometheus::Counter& danmaku_gap_;
  prometheus::Histogram& start_delay_;
  std::map<std::string, prometheus::Counter*> counters_;
  std::map<std::string, prometheus::Gauge*> buffers_;
  Labels room_labels_;
  prometheus::Gauge* room_info_ = nullptr;
};

}  // namespace live::recorder
