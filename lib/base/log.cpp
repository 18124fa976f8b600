// SPDX-License-Identifier: Apache-2.0
#include "base/log.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "base/json.hpp"

namespace live::log {
namespace {

Format chosen_format = Format::text;

spdlog::level::level_enum to_spdlog(Level level) {
  switch (level) {
    case Level::debug:
      return spdlog::level::debug;
    case Level::info:
      return spdlog::level::info;
    case Level::warning:
      return spdlog::level::warn;
    case Level::error:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

spdlog::logger& logger() {
  static spdlog::logger instance("live", std::make_shared<spdlog::sinks::stderr_sink_st>());
  return instance;
}

std::string quote(std::string_view text) { return dump_json(Json(std::string(text))); }

}  // namespace

void configure(Format format, Level level) {
  chosen_format = format;
  logger().set_level(to_spdlog(level));
  if (format == Format::json) {
    logger().set_pattern(R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})",
                         spdlog::pattern_time_type::utc);
  } else {
    logger().set_pattern("%Y-%m-%d %H:%M:%S.%e %^%-7l%$ %v");
  }
  logger().flush_on(spdlog::level::debug);
}

bool enabled(Level level) { return logger().should_log(to_spdlog(level)); }

void write(Level level, std::string_view message, Fields fields) {
  if (!enabled(level)) return;
  std::string line;
  if (chosen_format == Format::json) {
    line = fmt::format("\"message\":{}", quote(message));
    for (const Field& field : fields) {
      line += fmt::format(",{}:{}", quote(field.key), field.quoted ? quote(field.value) : field.value);
    }
  } else {
    line = message;
    for (const Field& field : fields) {
      const bool plain = field.value.find_first_of(" \"\n\t=") == std::string::npos && !field.value.empty();
      line += fmt::format(" {}={}", field.key, plain ? field.value : quote(field.value));
    }
  }
  logger().log(to_spdlog(level), "{}", line);
}

}  // namespace live::log
