// SPDX-License-Identifier: Apache-2.0
#include "net/cpprest_http.hpp"

#include <unistd.h>

#include <boost/asio/error.hpp>
#include <filesystem>
#include <fstream>

#include "net_test_kit.hpp"

namespace live::net {
namespace {

using namespace std::chrono_literals;
using test::Peer;
using test::ScriptedServer;

const bool threads_limited = (limit_cpprest_threads(), true);

// The authority's certificate in a file, as the client wants it.
class AuthorityFile {
 public:
  explicit AuthorityFile(const test::TestAuthority& trusted)
      : path_(std::filesystem::temp_directory_path() /
              ("net-cpprest-test-" + std::to_string(::getpid()) + ".pem")) {
    std::ofstream(path_) << trusted.certificate_pem();
  }
  ~AuthorityFile() { std::filesystem::remove(path_); }
  std::string path() const { return path_; }

 private:
  std::filesystem::path path_;
};

class Cpprest : public testing::TestWithParam<bool> {
 protected:
  std::unique_ptr<ScriptedServer> serve(ScriptedServer::Script script) {
    return std::make_unique<ScriptedServer>(std::move(script), identity_if(GetParam()));
  }
  std::unique_ptr<ScriptedServer> serve_once(std::string reply) {
    return serve([reply](Peer& peer, int) {
      (void)peer.read_head();
      peer.send(reply);
      peer.close();
      peer.wait_for_end();
    });
  }
  static HttpRequest get(const ScriptedServer& server, const std::string& target = "/") {
    HttpRequest request;
    request.url = url_of(server.url(target));
    return request;
  }
  HttpResponse send(const HttpRequest& request) {
    return loop.run_real(client.send(request, std::stop_token()));
  }
  error_code failure(const HttpRequest& request) {
    return error_of([&] { (void)send(request); });
  }

