// SPDX-License-Identifier: Apache-2.0
// OpenSSL sessions over a non-blocking socket, for Connection only.
#pragma once
#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <string>

#include "base/asio.hpp"

namespace live::net {

struct SslFree {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};
using SslHandle = std::unique_ptr<SSL, SslFree>;

// A client session on the socket `fd`, with SNI and verification of `server_name` (a name or an IP address).
// `bulk`: reads ahead 128 KiB, so that a recv serves many records; for connections that carry media only.
SslHandle make_client_session(asio::ssl::context& context, const std::string& server_name, int fd, bool bulk);

// The error of the last OpenSSL call on this session that returned `result`, when it is neither WANT_READ,
// WANT_WRITE nor the orderly end. An end without close_notify is ssl::error::stream_truncated.
error_code tls_failure(SSL* ssl, int result);

// Why verification failed, in OpenSSL's words; empty when it did not.
std::string verification_problem(SSL* ssl);

}  // namespace live::net
