// SPDX-License-Identifier: Apache-2.0
// What `helm uninstall` can't know of: the objects that the controller made in the namespaces of LiveRooms
// (DESIGN 9.5). LiveRooms, pods and claims are not touched.
#pragma once
#include <chrono>
#include <string>

#include "base/clock.hpp"
#include "kube/client.hpp"

namespace live::controller {

struct CleanupTask {
  // The controller's Deployment, deleted first: a running controller makes the objects again. Empty: there is
  // none.
  kube::ObjectKey deployment;
  Duration stop_limit = std::chrono::seconds(60);  // for the controller's pods to end
};

// True when nothing is left. Says in the log what was deleted and what was refused; an object that is gone or
// that somebody has just changed is no failure. Throws as kube::Client does.
awaitable<bool> clean_up(kube::Client& client, Clock& clock, CleanupTask task, std::stop_token stop);

}  // namespace live::controller