  test::Loop loop;
  AuthorityFile file{authority()};
  CpprestHttpClient client{CpprestOptions{.ca_file = file.path()}};
};

INSTANTIATE_TEST_SUITE_P(Over, Cpprest, testing::Bool(), plain_or_tls);

TEST_P(Cpprest, SendsARequestAndReadsTheReply) {
  std::string head;
  std::string body;
  auto server = serve([&](Peer& peer, int) {
    head = peer.read_head();
    body = peer.read_exactly(3);
    peer.send(
        "HTTP/1.1 403 Forbidden\r\nX-One: 1\r\nSet-Cookie: a=1\r\nset-cookie: b=2\r\nContent-Length: "
        "4\r\n\r\nno\xff!");
    peer.wait_for_end();
  });
  // A signed query must arrive as it was signed.
  const std::string target = "/x/web-interface/nav?w_rid=0a&wts=1&q=a%20b%2Fc+d&empty=&s=%E7%9B%B4~!*()'";
  HttpRequest request = get(*server, target);
  request.method = "POST";
  request.body = "a=b";
  request.headers = {{"User-Agent", "Mozilla/5.0"},
                     {"Cookie", "buvid3=x; b_nut=1"},
                     {"Content-Type", "application/x-www-form-urlencoded"},
                     {"Content-Length", "77"}};
  const HttpResponse response = send(request);
  EXPECT_EQ(response.status, 403);
  EXPECT_EQ(response.body, "no\xff!");
  EXPECT_EQ(response.headers.get("x-one"), "1");
  EXPECT_EQ(response.headers.get("Set-Cookie"), "a=1, b=2");
  EXPECT_TRUE(head.starts_with("POST " + target + " HTTP/1.1\r\n")) << head;
  for (const char* line :
       {"\r\nUser-Agent:Mozilla/5.0\r\n", "\r\nCookie:buvid3=x; b_nut=1\r\n",
        "\r\nContent-Type:application/x-www-form-urlencoded\r\n", "\r\nContent-Length:3\r\n"}) {
    EXPECT_NE(head.find(line), std::string::npos) << line << head;
  }
  EXPECT_NE(head.find("Host: 127.0.0.1:" + std::to_string(server->port()) + "\r\n"), std::string::npos);
  EXPECT_EQ(body, "a=b");
}

TEST_P(Cpprest, ReadsEveryFraming) {
  const std::pair<const char*, const char*> table[] = {
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", "abcde"},
      {"HTTP/1.1 200 OK\r\n\r\nuntil the end", "until the end"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", ""},
      {"HTTP/1.1 204 No Content\r\n\r\n", ""},
  };
  for (const auto& [reply, body] : table) {
    auto server = serve_once(reply);
    EXPECT_EQ(send(get(*server)).body, body) << reply;
  }
}

TEST_P(Cpprest, UsesAConnectionAgain) {
  auto server = serve([](Peer& peer, int) {
    while (true) {
      (void)peer.read_head();
      peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx");
    }
  });
  // The library puts a connection back some time after it gave the reply.
  int requests = 0;
  do {
    EXPECT_EQ(send(get(*server)).body, "x");
    ++requests;
  } while (server->connections() == requests && requests < 1000);
  EXPECT_LT(server->connections(), requests);
}

TEST_P(Cpprest, FollowsNoRedirect) {
  auto server = serve_once("HTTP/1.1 302 Found\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n");
  const HttpResponse response = send(get(*server));
  EXPECT_EQ(response.status, 302);
  EXPECT_EQ(response.headers.get("Location"), "/other");
  EXPECT_EQ(server->connections(), 1);
}

TEST_P(Cpprest, LimitsTheBody) {
  const std::string large(200'000, 'x');
  for (const std::string& reply :
       {"HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n" + large,
        "HTTP/1.1 200 OK\r\nContent-Length: 999999999999\r\n\r\n" + large,
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n30d40\r\n" + large + "\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\n\r\n" + large}) {
    auto server = serve_once(reply);
    HttpRequest request = get(*server);
    request.max_body = 100'000;
    EXPECT_EQ(failure(request), NetError::body_too_large) << reply.substr(0, 60);
  }
  auto chunked = serve_once("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n");
  HttpRequest small = get(*chunked);
  small.max_body = 4;
  EXPECT_EQ(failure(small), NetError::body_too_large);
  auto server = serve_once("HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n" + large);
  HttpRequest request = get(*server);
  request.max_body = 200'000;
  EXPECT_EQ(send(request).body, large);
}

TEST_P(Cpprest, FailsOnBrokenReplies) {
  for (const char* reply : {"", "nonsense\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc",
                            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
                            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"}) {
    auto server = serve_once(reply);
    EXPECT_TRUE(failure(get(*server))) << reply;
  }
}

TEST_P(Cpprest, TimesOut) {
  auto server = serve([](Peer& peer, int) {
    (void)peer.read_head();
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx");
    peer.wait_for_end();
  });
  HttpRequest request = get(*server);
  request.timeout = 100ms;
  EXPECT_EQ(failure(request), asio::error::timed_out);
}

TEST_P(Cpprest, TimesOutAlthoughBytesDrip) {
  auto server = serve([&](Peer& peer, int) {
    (void)peer.read_head();
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n");
    while (true) {
      peer.send("x");
      std::this_thread::sleep_for(5ms);
    }
  });
  HttpRequest request = get(*server);
  request.timeout = 200ms;
  EXPECT_EQ(failure(request), asio::error::timed_out);
}

TEST_P(Cpprest, Stops) {
  std::atomic<bool> asked = false;
  std::atomic<bool> ended = false;
  auto server = serve([&](Peer& peer, int) {
    (void)peer.read_head();
    asked = true;
    peer.wait_for_end();
    ended = true;
  });
  std::stop_source source;
  Pending<HttpResponse> pending(loop, client.send(get(*server), source.get_token()));
  loop.run_until([&] { return asked.load(); });
  source.request_stop();
  EXPECT_THROW(pending.get(), Stopped);
  loop.run_until([&] { return ended.load(); });  // the library let go of the connection
  EXPECT_THROW(loop.run_real(client.send(get(*server), source.get_token())), Stopped);
}

TEST_P(Cpprest, MayBeAbandonedWithItsLoop) {
  std::atomic<bool> asked = false;
  std::atomic<bool> go = false;
  auto server = serve([&](Peer& peer, int) {
    (void)peer.read_head();
    asked = true;
    peer.wait_for([&] { return go.load(); });
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx");
    peer.wait_for_end();
  });
  {
    test::Loop short_lived;
    Pending<HttpResponse> pending(short_lived, client.send(get(*server), std::stop_token()));
    short_lived.run_until([&] { return asked.load(); });
  }
  go = true;
  // The reply of the abandoned call goes nowhere, and the client still works.
  EXPECT_EQ(send(get(*server)).body, "x");
}

TEST_P(Cpprest, RefusesRequestsThatWouldBreakTheHead) {
  auto server = serve_once("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  HttpRequest value = get(*server);
  value.headers.add("Cookie", "a\r\nX: y");
  HttpRequest method = get(*server);
  method.method = "GET /\r\n";
  HttpRequest target = get(*server, "/a|b{c}");
  for (const HttpRequest& request : {value, method, target}) {
    EXPECT_EQ(failure(request), NetError::bad_request);
  }
  EXPECT_EQ(server->connections(), 0);
}

TEST(CpprestTls, VerifiesAuthorityAndName) {
  test::Loop loop;
  const AuthorityFile file(authority());
  CpprestHttpClient trusting(CpprestOptions{.ca_file = file.path()});
  CpprestHttpClient strange(CpprestOptions{});
  const auto answer = [](Peer& peer, int) {
    (void)peer.read_head();
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    peer.wait_for_end();
  };
  const auto outcome = [&](CpprestHttpClient& client, const test::KeyPair& identity,
                           const std::string& host) {
    ScriptedServer server(answer, identity);
    HttpRequest request;
    request.url = url_of(server.url("/", host));
    return message_of([&] { (void)loop.run_real(client.send(request, std::stop_token())); });
  };
  EXPECT_EQ(outcome(trusting, authority().issue("localhost"), "localhost"), "");
  EXPECT_EQ(outcome(trusting, authority().issue("127.0.0.1"), "127.0.0.1"), "");
  EXPECT_NE(outcome(trusting, authority().issue("other.example.com"), "localhost"), "");
  EXPECT_NE(outcome(trusting, authority().issue("127.0.0.2"), "127.0.0.1"), "");
  const std::string untrusted = outcome(strange, authority().issue("localhost"), "localhost");
  EXPECT_NE(untrusted.find("no TLS connection"), std::string::npos) << untrusted;
}

TEST(CpprestOptionsTest, RefusesABadAuthorityFile) {
  EXPECT_EQ(error_of([] { CpprestHttpClient client(CpprestOptions{.ca_file = "/nonexistent"}); }),
            asio::error::invalid_argument);
}

TEST(CpprestErrors, SayWhatFailed) {
  test::Loop loop;
  std::uint16_t port = 0;
  {
    port = ScriptedServer([](Peer&, int) {}).port();
  }
  CpprestHttpClient client(CpprestOptions{});
  HttpRequest request;
  request.url = url_of("http://127.0.0.1:" + std::to_string(port) + "/x?secret=1");
  const std::string text = message_of([&] { (void)loop.run_real(client.send(request, std::stop_token())); });
  EXPECT_NE(text.find("http://127.0.0.1:" + std::to_string(port) + "/x"), std::string::npos) << text;
  EXPECT_EQ(text.find("secret"), std::string::npos) << text;
}

TEST(CpprestProxy, CarriesPlainRequests) {
  test::Loop loop;
  std::string head;
  ScriptedServer proxy([&](Peer& peer, int) {
    head = peer.read_head();
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    peer.wait_for_end();
  });
  CpprestHttpClient client(CpprestOptions{.proxy = url_of(proxy.url())});
  HttpRequest request;
  request.url = url_of("http://api.example.com/x?y=z");
  EXPECT_EQ(loop.run_real(client.send(request, std::stop_token())).body, "ok");
  EXPECT_TRUE(head.starts_with("GET http://api.example.com/x?y=z HTTP/1.1\r\n")) << head;
}

TEST(CpprestProxy, AsksForATunnelForTls) {
  test::Loop loop;
  std::string head;
  ScriptedServer proxy([&](Peer& peer, int) {
    head = peer.read_head();
    peer.send("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
    peer.wait_for_end();
  });
  CpprestHttpClient client(CpprestOptions{.proxy = url_of(proxy.url())});
  HttpRequest request;
  request.url = url_of("https://api.example.com:8443/x?y=z");
  EXPECT_NE(message_of([&] { (void)loop.run_real(client.send(request, std::stop_token())); }), "");
  EXPECT_TRUE(head.starts_with("CONNECT api.example.com:8443 HTTP/1.1\r\n")) << head;
}

TEST(CpprestThreads, AreFew) {
  ASSERT_TRUE(threads_limited);
  const auto tasks = std::filesystem::directory_iterator("/proc/self/task");
  EXPECT_LT(std::distance(begin(tasks), end(tasks)), 16);  // 40 of its own without the limit
}

}  // namespace
}  // namespace live::net
