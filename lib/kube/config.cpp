// SPDX-License-Identifier: Apache-2.0
#include "kube/config.hpp"

#include <unistd.h>

#include <cstdlib>
#include <vector>

#include "base/file_text.hpp"
#include "kube/kubeconfig.hpp"

namespace live::kube {
namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

std::vector<std::string> split_list(const std::string& text) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const std::size_t end = std::min(text.find(':', begin), text.size());
    if (end > begin) parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

std::string directory_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

bool exists(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

Result<Kubeconfig> read_kubeconfig(const std::string& path) {
  const Result<std::string> text = read_file(path);
  if (!text) return failure(path + ": " + text.error().message);
  Result<Kubeconfig> parsed = parse_kubeconfig(*text, directory_of(path));
  if (!parsed) return failure(path + ": " + parsed.error().message);
  return parsed;
}

Result<ClusterConfig> config_from_files(const std::vector<std::string>& paths, const std::string& context) {
  Kubeconfig merged;
  for (const std::string& path : paths) {
    Result<Kubeconfig> one = read_kubeconfig(path);
    if (!one) return Failure{one.error()};
    merged.merge(*std::move(one));
  }
  Result<ClusterConfig> config = merged.resolve(context);
  std::string names;
  for (const std::string& path : paths) names += (names.empty() ? "" : ", ") + path;
  if (!config) return failure(names + ": " + config.error().message);
  config->source += " of " + names;
  return config;
}

}  // namespace

ConfigEnvironment ConfigEnvironment::from_process() {
  ConfigEnvironment environment;
  environment.kubeconfig = variable("KUBECONFIG");
  environment.home = variable("HOME");
  environment.service_host = variable("KUBERNETES_SERVICE_HOST");
  environment.service_port = variable("KUBERNETES_SERVICE_PORT");
  return environment;
}

Result<std::string> PemSource::load() const {
  if (!data.empty()) return data;
  Result<std::string> text = read_file(file);
  if (!text) return failure(file + ": " + text.error().message);
  return text;
}

Result<ClusterConfig> in_cluster_config(const ConfigEnvironment& environment) {
  if (environment.service_host.empty() || environment.service_port.empty())
    return failure("not in a cluster: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set");
  const bool is_v6 = environment.service_host.find(':') != std::string::npos;
  const std::string host = is_v6 ? "[" + environment.service_host + "]" : environment.service_host;
  Result<net::Url> server = net::parse_url("https://" + host + ":" + environment.service_port);
  if (!server) return failure("KUBERNETES_SERVICE_HOST: " + server.error().message);
  ClusterConfig config;
  config.server = *std::move(server);
  config.authority.file = environment.service_account + "/ca.crt";
  config.token_file = environment.service_account + "/token";
  for (const std::string& file : {config.authority.file, config.token_file}) {
    if (!exists(file)) return failure(file + ": not there; is a service account token mounted?");
  }
  if (const Result<std::string> ns = read_file(environment.service_account + "/namespace");
      ns && !ns->empty())
    config.ns = ns.value().substr(0, ns.value().find_first_of("\r\n"));
  config.source = "in-cluster";
  return config;
}

Result<ClusterConfig> find_config(const ConfigEnvironment& environment, const std::string& kubeconfig,
                                  const std::string& context) {
  if (!kubeconfig.empty()) return config_from_files({kubeconfig}, context);
  if (!environment.kubeconfig.empty()) {
    std::vector<std::string> present;
    for (const std::string& path : split_list(environment.kubeconfig))
      if (exists(path)) present.push_back(path);
    if (present.empty()) return failure("KUBECONFIG: no such file: " + environment.kubeconfig);
    return config_from_files(present, context);
  }
  if (!environment.service_host.empty()) return in_cluster_config(environment);
  const std::string of_user = environment.home + "/.kube/config";
  if (!environment.home.empty() && exists(of_user)) return config_from_files({of_user}, context);
  return failure("no Kubernetes configuration: not in a cluster, KUBECONFIG is not set and " + of_user +
                 " does not exist");
}

Result<net::TlsOptions> load_tls_options(const ClusterConfig& config) {
  net::TlsOptions options;
  options.insecure_skip_verify = config.insecure_skip_verify;
  const std::pair<const PemSource&, std::optional<std::string>&> parts[] = {
      {config.authority, options.ca_pem},
      {config.certificate, options.certificate_pem},
      {config.key, options.key_pem},
  };
  for (const auto& [source, target] : parts) {
    if (source.empty()) continue;
    Result<std::string> pem = source.load();
    if (!pem) return Failure{pem.error()};
    target = *std::move(pem);
  }
  return options;
}

}  // namespace live::kube
