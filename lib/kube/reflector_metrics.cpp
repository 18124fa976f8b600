// SPDX-License-Identifier: Apache-2.0
#include "kube/reflector_metrics.hpp"

namespace live::kube {
namespace {
Labels labels_of(const std::string& resource, const std::string& ns) {
  return {{"resource", resource}, {"namespace", ns}};
}
}  // namespace

ReflectorMetrics::ReflectorMetrics(Metrics& metrics, const std::string& resource, const std::string& ns)
    : lists(metrics.counter("reflector_lists_total", "Whole lists read; all but the first are re-lists.",
                            labels_of(resource, ns))),
      list_errors(
          metrics.counter("reflector_list_errors_total", "List pages that failed.", labels_of(resource, ns))),
      watches(metrics.counter("reflector_watches_total", "Watches opened.", labels_of(resource, ns))),
      watch_errors(metrics.counter("reflector_watch_errors_total",
                                   "Watches refused, broken, or ended by an error event.",
                                   labels_of(resource, ns))),
      short_watches(metrics.counter("reflector_short_watches_total", "Watches that ended within a second.",
                                    labels_of(resource, ns))),
      events(metrics.counter("reflector_events_total", "Events of watches, without bookmarks.",
                             labels_of(resource, ns))),
      skipped_events(metrics.counter("reflector_skipped_events_total",
                                     "Events of unknown type or kind, or without a version.",
                                     labels_of(resource, ns))),
      silent_watches(metrics.counter("reflector_silent_watches_total",
                                     "Watches given up after two minutes without a byte.",
                                     labels_of(resource, ns))),
      last_news_age(metrics.gauge("reflector_watch_last_event_age_seconds",
                                  "Time since the last page, event or bookmark.", labels_of(resource, ns))),
      synced(metrics.gauge("reflector_cache_synced", "1 when a whole list is in the cache.",
                           labels_of(resource, ns))) {}

}  // namespace live::kube
