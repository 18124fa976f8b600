// SPDX-License-Identifier: Apache-2.0
// Reads the members of a JSON object one by one and says which one is wrong. Pure.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_fwd.hpp"

namespace live::liveroom {

// What reading a whole document has come to. Only the first problem is kept.
struct ReadReport {
  bool strict = false;  // unknown keys and unknown members of enumerations are problems
  std::optional<std::string> problem;
  std::vector<std::string> unknown;  // members of enumerations that are not known

  void complain(std::string message) {
    if (!problem) problem = std::move(message);
  }
};

struct IntegerRange {
  std::int64_t min = 0;
  std::int64_t max = INT64_MAX;
};

struct TextRange {
  std::size_t min = 0;  // code points
  std::size_t max = SIZE_MAX;
};

// An absent member and an explicit null leave the target as it is. Every key that is asked for is known;
// finish() complains about the others in strict mode. `names` of enumerations: text by numeric value.
class FieldReader {
 public:
  // `path` names the object in messages; "" is the document itself. What is not an object is a problem.
  FieldReader(const Json& object, std::string path, ReadReport& report);

  void integer(std::string_view key, std::int64_t& target, IntegerRange range = {});
  void boolean(std::string_view key, bool& target);
  void text(std::string_view key, std::string& target, TextRange range = {});
  // A quantity as bytes, from an integer or a string.
  void quantity(std::string_view key, std::int64_t& target);
  void texts(std::string_view key, std::vector<std::string>& target, std::size_t max_items, TextRange range);
  void integers(std::string_view key, std::vector<std::int64_t>& target, std::size_t max_items,
                IntegerRange range);
  // A member that is not in `names` gives `unknown_gives` and is reported.
  template <class E>
  void enumeration(std::string_view key, E& target, std::span<const std::string_view> names,
                   E unknown_gives) {
    const std::optional<std::size_t> at = read_enumeration(key, names);
    if (at) target = *at < names.size() ? static_cast<E>(*at) : unknown_gives;
  }
  // Members that are not in `names` are left out and reported; `unknown_gives` when no other is left.
  template <class E>
  void enumerations(std::string_view key, std::vector<E>& target, std::span<const std::string_view> names,
                    const std::vector<E>& unknown_gives) {
    const std::optional<std::vector<std::size_t>> read = read_enumerations(key, names);
    if (!read) return;
    target.clear();
    for (const std::size_t at : *read) {
      if (at < names.size()) target.push_back(static_cast<E>(at));
    }
    if (target.empty() && !read->empty()) target = unknown_gives;
  }
  // Calls `read` with a reader of the object; not when it is absent.
  void object(std::string_view key, const std::function<void(FieldReader&)>& read);
  // Calls `read` for each item, all of them objects.
  void objects(std::string_view key, std::size_t max_items, const std::function<void(FieldReader&)>& read);
  // An object that is kept as it is, as JSON text.
  void opaque(std::string_view key, std::string& target);

  bool has(std::string_view key);
  // The full path of a member, for messages of the caller.
  std::string path(std::string_view key) const;
  ReadReport& report() { return report_; }
  // Last: in strict mode, complains about a key that nobody asked for.
  void finish();

 private:
  const Json* member(std::string_view key);
  void expected(std::string_view key, std::string_view what);
  // Indices into `names`; names.size() for what is not in it.
  std::optional<std::size_t> read_enumeration(std::string_view key, std::span<const std::string_view> names);
  std::optional<std::vector<std::size_t>> read_enumerations(std::string_view key,
                                                            std::span<const std::string_view> names);
  std::optional<std::size_t> enumeration_member(const Json& value, std::string_view name,
                                                std::span<const std::string_view> names);
  const Json* list(std::string_view key, std::size_t max_items);

  const Json& object_;
  std::string path_;
  ReadReport& report_;
  std::vector<std::string_view> asked_;
};

}  // namespace live::liveroom
