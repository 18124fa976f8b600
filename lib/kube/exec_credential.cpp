// SPDX-License-Identifier: Apache-2.0
#include "kube/exec_credential.hpp"

#include <yaml-cpp/binary.h>

#include "base/json.hpp"
#include "base/time_format.hpp"

namespace live::kube {
namespace {

std::string text_at(const Json& json, std::string_view path) {
  const Json& value = json_at(json, path);
  return value.is_string() ? value.get<std::string>() : std::string();
}

}  // namespace

std::string exec_info(const ExecCommand& command, const ExecCluster& cluster) {
  Json spec = {{"interactive", false}};
  if (command.wants_cluster) {
    Json& told = spec["cluster"] = {{"server", cluster.server}};
    if (!cluster.authority_pem.empty()) {
      const auto* bytes = reinterpret_cast<const unsigned char*>(cluster.authority_pem.data());
      told["certificate-authority-data"] = YAML::EncodeBase64(bytes, cluster.authority_pem.size());
    }
    if (!cluster.tls_server_name.empty()) told["tls-server-name"] = cluster.tls_server_name;
    if (!cluster.proxy.empty()) told["proxy-url"] = cluster.proxy;
    if (cluster.insecure_skip_verify) told["insecure-skip-tls-verify"] = true;
  }
  return dump_json({{"apiVersion", command.api_version}, {"kind", "ExecCredential"}, {"spec", spec}});
}

Result<ExecCredential> parse_exec_credential(std::string_view text, const std::string& api_version) {
  const Json json = parse_json(text);
  if (!json.is_object()) return failure("its output is not a JSON object");
  if (text_at(json, "/kind") != "ExecCredential") return failure("kind: not ExecCredential");
  if (text_at(json, "/apiVersion") != api_version)
    return failure("apiVersion: \"" + text_at(json, "/apiVersion") + "\" is not the configured " +
                   api_version);
  ExecCredential credential;
  credential.token = text_at(json, "/status/token");
  credential.certificate_pem = text_at(json, "/status/clientCertificateData");
  credential.key_pem = text_at(json, "/status/clientKeyData");
  if (credential.certificate_pem.empty() != credential.key_pem.empty())
    return failure("status: clientCertificateData and clientKeyData belong together");
  if (credential.token.empty() && credential.certificate_pem.empty())
    return failure("status: neither token nor clientCertificateData");
  if (credential.token.find_first_of("\r\n") != std::string::npos)
    return failure("status.token: holds a line break");
  const std::string expires = text_at(json, "/status/expirationTimestamp");
  if (expires.empty()) return credential;
  credential.expires = parse_rfc3339(expires);
  if (!credential.expires) return failure("status.expirationTimestamp: \"" + expires + "\" is no time");
  return credential;
}

}  // namespace live::kube
