// SPDX-License-Identifier: Apache-2.0
#include "net/beast_websocket.hpp"

#include <boost/asio/error.hpp>

#include "base/task_group.hpp"
#include "net_test_kit.hpp"
#include "websocket_peer.hpp"

namespace live::net {
namespace {

using namespace std::chrono_literals;
using test::Peer;
using test::ScriptedServer;

class Sockets : public testing::TestWithParam<bool> {
 protected:
  using Script = std::function<void(WebSocketPeer& socket, Peer& peer)>;

  // A server whose script begins after the upgrade.
  std::unique_ptr<ScriptedServer> serve(Script script) {
    return std::make_unique<ScriptedServer>(
        [script = std::move(script), this](Peer& peer, int) {
          WebSocketPeer socket(peer);
          head = socket.accept();
          script(socket, peer);
        },
        identity_if(GetParam()));
  }
  WebSocketOptions options_for(const ScriptedServer& server) const {
    WebSocketOptions options;
    options.url = url_of(server.url("/sub?x=y"));
    options.url.scheme = GetParam() ? "wss" : "ws";
    return options;
  }
  std::unique_ptr<WebSocket> connect(WebSocketOptions options) {
    return loop.run_real(connector.connect(std::move(options), std::stop_token()));
  }
  std::string read(WebSocket& socket, std::stop_token stop = {}) {
    const Bytes message = loop.run_real(socket.read(stop));
    return std::string(as_text(message));
  }
  void write(WebSocket& socket, std::string_view text) {
    const ByteView view = as_bytes(text);
    loop.run_real(socket.write(Bytes(view.begin(), view.end()), std::stop_token()));
  }
  error_code read_failure(WebSocket& socket) {
    return error_of([&] { read(socket); });
  }

