// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include "base/log.hpp"
#include "base/process_memory.hpp"
#include "controller/options.hpp"
#include "controller/program.hpp"

int main(int argc, char** argv) {
  live::configure_allocator();
  const auto parsed = live::controller::parse_command_line(argc, argv);
  if (const auto* exit = std::get_if<live::controller::EarlyExit>(&parsed)) {
    std::fputs(exit->text.c_str(), exit->code == 0 ? stdout : stderr);
    return exit->code;
  }
  const auto& options = std::get<live::controller::RunOptions>(parsed);
  live::log::configure(options.log_format, options.log_level);
  return live::controller::run_program(options);
}
