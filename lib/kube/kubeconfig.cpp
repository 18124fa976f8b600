// SPDX-License-Identifier: Apache-2.0
#include "kube/kubeconfig.hpp"

#include <yaml-cpp/binary.h>
#include <yaml-cpp/yaml.h>

namespace live::kube {
namespace {

std::string text_of(const YAML::Node& node, const char* field) {
  const YAML::Node value = node[field];
  return value && value.IsScalar() ? value.Scalar() : std::string();
}

bool is_set(const YAML::Node& node, const char* field) {
  const YAML::Node value = node[field];
  return value && !value.IsNull() && !(value.IsScalar() && value.Scalar().empty());
}

std::string first_set(const YAML::Node& node, std::initializer_list<const char*> fields) {
  for (const char* field : fields)
    if (is_set(node, field)) return field;
  return {};
}

std::string absolute(const std::string& path, const std::string& directory) {
  return path.empty() || path.front() == '/' ? path : directory + "/" + path;
}

// `field` holds a path, `field`-data the thing itself in base64, which wins.
PemSource pem_of(const YAML::Node& node, const std::string& field, const std::string& directory,
                 std::string& broken) {
  PemSource source;
  const std::string data_field = field + "-data";
  const std::string data = text_of(node, data_field.c_str());
  if (data.empty()) {
    source.file = absolute(text_of(node, field.c_str()), directory);
    return source;
  }
  const std::vector<unsigned char> bytes = YAML::DecodeBase64(data);
  if (bytes.empty()) broken = data_field + ": not base64";
  source.data.assign(bytes.begin(), bytes.end());
  return source;
}

Kubeconfig::Cluster cluster_of(const YAML::Node& node, const std::string& directory) {
  Kubeconfig::Cluster cluster;
  cluster.server = text_of(node, "server");
  cluster.authority = pem_of(node, "certificate-authority", directory, cluster.broken);
  cluster.tls_server_name = text_of(node, "tls-server-name");
  cluster.insecure_skip_verify = text_of(node, "insecure-skip-tls-verify") == "true";
  cluster.proxy = text_of(node, "proxy-url");
  return cluster;
}

// `broken` says what is wrong with it.
ExecCommand exec_of(const YAML::Node& node, const std::string& directory, std::string& broken) {
  ExecCommand exec;
  exec.api_version = text_of(node, "apiVersion");
  std::string program = text_of(node, "command");
  // A path is relative to the file; a bare name is looked up in PATH.
  if (program.find('/') != std::string::npos) program = absolute(program, directory);
  exec.arguments.push_back(program);
  for (const YAML::Node& argument : node["args"]) exec.arguments.push_back(argument.as<std::string>());
  for (const YAML::Node& variable : node["env"])
    exec.environment.emplace_back(text_of(variable, "name"), text_of(variable, "value"));
  exec.install_hint = text_of(node, "installHint");
  exec.wants_cluster = text_of(node, "provideClusterInfo") == "true";
  if (program.empty()) broken = "exec.command: missing";
  if (exec.api_version != "client.authentication.k8s.io/v1" &&
      exec.api_version != "client.authentication.k8s.io/v1beta1")
    broken = "exec.apiVersion: must be client.authentication.k8s.io/v1 or v1beta1, not \"" +
             exec.api_version + "\"";
  if (text_of(node, "interactiveMode") == "Always")
    broken = "exec.interactiveMode: Always, but there is nobody to talk to";
  return exec;
}

Kubeconfig::User user_of(const YAML::Node& node, const std::string& directory) {
  Kubeconfig::User user;
  user.certificate = pem_of(node, "client-certificate", directory, user.broken);
  user.key = pem_of(node, "client-key", directory, user.broken);
  user.token = text_of(node, "token");
  user.token_file = absolute(text_of(node, "tokenFile"), directory);
  if (const YAML::Node exec = node["exec"]; exec && exec.IsMap())
    user.exec = exec_of(exec, directory, user.broken);
  user.unsupported = first_set(
      node, {"auth-provider", "username", "password", "as", "as-uid", "as-groups", "as-user-extra"});
  return user;
}

Kubeconfig::Context context_of(const YAML::Node& node, const std::string&) {
  return {text_of(node, "cluster"), text_of(node, "user"), text_of(node, "namespace")};
}

// Lists such as clusters: [{name: …, cluster: {…}}].
template <class T>
Result<std::map<std::string, T>> named(const YAML::Node& root, const char* list, const char* field,
                                       T (*read)(const YAML::Node&, const std::string&),
                                       const std::string& directory) {
  std::map<std::string, T> entries;
  const YAML::Node nodes = root[list];
  if (!nodes || nodes.IsNull()) return entries;
  if (!nodes.IsSequence()) return failure(std::string(list) + ": not a list");
  for (const YAML::Node& node : nodes) {
    if (!node.IsMap()) return failure(std::string(list) + ": an entry is not a map");
    const YAML::Node content = node[field];
    const bool is_map = content && content.IsMap();
    entries.emplace(text_of(node, "name"), is_map ? read(content, directory) : T());
  }
  return entries;
}

Result<Kubeconfig> parse(const YAML::Node& root, const std::string& directory) {
  if (!root.IsMap()) return failure("not a kubeconfig: no map at the top");
  Kubeconfig config;
  auto clusters = named<Kubeconfig::Cluster>(root, "clusters", "cluster", cluster_of, directory);
  if (!clusters) return Failure{clusters.error()};
  auto users = named<Kubeconfig::User>(root, "users", "user", user_of, directory);
  if (!users) return Failure{users.error()};
  auto contexts = named<Kubeconfig::Context>(root, "contexts", "context", context_of, directory);
  if (!contexts) return Failure{contexts.error()};
  config.clusters = *std::move(clusters);
  config.users = *std::move(users);
  config.contexts = *std::move(contexts);
  config.current_context = text_of(root, "current-context");
  return config;
}

std::string place(const char* list, const std::string& name, const std::string& field) {
  return std::string(list) + "[" + name + "]." + field;
}

}  // namespace

Result<Kubeconfig> parse_kubeconfig(std::string_view text, const std::string& directory) {
  try {
    return parse(YAML::Load(std::string(text)), directory);
  } catch (const YAML::Exception& error) {
    return failure(std::string("not YAML: ") + error.what());
  }
}

void Kubeconfig::merge(Kubeconfig other) {
  clusters.merge(other.clusters);
  users.merge(other.users);
  contexts.merge(other.contexts);
  if (current_context.empty()) current_context = std::move(other.current_context);
}

namespace {

Problem at(const char* list, const std::string& name, const std::string& field, const std::string& what) {
  return {place(list, name, field) + ": " + what};
}

Result<std::optional<net::Url>> proxy_of(const std::string& name, const std::string& text) {
  if (text.empty()) return std::optional<net::Url>();
  Result<net::Url> proxy = net::parse_url(text);
  if (!proxy) return Failure{at("clusters", name, "proxy-url", proxy.error().message)};
  if (proxy->scheme != "http") return Failure{at("clusters", name, "proxy-url", "must begin with http://")};
  return std::optional<net::Url>(*std::move(proxy));
}

Result<ClusterConfig> of_cluster(const std::string& name, const Kubeconfig::Cluster& cluster) {
  if (!cluster.broken.empty()) return failure(place("clusters", name, cluster.broken));
  Result<net::Url> server = net::parse_url(cluster.server);
  if (!server) return Failure{at("clusters", name, "server", server.error().message)};
  if (server->scheme != "https" && server->scheme != "http")
    return Failure{at("clusters", name, "server", "must begin with https:// or http://")};
  Result<std::optional<net::Url>> proxy = proxy_of(name, cluster.proxy);
  if (!proxy) return Failure{proxy.error()};
  ClusterConfig config;
  config.server = *std::move(server);
  config.proxy = *std::move(proxy);
  config.authority = cluster.authority;
  if (!cluster.tls_server_name.empty()) config.tls_server_name = cluster.tls_server_name;
  config.insecure_skip_verify = cluster.insecure_skip_verify;
  return config;
}

// Nothing when all is well.
std::optional<Problem> add_user(const std::string& name, const Kubeconfig::User& user,
                                ClusterConfig& config) {
  if (!user.unsupported.empty()) return at("users", name, user.unsupported, "not supported");
  if (!user.broken.empty()) return Problem{place("users", name, user.broken)};
  if (user.certificate.empty() != user.key.empty())
    return at("users", name, user.key.empty() ? "client-key" : "client-certificate",
              "missing; certificate and key belong together");
  config.certificate = user.certificate;
  config.key = user.key;
  config.token = user.token;
  config.token_file = user.token_file;
  config.exec = user.exec;
  return std::nullopt;
}

}  // namespace

Result<ClusterConfig> Kubeconfig::resolve(const std::string& context) const {
  const std::string& chosen = context.empty() ? current_context : context;
  if (chosen.empty()) return failure("current-context: not set");
  const auto found = contexts.find(chosen);
  if (found == contexts.end()) return failure("contexts: there is no \"" + chosen + "\"");
  const Context& names = found->second;
  const auto cluster = clusters.find(names.cluster);
  if (cluster == clusters.end())
    return Failure{at("contexts", chosen, "cluster", "there is no cluster \"" + names.cluster + "\"")};
  const auto user = users.find(names.user);
  if (!names.user.empty() && user == users.end())
    return Failure{at("contexts", chosen, "user", "there is no user \"" + names.user + "\"")};
  Result<ClusterConfig> config = of_cluster(cluster->first, cluster->second);
  if (!config) return config;
  if (user != users.end()) {
    if (const auto problem = add_user(user->first, user->second, *config)) return Failure{*problem};
  }
  if (!names.ns.empty()) config->ns = names.ns;
  config->source = "context " + chosen;
  return config;
}

}  // namespace live::kube
