// SPDX-License-Identifier: Apache-2.0
// The command line of liveroom-controller. Every option is also read from LIVEROOM_<OPTION>.
#pragma once
#include <string>
#include <variant>
#include <vector>

#include "base/log.hpp"
#include "controller/settings.hpp"

namespace live::controller {

struct RunOptions {
  Settings settings;
  std::vector<std::string> namespaces;  // empty: all
  std::string kubeconfig;               // empty: see kube::find_config
  std::string context;
  std::string listen;
  bool leader_elect = true;
  std::string lease_name;
  std::string lease_namespace;  // empty: our own
  int workers = 4;
  log::Format log_format = log::Format::json;
  log::Level log_level = log::Level::info;
};

// The commands that look after an installation; the chart's hooks run them.
struct ToolOptions {
  enum class Command { check, cleanup };
  Command command = Command::check;
  std::string kubeconfig;  // empty: see kube::find_config
  std::string context;
  std::string ns;          // empty: our own
  std::string readiness;   // check: URL of the controller's /readyz
  std::string deployment;  // cleanup: the controller's Deployment in `ns`; empty: it doesn't run
  int limit_seconds = 30;
};

// What to print and the exit code, when the command line itself is the answer (--help) or is wrong (code 2).
struct EarlyExit {
  int code = 0;
  std::string text;
};

std::variant<RunOptions, ToolOptions, EarlyExit> parse_command_line(int argc, const char* const* argv);

}  // namespace live::controller
