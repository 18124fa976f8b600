// SPDX-License-Identifier: Apache-2.0
#include "net/http_server.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/error.hpp>

#include "base/task_group.hpp"
#include "net_test_kit.hpp"

namespace live::net {
namespace {

// A client of plain blocking-free calls, driven beside the server's loop.
class RawClient {
 public:
  RawClient(test::Loop& loop, std::uint16_t port) : loop_(loop), fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;
  ~RawClient() { ::close(fd_); }

  void send(std::string_view data) {
    EXPECT_EQ(::send(fd_, data.data(), data.size(), MSG_NOSIGNAL), static_cast<ssize_t>(data.size()));
  }
  // Everything received so far once it ends with `end`.
  std::string read_until(std::string_view end) {
    loop_.run_until([&] {
      take();
      return received_.ends_with(end);
    });
    return std::exchange(received_, {});
  }
  std::string read_to_end() {
    loop_.run_until([&] {
      take();
      return ended_;
    });
    return std::exchange(received_, {});
  }
  bool ended() {
    take();
    return ended_;
  }

 private:
  void take() {
    char data[4096];
    ssize_t count = 0;
    while ((count = ::recv(fd_, data, sizeof data, MSG_DONTWAIT)) > 0) {
      received_.append(data, static_cast<std::size_t>(count));
    }
    if (count == 0 || (count < 0 && errno != EAGAIN)) ended_ = true;
  }

  test::Loop& loop_;
  int fd_;
  std::string received_;
  bool ended_ = false;
};

class Server : public testing::Test {
 protected:
  Server() {
    server.handle("/healthz", [this] {
      ++calls;
      return ServerReply{200, "text/plain; charset=utf-8", "ok\n"};
    });
    server.handle("/readyz", [] { return ServerReply{503, "text/plain", "not yet\n"}; });
    server.handle("/broken", []() -> ServerReply { throw std::runtime_error("no"); });
    group.spawn(server.run(group.token()));
  }
  ~Server() override {
    group.request_stop();
    loop.run_real(group.join());
  }
  std::string exchange(std::string_view request) {
    RawClient client(loop, server.port());
    client.send(request);
    return client.read_to_end();
  }

