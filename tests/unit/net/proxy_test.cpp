// SPDX-License-Identifier: Apache-2.0
// Connections through an HTTP proxy that is asked by CONNECT.
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/beast_http.hpp"
#include "net_test_kit.hpp"

namespace live::net {
namespace {

using test::Peer;
using test::ScriptedServer;

int connect_to(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
    throw test::PeerGone("proxy");
  return fd;
}

// Carries bytes both ways until the client ends.
void relay(Peer& peer, std::uint16_t port) {
  const int upstream = connect_to(port);
  std::thread down([&] {
    char data[4096];
    ssize_t count = 0;
    while ((count = ::recv(upstream, data, sizeof data, 0)) > 0) {
      peer.send({data, static_cast<std::size_t>(count)});
    }
  });
  while (true) {
    const std::string data = peer.read_some();
    if (data.empty() || ::send(upstream, data.data(), data.size(), MSG_NOSIGNAL) < 0) break;
  }
  ::shutdown(upstream, SHUT_RDWR);
  down.join();
  ::close(upstream);
}

class Proxy : public testing::TestWithParam<bool> {
 protected:
  test::Loop loop;
};

INSTANTIATE_TEST_SUITE_P(Over, Proxy, testing::Bool(), plain_or_tls);

TEST_P(Proxy, CarriesTheConnection) {
  ScriptedServer server(
      [](Peer& peer, int) {
        (void)peer.read_head();
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
        peer.wait_for_end();
      },
      identity_if(GetParam()));
  std::string head;
  ScriptedServer proxy([&](Peer& peer, int) {
    head = peer.read_head();
    peer.send("HTTP/1.1 200 Connection established\r\nVia: test\r\n\r\n");
    relay(peer, server.port());
  });
  BeastHttpOptions options;
  options.proxy = url_of(proxy.url());
  BeastHttpClient client(loop.executor(), trusting_tls(), options);
  HttpRequest request;
  request.url = url_of(server.url("/", "localhost"));
  EXPECT_EQ(loop.run_real(client.send(request, std::stop_token())).body, "hello");
  const std::string target = "localhost:" + std::to_string(server.port());
  EXPECT_EQ(head, "CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\n\r\n");
}

TEST_P(Proxy, RefusesByItsStatus) {
  ScriptedServer proxy([&](Peer& peer, int) {
    (void)peer.read_head();
    peer.send("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
    peer.wait_for_end();
  });
  BeastHttpOptions options;
  options.proxy = url_of(proxy.url());
  BeastHttpClient client(loop.executor(), trusting_tls(), options);
  HttpRequest request;
  request.url = url_of(GetParam() ? "https://localhost/" : "http://localhost/");
  const auto send = [&] { (void)loop.run_real(client.send(request, std::stop_token())); };
  EXPECT_EQ(error_of(send), NetError::proxy_refused);
  EXPECT_NE(message_of(send).find("403"), std::string::npos);
}

}  // namespace
}  // namespace live::net