  test::Loop loop;
  BeastWebSocketConnector connector{loop.executor(), trusting_tls()};
  std::string head;
};

INSTANTIATE_TEST_SUITE_P(Over, Sockets, testing::Bool(), plain_or_tls);

void echo(WebSocketPeer& socket, Peer&) {
  while (true) {
    const Frame frame = socket.read();
    socket.send(frame.opcode, frame.payload, frame.final);
  }
}

TEST_P(Sockets, Echo) {
  auto server = serve(echo);
  WebSocketOptions options = options_for(*server);
  options.headers = {{"User-Agent", "Mozilla/5.0"}, {"Origin", "https://live.example.com"}};
  auto socket = connect(options);
  for (const std::size_t size : {0U, 1U, 16U, 125U, 126U, 4000U, 65535U, 65536U, 1'000'000U}) {
    const std::string text(size, 'x');
    write(*socket, text);
    EXPECT_TRUE(read(*socket) == text) << size;
  }
  EXPECT_TRUE(head.starts_with("GET /sub?x=y HTTP/1.1\r\n")) << head;
  for (const std::string& line :
       {"Host: " + options.url.authority(), std::string("User-Agent: Mozilla/5.0"),
        std::string("Origin: https://live.example.com"), std::string("Sec-WebSocket-Version: 13")}) {
    EXPECT_NE(head.find("\r\n" + line + "\r\n"), std::string::npos) << line << "\n" << head;
  }
  EXPECT_EQ(head.find("Extensions"), std::string::npos);
}

TEST_P(Sockets, SendBinaryMessagesInOneFrame) {
  std::atomic<bool> seen = false;
  Frame frame{};
  auto server = serve([&](WebSocketPeer& socket, Peer&) {
    frame = socket.read();
    seen = true;
  });
  auto socket = connect(options_for(*server));
  write(*socket, std::string(10'000, 'y'));
  loop.run_until([&] { return seen.load(); });
  EXPECT_EQ(frame.opcode, Opcode::binary);
  EXPECT_TRUE(frame.final);
  EXPECT_EQ(frame.payload, std::string(10'000, 'y'));
}

TEST_P(Sockets, JoinFragmentsAndAnswerPings) {
  std::string pong;
  auto server = serve([&](WebSocketPeer& socket, Peer& peer) {
    socket.send(Opcode::binary, "one ", false);
    socket.send(Opcode::ping, "are you there");
    socket.send(Opcode::more, "two ", false);
    socket.send(Opcode::pong, "unasked");
    socket.send(Opcode::more, "three");
    pong = socket.read().payload;
    socket.send(Opcode::text, "text is taken too");
    peer.wait_for_end();
  });
  auto socket = connect(options_for(*server));
  EXPECT_EQ(read(*socket), "one two three");
  EXPECT_EQ(read(*socket), "text is taken too");
  EXPECT_EQ(pong, "are you there");
}

TEST_P(Sockets, ReadAndWriteAtTheSameTime) {
  auto server = serve([](WebSocketPeer& socket, Peer&) {
    // Nothing is sent before a message came, and the client reads first. Pongs and messages may cross.
    int messages = 0;
    int pongs = 0;
    while (messages < 50 || pongs < 50) {
      const Frame frame = socket.read();
      if (frame.opcode == Opcode::pong) {
        ++pongs;
      } else {
        ++messages;
        socket.send(Opcode::binary, frame.payload);
        socket.send(Opcode::ping, "x");
      }
    }
    socket.send(Opcode::close, std::string("\x03\xe8", 2));
    (void)socket.read();
  });
  auto socket = connect(options_for(*server));
  struct Talk {
    WebSocket& socket;
    std::vector<std::string> received;
    error_code end;
    Notifier answered;
    awaitable<void> read_all() {
      try {
        while (true) {
          const Bytes message = co_await socket.read(std::stop_token());
          received.emplace_back(as_text(message));
          answered.notify();
        }
      } catch (const system_error& error) {
        end = error.code();
        answered.notify();
      }
    }
    awaitable<void> write_all() {
      for (std::size_t i = 0; i < 50; ++i) {
        Bytes message(1000 + i, static_cast<std::uint8_t>(i));
        co_await socket.write(std::move(message), std::stop_token());
        while (received.size() <= i && !end) (void)co_await answered.wait(std::stop_token());
      }
    }
  } talk{*socket, {}, {}, Notifier(loop.executor())};
  TaskGroup group(loop.executor());
  group.spawn(talk.read_all());
  group.spawn(talk.write_all());
  loop.run_real(group.join());
  ASSERT_EQ(talk.received.size(), 50U);
  for (std::size_t i = 0; i < 50; ++i)
    EXPECT_EQ(talk.received[i], std::string(1000 + i, static_cast<char>(i)));
  EXPECT_EQ(talk.end.message(), "The WebSocket stream was gracefully closed at both endpoints");
}

TEST_P(Sockets, EndWhenTheServerCloses) {
  auto server = serve([](WebSocketPeer& socket, Peer& peer) {
    socket.send(Opcode::close, std::string("\x03\xe8", 2));
    peer.wait_for_end();
  });
  auto socket = connect(options_for(*server));
  EXPECT_TRUE(read_failure(*socket));
  EXPECT_TRUE(read_failure(*socket));
  EXPECT_TRUE(error_of([&] { write(*socket, "x"); }));
}

TEST_P(Sockets, EndWhenTheConnectionEnds) {
  auto server = serve([](WebSocketPeer&, Peer& peer) {
    peer.close();
    peer.wait_for_end();
  });
  auto socket = connect(options_for(*server));
  EXPECT_EQ(read_failure(*socket), asio::error::eof);
}

TEST_P(Sockets, LimitMessages) {
  for (const bool fragmented : {false, true}) {
    auto server = serve([fragmented](WebSocketPeer& socket, Peer& peer) {
      socket.send(Opcode::binary, std::string(1000, 'x'));
      if (fragmented) {
        for (int i = 0; i < 10; ++i)
          socket.send(i == 0 ? Opcode::binary : Opcode::more, std::string(500, 'x'), false);
      } else {
        socket.send(Opcode::binary, std::string(1001, 'x'));
      }
      peer.wait_for_end();
    });
    WebSocketOptions options = options_for(*server);
    options.max_message = 1000;
    auto socket = connect(options);
    EXPECT_EQ(read(*socket).size(), 1000U);
    EXPECT_EQ(read_failure(*socket), NetError::body_too_large);
  }
}

TEST_P(Sockets, RefuseWhatIsNoFrame) {
  for (const std::string& bytes : {std::string("HTTP/1.1 400 Bad\r\n\r\n"), std::string("\x83\x01x"),
                                   std::string("\x82\x81mask!"), std::string("\xc2\x01x")}) {
    auto server = serve([&](WebSocketPeer&, Peer& peer) {
      peer.send(bytes);
      peer.wait_for_end();
    });
    auto socket = connect(options_for(*server));
    EXPECT_TRUE(read_failure(*socket));
  }
}

TEST_P(Sockets, TimeOutInSilence) {
  auto server = serve([](WebSocketPeer& socket, Peer& peer) {
    socket.send(Opcode::binary, "hello");
    peer.wait_for_end();
  });
  WebSocketOptions options = options_for(*server);
  options.idle = 100ms;
  auto socket = connect(options);
  EXPECT_EQ(read(*socket), "hello");
  EXPECT_EQ(read_failure(*socket), asio::error::timed_out);
  EXPECT_TRUE(error_of([&] { write(*socket, "x"); }));
}

TEST_P(Sockets, TimeOutWhenNobodyReads) {
  std::atomic<bool> over = false;
  auto server = serve([&](WebSocketPeer&, Peer& peer) { peer.wait_for([&] { return over.load(); }); });
  WebSocketOptions options = options_for(*server);
  options.idle = 200ms;
  auto socket = connect(options);
  EXPECT_EQ(error_of([&] { write(*socket, std::string(64 << 20, 'x')); }), asio::error::timed_out);
  over = true;
}

TEST_P(Sockets, Stop) {
  auto server = serve([](WebSocketPeer&, Peer& peer) { peer.wait_for_end(); });
  auto socket = connect(options_for(*server));
  std::stop_source source;
  Pending<Bytes> pending(loop, socket->read(source.get_token()));
  loop.poll();
  EXPECT_FALSE(pending.done());
  source.request_stop();
  EXPECT_THROW(pending.get(), Stopped);
  EXPECT_THROW(read(*socket, source.get_token()), Stopped);
}

TEST_P(Sockets, Abort) {
  auto server = serve([](WebSocketPeer&, Peer& peer) { peer.wait_for_end(); });
  auto socket = connect(options_for(*server));
  Pending<Bytes> pending(loop, socket->read(std::stop_token()));
  loop.poll();
  socket->abort();
  EXPECT_EQ(error_of([&] { (void)pending.get(); }), asio::error::operation_aborted);
  EXPECT_TRUE(error_of([&] { write(*socket, "x"); }));
}

TEST_P(Sockets, MayBeLeftWithTheLoop) {
  auto server = serve([](WebSocketPeer&, Peer& peer) { peer.wait_for_end(); });
  test::Loop short_lived;
  BeastWebSocketConnector short_connector(short_lived.executor(), trusting_tls());
  auto socket = short_lived.run_real(short_connector.connect(options_for(*server), std::stop_token()));
  Pending<Bytes> pending(short_lived, socket->read(std::stop_token()));
  short_lived.poll();
  socket.reset();
}

class Upgrades : public Sockets {
 protected:
  std::unique_ptr<ScriptedServer> reply(std::string text) {
    return std::make_unique<ScriptedServer>(
        [text](Peer& peer, int) {
          (void)peer.read_head();
          peer.send(text);
          peer.wait_for_end();
        },
        identity_if(GetParam()));
  }
  std::string failure(const WebSocketOptions& options) {
    return message_of([&] { (void)connect(options); });
  }
};

INSTANTIATE_TEST_SUITE_P(Over, Upgrades, testing::Bool(), plain_or_tls);

TEST_P(Upgrades, SayWhyTheyFail) {
  auto server = reply("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
  const std::string text = failure(options_for(*server));
  EXPECT_NE(text.find("status 403"), std::string::npos) << text;
  auto wrong = reply(
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: "
      "Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n");
  EXPECT_NE(failure(options_for(*wrong)), "");
  auto nonsense = reply("nonsense\r\n\r\n");
  EXPECT_NE(failure(options_for(*nonsense)), "");
}

TEST_P(Upgrades, HaveADeadline) {
  auto server = reply("HTTP/1.1 101");
  WebSocketOptions options = options_for(*server);
  options.connect_timeout = 200ms;
  EXPECT_EQ(error_of([&] { (void)connect(options); }), asio::error::timed_out);
}

TEST_P(Upgrades, CanBeStopped) {
  std::atomic<bool> asked = false;
  ScriptedServer server(
      [&](Peer& peer, int) {
        (void)peer.read_head();
        asked = true;
        peer.wait_for_end();
      },
      identity_if(GetParam()));
  std::stop_source source;
  Pending<std::unique_ptr<WebSocket>> pending(loop,
                                              connector.connect(options_for(server), source.get_token()));
  loop.run_until([&] { return asked.load(); });
  source.request_stop();
  EXPECT_THROW((void)pending.get(), Stopped);
}

TEST_P(Upgrades, SendNoBrokenHeads) {
  auto server = reply("");
  WebSocketOptions options = options_for(*server);
  options.headers = {{"Cookie", "a\r\nX: y"}};
  EXPECT_EQ(error_of([&] { (void)connect(options); }), NetError::bad_request);
}

}  // namespace
}  // namespace live::net
