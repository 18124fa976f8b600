// SPDX-License-Identifier: Apache-2.0
#include "base/command_line.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

namespace live {
namespace {

std::string what_is_wrong(const CLI::App& app, const CLI::ParseError& error) {
  const std::vector<std::string> extra = app.remaining(true);
  if (!extra.empty()) {
    const std::string& first = extra.front();
    if (first.starts_with("-")) return fmt::format("there is no option {}", first.substr(0, first.find('=')));
    if (app.get_subcommands().empty()) return fmt::format("there is no command {}", first);
    return fmt::format("{} is one argument too many", first);
  }
  if (app.get_subcommands().empty()) return "a command is needed";
  const std::string text = error.what();
  return text.substr(0, text.find('\n'));
}

}  // namespace

std::string command_line_complaint(const CLI::App& app, const CLI::ParseError& error) {
  std::string command = app.get_name();
  for (const CLI::App* given : app.get_subcommands()) command += " " + given->get_name();
  return fmt::format("{}: {}; see {} --help", app.get_name(), what_is_wrong(app, error), command);
}

}  // namespace live
