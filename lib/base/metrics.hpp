// SPDX-License-Identifier: Apache-2.0
// Typed handles on a prometheus::Registry and its text form.
#pragma once
#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <map>
#include <memory>
#include <string>

namespace live {

using Labels = std::map<std::string, std::string>;

// Thread-safe as the library's registry is.
class Metrics {
 public:
  prometheus::Counter& counter(const std::string& name, const std::string& help, const Labels& labels = {});
  prometheus::Gauge& gauge(const std::string& name, const std::string& help, const Labels& labels = {});
  prometheus::Histogram& histogram(const std::string& name, const std::string& help, const Labels& labels,
                                   const prometheus::Histogram::BucketBoundaries& buckets);
  // Takes one series of a gauge family away, e.g. when its object is gone.
  void remove_gauge(const std::string& name, prometheus::Gauge& series);

  // Exposition format 0.0.4.
  std::string text() const;

  std::shared_ptr<prometheus::Registry> registry() { return registry_; }

 private:
  std::shared_ptr<prometheus::Registry> registry_ = std::make_shared<prometheus::Registry>();
  std::map<std::string, prometheus::Family<prometheus::Gauge>*> gauges_;
};

}  // namespace live
