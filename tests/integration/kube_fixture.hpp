// SPDX-License-Identifier: Apache-2.0
// Tests against a real API server, that of KUBECONFIG, each in a namespace of its own.
#pragma once
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/metrics.hpp"
#include "base/random.hpp"
#include "base/task_group.hpp"
#include "kube/connection.hpp"
#include "kube/watch_decoder.hpp"
#include "support/loop.hpp"

namespace live::test {

// One API server and what is needed to talk to it. Throws when the configuration can't be used.
class ApiAccess {
 public:
  explicit ApiAccess(const std::string& kubeconfig);

  kube::Client& client() { return connection->client(); }
  // A further client with connections of its own.
  std::unique_ptr<kube::Connection> connect(const std::string& name, Duration timeout) {
    return connect(name, timeout, config);
  }
  std::unique_ptr<kube::Connection> connect(const std::string& name, Duration timeout,
                                            const kube::ClusterConfig& to);

  template <class T>
  T run(awaitable<T> task, Duration limit = std::chrono::seconds(30)) {
    return loop.run_real(std::move(task), limit);
  }
  void run_until(const std::function<bool()>& condition, Duration limit = std::chrono::seconds(30)) {
    loop.run_until(condition, limit);
  }
  // All events of a watch until the server ends it.
  std::vector<kube::WatchEvent> read_events(net::ByteStream& body);
  // Stops the children of a group and waits for them; rethrows what they threw.
  void end(TaskGroup& group);
  std::string make_namespace();

  Loop loop;
  SystemClock clock;
  Metrics metrics;
  Random random = Random::from_system();
  kube::ClusterConfig config;
  std::unique_ptr<kube::Connection> connection;
};

class KubeTest : public testing::Test, protected ApiAccess {
 protected:
  KubeTest();
  ~KubeTest() override;

  std::string ns = make_namespace();
};

// A small API-only cluster of this test alone, whose server it may kill.
class OwnCluster {
 public:
  OwnCluster();
  ~OwnCluster();

  std::string kubeconfig() const { return directory_ + "/kubeconfig"; }
  // "api kill" and the like; throws when it fails. The output.
  std::string run(const std::string& command) const;

 private:
  std::string directory_;
};

Json config_map(const std::string& name, const Json& data = Json::object(),
                const Json& labels = Json::object());

}  // namespace live::test
