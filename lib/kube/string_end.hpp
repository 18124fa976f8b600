// SPDX-License-Identifier: Apache-2.0
// Where a JSON string ends. Most bytes of an object are in strings, so that this is what stepping over one
// costs. Pure.
#pragma once
#include <cstddef>
#include <cstring>

namespace live::kube {

struct StringEnd {
  bool found = false;
  bool escaped = false;  // the bytes so far end in an escape that the next byte completes
};

// `at` is inside of a string, with `state` of the bytes before it. Gives where its quote is passed, or `end`.
inline const char* find_string_end(const char* at, const char* end, StringEnd& state) {
  if (state.escaped && at != end) {
    ++at;
    state.escaped = false;
  }
  while (at != end) {
    const auto* const quote =
        static_cast<const char*>(std::memchr(at, '"', static_cast<std::size_t>(end - at)));
    const char* const stop = quote != nullptr ? quote : end;
    const char* slash = stop;
    while (slash != at && slash[-1] == '\\') --slash;
    const bool escaped = (stop - slash) % 2 == 1;
    if (quote == nullptr) {
      state.escaped = escaped;
      return end;
    }
    at = quote + 1;
    if (!escaped) {
      state.found = true;
      return at;
    }
  }
  return end;
}

}  // namespace live::kube
