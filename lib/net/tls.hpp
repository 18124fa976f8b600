// SPDX-License-Identifier: Apache-2.0
// TLS settings shared by all connections of a client. Host names are always verified unless told otherwise.
#pragma once
#include <memory>
#include <optional>
#include <string>

#include "base/result.hpp"

namespace boost::asio::ssl {
class context;
}

namespace live::net {

struct TlsOptions {
  // Authorities to trust. With none of the two, the system's hashed directory of authorities.
  std::optional<std::string> ca_file = {};
  std::optional<std::string> ca_pem = {};
  // The system's authorities beside them: for programs that talk to a private server and to the world.
  bool system_authorities = false;
  // Client certificate and key, PEM; both or none.
  std::optional<std::string> certificate_pem = {};
  std::optional<std::string> key_pem = {};
  bool insecure_skip_verify = false;
};

using TlsContext = std::shared_ptr<boost::asio::ssl::context>;

// The problem names the option and says what OpenSSL found wrong with it.
Result<TlsContext> make_client_tls(const TlsOptions& options);
// For servers of tests and tools: certificate chain and key in PEM.
Result<TlsContext> make_server_tls(const std::string& certificate_pem, const std::string& key_pem);

}  // namespace live::net