  test::Loop loop;
  int calls = 0;
  HttpServer server{loop.executor(), "127.0.0.1:0"};
  TaskGroup group{loop.executor()};
};

constexpr const char* ok_head =
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 3\r\n";

TEST_F(Server, Answers) {
  EXPECT_EQ(exchange("GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"),
            std::string(ok_head) + "Connection: close\r\n\r\nok\n");
  EXPECT_EQ(exchange("HEAD /healthz HTTP/1.1\r\nConnection: close\r\n\r\n"),
            std::string(ok_head) + "Connection: close\r\n\r\n");
  EXPECT_EQ(exchange("GET /healthz?verbose=1 HTTP/1.0\r\n\r\n"),
            std::string(ok_head) + "Connection: close\r\n\r\nok\n");
  EXPECT_TRUE(exchange("GET /readyz HTTP/1.0\r\n\r\n").starts_with("HTTP/1.1 503 Service Unavailable\r\n"));
  EXPECT_EQ(calls, 3);
}

TEST_F(Server, RefusesWhatItDoesNotServe) {
  const std::pair<std::string, const char*> table[] = {
      {"GET /other HTTP/1.0\r\n\r\n", "HTTP/1.1 404 "},
      {"GET / HTTP/1.0\r\n\r\n", "HTTP/1.1 404 "},
      {"POST /healthz HTTP/1.0\r\n\r\n", "HTTP/1.1 405 "},
      {"DELETE /healthz HTTP/1.0\r\n\r\n", "HTTP/1.1 405 "},
      {"POST /healthz HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello", "HTTP/1.1 400 "},
      {"GET /healthz HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "HTTP/1.1 400 "},
      {"GET http://a/healthz HTTP/1.1\r\n\r\n", "HTTP/1.1 400 "},
      {"nonsense\r\n\r\n", "HTTP/1.1 400 "},
      {"\x16\x03\x01\x02\r\n\r\n", "HTTP/1.1 400 "},
      {"GET /broken HTTP/1.0\r\n\r\n", "HTTP/1.1 500 "},
      {"GET /healthz HTTP/1.1\r\nX: " + std::string(17'000, 'x') + "\r\n\r\n", "HTTP/1.1 431 "},
  };
  for (const auto& [request, expected] : table) {
    const std::string reply = exchange(request);
    EXPECT_TRUE(reply.starts_with(expected)) << request.substr(0, 60) << " -> " << reply;
  }
  EXPECT_NE(exchange("PUT /healthz HTTP/1.0\r\n\r\n").find("Allow: GET, HEAD\r\n"), std::string::npos);
  EXPECT_EQ(calls, 0);
}

TEST_F(Server, KeepsTheConnection) {
  RawClient client(loop, server.port());
  for (int i = 0; i < 3; ++i) {
    client.send("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(client.read_until("ok\n"), std::string(ok_head) + "\r\nok\n");
  }
  client.send("GET /other HTTP/1.1\r\n\r\n");
  EXPECT_TRUE(client.read_until("Not Found\n").starts_with("HTTP/1.1 404 "));
  EXPECT_FALSE(client.ended());
}

TEST_F(Server, ReadsHeadsInPiecesAndTwoAtOnce) {
  RawClient client(loop, server.port());
  const std::string request = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n";
  for (const char c : request) {
    client.send({&c, 1});
    loop.poll();
  }
  (void)client.read_until("ok\n");
  client.send(request + request);
  const std::string reply = std::string(ok_head) + "\r\nok\n";
  EXPECT_EQ(client.read_until(reply + reply), reply + reply);
}

TEST_F(Server, GivesUpTheLongestRestWhenFull) {
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 64; ++i) {
    clients.push_back(std::make_unique<RawClient>(loop, server.port()));
    clients.back()->send("GET /healthz HTTP/1.1\r\n\r\n");
    (void)clients.back()->read_until("ok\n");
  }
  EXPECT_EQ(server.turned_away(), 0U);
  EXPECT_TRUE(exchange("GET /healthz HTTP/1.0\r\n\r\n").starts_with("HTTP/1.1 200 "));
  EXPECT_EQ(server.turned_away(), 1U);
  loop.run_until([&] { return clients.front()->ended(); });
  EXPECT_FALSE(clients.back()->ended());
}

TEST_F(Server, EndsItsConnectionsWhenStopped) {
  RawClient resting(loop, server.port());
  RawClient half(loop, server.port());
  resting.send("GET /healthz HTTP/1.1\r\n\r\n");
  (void)resting.read_until("ok\n");
  half.send("GET /heal");
  loop.poll();
  group.request_stop();
  loop.run_real(group.join());
  EXPECT_EQ(resting.read_to_end(), "");
  EXPECT_EQ(half.read_to_end(), "");
}

TEST(ServerAddress, IsRefusedWhenItIsNone) {
  test::Loop loop;
  for (const char* address : {"", "8080", "localhost:1", "1.2.3.4", "127.0.0.1:", "127.0.0.1:x", "[::1]",
                              "1:2:3", "127.0.0.1:65536", "127.0.0.1:1x"}) {
    EXPECT_EQ(error_of([&] { HttpServer server(loop.executor(), address); }), asio::error::invalid_argument)
        << address;
  }
}

TEST(ServerAddress, MayBeTaken) {
  test::Loop loop;
  const HttpServer first(loop.executor(), "127.0.0.1:0");
  const std::string address = "127.0.0.1:" + std::to_string(first.port());
  const auto again = [&] { HttpServer server(loop.executor(), address); };
  EXPECT_EQ(error_of(again), asio::error::address_in_use);
  EXPECT_NE(message_of(again).find(address), std::string::npos);
}

TEST(ServerAddress, MayBeOfVersion6AndServesBoth) {
  test::Loop loop;
  TaskGroup group(loop.executor());
  std::optional<HttpServer> server;
  try {
    server.emplace(loop.executor(), "[::]:0");
  } catch (const system_error& error) {
    ASSERT_EQ(error.code(), asio::error::address_family_not_supported);  // a kernel without IPv6
    return;
  }
  server->handle("/x", [] { return ServerReply{200, "text/plain", "x"}; });
  group.spawn(server->run(group.token()));
  RawClient client(loop, server->port());
  client.send("GET /x HTTP/1.0\r\n\r\n");
  EXPECT_TRUE(client.read_to_end().ends_with("x"));
  group.request_stop();
  loop.run_real(group.join());
}

}  // namespace
}  // namespace live::net
