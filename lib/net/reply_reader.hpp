// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "net/connection.hpp"
#include "net/message_head.hpp"

namespace live::net {

// Reads a reply's head, skipping interim ones (1xx). What came behind it stays in `buffer`, which may hold
// bytes read before. `bodiless`: the reply to a HEAD or CONNECT. Throws NetError::cut_short or bad_reply,
// Stopped, or what the connection says.
awaitable<ReplyHead> read_reply_head(Connection& connection, Bytes& buffer, bool bodiless,
                                     SocketWatch& watch);

}  // namespace live::net
