// SPDX-License-Identifier: Apache-2.0
// Credentials from a program that kubeconfig names (client.authentication.k8s.io/v1 and v1beta1): what it is
// told and what it answers. No I/O.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace live::kube {

struct ExecCommand {
  std::string api_version;
  std::vector<std::string> arguments;  // the program first
  std::vector<std::pair<std::string, std::string>> environment = {};
  std::string install_hint = {};
  bool wants_cluster = false;
  bool operator==(const ExecCommand&) const = default;
};

struct ExecCredential {
  std::string token;            // empty: none
  std::string certificate_pem;  // both or none
  std::string key_pem;
  std::optional<WallTime> expires;  // none: until the server refuses it
  bool operator==(const ExecCredential&) const = default;
};

// What a plugin may be told of the cluster.
struct ExecCluster {
  std::string server;
  std::string authority_pem = {};
  std::string tls_server_name = {};
  std::string proxy = {};
  bool insecure_skip_verify = false;
};

// The value of KUBERNETES_EXEC_INFO. There is never anybody to talk to.
std::string exec_info(const ExecCommand& command, const ExecCluster& cluster);

// The problem names the field. An answer without token and certificate is one.
Result<ExecCredential> parse_exec_credential(std::string_view text, const std::string& api_version);

}  // namespace live::kube
