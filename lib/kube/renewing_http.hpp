// SPDX-License-Identifier: Apache-2.0
// HTTP to one API server with certificates that are renewed while we run: by those who write the files, or by
// a credential plugin. One thread.
#pragma once
#include <optional>

#include "kube/config.hpp"
#include "kube/exec_plugin.hpp"
#include "net/beast_http.hpp"

namespace live::kube {

class RenewingHttp final : public net::HttpClient, public net::HttpStreamClient {
 public:
  // How often the files of authority, certificate and key are looked at. Files that can't be used keep the
  // old ones.
  static constexpr Duration max_age = std::chrono::minutes(5);

  RenewingHttp(const Executor& executor, Clock& clock, ClusterConfig config, net::TlsOptions tls,
               net::TlsContext context, net::BeastHttpOptions options);

  awaitable<net::HttpResponse> send(net::HttpRequest request, std::stop_token stop) override;
  awaitable<net::HttpStream> open(net::HttpRequest request, Duration idle, std::stop_token stop) override;

 private:
  void renew_files();
  void use(net::TlsOptions tls);
  awaitable<std::optional<ExecCredential>> authorize(net::HttpRequest& request, std::stop_token stop);
  bool refused(int status, const std::optional<ExecCredential>& credential);

  Clock& clock_;
  ClusterConfig config_;
  net::TlsOptions tls_;  // in use, without what a plugin gave
  ExecCredential certificate_;
  TimePoint read_at_;
  std::optional<ExecPlugin> plugin_;
  net::BeastHttpClient http_;
};

}  // namespace live::kube
