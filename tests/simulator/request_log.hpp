// SPDX-License-Identifier: Apache-2.0
// Calls of the HTTP interfaces, counted and the newest kept. Holds no credential: of cookies only the names.
// Pure.
#pragma once
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "base/json_fwd.hpp"

namespace live::simulator {

struct RequestRecord {
  std::int64_t wall_ms = 0;
  std::string endpoint;  // last part of the path
  std::int64_t room_id = 0;
  int status = 200;
  std::int64_t code = 0;  // of the answer's envelope
  std::string peer, user_agent, referer;
  std::vector<std::string> cookies;  // names
  bool tls = false;
};

class RequestLog {
 public:
  static constexpr std::size_t max_kept = 20'000;
  static constexpr std::size_t max_endpoints = 200;

  void add(RequestRecord record);
  // {"total", "endpoints": {name: {"count", "codes": {code: count}}}}
  Json counts() const;
  const std::deque<RequestRecord>& newest() const { return newest_; }
  void clear();

 private:
  std::deque<RequestRecord> newest_;
  std::map<std::string, std::map<std::int64_t, std::uint64_t>> counts_;
};

Json to_json(const RequestRecord& record);

}  // namespace live::simulator
