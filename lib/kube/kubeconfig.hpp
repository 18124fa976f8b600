// SPDX-License-Identifier: Apache-2.0
// kubeconfig files as values: parsing, merging, choosing a context. No I/O.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "kube/config.hpp"

namespace live::kube {

struct Kubeconfig {
  struct Cluster {
    std::string server;
    PemSource authority;
    std::string tls_server_name;
    bool insecure_skip_verify = false;
    std::string proxy;
    std::string broken;  // what is wrong with it; matters only if it is chosen
  };
  struct User {
    PemSource certificate;
    PemSource key;
    std::string token;
    std::string token_file;
    std::optional<ExecCommand> exec;
    std::string unsupported;  // a field that is set and that we can't honour
    std::string broken;
  };
  struct Context {
    std::string cluster;
    std::string user;
    std::string ns;
  };

  std::map<std::string, Cluster> clusters;
  std::map<std::string, User> users;
  std::map<std::string, Context> contexts;
  std::string current_context;

  // What is already here wins, as kubectl does.
  void merge(Kubeconfig other);
  // `context` empty: current-context. The problem names the field.
  Result<ClusterConfig> resolve(const std::string& context) const;
};

// Relative paths in it are relative to `directory`, that of the file.
Result<Kubeconfig> parse_kubeconfig(std::string_view text, const std::string& directory);

}  // namespace live::kube
