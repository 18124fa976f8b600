// SPDX-License-Identifier: Apache-2.0
#include "net/reply_reader.hpp"

#include "net/errors.hpp"

namespace live::net {
namespace {

constexpr std::size_t piece = 4096;
constexpr int max_interim = 8;

// Reads until `buffer` holds a whole head and gives its length.
awaitable<std::size_t> fill_head(Connection& connection, Bytes& buffer, SocketWatch& watch) {
  std::size_t seen = 0;
  while (true) {
    const std::size_t end = find_head_end(buffer, seen);
    if (end > 0) co_return end;
    seen = buffer.size();
    if (seen >= max_reply_head) throw system_error(NetError::bad_reply, connection.what());
    buffer.resize(seen + piece);
    const std::span<std::uint8_t> room = std::span<std::uint8_t>(buffer).subspan(seen);
    std::size_t count = 0;
    count = co_await connection.read_some(room, watch);
    buffer.resize(seen + count);
    if (count == 0) throw system_error(NetError::cut_short, connection.what());
  }
}

}  // namespace

awaitable<ReplyHead> read_reply_head(Connection& connection, Bytes& buffer, bool bodiless,
                                     SocketWatch& watch) {
  for (int interim = 0; interim <= max_interim; ++interim) {
    const std::size_t length = co_await fill_head(connection, buffer, watch);
    Result<ReplyHead> head = parse_reply_head(ByteView(buffer).first(length), bodiless);
    if (!head) {
      throw system_error(NetError::bad_reply, connection.what() + ": " + head.error().message);
    }
    buffer.erase(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(length));
    if (head->status / 100 != 1 || head->status == 101) co_return std::move(head).value();
  }
  throw system_error(NetError::bad_reply, connection.what());
}

}  // namespace live::net
