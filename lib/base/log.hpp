// SPDX-License-Identifier: Apache-2.0
// Structured logs: a constant message and key-value fields, as JSON lines or as text, on standard error.
#pragma once
#include <fmt/format.h>

#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>

namespace live::log {

enum class Level { debug, info, warning, error };
enum class Format { text, json };

// Once, first in main. Not thread-safe against logging.
void configure(Format format, Level level);
bool enabled(Level level);

// A value as text; strings are quoted in JSON, numbers and booleans are not.
struct Field {
  std::string_view key;
  std::string value;
  bool quoted;

  template <class T>
  Field(std::string_view k, const T& v)
      : key(k), value(fmt::format("{}", v)), quoted(!std::is_arithmetic_v<T>) {}
};
using Fields = std::initializer_list<Field>;

// Never give a cookie, token or signed URL as a field.
void write(Level level, std::string_view message, Fields fields);

inline void debug(std::string_view message, Fields fields = {}) {
  if (enabled(Level::debug)) write(Level::debug, message, fields);
}
inline void info(std::string_view message, Fields fields = {}) { write(Level::info, message, fields); }
inline void warning(std::string_view message, Fields fields = {}) { write(Level::warning, message, fields); }
inline void error(std::string_view message, Fields fields = {}) { write(Level::error, message, fields); }

}  // namespace live::log
