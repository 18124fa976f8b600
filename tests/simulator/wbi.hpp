// SPDX-License-Identifier: Apache-2.0
// The site's side of the WBI signature: keys and the check of a signed query. Written apart from the
// recorder's signing, so that the two prove each other. Pure.
#pragma once
#include <chrono>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace live::simulator {

struct WbiKeys {
  std::string image;  // 32 hexadecimal digits: the file name in data.wbi_img.img_url
  std::string sub;
  std::string mixin() const;
};

enum class WbiVerdict { good, absent, wrong, old };

// How far `wts` may be from the server's clock.
inline constexpr std::chrono::seconds wbi_window{600};

// `raw_query` as it came in the URL. absent: neither wts nor w_rid.
WbiVerdict check_wbi(std::string_view raw_query, const WbiKeys& keys, WallTime now);

}  // namespace live::simulator
