// SPDX-License-Identifier: Apache-2.0
// /healthz, /readyz and /metrics. The server runs on the same loop as everything else: that it answers shows
// that the loop turns. None depends on the stream, the volume, the API server or Bilibili.
#pragma once
#include <functional>

#include "base/metrics.hpp"
#include "net/http_server.hpp"

namespace live::recorder {

// `before_scrape` is called before the metrics are written out.
void serve_health(net::HttpServer& server, const Metrics& metrics, std::function<void()> before_scrape);

}  // namespace live::recorder
