// SPDX-License-Identifier: Apache-2.0
#include "simulator/faults.hpp"

#include <vector>

#include "simulator/fields.hpp"

namespace live::simulator {
namespace {

std::optional<Problem> read_fault(const Json& value, ApiFault& fault) {
  Fields fields(value);
  fields.read("count", fault.count);
  fields.read("endpoint", fault.endpoint);
  fields.read("code", fault.code);
  fields.read("httpStatus", fault.http_status);
  fields.read("body", fault.body);
  fields.read("delayMs", fault.delay);
  fields.read("drop", fault.drop);
  return fields.problem();
}

std::optional<Problem> read_fault(const Json& value, MediaFault& fault) {
  Fields fields(value);
  fields.read("count", fault.count);
  fields.read("host", fault.host);
  fields.read("status", fault.status);
  fields.read("html", fault.html);
  fields.read("redirect", fault.redirect);
  fields.read("reset", fault.reset);
  fields.read("hang", fault.hang);
  fields.read("delayMs", fault.delay);
  fields.read("timestampBase", fault.timestamp_base);
  fields.read("randomBase", fault.random_base);
  fields.read("noCache", fault.no_cache);
  return fields.problem();
}

std::optional<Problem> read_fault(const Json& value, DanmakuFault& fault) {
  Fields fields(value);
  fields.read("count", fault.count);
  fields.read("refuse", fault.refuse);
  fields.read("authCode", fault.auth_code);
  fields.read("close", fault.close);
  fields.read("silent", fault.silent);
  fields.read("delayMs", fault.delay);
  return fields.problem();
}

template <class Fault>
std::optional<Problem> read_list(const Json* list, std::vector<Fault>& to) {
  if (!list) return std::nullopt;
  if (!list->is_array()) return Problem{"a list of faults is wanted"};
  for (const Json& value : *list) {
    to.emplace_back();
    if (auto problem = read_fault(value, to.back())) return problem;
  }
  return std::nullopt;
}

template <class Fault>
void append(FaultQueue<Fault>& queue, const Json* list, std::vector<Fault>& faults) {
  if (list && faults.empty()) queue.clear();
  for (Fault& fault : faults) queue.add(std::move(fault));
}

}  // namespace

std::optional<Problem> Faults::add(const Json& body) {
  Fields fields(body);
  const Json* api_list = fields.member("api");
  const Json* media_list = fields.member("media");
  const Json* danmaku_list = fields.member("danmaku");
  std::vector<ApiFault> api_faults;
  std::vector<MediaFault> media_faults;
  std::vector<DanmakuFault> danmaku_faults;
  if (auto problem = fields.problem()) return problem;
  if (auto problem = read_list(api_list, api_faults)) return problem;
  if (auto problem = read_list(media_list, media_faults)) return problem;
  if (auto problem = read_list(danmaku_list, danmaku_faults)) return problem;
  append(api, api_list, api_faults);
  append(media, media_list, media_faults);
  append(danmaku, danmaku_list, danmaku_faults);
  return std::nullopt;
}

}  // namespace live::simulator
