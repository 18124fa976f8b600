// SPDX-License-Identifier: Apache-2.0
// How to reach an API server, from the pod we run in or from kubeconfig files.
#pragma once
#include <optional>
#include <string>

#include "base/result.hpp"
#include "kube/exec_credential.hpp"
#include "net/tls.hpp"
#include "net/url.hpp"

namespace live::kube {

// A certificate or key: inline, or in a file that may be renewed while we run.
struct PemSource {
  std::string file;
  std::string data;
  bool empty() const { return file.empty() && data.empty(); }
  // The problem names the file.
  Result<std::string> load() const;
};

struct ClusterConfig {
  net::Url server;  // its path, if any, is a prefix of all requests
  PemSource authority;
  PemSource certificate;
  PemSource key;
  std::string token;
  std::string token_file;  // wins over token
  std::optional<std::string> tls_server_name;
  bool insecure_skip_verify = false;
  std::optional<net::Url> proxy;    // http://, asked by CONNECT
  std::optional<ExecCommand> exec;  // gives token or certificate where there is no token
  std::string ns = "default";
  std::string source;  // for logs: "in-cluster", "context x of /path"
};

// What the search for a configuration looks at; values, so that tests need no environment.
struct ConfigEnvironment {
  std::string kubeconfig;    // KUBECONFIG: files separated by ':'
  std::string home;          // HOME
  std::string service_host;  // KUBERNETES_SERVICE_HOST
  std::string service_port;  // KUBERNETES_SERVICE_PORT
  std::string service_account = "/var/run/secrets/kubernetes.io/serviceaccount";

  static ConfigEnvironment from_process();
};

// `kubeconfig`: one file from the command line, empty for none. `context`: empty for the file's own choice.
// Order: that file, KUBECONFIG, in-cluster, ~/.kube/config. The problem says what was looked for, or which
// field of which file can't be used.
Result<ClusterConfig> find_config(const ConfigEnvironment& environment, const std::string& kubeconfig,
                                  const std::string& context);
Result<ClusterConfig> in_cluster_config(const ConfigEnvironment& environment);

// Reads the files that the configuration names.
Result<net::TlsOptions> load_tls_options(const ClusterConfig& config);

}  // namespace live::kube
