// SPDX-License-Identifier: Apache-2.0
#include "kube/errors.hpp"

#include <algorithm>
#include <charconv>

#include "base/json.hpp"

namespace live::kube {
namespace {

// A server's wish beyond this is not followed: API Priority and Fairness asks for 32 s at most.
constexpr std::chrono::seconds longest_retry_after{120};
// Of a body that is no Status: enough to recognise a proxy's error page.
constexpr std::size_t max_foreign_message = 512;
constexpr std::size_t max_causes = 64;

std::string text_at(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::optional<std::chrono::seconds> seconds_of(std::int64_t number) {
  if (number <= 0) return std::nullopt;
  return std::min(std::chrono::seconds(number), longest_retry_after);
}

// Only the form with seconds; API servers send no dates.
std::optional<std::chrono::seconds> parse_retry_after(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (ec != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return seconds_of(number);
}

}  // namespace

bool ApiError::is_being_deleted() const {
  return is_already_exists() && message.starts_with("object is being deleted");
}

bool ApiError::is_quota_exceeded() const {
  return code == 403 && message.find("exceeded quota") != std::string::npos;
}

bool ApiError::is_unknown_field() const {
  return code == 500 && message.find("field not declared in schema") != std::string::npos;
}

bool ApiError::is_transient() const {
  return (code == 429 || code >= 500 || retry_after.has_value()) && !is_unknown_field();
}

bool ApiError::has_cause(std::string_view cause_reason) const {
  return std::any_of(causes.begin(), causes.end(),
                     [&](const ErrorCause& cause) { return cause.reason == cause_reason; });
}

std::string ApiError::text() const {
  std::string result = std::to_string(code);
  if (!reason.empty()) result += ' ' + reason;
  if (!message.empty()) result += ": " + message;
  return result;
}

ApiError api_error_of(const Json& status) {
  ApiError error;
  if (!status.is_object()) return error;
  error.code =
      static_cast<int>(std::clamp<std::int64_t>(json_int(json_at(status, "/code")).value_or(0), 0, 999));
  error.reason = text_at(status, "reason");
  error.message = text_at(status, "message");
  const Json& details = json_at(status, "/details");
  if (!details.is_object()) return error;
  error.retry_after = seconds_of(json_int(json_at(details, "/retryAfterSeconds")).value_or(0));
  const Json& causes = json_at(details, "/causes");
  if (!causes.is_array()) return error;
  for (const Json& cause : causes) {
    if (!cause.is_object() || error.causes.size() == max_causes) continue;
    error.causes.push_back({text_at(cause, "reason"), text_at(cause, "message"), text_at(cause, "field")});
  }
  return error;
}

ApiError parse_api_error(int http_status, std::string_view body, std::optional<std::string> retry_after) {
  const Json json = parse_json(body);
  ApiError error;
  if (json.is_object() && text_at(json, "kind") == "Status") {
    error = api_error_of(json);
  } else {
    error.message = std::string(body.substr(0, max_foreign_message));
  }
  // The status line decides: nothing may turn a refusal into a success.
  error.code = http_status;
  if (retry_after) {
    if (const auto seconds = parse_retry_after(*retry_after)) error.retry_after = seconds;
  }
  return error;
}

}  // namespace live::kube
