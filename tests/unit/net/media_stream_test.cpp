// SPDX-License-Identifier: Apache-2.0
#include "net/media_stream.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/error.hpp>
#include <functional>
#include <random>
#include <thread>

#include "base/bytes.hpp"
#include "net_test_kit.hpp"

namespace live::net {
namespace {

using namespace std::chrono_literals;
using test::Peer;
using test::ScriptedServer;

std::string random_bytes(std::size_t size) {
  std::mt19937 random(3);
  std::string out(size, '\0');
  for (char& c : out) c = static_cast<char>(random());
  return out;
}

// The content in chunks of growing size, with an extension here and there.
std::string chunked(const std::string& content) {
  std::string out;
  std::size_t size = 1;
  for (std::size_t at = 0; at < content.size(); at += size, size = size * 2 + 1) {
    const std::string part = content.substr(at, size);
    char head[40];
    std::snprintf(head, sizeof head, size % 3 == 0 ? "%zx;a=b\r\n" : "%zX\r\n", part.size());
    out += head + part + "\r\n";
  }
  return out + "0\r\n\r\n";
}

class Media : public testing::TestWithParam<bool> {
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
  MediaResponse open(MediaRequest request) {
    return loop.run_real(open_media(std::move(request), tls, std::stop_token()));
  }
  MediaResponse open(const ScriptedServer& server, Duration idle = 10s) {
    MediaRequest request;
    request.url = url_of(server.url("/live.flv?x=y"));
    request.idle = idle;
    return open(std::move(request));
  }
  std::string read_some(ByteStream& body, std::size_t size = 1 << 20, std::stop_token stop = {}) {
    Bytes buffer(size);
    const std::size_t count = loop.run_real(body.read_some(buffer, stop));
    return std::string(as_text(ByteView(buffer).first(count)));
  }
  std::string read_all(ByteStream& body, std::size_t size = 1 << 20) {
    std::string all;
    while (true) {
      const std::string more = read_some(body, size);
      if (more.empty()) return all;
      all += more;
    }
  }
  error_code failure(ByteStream& body) {
    return error_of([&] { read_all(body); });
  }

  test::Loop loop;
  TlsContext tls = trusting_tls();
};

INSTANTIATE_TEST_SUITE_P(Over, Media, testing::Bool(), plain_or_tls);

TEST_P(Media, ReadsEveryFraming) {
  const std::string content = random_bytes(3'000'000);
  for (const std::string& reply : {"HTTP/1.1 200 OK\r\nContent-Length: 3000000\r\n\r\n" + content,
                                   "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(content),
                                   "HTTP/1.1 200 OK\r\nContent-Type: video/x-flv\r\n\r\n" + content,
                                   "HTTP/1.0 200 OK\r\n\r\n" + content}) {
    for (const std::size_t size : {std::size_t{5000}, std::size_t{1} << 20}) {
      auto server = serve_once(reply);
      const MediaResponse response = open(*server);
      EXPECT_EQ(response.status, 200);
      EXPECT_TRUE(read_all(*response.body, size) == content) << reply.substr(0, 60);
      EXPECT_GE(response.body->received_bytes(), content.size());
      EXPECT_EQ(read_some(*response.body), "");
    }
  }
}

TEST_P(Media, ReadsChunksSplitAtEveryByte) {
  const std::string content = random_bytes(700);
  const std::string reply = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(content);
  for (std::size_t size = 1; size < 20; ++size) {
    auto server = serve_once(reply);
    const MediaResponse response = open(*server);
    EXPECT_TRUE(read_all(*response.body, size) == content) << size;
  }
}

TEST_P(Media, ReadsHeadsThatComeInPieces) {
  auto server = serve([](Peer& peer, int) {
    (void)peer.read_head();
    for (const char c : std::string("HTTP/1.1 200 OK\r\nX: y\r\n\r\nFLV")) peer.send({&c, 1});
    peer.close();
    peer.wait_for_end();
  });
  const MediaResponse response = open(*server);
  EXPECT_EQ(response.headers.get("X"), "y");
  EXPECT_EQ(read_all(*response.body), "FLV");
}

TEST_P(Media, SendsHeadersWithoutSecrets) {
  std::string head;
  auto server = serve([&](Peer& peer, int) {
    head = peer.read_head();
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    peer.wait_for_end();
  });
  MediaRequest request;
  request.url = url_of(server->url("/live.flv?x=y"));
  request.headers = {{"User-Agent", "Mozilla/5.0"},
                     {"cookie", "SESSDATA=1"},
                     {"Authorization", "x"},
                     {"Referer", "https://a/"}};
  (void)open(std::move(request));
  EXPECT_EQ(head, "GET /live.flv?x=y HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(server->port()) +
                      "\r\nUser-Agent: Mozilla/5.0\r\nReferer: https://a/\r\n\r\n");
}

TEST_P(Media, ReturnsOtherStatuses) {
  for (const int status : {206, 304, 403, 404, 500, 503}) {
    auto server =
        serve_once("HTTP/1.1 " + std::to_string(status) + " X\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n");
    const MediaResponse response = open(*server);
    EXPECT_EQ(response.status, status);
    EXPECT_EQ(read_all(*response.body), "");
  }
}

TEST_P(Media, FailsWhenTheBodyIsCutShort) {
  const std::pair<const char*, NetError> table[] = {
      {"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", NetError::cut_short},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", NetError::cut_short},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n", NetError::cut_short},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n", NetError::cut_short},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n", NetError::bad_framing},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFLV\x01", NetError::bad_framing},
  };
  for (const auto& [reply, expected] : table) {
    auto server = serve_once(reply);
    const MediaResponse response = open(*server);
    EXPECT_EQ(failure(*response.body), expected) << reply;
  }
}

