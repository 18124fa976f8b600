// SPDX-License-Identifier: Apache-2.0
#include "net/beast_http.hpp"

#include <boost/asio/error.hpp>

#include "net_test_kit.hpp"

namespace live::net {
namespace {

using namespace std::chrono_literals;
using test::Peer;
using test::ScriptedServer;

class BeastHttp : public testing::TestWithParam<bool> {
 protected:
  bool tls() const { return GetParam(); }
  std::unique_ptr<BeastHttpClient> make_client(BeastHttpOptions options = {}) {
    return std::make_unique<BeastHttpClient>(loop.executor(), trusting_tls(), std::move(options));
  }
  std::unique_ptr<ScriptedServer> serve(ScriptedServer::Script script) {
    return std::make_unique<ScriptedServer>(std::move(script), identity_if(tls()));
  }
  // A server that answers every request of every connection alike.
  std::unique_ptr<ScriptedServer> serve_always(std::string reply) {
    return serve([reply](Peer& peer, int) {
      while (true) {
        (void)peer.read_head();
        peer.send(reply);
      }
    });
  }
  // A server that answers one request and ends the connection in order.
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
  HttpResponse send(BeastHttpClient& client, HttpRequest request) {
    return loop.run_real(client.send(std::move(request), std::stop_token()));
  }
  error_code failure(BeastHttpClient& client, const HttpRequest& request) {
    return error_of([&] { (void)send(client, request); });
  }

