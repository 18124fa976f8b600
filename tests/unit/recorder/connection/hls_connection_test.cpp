// SPDX-License-Identifier: Apache-2.0
// One playlist address over real sockets: that what is set for connections of a stream holds for all requests
// of HLS, too.
#include "recorder/connection/hls_connection.hpp"

#include <gtest/gtest.h>

#include "../../hls/stream.hpp"
#include "net/tls.hpp"
#include "support/loop.hpp"
#include "support/scripted_server.hpp"

namespace live::recorder {
namespace {

using namespace std::chrono_literals;
using test::Peer;
using test::ScriptedServer;

class Discard final : public hls::Sink {
 public:
  void begin_file(const hls::FileStart&) override { ++files; }
  void append_media(ByteView, std::int64_t, std::int64_t) override {}
  void end_file(hls::CloseReason) override {}
  void report(const hls::Finding&) override {}
  int files = 0;
};

std::string reply_of(std::string_view body) {
  return fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{}", body.size(), body);
}

// A show of one segment.
void serve_show(Peer& peer, int) {
  while (true) {
    const std::string head = peer.read_head();
    if (head.starts_with("GET /live.m3u8 ")) {
      peer.send(
          reply_of("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXT-X-MEDIA-SEQUENCE:7\n#EXT-X-MAP:URI=\"h.m4s\"\n"
                   "#EXTINF:1.0,\n7.m4s\n#EXT-X-ENDLIST\n"));
    } else if (head.starts_with("GET /h.m4s ")) {
      peer.send(reply_of(as_text(hls::test::stream_init())));
    } else {
      peer.send(reply_of(as_text(hls::test::stream_segment({7, 7}))));
    }
  }
}

net::TlsContext trusting(const test::TestAuthority& authority) {
  net::TlsOptions options;
  options.ca_pem = authority.certificate_pem();
  return net::make_client_tls(options).value();
}

class HlsConnectionTest : public ::testing::Test {
 protected:
  ConnectionOutcome connect(net::MediaRequest request, net::TlsContext tls = nullptr) {
    HlsStream stream({}, sink_);
    HlsConnection connection(loop_.executor(), clock_, std::move(tls), disk_, stream, sink_, metrics_);
    return loop_.run_real(connection.run(
        std::move(request), [](const std::string&) {}, std::stop_token()));
  }
  static net::MediaRequest request_for(const ScriptedServer& server, const std::string& host = "127.0.0.1") {
    net::MediaRequest request;
    request.url = net::parse_url(server.url("/live.m3u8", host)).value();
    return request;
  }

  test::Loop loop_;
  SystemClock clock_;
  storage::DiskThread disk_{loop_.executor()};
  Metrics registry_;
  RecorderMetrics metrics_{registry_};
  Discard sink_;
};

TEST_F(HlsConnectionTest, FetchesAShow) {
  ScriptedServer server(serve_show);
  const ConnectionOutcome outcome = connect(request_for(server));
  EXPECT_EQ(outcome.end, ConnectionEnd::finished) << outcome.detail;
  EXPECT_EQ(outcome.media_tags, 1u);
  EXPECT_EQ(sink_.files, 1);
}

TEST_F(HlsConnectionTest, UsesTheWantedAddressFamily) {
  ScriptedServer server(serve_show);
  net::MediaRequest request = request_for(server, "localhost");
  request.address_family = net::AddressFamily::ipv4;
  EXPECT_EQ(connect(request).end, ConnectionEnd::finished);
  const int connections = server.connections();
  request = request_for(server);
  request.address_family = net::AddressFamily::ipv6;
  EXPECT_EQ(connect(request).end, ConnectionEnd::refused);
  EXPECT_EQ(server.connections(), connections);
}

TEST_F(HlsConnectionTest, GoesThroughTheProxyWithEachRequest) {
  ScriptedServer server(serve_show);
  std::atomic<int> asked{0};
  ScriptedServer proxy([&asked](Peer& peer, int number) {
    if (peer.read_head().starts_with("CONNECT media.example:80 ")) ++asked;
    peer.send("HTTP/1.1 200 Connection established\r\n\r\n");
    serve_show(peer, number);
  });
  net::MediaRequest request = request_for(server);
  request.url = net::parse_url("http://media.example/live.m3u8").value();
  request.proxy = net::parse_url(proxy.url()).value();
  EXPECT_EQ(connect(request).end, ConnectionEnd::finished);
  EXPECT_EQ(server.connections(), 0);
  EXPECT_GE(asked, 1);
  EXPECT_EQ(asked, proxy.connections());
}

TEST_F(HlsConnectionTest, TrustsTheGivenAuthorityAlone) {
  const test::TestAuthority ours("ours"), other("other");
  ScriptedServer server(serve_show, ours.issue("localhost"));
  EXPECT_EQ(connect(request_for(server, "localhost"), trusting(ours)).end, ConnectionEnd::finished);
  EXPECT_EQ(connect(request_for(server, "localhost"), trusting(other)).end, ConnectionEnd::refused);
}

TEST_F(HlsConnectionTest, WaitsForARequestAsTheSocketTimeoutSays) {
  ScriptedServer server([](Peer& peer, int) { peer.wait_for_end(); });
  net::MediaRequest request = request_for(server);
  request.idle = 1s;
  const TimePoint begin = std::chrono::steady_clock::now();
  const ConnectionOutcome outcome = connect(request);
  EXPECT_EQ(outcome.end, ConnectionEnd::refused);
  EXPECT_FALSE(outcome.detail.empty());
  EXPECT_GE(std::chrono::steady_clock::now() - begin, HlsConnection::playlist_timeout(1s));
  EXPECT_EQ(HlsConnection::playlist_timeout(10s), 3s);
  EXPECT_EQ(HlsConnection::segment_timeout(10s), 5s);
  EXPECT_EQ(HlsConnection::stall_timeout(30s), 15s);
}

TEST_F(HlsConnectionTest, FollowsAsManyRedirectsAsAreAllowed) {
  ScriptedServer server([](Peer& peer, int) {
    while (true) {
      (void)peer.read_head();
      peer.send("HTTP/1.1 302 Found\r\nLocation: /live.m3u8\r\nContent-Length: 0\r\n\r\n");
    }
  });
  net::MediaRequest request = request_for(server);
  request.max_redirects = 2;
  const ConnectionOutcome outcome = connect(request);
  EXPECT_EQ(outcome.end, ConnectionEnd::refused);
  EXPECT_FALSE(outcome.detail.empty());
}

TEST_F(HlsConnectionTest, APageIsNoStream) {
  ScriptedServer server([](Peer& peer, int) {
    while (true) {
      (void)peer.read_head();
      peer.send(reply_of("<html>expired</html>"));
    }
  });
  EXPECT_EQ(connect(request_for(server)).end, ConnectionEnd::no_stream);
}

}  // namespace
}  // namespace live::recorder