TEST_P(Media, FailsWhenTlsIsTruncated) {
  auto server = serve([](Peer& peer, int) {
    (void)peer.read_head();
    peer.send("HTTP/1.1 200 OK\r\n\r\nabc");
    peer.cut();
    peer.wait_for_end();
  });
  const MediaResponse response = open(*server);
  EXPECT_EQ(read_some(*response.body, 3), "abc");
  const error_code expected = GetParam() ? error_code(asio::ssl::error::stream_truncated) : error_code();
  EXPECT_EQ(failure(*response.body), expected);
}

TEST_P(Media, GivesWhatCameBeforeAReset) {
  std::atomic<bool> go = false;
  auto server = serve([&](Peer& peer, int) {
    (void)peer.read_head();
    peer.send("HTTP/1.1 200 OK\r\n\r\nabc");
    peer.wait_for([&] { return go.load(); });
    peer.reset();
  });
  const MediaResponse response = open(*server);
  EXPECT_EQ(read_some(*response.body), "abc");
  go = true;
  EXPECT_EQ(failure(*response.body), asio::error::connection_reset);
}

TEST_P(Media, FailsWithoutAProperHead) {
  for (const std::string& reply : {std::string("FLV\x01\r\n\r\n"), std::string(),
                                   "HTTP/1.1 200 OK\r\nX: " + std::string(70'000, 'x') + "\r\n\r\n"}) {
    auto server = serve_once(reply);
    EXPECT_EQ(error_of([&] { (void)open(*server); }),
              reply.empty() ? NetError::cut_short : NetError::bad_reply);
  }
}

TEST_P(Media, TimesOutBeforeTheHead) {
  auto server = serve([](Peer& peer, int) {
    (void)peer.read_head();
    peer.send("HTTP/1.1 200 OK\r\n");
    peer.wait_for_end();
  });
  MediaRequest request;
  request.url = url_of(server->url());
  request.connect_timeout = 200ms;
  EXPECT_EQ(error_of([&] { (void)open(std::move(request)); }), asio::error::timed_out);
}

TEST_P(Media, TimesOutInSilence) {
  auto server = serve([](Peer& peer, int) {
    (void)peer.read_head();
    peer.send("HTTP/1.1 200 OK\r\n\r\nabc");
    peer.wait_for_end();
  });
  const MediaResponse response = open(*server, 100ms);
  EXPECT_EQ(read_some(*response.body), "abc");
  EXPECT_EQ(failure(*response.body), asio::error::timed_out);
}

TEST_P(Media, StopsWhileOpening) {
  std::atomic<bool> asked = false;
  auto server = serve([&](Peer& peer, int) {
    (void)peer.read_head();
    asked = true;
    peer.wait_for_end();
  });
  MediaRequest request;
  request.url = url_of(server->url());
  std::stop_source source;
  Pending<MediaResponse> pending(loop, open_media(std::move(request), tls, source.get_token()));
  loop.run_until([&] { return asked.load(); });
  source.request_stop();
  EXPECT_THROW(pending.get(), Stopped);
}

TEST_P(Media, StopsWhileReading) {
  auto server = serve([](Peer& peer, int) {
    (void)peer.read_head();
    peer.send("HTTP/1.1 200 OK\r\n\r\nabc");
    peer.wait_for_end();
  });
  const MediaResponse response = open(*server);
  EXPECT_EQ(read_some(*response.body), "abc");
  std::stop_source source;
  Bytes buffer(10);
  Pending<std::size_t> pending(loop, response.body->read_some(buffer, source.get_token()));
  loop.poll();
  source.request_stop();
  EXPECT_THROW(pending.get(), Stopped);
}

TEST_P(Media, GivesOnceWhatHadComeBeforeAStop) {
  auto server = serve([](Peer& peer, int) {
    (void)peer.read_head();
    peer.send("HTTP/1.1 200 OK\r\n\r\nabcdef");
    peer.wait_for_end();
  });
  const MediaResponse response = open(*server);
  EXPECT_EQ(read_some(*response.body, 2), "ab");
  std::stop_source source;
  source.request_stop();
  EXPECT_EQ(read_some(*response.body, 2, source.get_token()), "cd");
  EXPECT_THROW(read_some(*response.body, 2, source.get_token()), Stopped);
}

TEST_P(Media, LetsOthersWorkWhileAFloodComes) {
  auto server = serve([&](Peer& peer, int) {
    (void)peer.read_head();
    peer.send("HTTP/1.1 200 OK\r\n\r\n");
    const std::string piece(65536, 'x');
    while (true) peer.send(piece);
  });
  const MediaResponse response = open(*server);
  std::stop_source source;
  // Reads in tiny pieces as long as it is not stopped, so it never has to wait.
  struct Reader {
    MediaStream& body;
    std::stop_token stop;
    awaitable<int> run() {
      Bytes buffer(16);
      int reads = 0;
      while (!stop.stop_requested()) {
        (void)co_await body.read_some(buffer, std::stop_token());
        ++reads;
      }
      co_return reads;
    }
  } reader{*response.body, source.get_token()};
  Pending<int> pending(loop, reader.run());
  asio::steady_timer timer(loop.io, 20ms);
  timer.async_wait([&](error_code) { source.request_stop(); });
  EXPECT_GT(pending.get(), 0);
}

// What came is read at a look, before what is posted afterwards; a look that finds nothing changes nothing.
TEST_P(Media, ReadsWhatHasComeAtALook) {
  std::atomic<int> asked = 0, sent = 0;
  auto server = serve([&](Peer& peer, int) {
    (void)peer.read_head();
    peer.send("HTTP/1.1 200 OK\r\n\r\nfirst");
    for (int i = 1; i <= 3; ++i) {
      while (asked < i) std::this_thread::yield();
      peer.send("piece " + std::to_string(i));
      sent = i;
    }
    peer.wait_for_end();
  });
  const MediaResponse response = open(*server);
  response.body->look();  // nobody waits
  EXPECT_EQ(read_some(*response.body), "first");
  for (int i = 1; i <= 3; ++i) {
    Bytes buffer(100);
    std::size_t count = 0;
    bool done = false;
    asio::co_spawn(loop.io, response.body->read_some(buffer, std::stop_token()),
                   [&](std::exception_ptr, std::size_t bytes) {
                     count = bytes;
                     done = true;
                   });
    loop.poll();
    response.body->look();
    loop.poll();
    EXPECT_FALSE(done);
    asked = i;
    while (sent < i) std::this_thread::yield();
    response.body->look();
    bool done_before = false;
    asio::post(loop.io, [&] { done_before = done; });
    loop.poll();
    EXPECT_TRUE(done_before);
    EXPECT_EQ(as_text(ByteView(buffer).first(count)), "piece " + std::to_string(i));
  }
}

TEST_P(Media, TakesNoLookForALifeSign) {
  auto server = serve([](Peer& peer, int) {
    (void)peer.read_head();
    peer.send("HTTP/1.1 200 OK\r\n\r\nabc");
    peer.wait_for_end();
  });
  const MediaResponse response = open(*server, 200ms);
  EXPECT_EQ(read_some(*response.body), "abc");
  Bytes buffer(10);
  Pending<std::size_t> pending(loop, response.body->read_some(buffer, std::stop_token()));
  asio::steady_timer timer(loop.io);
  std::function<void(error_code)> look = [&](error_code error) {
    if (error) return;
    response.body->look();
    timer.expires_after(20ms);
    timer.async_wait(look);
  };
  look({});
  EXPECT_EQ(error_of([&] { (void)pending.get(); }), asio::error::timed_out);
}

// A stream of 200 KB/s in pieces of 2 KB, then a tail that is far below the wake-up threshold on a connection
// that stays open: all of it must arrive, with few wake-ups once the rate is known.
TEST_P(Media, BatchesWakeUpsAndStillDeliversTheTail) {
  constexpr int pieces = 220;
  auto server = serve([&](Peer& peer, int) {
    (void)peer.read_head();
    peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    auto next = std::chrono::steady_clock::now();
    for (int i = 0; i < pieces; ++i) {
      peer.send("7d0\r\n" + std::string(2000, 'x') + "\r\n");
      next += 10ms;
      std::this_thread::sleep_until(next);
    }
    peer.send("4\r\ntail\r\n");
    peer.wait_for_end();
  });
  const MediaResponse response = open(*server);
  std::string all;
  int reads = 0;
  while (!all.ends_with("tail")) {
    all += read_some(*response.body);
    ++reads;
  }
  EXPECT_EQ(all.size(), pieces * 2000U + 4);
  EXPECT_LT(reads, pieces * 3 / 4);
}

TEST_P(Media, FollowsRedirects) {
  auto target = serve_once("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  std::vector<std::string> heads;
  auto server = serve([&](Peer& peer, int number) {
    heads.push_back(peer.read_head());
    const std::string locations[] = {"/b/c?d=e", "f", "../g",
                                     "//localhost:" + std::to_string(target->port()) + "/h"};
    const int statuses[] = {301, 302, 303, 307};
    peer.send("HTTP/1.1 " + std::to_string(statuses[number]) +
              " X\r\nSet-Cookie: a=b\r\nLocation: " + locations[number] + "\r\nContent-Length: 0\r\n\r\n");
    peer.wait_for_end();
  });
  MediaRequest request;
  request.url = url_of(server->url("/a"));
  request.headers = {{"Referer", "r"}};
  const MediaResponse response = open(std::move(request));
  EXPECT_EQ(read_all(*response.body), "ok");
  EXPECT_EQ(response.url.text(), target->url("/h", "localhost"));
  ASSERT_EQ(heads.size(), 4U);
  const char* targets[] = {"GET /a ", "GET /b/c?d=e ", "GET /b/f ", "GET /g "};
  for (std::size_t i = 0; i < heads.size(); ++i) {
    EXPECT_TRUE(heads[i].starts_with(targets[i])) << heads[i];
    EXPECT_NE(heads[i].find("Referer: r\r\n"), std::string::npos);
    EXPECT_EQ(heads[i].find("Cookie"), std::string::npos);
  }
}

TEST_P(Media, GivesUpOnRedirectsThatLeadNowhere) {
  for (const char* location : {"Location: ftp://a/\r\n", "Location: \r\n", "", "Location: ws://a/\r\n",
                               "Location: http://a b/\r\n", "Location: http://user@a/\r\n"}) {
    auto server = serve_once("HTTP/1.1 302 Found\r\n" + std::string(location) + "Content-Length: 0\r\n\r\n");
    EXPECT_EQ(error_of([&] { (void)open(*server); }), NetError::bad_redirect) << location;
  }
}

TEST_P(Media, GivesUpOnALoopOfRedirects) {
  auto server = serve_once("HTTP/1.1 302 Found\r\nLocation: /live.flv\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(error_of([&] { (void)open(*server); }), NetError::too_many_redirects);
  EXPECT_EQ(server->connections(), 11);
}

TEST_P(Media, UsesTheWantedAddressFamily) {
  auto server = serve_once("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  MediaRequest request;
  request.url = url_of(server->url("/", "localhost"));
  request.address_family = AddressFamily::ipv4;
  EXPECT_EQ(read_all(*open(request).body), "ok");
  request.url = url_of(server->url("/"));
  request.address_family = AddressFamily::ipv6;
  EXPECT_EQ(error_of([&] { (void)open(request); }), asio::error::address_family_not_supported);
}

TEST(MediaTls, VerifiesTheHost) {
  test::Loop loop;
  ScriptedServer server([](Peer&, int) {}, authority().issue("other.example.com"));
  MediaRequest request;
  request.url = url_of(server.url("/", "localhost"));
  const std::string text =
      message_of([&] { (void)loop.run_real(open_media(request, trusting_tls(), std::stop_token())); });
  EXPECT_NE(text.find("hostname mismatch"), std::string::npos) << text;
}

}  // namespace
}  // namespace live::net
