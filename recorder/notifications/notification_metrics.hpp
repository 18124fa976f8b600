// SPDX-License-Identifier: Apache-2.0
// The series of the outbox. `receiver` is the name of a notification in the spec: at most eight at a time.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/metrics.hpp"

namespace live::recorder {

class NotificationMetrics {
 public:
  explicit NotificationMetrics(Metrics& metrics);

  void attempted(const std::string& receiver, std::string_view outcome, std::uint64_t by = 1);
  void set_pending(const std::string& receiver, std::size_t events);
  // Waiting for a key that is not there.
  void set_held(const std::string& receiver, bool held);
  void log_failed() { log_failures_.Increment(); }
  void log_damaged(std::uint64_t lines) { damaged_lines_.Increment(static_cast<double>(lines)); }
  void set_bytes(std::size_t bytes) { bytes_.Set(static_cast<double>(bytes)); }

 private:
  Metrics& metrics_;
  prometheus::Counter& log_failures_;
  prometheus::Counter& damaged_lines_;
  prometheus::Gauge& bytes_;
};

}  // namespace live::recorder
