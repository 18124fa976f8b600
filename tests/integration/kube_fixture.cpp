// SPDX-License-Identifier: Apache-2.0
#include "kube_fixture.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>

namespace live::test {
namespace {

std::string kubeconfig_of_environment() {
  const char* value = std::getenv("KUBECONFIG");
  if (!value || !*value) {
    throw std::runtime_error(
        "KUBECONFIG is not set: bring an API server up with eval \"$(tests/cluster/cluster up --api-only)\"");
  }
  return value;
}

}  // namespace

ApiAccess::ApiAccess(const std::string& kubeconfig) {
  Result<kube::ClusterConfig> found = kube::find_config({}, kubeconfig, "");
  if (!found) throw std::runtime_error(found.error().message);
  config = *std::move(found);
  connection = connect("integration-test", std::chrono::seconds(10));
}

std::unique_ptr<kube::Connection> ApiAccess::connect(const std::string& name, Duration timeout,
                                                     const kube::ClusterConfig& to) {
  kube::ConnectionOptions options;
  options.user_agent = kube::make_user_agent(name, "0");
  options.timeout = timeout;
  auto made = kube::Connection::make(loop.executor(), clock, metrics, to, options);
  if (!made) throw std::runtime_error(made.error().message);
  return *std::move(made);
}

std::vector<kube::WatchEvent> ApiAccess::read_events(net::ByteStream& body) {
  kube::WatchDecoder decoder;
  std::vector<kube::WatchEvent> events;
  std::vector<std::uint8_t> buffer(4096);
  while (const std::size_t size = run(body.read_some(buffer, {}))) {
    decoder.feed(std::string_view(reinterpret_cast<const char*>(buffer.data()), size));
    while (auto event = decoder.next()) events.push_back(*std::move(event));
  }
  return events;
}

void ApiAccess::end(TaskGroup& group) {
  group.request_stop();
  loop.run_real(group.join());
}

std::string ApiAccess::make_namespace() {
  const std::string name = "test-" + random.uuid();
  const Json object{{"apiVersion", "v1"}, {"kind", "Namespace"}, {"metadata", {{"name", name}}}};
  const auto made = run(client().create(kube::resources::namespaces, "", object, {}, {}));
  if (!made) throw std::runtime_error(made.error().text());
  return name;
}

KubeTest::KubeTest() : ApiAccess(kubeconfig_of_environment()) {}

KubeTest::~KubeTest() {
  try {
    const auto ignored = run(client().remove(kube::resources::namespaces, {"", ns}, {}, {}));
    if (!ignored) ADD_FAILURE() << "namespace not deleted: " << ignored.error().text();
  } catch (const std::exception& error) {
    ADD_FAILURE() << "namespace not deleted: " << error.what();
  }
}

OwnCluster::OwnCluster() {
  std::string pattern = (std::filesystem::temp_directory_path() / "live-cluster-XXXXXX").string();
  if (!::mkdtemp(pattern.data())) throw std::runtime_error("mkdtemp failed");
  directory_ = pattern;
  run("up --fresh --api-only");
}

OwnCluster::~OwnCluster() {
  try {
    run("down");
  } catch (const std::exception& error) {
    ADD_FAILURE() << error.what();
  }
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

std::string OwnCluster::run(const std::string& command) const {
  const std::string line =
      std::string(LIVE_SOURCE_DIR) + "/tests/cluster/cluster --dir " + directory_ + " " + command + " 2>&1";
  FILE* pipe = ::popen(line.c_str(), "r");
  if (!pipe) throw std::runtime_error("popen failed");
  std::string output;
  std::array<char, 4096> buffer{};
  while (const std::size_t count = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
    output.append(buffer.data(), count);
  }
  if (::pclose(pipe) != 0) throw std::runtime_error("cluster " + command + ": " + output);
  return output;
}

Json config_map(const std::string& name, const Json& data, const Json& labels) {
  return Json{{"apiVersion", "v1"},
              {"kind", "ConfigMap"},
              {"metadata", {{"name", name}, {"labels", labels}}},
              {"data", data}};
}

}  // namespace live::test
