// SPDX-License-Identifier: Apache-2.0
// What can go wrong with an API call, sorted by what to do about it. No I/O.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace live::bilibili {

enum class ErrorKind {
  transient,       // no reply, 5xx, an unknown code: try again with growing waits
  malformed,       // a reply that is not what the call answers with
  not_found,       // no such room: permanent
  encrypted,       // the room wants a password
  region_blocked,  // copyright or region: permanent for this show
  login_needed,    // the cookie is missing or dead
  bad_token,       // danmaku token refused
  bad_request,     // the call itself was refused
  risk_control,    // -352: signature, User-Agent, Referer or buvid3 displeased
  rate_limited,    // -509, -799, HTTP 429
  blocked,         // -412, HTTP 412: the address is shut out
  breaker_open,    // not sent: an earlier answer told us to keep quiet
};
constexpr std::size_t error_kind_count = 12;
std::string_view to_string(ErrorKind kind);

// True for the answers after which all calls pause.
bool is_throttling(ErrorKind kind);

struct ApiError {
  std::int64_t code = 0;  // of the body; of HTTP when there was no body; 0 without a reply
  std::string message;    // for a person; never a URL's query or a cookie
  ErrorKind kind = ErrorKind::transient;
};

// The kind of a body's code, which is not 0.
ErrorKind kind_of_code(std::int64_t code);

}  // namespace live::bilibili
