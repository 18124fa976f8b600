// SPDX-License-Identifier: Apache-2.0
// What the API server answers when it does not do what was asked, and errors a reconciler ends with. No I/O.
#pragma once
#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_fwd.hpp"
#include "base/result.hpp"

namespace live::kube {

struct ErrorCause {
  std::string reason;  // "FieldValueInvalid", "FieldManagerConflict", "NamespaceTerminating" …
  std::string message;
  std::string field;  // "spec.roomId"
  bool operator==(const ErrorCause&) const = default;
};

// A `Status` of the server (metav1.Status), or what could be made of a reply that is none.
struct ApiError {
  int code = 0;        // HTTP status
  std::string reason;  // "Conflict", "NotFound", …; empty where the server gives none (see proofs: some 500)
  std::string message;  // the server's words, for people
  std::vector<ErrorCause> causes;
  std::optional<std::chrono::seconds> retry_after;  // header Retry-After or details.retryAfterSeconds

  bool is_unauthorized() const { return code == 401; }
  bool is_forbidden() const { return code == 403; }
  bool is_not_found() const { return code == 404; }
  // 409 of an outdated resourceVersion, a precondition or a field manager; not of a name that is taken.
  bool is_conflict() const { return code == 409 && reason != "AlreadyExists"; }
  bool is_already_exists() const { return code == 409 && reason == "AlreadyExists"; }
  // The taken name belongs to an object that is on its way out: wait for its DELETED event.
  bool is_being_deleted() const;
  // 410: the resourceVersion or continue token is too old.
  bool is_gone() const { return code == 410; }
  // The server has not yet reached this resourceVersion.
  bool is_version_too_large() const { return has_cause("ResourceVersionTooLarge"); }
  bool is_invalid() const { return code == 422; }
  bool is_too_many_requests() const { return code == 429; }
  bool is_timeout() const { return code == 504 || reason == "Timeout" || reason == "ServerTimeout"; }
  // 403 because the namespace is going away: nothing can be created there, ever.
  bool is_namespace_terminating() const { return code == 403 && has_cause("NamespaceTerminating"); }
  bool is_quota_exceeded() const;
  // A server-side apply names a field that the installed CRD does not have (a 500 without reason).
  bool is_unknown_field() const;
  // Worth the same request again later: 429 and 5xx other than an unknown field, and what has a Retry-After.
  bool is_transient() const;

  bool has_cause(std::string_view cause_reason) const;
  // "409 Conflict: the object has been modified"
  std::string text() const;
  bool operator==(const ApiError&) const = default;
};

template <class T>
using ApiResult = Result<T, ApiError>;

// From the body of a reply with a status >= 400, and its Retry-After header if any. Any body is accepted.
ApiError parse_api_error(int http_status, std::string_view body, std::optional<std::string> retry_after = {});
// From a Status object, e.g. of an ERROR event.
ApiError api_error_of(const Json& status);

// An ApiError as an exception, for a caller that can't go on. `context`: "create pod ns/name".
class ApiException : public std::runtime_error {
 public:
  ApiException(std::string context, ApiError error)
      : std::runtime_error(context + ": " + error.text()), error_(std::move(error)) {}
  const ApiError& error() const { return error_; }

 private:
  ApiError error_;
};

// Thrown by a reconciler: trying again would not help. Counted, not retried; a change of the object wakes it.
class TerminalError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace live::kube
