// SPDX-License-Identifier: Apache-2.0
#include "net/tls.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <boost/asio/ssl/context.hpp>
#include "base/asio.hpp"

namespace live::net {
namespace {

Problem problem_of(const std::string& option) {
  const char* reason = ERR_reason_error_string(ERR_get_error());
  ERR_clear_error();
  return Problem{fmt::format("{}: {}", option, reason != nullptr ? reason : "OpenSSL refuses it")};
}

bool add_authorities(SSL_CTX* context, const std::string& pem) {
  const std::unique_ptr<BIO, int (*)(BIO*)> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())),
                                                BIO_free);
  int count = 0;
  while (X509* const certificate = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) {
    const bool added = X509_STORE_add_cert(SSL_CTX_get_cert_store(context), certificate) == 1;
    X509_free(certificate);
    if (!added) return false;
    ++count;
  }
  // Reading on past the last one leaves "no start line"; anything else is a broken certificate.
  const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  if (count > 0 && at_end) ERR_clear_error();
  return count > 0 && at_end;
}

std::optional<Problem> trust(SSL_CTX* context, const TlsOptions& options) {
  const bool own = options.ca_file || options.ca_pem;
  if (options.ca_file && SSL_CTX_load_verify_file(context, options.ca_file->c_str()) != 1) {
    return problem_of(fmt::format("ca_file {}", *options.ca_file));
  }
  if (options.ca_pem && !add_authorities(context, *options.ca_pem)) return problem_of("ca_pem");
  if ((!own || options.system_authorities) && SSL_CTX_set_default_verify_dir(context) != 1) {
    return problem_of("system authorities");
  }
  // An authority that was given is trusted whether or not it signed itself, as Go's programs do.
  if (own) X509_STORE_set_flags(SSL_CTX_get_cert_store(context), X509_V_FLAG_PARTIAL_CHAIN);
  return std::nullopt;
}

std::optional<Problem> identify(asio::ssl::context& context, const std::string& certificate,
                                const std::string& key) {
  error_code failed;
  context.use_certificate_chain(asio::buffer(certificate), failed);
  if (failed) return Problem{fmt::format("certificate_pem: {}", failed.message())};
  context.use_private_key(asio::buffer(key), asio::ssl::context::pem, failed);
  if (failed) return Problem{fmt::format("key_pem: {}", failed.message())};
  return std::nullopt;
}

void set_common(SSL_CTX* context) {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_AUTO_RETRY | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
}

}  // namespace

Result<TlsContext> make_client_tls(const TlsOptions& options) {
  if (options.certificate_pem.has_value() != options.key_pem.has_value()) {
    return failure("certificate_pem and key_pem: one without the other");
  }
  ERR_clear_error();
  auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_client);
  SSL_CTX* const native = context->native_handle();
  set_common(native);
  static constexpr unsigned char protocols[] = "\x08http/1.1";
  SSL_CTX_set_alpn_protos(native, protocols, sizeof protocols - 1);
  SSL_CTX_set_verify(native, options.insecure_skip_verify ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, nullptr);
  if (auto problem = trust(native, options)) return Failure<Problem>{std::move(*problem)};
  if (options.certificate_pem) {
    auto problem = identify(*context, *options.certificate_pem, *options.key_pem);
    if (problem) return Failure<Problem>{std::move(*problem)};
  }
  return context;
}

Result<TlsContext> make_server_tls(const std::string& certificate_pem, const std::string& key_pem) {
  ERR_clear_error();
  auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_server);
  set_common(context->native_handle());
  auto problem = identify(*context, certificate_pem, key_pem);
  if (problem) return Failure<Problem>{std::move(*problem)};
  return context;
}

}  // namespace live::net
