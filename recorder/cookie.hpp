// SPDX-License-Identifier: Apache-2.0
// The cookie of a Bilibili account as a person puts it into a file or a Secret. Pure. A credential: none of
// it may appear in a log, a message or a file; problems say what is wrong without showing it.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace live::recorder {

inline constexpr std::size_t max_cookie_bytes = std::size_t{16} << 10;

struct Cookie {
  std::string text;                 // "a=1; b=2"
  std::optional<WallTime> expires;  // of the session, where its value tells
};

// The value of a Cookie header, on one line or several, with or without its name. The problem: nothing in it,
// too long, no SESSDATA.
Result<Cookie> parse_cookie(std::string_view file);

}  // namespace live::recorder
