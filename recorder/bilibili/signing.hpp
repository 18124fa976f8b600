// SPDX-License-Identifier: Apache-2.0
// WBI: the signature that Bilibili's web client puts on its API calls. No I/O.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace live::bilibili {

// Query parameters as plain text, in any order.
using Parameters = std::vector<std::pair<std::string, std::string>>;

// The mixed key of the two that nav gives, 32 characters.
class WbiKey {
 public:
  // `image`, `sub`: the file names without extension.
  static Result<WbiKey> mix(std::string_view image, std::string_view sub);
  // From the addresses .../wbi/<key>.png.
  static Result<WbiKey> from_urls(std::string_view image_url, std::string_view sub_url);
  // What text() gave, e.g. from a file.
  static Result<WbiKey> from_text(std::string_view text);

  const std::string& text() const { return mixed_; }
  bool operator==(const WbiKey&) const = default;

 private:
  explicit WbiKey(std::string mixed) : mixed_(std::move(mixed)) {}
  std::string mixed_;
};

// "a=1&b=2", percent-encoded, in the order given.
std::string encode_query(const Parameters& parameters);

// The whole query: parameters sorted, with wts = `unix_seconds` and w_rid. Send it as it is.
std::string sign_query(Parameters parameters, const WbiKey& key, std::int64_t unix_seconds);

// Lower-case hex.
std::string md5_hex(std::string_view text);

}  // namespace live::bilibili
