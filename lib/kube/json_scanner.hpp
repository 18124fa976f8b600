// SPDX-License-Identifier: Apache-2.0
// A JSON text from front to back without building it: what nobody wants costs no more than to find its end.
// The rare (escapes by number, text that isn't ASCII, numbers other than short positive integers) is left to
// the JSON library, so that all is read as there. No I/O, never throws.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/json_fwd.hpp"

namespace live::kube {

class JsonScanner {
 public:
  explicit JsonScanner(std::string_view text) : at_(text.data()), end_(text.data() + text.size()) {}

  // The next character that is no space; 0 at the end, which is also where a fault leads.
  char peek();
  // Nothing but spaces is left.
  bool at_end() { return peek() == '\0' && at_ == end_; }
  // Steps over `c` when it is the next one.
  bool take(char c);
  // A string without its quotes: a view of the text, or of `buffer`.
  std::optional<std::string_view> string(std::string& buffer);
  // A number, true, false or null.
  std::optional<Json> literal();
  // Steps over any value. Inside of it only brackets and quotes are looked at.
  bool skip();

 private:
  std::optional<std::string_view> unescape(const char* begin, std::string& buffer);
  bool skip_string();
  void skip_literal();

  const char* at_;
  const char* end_;
};

}  // namespace live::kube
