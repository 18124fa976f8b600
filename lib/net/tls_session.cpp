// SPDX-License-Identifier: Apache-2.0
#include "net/tls_session.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <sys/socket.h>

#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <cerrno>
#include <cstdint>

namespace live::net {
namespace {

constexpr std::size_t read_ahead = std::size_t{128} << 10;

// OpenSSL's own socket BIO uses write(2), which raises SIGPIPE when the peer is gone; hence this one.
int descriptor_of(BIO* bio) { return static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio))); }

int receive(BIO* bio, char* to, int size) {
  BIO_clear_retry_flags(bio);
  errno = 0;  // of an end of the connection OpenSSL tells nothing but an unset errno
  const ssize_t count = ::recv(descriptor_of(bio), to, static_cast<std::size_t>(size), 0);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) BIO_set_retry_read(bio);
  return static_cast<int>(count);
}

int transmit(BIO* bio, const char* from, int size) {
  BIO_clear_retry_flags(bio);
  const ssize_t count = ::send(descriptor_of(bio), from, static_cast<std::size_t>(size), MSG_NOSIGNAL);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) BIO_set_retry_write(bio);
  return static_cast<int>(count);
}

long control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

BIO_METHOD* socket_method() {
  static BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "quiet socket");
    BIO_meth_set_read(made, receive);
    BIO_meth_set_write(made, transmit);
    BIO_meth_set_ctrl(made, control);
    return made;
  }();
  return method;
}

error_code last_error() { return {static_cast<int>(ERR_get_error()), asio::error::get_ssl_category()}; }

void expect_name(SSL* ssl, std::string name) {
  if (name.ends_with('.')) name.pop_back();
  X509_VERIFY_PARAM* const rules = SSL_get0_param(ssl);
  if (X509_VERIFY_PARAM_set1_ip_asc(rules, name.c_str()) == 1) return;
  ERR_clear_error();
  X509_VERIFY_PARAM_set_hostflags(rules, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  if (X509_VERIFY_PARAM_set1_host(rules, name.data(), name.size()) != 1 ||
      SSL_set_tlsext_host_name(ssl, name.c_str()) != 1) {
    throw system_error(last_error(), "TLS server name");
  }
}

}  // namespace

SslHandle make_client_session(asio::ssl::context& context, const std::string& server_name, int fd,
                              bool bulk) {
  ERR_clear_error();
  SslHandle ssl(SSL_new(context.native_handle()));
  BIO* const bio = ssl ? BIO_new(socket_method()) : nullptr;
  if (bio == nullptr) throw system_error(last_error(), "TLS session");
  BIO_set_data(bio, reinterpret_cast<void*>(static_cast<std::intptr_t>(fd)));
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl.get(), bio, bio);
  expect_name(ssl.get(), server_name);
  // Else each record is two reads: of its head, then of the rest.
  SSL_set_read_ahead(ssl.get(), 1);
  if (bulk) {
    SSL_set_default_read_buffer_len(ssl.get(), read_ahead);
    // A buffer of that size comes straight from the kernel; given back between reads it would be mapped and
    // zeroed anew for each of them.
    SSL_clear_mode(ssl.get(), SSL_MODE_RELEASE_BUFFERS);
  }
  return ssl;
}

error_code tls_failure(SSL* ssl, int result) {
  const int system = errno;
  if (SSL_get_error(ssl, result) == SSL_ERROR_SYSCALL) {
    if (system == 0) return asio::ssl::error::stream_truncated;
    return {system, boost::system::system_category()};
  }
  const unsigned long code = ERR_get_error();
  if (code == 0) return asio::error::connection_aborted;  // a session that failed before
  if (ERR_GET_REASON(code) == SSL_R_UNEXPECTED_EOF_WHILE_READING) return asio::ssl::error::stream_truncated;
  return {static_cast<int>(code), asio::error::get_ssl_category()};
}

std::string verification_problem(SSL* ssl) {
  const long result = SSL_get_verify_result(ssl);
  return result == X509_V_OK ? std::string() : X509_verify_cert_error_string(result);
}

}  // namespace live::net
