// SPDX-License-Identifier: Apache-2.0
#include "recorder/reporting/health.hpp"

namespace live::recorder {

void serve_health(net::HttpServer& server, const Metrics& metrics, std::function<void()> before_scrape) {
  server.handle("/healthz", [] { return net::ServerReply{200, "text/plain; charset=utf-8", "ok\n"}; });
  server.handle("/readyz", [] { return net::ServerReply{200, "text/plain; charset=utf-8", "ok\n"}; });
  server.handle("/metrics", [&metrics, before = std::move(before_scrape)] {
    before();
    return net::ServerReply{200, "text/plain; version=0.0.4; charset=utf-8", metrics.text()};
  });
}

}  // namespace live::recorder
