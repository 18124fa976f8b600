// SPDX-License-Identifier: Apache-2.0
// The series of the retention.
#pragma once
#include "base/metrics.hpp"

namespace live::recorder {

struct RetentionMetrics {
  explicit RetentionMetrics(Metrics& metrics)
      : removed_files(metrics.counter("liveroom_retention_removed_files_total",
                                      "Files of finished recordings that the retention removed.")),
        removed_bytes(metrics.counter("liveroom_retention_removed_bytes_total",
                                      "Bytes of finished recordings that the retention removed.")),
        failures(metrics.counter("liveroom_retention_failures_total",
                                 "Looks or removals of the retention that the volume refused.")),
        unmet(metrics.gauge("liveroom_retention_unmet",
                            "1 while a limit is not kept although no finished recording is left to go.")),
        recordings(metrics.gauge("liveroom_kept_recordings", "Recordings on the volume, at the last look.")),
        bytes(metrics.gauge("liveroom_kept_bytes",
                            "Bytes of the recordings on the volume, at the last look.")) {}

  prometheus::Counter& removed_files;
  prometheus::Counter& removed_bytes;
  prometheus::Counter& failures;
  prometheus::Gauge& unmet;
  prometheus::Gauge& recordings;
  prometheus::Gauge& bytes;
};

}  // namespace live::recorder
