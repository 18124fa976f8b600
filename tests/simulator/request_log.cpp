// SPDX-License-Identifier: Apache-2.0
#include "simulator/request_log.hpp"

#include "base/json.hpp"

namespace live::simulator {

void RequestLog::add(RequestRecord record) {
  // Names of unknown paths come from outside.
  const bool known = counts_.contains(record.endpoint) || counts_.size() < max_endpoints;
  ++counts_[known ? record.endpoint : "other"][record.status == 200 ? record.code : record.status];
  newest_.push_back(std::move(record));
  if (newest_.size() > max_kept) newest_.pop_front();
}

Json RequestLog::counts() const {
  std::uint64_t total = 0;
  Json endpoints = Json::object();
  for (const auto& [name, codes] : counts_) {
    std::uint64_t count = 0;
    Json by_code = Json::object();
    for (const auto& [code, times] : codes) {
      count += times;
      by_code[std::to_string(code)] = times;
    }
    total += count;
    endpoints[name] = {{"count", count}, {"codes", std::move(by_code)}};
  }
  return {{"total", total}, {"endpoints", std::move(endpoints)}};
}

void RequestLog::clear() {
  newest_.clear();
  counts_.clear();
}

Json to_json(const RequestRecord& record) {
  return {{"wallMs", record.wall_ms},  {"endpoint", record.endpoint},
          {"roomId", record.room_id},  {"status", record.status},
          {"code", record.code},       {"peer", record.peer},
          {"tls", record.tls},         {"userAgent", record.user_agent},
          {"referer", record.referer}, {"cookies", record.cookies}};
}

}  // namespace live::simulator
