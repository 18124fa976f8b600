// SPDX-License-Identifier: Apache-2.0
#include "recorder/notifications/notification_metrics.hpp"

namespace live::recorder {

NotificationMetrics::NotificationMetrics(Metrics& metrics)
    : metrics_(metrics),
      log_failures_(metrics.counter("liveroom_outbox_write_failures_total",
                                    "Writes of the outbox that the volume refused; a restart forgets them.")),
      damaged_lines_(metrics.counter("liveroom_outbox_damaged_lines_total",
                                     "Lines of the outbox that could not be read at the start.")),
      bytes_(metrics.gauge("liveroom_buffer_bytes", "Bytes that wait in a named, bounded buffer.",
                           {{"buffer", "outbox"}})) {}

void NotificationMetrics::attempted(const std::string& receiver, std::string_view outcome, std::uint64_t by) {
  metrics_
      .counter("liveroom_notifications_total", "Attempts to tell a receiver of an event, by outcome.",
               {{"receiver", receiver}, {"outcome", std::string(outcome)}})
      .Increment(static_cast<double>(by));
}

void NotificationMetrics::set_pending(const std::string& receiver, std::size_t events) {
  metrics_
      .gauge("liveroom_notifications_pending", "Events that a receiver does not have yet.",
             {{"receiver", receiver}})
      .Set(static_cast<double>(events));
}

void NotificationMetrics::set_held(const std::string& receiver, bool held) {
  metrics_
      .gauge("liveroom_notifications_held", "1 while events wait because the signature's key is missing.",
             {{"receiver", receiver}})
      .Set(held ? 1 : 0);
}

}  // namespace live::recorder
