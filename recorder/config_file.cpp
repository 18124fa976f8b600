// SPDX-License-Identifier: Apache-2.0
#include "recorder/config_file.hpp"

#include <boost/asio/this_coro.hpp>

#include "base/directory_watch.hpp"
#include "base/file_text.hpp"
#include "base/log.hpp"
#include "recorder/storage/filesystem.hpp"

namespace live::recorder {

Result<liveroom::RecorderConfig> read_config(const std::string& path,
                                             const liveroom::RecorderConfig& current) {
  const Result<std::string> text = read_file(path);
  if (!text) return failure(text.error().message);
  Result<liveroom::Parsed<liveroom::RecorderConfig>> parsed = liveroom::parse_recorder_config(*text, current);
  if (!parsed) return failure(path + ": " + parsed.error().message);
  for (const std::string& unknown : parsed->unknown) {
    log::warning("The configuration holds a value of a newer version; the old one stays",
                 {{"field", unknown}});
  }
  return std::move(parsed->value);
}

awaitable<void> watch_config(std::string path, liveroom::RecorderConfig current,
                             std::function<void(const liveroom::RecorderConfig&)> changed,
                             std::stop_token stop) {
  const Executor executor = co_await asio::this_coro::executor;
  DirectoryWatch watch(executor, std::string(storage::directory_of(path)));
  while (true) {
    const bool event = co_await watch.changed(stop);
    if (!event) co_return;
    const Result<liveroom::RecorderConfig> next = read_config(path, current);
    if (!next) {
      log::error("The new configuration can't be used; the old one stays",
                 {{"problem", next.error().message}});
    } else if (*next != current) {
      current = *next;
      log::info("Configuration has changed", {{"generation", current.generation}});
      changed(current);
    }
  }
}

}  // namespace live::recorder
