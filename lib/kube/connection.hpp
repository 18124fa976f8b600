// SPDX-License-Identifier: Apache-2.0
// A Client made from a configuration: connections, TLS, credentials, and their renewal. One thread.
#pragma once
#include <memory>
#include <string>

#include "base/asio.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "kube/client.hpp"
#include "kube/config.hpp"

namespace live {
class Metrics;
}

namespace live::kube {

struct ConnectionOptions {
  std::string user_agent;
  std::size_t max_connections = 16;             // requests in flight; each watch has its own beside them
  Duration timeout = std::chrono::seconds(30);  // of one request
};

// "program/version (linux/amd64)", with "/suffix" when it is not empty.
std::string make_user_agent(const std::string& program, const std::string& version,
                            const std::string& suffix = std::string());

class Connection {
 public:
  // The problem names the file or field that can't be used.
  static Result<std::unique_ptr<Connection>> make(const Executor& executor, Clock& clock, Metrics& metrics,
                                                  const ClusterConfig& config, ConnectionOptions options);
  ~Connection();

  Client& client();

 private:
  struct Impl;
  explicit Connection(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace live::kube
