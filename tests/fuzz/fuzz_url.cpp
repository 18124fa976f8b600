// SPDX-License-Identifier: Apache-2.0
// Contract: what is accepted can be written and read again, and holds nothing that could break a head.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "net/url.hpp"

namespace {

void expect_sound(const live::Result<live::net::Url>& url) {
  if (!url) return;
  for (const char c : url->text()) {
    if (static_cast<unsigned char>(c) <= 0x20 || static_cast<unsigned char>(c) >= 0x7f) std::abort();
  }
  if (!url->target.starts_with('/') || url->host.empty() || url->port == 0) std::abort();
  const auto again = live::net::parse_url(url->text());
  if (url->text().size() <= 8192 && (!again || *again != *url)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  expect_sound(live::net::parse_url(text));
  static const live::net::Url base = live::net::parse_url("https://h:8443/a/b/c?d=e").value();
  expect_sound(live::net::resolve_url(base, text));
  return 0;
}
