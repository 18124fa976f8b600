// SPDX-License-Identifier: Apache-2.0
#include "kube/token_source.hpp"

#include "base/file_text.hpp"
#include "base/log.hpp"

namespace live::kube {
namespace {
constexpr std::size_t max_token_size = 64 * 1024;
}

const std::string& TokenSource::token(TimePoint now) {
  if (!file_.empty() && (!read_at_ || now - *read_at_ >= max_age)) read(now);
  return token_;
}

bool TokenSource::refresh(TimePoint now) {
  if (file_.empty()) return false;
  read(now);
  return true;
}

void TokenSource::read(TimePoint now) {
  read_at_ = now;
  Result<std::string> text = read_file(file_, max_token_size);
  if (!text) {
    log::warning("token file not readable, keeping the old token",
                 {{"file", file_}, {"error", text.error().message}});
    return;
  }
  std::string fresh = *std::move(text);
  while (!fresh.empty() && (fresh.back() == '\n' || fresh.back() == '\r' || fresh.back() == ' '))
    fresh.pop_back();
  if (fresh.empty() || fresh.find_first_of("\r\n") != std::string::npos) {
    log::warning("token file holds no token, keeping the old one", {{"file", file_}});
    return;
  }
  token_ = std::move(fresh);
}

}  // namespace live::kube
