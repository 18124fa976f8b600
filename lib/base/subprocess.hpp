// SPDX-License-Identifier: Apache-2.0
// Another program's output.
#pragma once
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "base/asio.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"

namespace live {

struct Command {
  std::vector<std::string> arguments;  // the program first: a path, or a name to be looked up in PATH
  std::vector<std::pair<std::string, std::string>> environment = {};  // over our own
};

struct CommandLimits {
  Duration time = std::chrono::seconds(60);
  std::size_t output = std::size_t{1} << 20;
};

// What it writes to standard output until it ends; its standard input is empty, its standard error is ours.
// The problem says why it could not be started, that it took too long or wrote too much (it is then killed),
// or how it ended when not with 0. Throws Stopped; the program is killed then too.
awaitable<Result<std::string>> run_command(Executor executor, Command command, CommandLimits limits,
                                           std::stop_token stop);

}  // namespace live
