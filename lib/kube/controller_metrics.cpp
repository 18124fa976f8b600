// SPDX-License-Identifier: Apache-2.0
#include "kube/controller_metrics.hpp"

namespace live::kube {
namespace {

using Buckets = prometheus::Histogram::BucketBoundaries;

const Buckets reconcile_buckets{0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3,  0.35,
                                0.4,   0.45, 0.5,   0.6,  0.7, 0.8,  0.9, 1,    1.25, 1.5,
                                1.75,  2,    2.5,   3,    3.5, 4,    4.5, 5,    6,    7,
                                8,     9,    10,    15,   20,  25,   30,  40,   50,   60};

Buckets queue_buckets() {
  Buckets buckets;
  double bound = 1e-8;
  for (int i = 0; i < 12; ++i, bound *= 10) buckets.push_back(bound);
  return buckets;
}

prometheus::Counter& result(Metrics& metrics, const std::string& controller, const char* value) {
  return metrics.counter("controller_runtime_reconcile_total", "Reconciliations by controller and result.",
                         {{"controller", controller}, {"result", value}});
}

Labels of_controller(const std::string& controller) { return {{"controller", controller}}; }
Labels of_queue(const std::string& controller) { return {{"name", controller}, {"controller", controller}}; }

}  // namespace

ControllerMetrics::ControllerMetrics(Metrics& metrics, const std::string& controller)
    : success(result(metrics, controller, "success")),
      error(result(metrics, controller, "error")),
      requeue(result(metrics, controller, "requeue")),
      requeue_after(result(metrics, controller, "requeue_after")),
      errors(metrics.counter("controller_runtime_reconcile_errors_total", "Reconciliations that failed.",
                             of_controller(controller))),
      terminal_errors(metrics.counter("controller_runtime_terminal_reconcile_errors_total",
                                      "Reconciliations that failed for good.", of_controller(controller))),
      panics(metrics.counter("controller_runtime_reconcile_panics_total",
                             "Reconciliations that ended with an exception of an unknown type.",
                             of_controller(controller))),
      reconcile_time(metrics.histogram("controller_runtime_reconcile_time_seconds",
                                       "Time of a reconciliation.", of_controller(controller),
                                       reconcile_buckets)),
      max_concurrent(metrics.gauge("controller_runtime_max_concurrent_reconciles",
                                   "Workers of the controller.", of_controller(controller))),
      active_workers(metrics.gauge("controller_runtime_active_workers", "Workers that are at work.",
                                   of_controller(controller))),
      depth(metrics.gauge("workqueue_depth", "Keys that are ready and wait for a worker.",
                          of_queue(controller))),
      adds(metrics.counter("workqueue_adds_total", "Keys added that were not yet waiting.",
                           of_queue(controller))),
      retries(metrics.counter("workqueue_retries_total", "Keys added again after a failure.",
                              of_queue(controller))),
      unfinished_work(metrics.gauge("workqueue_unfinished_work_seconds",
                                    "Time that the running reconciliations have taken, all together.",
                                    of_queue(controller))),
      longest_running(metrics.gauge("workqueue_longest_running_processor_seconds",
                                    "Time that the longest running reconciliation has taken.",
                                    of_queue(controller))),
      queue_duration(metrics.histogram("workqueue_queue_duration_seconds",
                                       "Time that a key waited for a worker.", of_queue(controller),
                                       queue_buckets())),
      work_duration(metrics.histogram("workqueue_work_duration_seconds", "Time that a key was worked on.",
                                      of_queue(controller), queue_buckets())) {}

}  // namespace live::kube
