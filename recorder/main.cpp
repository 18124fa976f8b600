// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cstdio>
#include <exception>

#include "base/log.hpp"
#include "base/process_memory.hpp"
#include "base/stop.hpp"
#include "net/cpprest_http.hpp"
#include "recorder/commands/capture.hpp"
#include "recorder/commands/probe.hpp"
#include "recorder/commands/record.hpp"
#include "recorder/commands/repair.hpp"
#include "recorder/commands/run.hpp"
#include "recorder/options.hpp"

namespace {

using namespace live;

int dispatch(const recorder::Command& command) {
  const auto& common = std::visit(
      [](const auto& options) -> const recorder::CommonOptions& { return options.common; }, command);
  log::configure(common.log_format, common.log_level);
  if (const auto* repair = std::get_if<recorder::RepairOptions>(&command))
    return recorder::repair_files(*repair);
  net::limit_cpprest_threads();
  if (const auto* run = std::get_if<recorder::RunOptions>(&command)) return recorder::run_in_pod(*run);
  if (const auto* probe = std::get_if<recorder::ProbeOptions>(&command)) return recorder::probe_room(*probe);
  if (const auto* capture = std::get_if<recorder::CaptureOptions>(&command)) {
    return recorder::capture_address(*capture);
  }
  return recorder::record_here(std::get<recorder::RecordOptions>(command));
}

}  // namespace

int main(int argc, char** argv) {
  configure_allocator();
  const auto parsed = recorder::parse_command_line(argc, argv);
  if (const auto* early = std::get_if<recorder::EarlyExit>(&parsed)) {
    std::fputs(early->text.c_str(), early->code == 0 ? stdout : stderr);
    return early->code;
  }
  try {
    return dispatch(std::get<recorder::Command>(parsed));
  } catch (const Stopped&) {
    return 0;
  } catch (const std::exception& error) {
    log::error("Recorder fails", {{"error", error.what()}});
    return 1;
  }
}
