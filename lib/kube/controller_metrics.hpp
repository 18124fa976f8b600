// SPDX-License-Identifier: Apache-2.0
// Series of one controller under controller-runtime's names, so that its dashboards work.
#pragma once
#include <string>

#include "base/metrics.hpp"

namespace live::kube {

struct ControllerMetrics {
  ControllerMetrics(Metrics& metrics, const std::string& controller);

  prometheus::Counter& success;
  prometheus::Counter& error;
  prometheus::Counter& requeue;
  prometheus::Counter& requeue_after;
  prometheus::Counter& errors;
  prometheus::Counter& terminal_errors;
  prometheus::Counter& panics;
  prometheus::Histogram& reconcile_time;
  prometheus::Gauge& max_concurrent;
  prometheus::Gauge& active_workers;

  prometheus::Gauge& depth;
  prometheus::Counter& adds;
  prometheus::Counter& retries;
  prometheus::Gauge& unfinished_work;
  prometheus::Gauge& longest_running;
  prometheus::Histogram& queue_duration;
  prometheus::Histogram& work_duration;
};

}  // namespace live::kube
