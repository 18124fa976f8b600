// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include "base/log.hpp"
#include "base/process_memory.hpp"
#include "controller/options.hpp"
#include "controller/program.hpp"
#include "controller/tool_program.hpp"

int main(int argc, char** argv) {
  live::configure_allocator();
  const auto parsed = live::controller::parse_command_line(argc, argv);
  if (const auto* exit = std::get_if<live::controller::EarlyExit>(&parsed)) {
    std::fputs(exit->text.c_str(), exit->code == 0 ? stdout : stderr);
    return exit->code;
  }
  if (const auto* tool = std::get_if<live::controller::ToolOptions>(&parsed)) {
    live::log::configure(live::log::Format::text, live::log::Level::info);
    return live::controller::run_tool(*tool);
  }
  const auto& options = std::get<live::controller::RunOptions>(parsed);
  live::log::configure(options.log_format, options.log_level);
  return live::controller::run_program(options);
}
