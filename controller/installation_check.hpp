// SPDX-License-Identifier: Apache-2.0
// What `helm test` asks: would a LiveRoom be taken, and is there a controller that would work on it?
#pragma once
#include <chrono>
#include <string>

#include "base/clock.hpp"
#include "kube/client.hpp"
#include "net/http.hpp"

namespace live::controller {

struct InstallationCheck {
  std::string ns;         // where a LiveRoom is created by way of trial (a dry run: nothing is stored)
  std::string readiness;  // URL of the controller's /readyz
  Duration limit = std::chrono::seconds(30);
};

// Asks again until both say yes or the time is over. Says in the log what was missing.
awaitable<bool> check_installation(kube::Client& client, net::HttpClient& http, Clock& clock,
                                   InstallationCheck check, std::stop_token stop);

}  // namespace live::controller
