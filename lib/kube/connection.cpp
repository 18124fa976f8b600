// SPDX-License-Identifier: Apache-2.0
#include "kube/connection.hpp"

#include "base/log.hpp"
#include "kube/rest_client.hpp"
#include "net/beast_http.hpp"

namespace live::kube {
namespace {

#if defined(__x86_64__)
constexpr const char* platform = "linux/amd64";
#elif defined(__aarch64__)
constexpr const char* platform = "linux/arm64";
#else
constexpr const char* platform = "linux/other";
#endif

bool same_material(const net::TlsOptions& a, const net::TlsOptions& b) {
  return a.ca_pem == b.ca_pem && a.certificate_pem == b.certificate_pem && a.key_pem == b.key_pem;
}

// Looks at the files behind the TLS settings before a request, when it is time to.
class RenewingHttp final : public net::HttpClient, public net::HttpStreamClient {
 public:
  RenewingHttp(const Executor& executor, Clock& clock, ClusterConfig config, net::TlsOptions tls,
               net::TlsContext context, net::BeastHttpOptions options)
      : clock_(clock),
        config_(std::move(config)),
        tls_(std::move(tls)),
        read_at_(clock.now()),
        http_(executor, std::move(context), std::move(options)) {}

  awaitable<net::HttpResponse> send(net::HttpRequest request, std::stop_token stop) override {
    renew();
    return http_.send(std::move(request), std::move(stop));
  }
  awaitable<net::HttpStream> open(net::HttpRequest request, Duration idle, std::stop_token stop) override {
    renew();
    return http_.open(std::move(request), idle, std::move(stop));
  }

 private:
  void renew() {
    const bool has_files =
        !config_.authority.file.empty() || !config_.certificate.file.empty() || !config_.key.file.empty();
    if (!has_files || clock_.now() - read_at_ < Connection::tls_max_age) return;
    read_at_ = clock_.now();
    Result<net::TlsOptions> fresh = load_tls_options(config_);
    if (fresh && same_material(*fresh, tls_)) return;
    const Result<net::TlsContext> context =
        fresh ? net::make_client_tls(*fresh) : Result<net::TlsContext>(Failure{fresh.error()});
    if (!context) {
      log::warning("certificates not usable, keeping the old ones", {{"error", context.error().message}});
      return;
    }
    tls_ = *std::move(fresh);
    http_.replace_tls(*context);
    log::info("certificates renewed");
  }

  Clock& clock_;
  ClusterConfig config_;
  net::TlsOptions tls_;
  TimePoint read_at_;
  net::BeastHttpClient http_;
};

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
  auto impl = std::make_unique<Impl>(executor, clock, metrics, config, *std::move(tls), *context,
                                     std::move(http), RestOptions{config.server, options.timeout});
  return std::unique_ptr<Connection>(new Connection(std::move(impl)));
}

}  // namespace live::kube
