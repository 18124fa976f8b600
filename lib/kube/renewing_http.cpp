// SPDX-License-Identifier: Apache-2.0
#include "kube/renewing_http.hpp"

#include "base/log.hpp"

namespace live::kube {
namespace {

bool same_material(const net::TlsOptions& a, const net::TlsOptions& b) {
  return a.ca_pem == b.ca_pem && a.certificate_pem == b.certificate_pem && a.key_pem == b.key_pem;
}

ExecCluster told(const ClusterConfig& config, const net::TlsOptions& tls) {
  return {.server = config.server.text(),
          .authority_pem = tls.ca_pem.value_or(""),
          .tls_server_name = config.tls_server_name.value_or(""),
          .proxy = config.proxy ? config.proxy->text() : "",
          .insecure_skip_verify = config.insecure_skip_verify};
}

}  // namespace

RenewingHttp::RenewingHttp(const Executor& executor, Clock& clock, ClusterConfig config, net::TlsOptions tls,
                           net::TlsContext context, net::BeastHttpOptions options)
    : clock_(clock),
      config_(std::move(config)),
      tls_(std::move(tls)),
      read_at_(clock.now()),
      http_(executor, std::move(context), std::move(options)) {
  if (config_.exec) plugin_.emplace(executor, clock, *config_.exec, told(config_, tls_));
}

void RenewingHttp::use(net::TlsOptions tls) {
  net::TlsOptions whole = tls;
  if (!certificate_.certificate_pem.empty()) {
    whole.certificate_pem = certificate_.certificate_pem;
    whole.key_pem = certificate_.key_pem;
  }
  const Result<net::TlsContext> context = net::make_client_tls(whole);
  if (!context) {
    log::warning("certificates not usable, keeping the old ones", {{"error", context.error().message}});
    return;
  }
  tls_ = std::move(tls);
  http_.replace_tls(*context);
  log::info("certificates renewed");
}

void RenewingHttp::renew_files() {
  const bool has_files =
      !config_.authority.file.empty() || !config_.certificate.file.empty() || !config_.key.file.empty();
  if (!has_files || clock_.now() - read_at_ < max_age) return;
  read_at_ = clock_.now();
  Result<net::TlsOptions> fresh = load_tls_options(config_);
  if (!fresh) {
    log::warning("certificates not usable, keeping the old ones", {{"error", fresh.error().message}});
  } else if (!same_material(*fresh, tls_)) {
    use(*std::move(fresh));
  }
}

// The credentials of the plugin, if there is one, for this request. A token that is there already wins.
awaitable<std::optional<ExecCredential>> RenewingHttp::authorize(net::HttpRequest& request,
                                                                 std::stop_token stop) {
  renew_files();
  if (!plugin_ || (!config_.token.empty() || !config_.token_file.empty()))
    co_return std::optional<ExecCredential>();
  ExecCredential credential = co_await plugin_->get(stop);
  if (credential.certificate_pem != certificate_.certificate_pem) {
    certificate_ = credential;
    use(tls_);
  }
  if (!credential.token.empty()) request.headers.set("Authorization", "Bearer " + credential.token);
  co_return std::optional<ExecCredential>(std::move(credential));
}

// True when it is worth asking the plugin again.
bool RenewingHttp::refused(int status, const std::optional<ExecCredential>& credential) {
  if (status != 401 || !credential) return false;
  plugin_->refused(*credential);
  return true;
}

awaitable<net::HttpResponse> RenewingHttp::send(net::HttpRequest request, std::stop_token stop) {
  const std::optional<ExecCredential> credential = co_await authorize(request, stop);
  net::HttpResponse response = co_await http_.send(request, stop);
  if (refused(response.status, credential)) {
    co_await authorize(request, stop);
    response = co_await http_.send(std::move(request), stop);
  }
  co_return response;
}

awaitable<net::HttpStream> RenewingHttp::open(net::HttpRequest request, Duration idle, std::stop_token stop) {
  const std::optional<ExecCredential> credential = co_await authorize(request, stop);
  net::HttpStream stream = co_await http_.open(request, idle, stop);
  if (refused(stream.status, credential)) {
    co_await authorize(request, stop);
    stream = co_await http_.open(std::move(request), idle, stop);
  }
  co_return stream;
}

}  // namespace live::kube
