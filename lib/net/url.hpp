// SPDX-License-Identifier: Apache-2.0
// Absolute URLs of the schemes that we speak. No I/O.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace live::net {

struct Url {
  std::string scheme;        // "http", "https", "ws", "wss", lower case
  std::string host;          // without brackets for IPv6
  std::uint16_t port = 0;    // always set: the scheme's own when the text has none
  std::string target = "/";  // path and query as they go on the wire; no fragment

  bool secure() const { return scheme == "https" || scheme == "wss"; }
  std::string authority() const;  // host[:port] for the Host header; brackets for IPv6, no default port
  std::string text() const;
  bool operator==(const Url&) const = default;
};

// User information, other schemes, control characters and spaces are refused.
Result<Url> parse_url(std::string_view text);

// RFC 3986 5.2 for what servers send in Location headers and playlists.
Result<Url> resolve_url(const Url& base, std::string_view reference);

// encodeURIComponent of RFC 3986 unreserved characters: A-Z a-z 0-9 - _ . ~ stay, else %XX upper case.
std::string percent_encode(std::string_view text);

// For logs: the query is cut off, since signatures and tokens live there.
std::string redacted(const Url& url);

}  // namespace live::net
