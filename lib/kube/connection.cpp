// SPDX-License-Identifier: Apache-2.0
#include "kube/connection.hpp"

#include "kube/renewing_http.hpp"
#include "kube/rest_client.hpp"

namespace live::kube {
namespace {

#if defined(__x86_64__)
constexpr const char* platform = "linux/amd64";
#elif defined(__aarch64__)
constexpr const char* platform = "linux/arm64";
#else
constexpr const char* platform = "linux/other";
#endif

}  // namespace

struct Connection::Impl {
  Impl(const Executor& executor, Clock& clock, Metrics& metrics, const ClusterConfig& config,
       net::TlsOptions tls, net::TlsContext context, net::BeastHttpOptions http_options, RestOptions rest)
      : http(executor, clock, config, std::move(tls), std::move(context), std::move(http_options)),
        client(http, http, clock, metrics, TokenSource(config.token, config.token_file), std::move(rest)) {}

  RenewingHttp http;
  RestClient client;
};

std::string make_user_agent(const std::string& program, const std::string& version,
                            const std::string& suffix) {
  std::string text = program + "/" + version + " (" + platform + ")";
  return suffix.empty() ? text : text + "/" + suffix;
}

Connection::Connection(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Connection::~Connection() = default;

Client& Connection::client() { return impl_->client; }

Result<std::unique_ptr<Connection>> Connection::make(const Executor& executor, Clock& clock, Metrics& metrics,
                                                     const ClusterConfig& config, ConnectionOptions options) {
  Result<net::TlsOptions> tls = load_tls_options(config);
  if (!tls) return Failure{tls.error()};
  const Result<net::TlsContext> context = net::make_client_tls(*tls);
  if (!context) return Failure{context.error()};
  net::BeastHttpOptions http;
  http.user_agent = std::move(options.user_agent);
  http.max_connections = options.max_connections;
  http.tls_server_name = config.tls_server_name;
  http.proxy = config.proxy;
  auto impl = std::make_unique<Impl>(executor, clock, metrics, config, *std::move(tls), *context,
                                     std::move(http), RestOptions{config.server, options.timeout});
  return std::unique_ptr<Connection>(new Connection(std::move(impl)));
}

}  // namespace live::kube
