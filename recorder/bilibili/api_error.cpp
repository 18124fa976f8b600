// SPDX-License-Identifier: Apache-2.0
#include "recorder/bilibili/api_error.hpp"

#include <array>
#include <utility>

namespace live::bilibili {
namespace {

// Codes that mean the same wherever they come from, seen at the live and the main site's interfaces.
constexpr auto codes = std::to_array<std::pair<std::int64_t, ErrorKind>>({
    {-101, ErrorKind::login_needed},
    {-111, ErrorKind::login_needed},
    {-352, ErrorKind::risk_control},
    {-400, ErrorKind::bad_request},
    {-401, ErrorKind::risk_control},  // 2023: no buvid3
    {-403, ErrorKind::login_needed},
    {-404, ErrorKind::bad_request},
    {-412, ErrorKind::blocked},
    {-500, ErrorKind::transient},
    {-503, ErrorKind::transient},
    {-504, ErrorKind::transient},
    {-509, ErrorKind::rate_limited},
    {-688, ErrorKind::region_blocked},
    {-689, ErrorKind::region_blocked},
    {-799, ErrorKind::rate_limited},
    {60004, ErrorKind::not_found},
    {60005, ErrorKind::region_blocked},
    {65530, ErrorKind::bad_token},
    {1002002, ErrorKind::not_found},
    {19002000, ErrorKind::not_found},
    {19002003, ErrorKind::not_found},
    {19002005, ErrorKind::encrypted},
    {60009, ErrorKind::transient},  // "area missing", seen from getDanmuInfo
});

}  // namespace

std::string_view to_string(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::transient:
      return "transient";
    case ErrorKind::malformed:
      return "malformed";
    case ErrorKind::not_found:
      return "not_found";
    case ErrorKind::encrypted:
      return "encrypted";
    case ErrorKind::region_blocked:
      return "region_blocked";
    case ErrorKind::login_needed:
      return "login_needed";
    case ErrorKind::bad_token:
      return "bad_token";
    case ErrorKind::bad_request:
      return "bad_request";
    case ErrorKind::risk_control:
      return "risk_control";
    case ErrorKind::rate_limited:
      return "rate_limited";
    case ErrorKind::blocked:
      return "blocked";
    case ErrorKind::breaker_open:
      return "breaker_open";
  }
  return "transient";
}

bool is_throttling(ErrorKind kind) {
  return kind == ErrorKind::risk_control || kind == ErrorKind::rate_limited || kind == ErrorKind::blocked;
}

ErrorKind kind_of_code(std::int64_t code) {
  for (const auto& [number, kind] : codes) {
    if (number == code) return kind;
  }
  return ErrorKind::transient;
}

}  // namespace live::bilibili
