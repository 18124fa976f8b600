// SPDX-License-Identifier: Apache-2.0
// Series of one reflector: client-go's names where it has them.
#pragma once
#include <string>

#include "base/metrics.hpp"

namespace live::kube {

struct ReflectorMetrics {
  // `ns` empty: all namespaces.
  ReflectorMetrics(Metrics& metrics, const std::string& resource, const std::string& ns);

  prometheus::Counter& lists;
  prometheus::Counter& list_errors;
  prometheus::Counter& watches;
  prometheus::Counter& watch_errors;
  prometheus::Counter& short_watches;
  prometheus::Counter& events;
  prometheus::Counter& skipped_events;
  prometheus::Counter& silent_watches;
  prometheus::Gauge& last_news_age;
  prometheus::Gauge& synced;
};

}  // namespace live::kube
