// SPDX-License-Identifier: Apache-2.0
// The recorder's series. Every family exists from the start, so that rates and alerts see zeros.
#pragma once
#include <map>
#include <string>
#include <string_view>

#include "base/metrics.hpp"

namespace live::recorder {

class RecorderMetrics {
 public:
  explicit RecorderMetrics(Metrics& metrics);

  void build_info(const std::string& version);
  void set_live(bool live) { live_.Set(live ? 1 : 0); }
  void set_recording(bool recording) { recording_.Set(recording ? 1 : 0); }
  void set_danmaku_connected(bool connected) { danmaku_connected_.Set(connected ? 1 : 0); }
  void set_storage_writable(bool writable) { storage_writable_.Set(writable ? 1 : 0); }
  void set_buffer_bytes(const std::string& buffer, std::size_t bytes);

  void received(std::uint64_t bytes) { received_bytes_.Increment(static_cast<double>(bytes)); }
  void recorded(std::uint64_t bytes, double seconds);
  void lost(const std::string& cause, double seconds);
  void connection_ended(std::string_view end);
  void file_finished() { files_.Increment(); }
  void finding(std::string_view kind);
  void danmaku_message(std::string_view kind);
  void danmaku_damaged() { damaged_frames_.Increment(); }
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
  prometheus::Gauge& storage_writable_;
  prometheus::Counter& received_bytes_;
  prometheus::Counter& recorded_bytes_;
  prometheus::Counter& recorded_seconds_;
  prometheus::Counter& files_;
  prometheus::Counter& damaged_frames_;
  prometheus::Histogram& start_delay_;
  std::map<std::string, prometheus::Counter*> counters_;
  std::map<std::string, prometheus::Gauge*> buffers_;
};

}  // namespace live::recorder