  test::Loop loop;
};

INSTANTIATE_TEST_SUITE_P(Over, BeastHttp, testing::Bool(), plain_or_tls);

TEST_P(BeastHttp, SendsARequestAndReadsTheReply) {
  std::string head;
  std::string body;
  auto server = serve([&](Peer& peer, int) {
    head = peer.read_head();
    body = peer.read_exactly(5);
    peer.send(
        "HTTP/1.1 201 Created\r\nX-One: 1\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Length: "
        "3\r\n\r\nyes");
    peer.wait_for_end();
  });
  auto client = make_client({.user_agent = "liveroom/1"});
  HttpRequest request = get(*server, "/a/b?c=d");
  request.method = "PATCH";
  request.body = "hello";
  request.headers = {{"Content-Type", "application/json"}, {"Content-Length", "99"}};
  const HttpResponse response = send(*client, request);
  EXPECT_EQ(response.status, 201);
  EXPECT_EQ(response.body, "yes");
  EXPECT_EQ(response.headers.get("x-one"), "1");
  EXPECT_EQ(response.headers.size(), 4U);
  EXPECT_EQ(head,
            "PATCH /a/b?c=d HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(server->port()) +
                "\r\nUser-Agent: liveroom/1\r\nContent-Type: application/json\r\nContent-Length: 5\r\n\r\n");
  EXPECT_EQ(body, "hello");
}

TEST_P(BeastHttp, ReadsEveryFraming) {
  const std::pair<const char*, const char*> table[] = {
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nT: 1\r\n\r\n",
       "abcde"},
      {"HTTP/1.1 200 OK\r\n\r\nuntil the end", "until the end"},
      {"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", "ok"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", ""},
      {"HTTP/1.1 204 No Content\r\n\r\n", ""},
      {"HTTP/1.1 304 Not Modified\r\nContent-Length: 10\r\n\r\n", ""},
      {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 "
       "OK\r\nContent-Length: 1\r\n\r\nz",
       "z"},
  };
  for (const auto& [reply, body] : table) {
    auto server = serve_once(reply);
    auto client = make_client();
    const HttpResponse response = send(*client, get(*server));
    EXPECT_EQ(response.body, body) << reply;
  }
}

TEST_P(BeastHttp, ReadsNoBodyAfterHead) {
  auto server = serve_always("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
  auto client = make_client();
  HttpRequest request = get(*server);
  request.method = "HEAD";
  for (int i = 0; i < 2; ++i) {
    const HttpResponse response = send(*client, request);
    EXPECT_EQ(response.headers.get("Content-Length"), "1000");
    EXPECT_EQ(response.body, "");
  }
  EXPECT_EQ(server->connections(), 1);
}

TEST_P(BeastHttp, ReadsALargeBody) {
  const std::string large(3'000'000, 'x');
  auto server = serve_always("HTTP/1.1 200 OK\r\nContent-Length: 3000000\r\n\r\n" + large);
  auto client = make_client();
  EXPECT_EQ(send(*client, get(*server)).body, large);
}

TEST_P(BeastHttp, SendsALargeBody) {
  std::string received;
  auto server = serve([&](Peer& peer, int) {
    (void)peer.read_head();
    received = peer.read_exactly(8'000'000);
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    peer.wait_for_end();
  });
  auto client = make_client();
  HttpRequest request = get(*server);
  request.method = "POST";
  request.body = std::string(8'000'000, 'y');
  EXPECT_EQ(send(*client, request).status, 200);
  EXPECT_EQ(received, request.body);
}

TEST_P(BeastHttp, UsesAConnectionAgain) {
  auto server = serve_always("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n");
  auto client = make_client();
  for (int i = 0; i < 5; ++i) EXPECT_EQ(send(*client, get(*server)).body, "x");
  EXPECT_EQ(server->connections(), 1);
}

TEST_P(BeastHttp, DoesNotUseAgainWhatIsNotClean) {
  for (const char* reply : {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx",
                            "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx",
                            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nxHTTP/1.1 200 Smuggled\r\n\r\n",
                            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\nmore"}) {
    auto server = serve_always(reply);
    auto client = make_client();
    for (int i = 0; i < 2; ++i) EXPECT_EQ(send(*client, get(*server)).body, "x");
    EXPECT_EQ(server->connections(), 2) << reply;
  }
}

TEST_P(BeastHttp, DoesNotUseAgainWhatIsTooOld) {
  auto server = serve_always("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx");
  auto aged = make_client({.max_age = 0s});
  auto rested = make_client({.max_idle = 0s});
  for (int i = 0; i < 2; ++i) {
    (void)send(*aged, get(*server));
    (void)send(*rested, get(*server));
  }
  EXPECT_EQ(server->connections(), 4);
}

TEST_P(BeastHttp, NoticesThatAConnectionAtRestHasEnded) {
  std::atomic<bool> ended = false;
  auto server = serve([&](Peer& peer, int) {
    (void)peer.read_head();
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx");
    peer.close();
    ended = true;
    peer.wait_for_end();
  });
  auto client = make_client();
  EXPECT_EQ(send(*client, get(*server)).body, "x");
  loop.run_until([&] { return ended.load(); });
  EXPECT_EQ(send(*client, get(*server)).body, "x");
  EXPECT_EQ(server->connections(), 2);
}

TEST_P(BeastHttp, TriesOnceMoreWhenAReusedConnectionFails) {
  std::atomic<int> requests = 0;
  auto server = serve([&](Peer& peer, int number) {
    for (int i = 0; i < 2; ++i) {
      (void)peer.read_head();
      ++requests;
      if (number == 0 && i == 1) return;
      peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx");
    }
    peer.wait_for_end();
  });
  auto client = make_client();
  HttpRequest request = get(*server);
  request.method = "POST";
  EXPECT_EQ(send(*client, request).status, 200);
  EXPECT_EQ(send(*client, request).status, 200);
  EXPECT_EQ(server->connections(), 2);
  EXPECT_EQ(requests, 3);
}

TEST_P(BeastHttp, DoesNotTryAThirdTime) {
  auto server = serve([&](Peer& peer, int number) {
    (void)peer.read_head();
    if (number > 0) return;
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx");
    (void)peer.read_head();
  });
  auto client = make_client();
  EXPECT_EQ(send(*client, get(*server)).status, 200);
  EXPECT_TRUE(failure(*client, get(*server)));
  EXPECT_EQ(server->connections(), 2);
}

TEST_P(BeastHttp, DoesNotTryAgainAfterTheFirstByteOfAReply) {
  auto server = serve([&](Peer& peer, int) {
    (void)peer.read_head();
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx");
    (void)peer.read_head();
    peer.send("H");
    peer.close();
    peer.wait_for_end();
  });
  auto client = make_client();
  EXPECT_EQ(send(*client, get(*server)).status, 200);
  EXPECT_EQ(failure(*client, get(*server)), NetError::cut_short);
  EXPECT_EQ(server->connections(), 1);
}

TEST_P(BeastHttp, TimesOut) {
  auto server = serve([&](Peer& peer, int) {
    (void)peer.read_head();
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx");
    peer.wait_for_end();
  });
  auto client = make_client();
  EXPECT_EQ(send(*client, get(*server)).status, 200);
  HttpRequest request = get(*server);
  request.timeout = 100ms;
  EXPECT_EQ(failure(*client, request), asio::error::timed_out);  // on the reused connection: no second try
  EXPECT_EQ(server->connections(), 1);
}

TEST_P(BeastHttp, TimesOutInsideABody) {
  auto server = serve([&](Peer& peer, int) {
    (void)peer.read_head();
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx");
    peer.wait_for_end();
  });
  auto client = make_client();
  HttpRequest request = get(*server);
  request.timeout = 300ms;
  EXPECT_EQ(failure(*client, request), asio::error::timed_out);
}

TEST_P(BeastHttp, Stops) {
  std::atomic<bool> asked = false;
  auto server = serve([&](Peer& peer, int) {
    (void)peer.read_head();
    asked = true;
    peer.wait_for_end();
  });
  auto client = make_client();
  std::stop_source source;
  Pending<HttpResponse> pending(loop, client->send(get(*server), source.get_token()));
  loop.run_until([&] { return asked.load(); });
  source.request_stop();
  EXPECT_THROW(pending.get(), Stopped);
  EXPECT_THROW(loop.run_real(client->send(get(*server), source.get_token())), Stopped);
  EXPECT_EQ(server->connections(), 1);
}

TEST_P(BeastHttp, LimitsTheBody) {
  for (const char* reply : {"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabcdef",
                            "HTTP/1.1 200 OK\r\nContent-Length: 999999999999\r\n\r\nabcdef",
                            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nabcdef\r\n0\r\n\r\n",
                            "HTTP/1.1 200 OK\r\n\r\nabcdef"}) {
    auto server = serve_once(reply);
    auto client = make_client();
    HttpRequest request = get(*server);
    request.max_body = 5;
    EXPECT_EQ(failure(*client, request), NetError::body_too_large) << reply;
  }
  auto server = serve_once("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n");
  auto client = make_client();
  HttpRequest request = get(*server);
  request.max_body = 5;
  EXPECT_EQ(send(*client, request).body, "abcde");
}

TEST_P(BeastHttp, RefusesBrokenReplies) {
  const std::pair<std::string, NetError> table[] = {
      {"", NetError::cut_short},
      {"HTTP/1.1 200", NetError::cut_short},
      {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc", NetError::cut_short},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc", NetError::cut_short},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n", NetError::cut_short},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", NetError::bad_framing},
      {"SSH-2.0-OpenSSH\r\n\r\n", NetError::bad_reply},
      {"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", NetError::bad_reply},
      {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", NetError::bad_reply},
      {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", NetError::bad_reply},
      {"HTTP/1.1 200 OK\r\nno colon\r\n\r\n", NetError::bad_reply},
      {"HTTP/1.1 200 OK\r\nX: " + std::string(70'000, 'x') + "\r\n\r\n", NetError::bad_reply},
  };
  for (const auto& [reply, expected] : table) {
    auto server = serve_once(reply);
    auto client = make_client();
    EXPECT_EQ(failure(*client, get(*server)), expected) << reply.substr(0, 100);
  }
}

TEST_P(BeastHttp, RefusesRequestsThatWouldBreakTheHead) {
  auto server = serve_once("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  auto client = make_client();
  HttpRequest method = get(*server);
  method.method = "GET /\r\nX:";
  HttpRequest value = get(*server);
  value.headers.add("Cookie", "a\r\nX: y");
  HttpRequest name = get(*server);
  name.headers.add("X: y\r\nZ", "a");
  HttpRequest target = get(*server);
  target.url.target = "/ HTTP/1.1\r\nX: y";
  for (const HttpRequest& request : {method, value, name, target}) {
    EXPECT_EQ(failure(*client, request), NetError::bad_request);
  }
  EXPECT_EQ(server->connections(), 0);
}

TEST_P(BeastHttp, LetsRequestsWaitForTheirTurn) {
  std::atomic<int> waiting = 0;
  std::atomic<bool> go = false;
  auto server = serve([&](Peer& peer, int) {
    while (true) {
      (void)peer.read_head();
      ++waiting;
      peer.wait_for([&] { return go.load(); });
      peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx");
    }
  });
  auto client = make_client({.max_connections = 1});
  Pending<HttpResponse> first(loop, client->send(get(*server), std::stop_token()));
  loop.run_until([&] { return waiting == 1; });
  std::stop_source source;
  HttpRequest hurried = get(*server);
  hurried.timeout = 50ms;
  Pending<HttpResponse> impatient(loop, client->send(hurried, std::stop_token()));
  Pending<HttpResponse> stopped(loop, client->send(get(*server), source.get_token()));
  Pending<HttpResponse> patient(loop, client->send(get(*server), std::stop_token()));
  EXPECT_EQ(error_of([&] { (void)impatient.get(); }), asio::error::timed_out);
  source.request_stop();
  EXPECT_THROW(stopped.get(), Stopped);
  EXPECT_FALSE(patient.done());
  go = true;
  EXPECT_EQ(first.get().body, "x");
  EXPECT_EQ(patient.get().body, "x");
  EXPECT_EQ(server->connections(), 1);
  EXPECT_EQ(waiting, 2);
}

TEST_P(BeastHttp, SpreadsOverConnections) {
  std::atomic<int> waiting = 0;
  auto server = serve([&](Peer& peer, int) {
    (void)peer.read_head();
    ++waiting;
    peer.wait_for([&] { return waiting == 3; });
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx");
    peer.wait_for_end();
  });
  auto client = make_client();
  Pending<HttpResponse> a(loop, client->send(get(*server), std::stop_token()));
  Pending<HttpResponse> b(loop, client->send(get(*server), std::stop_token()));
  Pending<HttpResponse> c(loop, client->send(get(*server), std::stop_token()));
  EXPECT_EQ(a.get().body + b.get().body + c.get().body, "xxx");
  EXPECT_EQ(server->connections(), 3);
}

TEST_P(BeastHttp, ResolvesNames) {
  auto server = serve_always("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx");
  auto client = make_client();
  HttpRequest request = get(*server);
  request.url = url_of(server->url("/", "localhost"));
  EXPECT_EQ(send(*client, request).body, "x");
}

TEST(BeastHttpErrors, SayWhatFailed) {
  test::Loop loop;
  std::uint16_t port = 0;
  {
    port = ScriptedServer([](Peer&, int) {}).port();
  }
  BeastHttpClient client(loop.executor(), trusting_tls(), {});
  HttpRequest request;
  request.url = url_of("http://127.0.0.1:" + std::to_string(port));
  const auto send = [&] { (void)loop.run_real(client.send(request, std::stop_token())); };
  EXPECT_EQ(error_of(send), asio::error::connection_refused);
  EXPECT_NE(message_of(send).find("127.0.0.1:" + std::to_string(port)), std::string::npos)
      << message_of(send);
}

}  // namespace
}  // namespace live::net
