// SPDX-License-Identifier: Apache-2.0
#include "net/dial.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <boost/asio/ip/tcp.hpp>

#include "support/loop.hpp"

namespace live::net {
namespace {
using namespace std::chrono_literals;

// Neither Nagle's delay nor the half hour after which Linux gives up a peer that is silently gone.
TEST(Dial, SocketsSendAtOnceAndNoticeADeadPeerWithinAMinute) {
  live::test::Loop loop;
  asio::ip::tcp::acceptor acceptor(loop.executor(), {asio::ip::address_v4::loopback(), 0});
  DialOptions options;
  options.url = parse_url(fmt::format("http://127.0.0.1:{}/", acceptor.local_endpoint().port())).value();
  const TimePoint deadline = std::chrono::steady_clock::now() + 20s;
  const auto connection = loop.run_real(dial(loop.executor(), std::move(options), deadline, {}), 20s);
  const auto option = [socket = connection->socket().native_handle()](int level, int name) {
    int value = -1;
    socklen_t size = sizeof value;
    EXPECT_EQ(::getsockopt(socket, level, name, &value, &size), 0);
    return value;
  };
  EXPECT_NE(option(IPPROTO_TCP, TCP_NODELAY), 0);
  EXPECT_NE(option(SOL_SOCKET, SO_KEEPALIVE), 0);
  EXPECT_EQ(option(IPPROTO_TCP, TCP_KEEPIDLE), 30);
  EXPECT_EQ(option(IPPROTO_TCP, TCP_KEEPINTVL), 10);
  EXPECT_EQ(option(IPPROTO_TCP, TCP_KEEPCNT), 3);
  EXPECT_EQ(option(IPPROTO_TCP, TCP_USER_TIMEOUT), 30'000);
}

}  // namespace
}  // namespace live::net
