// SPDX-License-Identifier: Apache-2.0
#include "support/scripted_server.hpp"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace live::test {
namespace {

constexpr timeval patience{30, 0};

[[noreturn]] void fail(const char* what) {
  throw std::runtime_error(std::string("scripted server: ") + what);
}

BIO* memory(const std::string& text) { return BIO_new_mem_buf(text.data(), static_cast<int>(text.size())); }

void use(SSL_CTX* context, const KeyPair& pair) {
  BIO* const certificate_bio = memory(pair.certificate_pem);
  X509* const certificate = PEM_read_bio_X509(certificate_bio, nullptr, nullptr, nullptr);
  BIO* const key_bio = memory(pair.key_pem);
  EVP_PKEY* const key = PEM_read_bio_PrivateKey(key_bio, nullptr, nullptr, nullptr);
  const bool ok =
      SSL_CTX_use_certificate(context, certificate) == 1 && SSL_CTX_use_PrivateKey(context, key) == 1;
  X509_free(certificate);
  EVP_PKEY_free(key);
  BIO_free(certificate_bio);
  BIO_free(key_bio);
  if (!ok) fail("certificate");
}

void demand_client(SSL_CTX* context, const std::string& authority_pem) {
  BIO* const bio = memory(authority_pem);
  X509* const authority = PEM_read_bio_X509(bio, nullptr, nullptr, nullptr);
  X509_STORE_add_cert(SSL_CTX_get_cert_store(context), authority);
  X509_free(authority);
  BIO_free(bio);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
}

int listen_on_loopback(std::uint16_t& port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  if (::bind(fd, reinterpret_cast<sockaddr*>(&address), length) != 0 || ::listen(fd, 64) != 0 ||
      ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length) != 0) {
    fail("listen");
  }
  port = ntohs(address.sin_port);
  return fd;
}

}  // namespace

Peer::Peer(int fd, ssl_ctx_st* tls, const std::atomic<bool>& closing)
    : fd_(fd), closing_(closing), ssl_(tls != nullptr ? SSL_new(tls) : nullptr, SSL_free) {
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  if (!ssl_) return;
  SSL_set_fd(ssl_.get(), fd);
  if (SSL_accept(ssl_.get()) != 1) {
    ERR_clear_error();
    throw PeerGone("handshake");
  }
}

Peer::~Peer() = default;

std::string Peer::read_some() {
  if (!ahead_.empty()) return std::exchange(ahead_, {});
  std::string data(65536, '\0');
  const ssize_t count = ssl_ ? SSL_read(ssl_.get(), data.data(), static_cast<int>(data.size()))
                             : ::recv(fd_, data.data(), data.size(), 0);
  ERR_clear_error();
  data.resize(static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
  return data;
}

std::string Peer::read_exactly(std::size_t size) {
  std::string data;
  while (data.size() < size) {
    const std::string more = read_some();
    if (more.empty()) throw PeerGone("read");
    data += more;
  }
  ahead_ = data.substr(size);
  data.resize(size);
  return data;
}

std::string Peer::read_head() {
  std::string data;
  std::size_t end = std::string::npos;
  while ((end = data.find("\r\n\r\n")) == std::string::npos) {
    const std::string more = read_some();
    if (more.empty()) throw PeerGone("head");
    data += more;
  }
  ahead_ = data.substr(end + 4);
  data.resize(end + 4);
  return data;
}

void Peer::send(std::string_view data) {
  while (!data.empty()) {
    const ssize_t count = ssl_ ? SSL_write(ssl_.get(), data.data(), static_cast<int>(data.size()))
                               : ::send(fd_, data.data(), data.size(), MSG_NOSIGNAL);
    ERR_clear_error();
    if (count <= 0) throw PeerGone("send");
    data.remove_prefix(static_cast<std::size_t>(count));
  }
}

void Peer::wait_for_end() {
  while (!read_some().empty()) {
  }
}

void Peer::wait_for(const std::function<bool()>& condition) {
  while (!condition()) {
    if (closing_) throw PeerGone("condition");
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

void Peer::close() {
  if (ssl_) SSL_shutdown(ssl_.get());
  ERR_clear_error();
  cut();
}

void Peer::cut() { ::shutdown(fd_, SHUT_WR); }

void Peer::reset() {
  const linger at_once{1, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

ScriptedServer::ScriptedServer(Script script, std::optional<KeyPair> tls, std::string client_authority_pem)
    : script_(std::move(script)),
      tls_(tls ? SSL_CTX_new(TLS_server_method()) : nullptr, SSL_CTX_free),
      listener_(listen_on_loopback(port_)) {
  if (tls) use(tls_.get(), *tls);
  if (!client_authority_pem.empty()) demand_client(tls_.get(), client_authority_pem);
  acceptor_ = std::thread([this] { accept_all(); });
}

ScriptedServer::~ScriptedServer() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
    for (const int fd : open_) ::shutdown(fd, SHUT_RDWR);
  }
  ::shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  for (std::thread& player : players_) player.join();
  ::close(listener_);
}

std::string ScriptedServer::url(const std::string& target, const std::string& host) const {
  return (tls_ ? "https://" : "http://") + host + ":" + std::to_string(port_) + target;
}

void ScriptedServer::accept_all() {
  while (true) {
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    const std::lock_guard lock(mutex_);
    if (fd < 0 || closing_) {
      if (fd >= 0) ::close(fd);
      return;
    }
    open_.push_back(fd);
    const int number = connections_++;
    players_.emplace_back([this, fd, number] { play(fd, number); });
  }
}

void ScriptedServer::play(int fd, int number) {
  // OpenSSL writes without MSG_NOSIGNAL, and scripts write to clients that have gone. Only in this thread:
  // what is tested must not need it.
  sigset_t pipe;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
  try {
    Peer peer(fd, tls_.get(), closing_);
    script_(peer, number);
  } catch (const PeerGone&) {
  }
  const std::lock_guard lock(mutex_);
  open_.remove(fd);
  ::close(fd);
}

}  // namespace live::test
