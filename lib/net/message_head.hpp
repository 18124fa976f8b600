// SPDX-License-Identifier: Apache-2.0
// Heads of HTTP/1.1 messages: Beast reads them, we frame what follows. No I/O.
#pragma once
#include <string>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "net/body_framing.hpp"
#include "net/http.hpp"

namespace live::net {

constexpr std::size_t max_reply_head = std::size_t{64} << 10;
constexpr std::size_t max_request_head = std::size_t{16} << 10;

// The position after the blank line that ends a head, 0 when it has not come yet. Bytes before `seen` were
// searched before.
std::size_t find_head_end(ByteView bytes, std::size_t seen);

struct ReplyHead {
  int status = 0;
  Headers headers;
  bool keep_alive = false;
  BodyFraming framing = BodyFraming::length(0);
};

// `head` is a whole head with its blank line. `bodiless`: the reply to a HEAD or CONNECT.
Result<ReplyHead> parse_reply_head(ByteView head, bool bodiless);

struct RequestHead {
  std::string method;
  std::string target;
  bool keep_alive = false;
  bool has_body = false;
};
Result<RequestHead> parse_request_head(ByteView head);

// Headers that say where a message goes and ends: written by us, whatever the caller says.
bool is_framing_header(std::string_view name);

// Throws NetError::bad_request for a method, target or header that would break the head.
void check_head(const HttpRequest& request);

// The request as it goes on the wire, body included. Host, Content-Length and (where the caller gives none)
// User-Agent are written here; the caller's Host, Content-Length and Transfer-Encoding are left out. Throws
// as check_head does.
std::string request_text(const HttpRequest& request, const std::string& user_agent);

}  // namespace live::net
