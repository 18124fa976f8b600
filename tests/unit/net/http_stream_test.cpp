// SPDX-License-Identifier: Apache-2.0
// Replies whose bodies are read as they come.
#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>

#include "base/bytes.hpp"
#include "net/beast_http.hpp"
#include "net_test_kit.hpp"

namespace live::net {
namespace {

using namespace std::chrono_literals;
using test::Peer;
using test::ScriptedServer;

class HttpStreams : public testing::TestWithParam<bool> {
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
  HttpStream open(const ScriptedServer& server, Duration idle = 10s) {
    HttpRequest request;
    request.url = url_of(server.url());
    return loop.run_real(client.open(request, idle, std::stop_token()));
  }
  std::string read_some(ByteStream& body, std::size_t size = 65536, std::stop_token stop = {}) {
    Bytes buffer(size);
    const std::size_t count = loop.run_real(body.read_some(buffer, stop));
    return std::string(as_text(ByteView(buffer).first(count)));
  }
  std::string read_all(ByteStream& body, std::size_t size = 65536) {
    std::string all;
    while (true) {
      const std::string more = read_some(body, size);
      if (more.empty()) return all;
      all += more;
    }
  }

  test::Loop loop;
  BeastHttpClient client{loop.executor(), trusting_tls(), {}};
};

INSTANTIATE_TEST_SUITE_P(Over, HttpStreams, testing::Bool(), plain_or_tls);

TEST_P(HttpStreams, GiveTheBodyWithoutItsFramingSplitAnywhere) {
  std::string text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  std::string content;
  for (int i = 1; i < 60; ++i) {
    const std::string line = "{\"line\":" + std::string(static_cast<std::size_t>(i), 'x') + "}\n";
    char size[20];
    std::snprintf(size, sizeof size, "%zx\r\n", line.size());
    text += size + line + "\r\n";
    content += line;
  }
  text += "0\r\n\r\n";
  for (const std::size_t size : {1U, 2U, 3U, 5U, 8U, 13U, 100U, 65536U}) {
    auto server = serve_once(text);
    HttpStream stream = open(*server);
    EXPECT_EQ(stream.status, 200);
    EXPECT_EQ(read_all(*stream.body, size), content) << size;
    EXPECT_EQ(read_some(*stream.body), "");  // the end stays the end
  }
}

TEST_P(HttpStreams, GiveWhatHasComeAtOnce) {
  std::atomic<int> step = 0;
  auto server = serve([&](Peer& peer, int) {
    (void)peer.read_head();
    peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < 5; ++i) {
      peer.wait_for([&] { return step >= i; });
      peer.send("2\r\n" + std::to_string(i) + "\n\r\n");
    }
    peer.wait_for_end();
  });
  HttpStream stream = open(*server);
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(read_some(*stream.body), std::to_string(i) + "\n");
    ++step;
  }
}

TEST_P(HttpStreams, GiveErrorRepliesToo) {
  auto server = serve_once("HTTP/1.1 410 Gone\r\nContent-Length: 4\r\nX: y\r\n\r\ngone");
  HttpStream stream = open(*server);
  EXPECT_EQ(stream.status, 410);
  EXPECT_EQ(stream.headers.get("x"), "y");
  EXPECT_EQ(read_all(*stream.body), "gone");
}

TEST_P(HttpStreams, FailWhenTheBodyIsCutShort) {
  for (const char* reply : {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc",
                            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
                            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc"}) {
    auto server = serve_once(reply);
    HttpStream stream = open(*server);
    EXPECT_EQ(read_some(*stream.body, 3), "abc");
    EXPECT_EQ(error_of([&] { read_some(*stream.body); }), NetError::cut_short) << reply;
  }
}

TEST_P(HttpStreams, FailWhenTheConnectionIsCut) {
  auto server = serve([](Peer& peer, int) {
    (void)peer.read_head();
    peer.send("HTTP/1.1 200 OK\r\n\r\nabc");
    peer.cut();
    peer.wait_for_end();
  });
  HttpStream stream = open(*server);
  EXPECT_EQ(read_some(*stream.body, 3), "abc");
  const error_code expected = GetParam() ? error_code(asio::ssl::error::stream_truncated) : error_code();
  EXPECT_EQ(error_of([&] { read_some(*stream.body); }), expected);
}

TEST_P(HttpStreams, FailWhenTheConnectionIsReset) {
  std::atomic<bool> go = false;
  auto server = serve([&](Peer& peer, int) {
    (void)peer.read_head();
    peer.send("HTTP/1.1 200 OK\r\n\r\nabc");
    peer.wait_for([&] { return go.load(); });
    peer.reset();
  });
  HttpStream stream = open(*server);
  EXPECT_EQ(read_some(*stream.body), "abc");
  go = true;
  EXPECT_EQ(error_of([&] { read_some(*stream.body); }), asio::error::connection_reset);
}

TEST_P(HttpStreams, TimeOutInSilence) {
  auto server = serve([](Peer& peer, int) {
    (void)peer.read_head();
    peer.send("HTTP/1.1 200 OK\r\n\r\nabc");
    peer.wait_for_end();
  });
  HttpStream stream = open(*server, 100ms);
  EXPECT_EQ(read_some(*stream.body), "abc");
  EXPECT_EQ(error_of([&] { read_some(*stream.body); }), asio::error::timed_out);
}

TEST_P(HttpStreams, TimeOutBeforeTheHead) {
  auto server = serve([](Peer& peer, int) { peer.wait_for_end(); });
  HttpRequest request;
  request.url = url_of(server->url());
  request.timeout = 200ms;
  EXPECT_EQ(error_of([&] { (void)loop.run_real(client.open(request, 10s, std::stop_token())); }),
            asio::error::timed_out);
}

TEST_P(HttpStreams, Stop) {
  auto server = serve([](Peer& peer, int) {
    (void)peer.read_head();
    peer.send("HTTP/1.1 200 OK\r\n\r\nabc");
    peer.wait_for_end();
  });
  HttpStream stream = open(*server);
  EXPECT_EQ(read_some(*stream.body), "abc");
  std::stop_source source;
  Bytes buffer(10);
  Pending<std::size_t> pending(loop, stream.body->read_some(buffer, source.get_token()));
  loop.poll();
  EXPECT_FALSE(pending.done());
  source.request_stop();
  EXPECT_THROW(pending.get(), Stopped);
  EXPECT_THROW(read_some(*stream.body, 10, source.get_token()), Stopped);
}

}  // namespace
}  // namespace live::net
