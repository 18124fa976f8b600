// SPDX-License-Identifier: Apache-2.0
// Reads the members of a JSON object that a tester wrote: a wrong type or an unknown name is a problem, since
// a knob that silently does nothing makes a test prove nothing.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"

namespace live::simulator {

class Fields {
 public:
  explicit Fields(const Json& object);

  // Each leaves the value as it is when the member is absent.
  void read(const char* name, std::int64_t& to);
  void read(const char* name, int& to);
  void read(const char* name, double& to);
  void read(const char* name, bool& to);
  void read(const char* name, std::string& to);
  void read(const char* name, std::vector<int>& to);
  void read(const char* name, std::vector<std::string>& to);
  void read(const char* name, std::chrono::milliseconds& to);  // a number of ms
  void read_seconds(const char* name, std::chrono::milliseconds& to);
  template <class T>
  void read(const char* name, std::optional<T>& to) {
    if (!has(name)) return;
    T value{};
    read(name, value);
    to = std::move(value);
  }
  // nullptr when absent.
  const Json* member(const char* name);
  bool has(const char* name) const { return object_.is_object() && object_.contains(name); }

  // The first thing that was wrong, unknown members last.
  std::optional<Problem> problem() const;

 private:
  void wrong(const char* name, const char* wanted);

  const Json& object_;
  std::set<std::string> known_;
  std::optional<Problem> problem_;
};

}  // namespace live::simulator
