// SPDX-License-Identifier: Apache-2.0
// Work in progress may finish for a while after a stop, and is then cut.
#pragma once
#include <stop_token>

#include "base/asio.hpp"
#include "base/clock.hpp"

namespace live::kube {

// Waits for `stop`, then for `grace` or until `finished` is requested, and then requests `hard`.
awaitable<void> stop_after_grace(Clock& clock, Duration grace, std::stop_token finished,
                                 std::stop_source hard, std::stop_token stop);

}  // namespace live::kube
