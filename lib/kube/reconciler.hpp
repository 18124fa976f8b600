// SPDX-License-Identifier: Apache-2.0
// What a controller runs for one key. The key carries no event: look at the whole state, wanted and seen.
#pragma once
#include <optional>
#include <stop_token>

#include "base/asio.hpp"
#include "base/clock.hpp"
#include "kube/errors.hpp"
#include "kube/object.hpp"

namespace live::kube {

struct Action {
  enum class Kind {
    await_change,  // nothing to do until something observed changes
    after,         // again when `delay` has passed, sooner if something changes
    retry,         // again with the key's backoff, without counting as an error (a write conflict, say)
  };
  Kind kind = Kind::await_change;
  Duration delay{};

  static Action await_change() { return {}; }
  static Action requeue_after(Duration delay) { return {Kind::after, delay}; }
  static Action retry() { return {Kind::retry, {}}; }
};

// Exceptions: TerminalError is counted and not retried. Any other (ApiException and system_error foremost) is
// logged, counted and retried with the key's backoff, not before the server's Retry-After. Stopped passes.
class Reconciler {
 public:
  virtual ~Reconciler() = default;
  // Never runs twice at a time for one key.
  virtual awaitable<Action> reconcile(ObjectKey key, std::stop_token stop) = 0;
};

}  // namespace live::kube
