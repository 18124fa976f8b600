// SPDX-License-Identifier: Apache-2.0
// The bearer token: constant, or from a file that somebody renews. No time of its own; reads a small file.
#pragma once
#include <optional>
#include <string>

#include "base/clock.hpp"

namespace live::kube {

class TokenSource {
 public:
  // The kubelet renews a token at 80 % of its life, and the old one stays valid until its end.
  static constexpr Duration max_age = std::chrono::seconds(60);

  // `file` wins over `constant`; both empty: no token (client certificates).
  TokenSource(std::string constant, std::string file) : token_(std::move(constant)), file_(std::move(file)) {}

  // Reads the file when the token is older than max_age. A file that can't be read or is empty keeps the old
  // token. Empty when there is none at all.
  const std::string& token(TimePoint now);
  // The server refused the token: true when reading the file again may give another one.
  bool refresh(TimePoint now);

 private:
  void read(TimePoint now);

  std::string token_;
  std::string file_;
  std::optional<TimePoint> read_at_;
};

}  // namespace live::kube
