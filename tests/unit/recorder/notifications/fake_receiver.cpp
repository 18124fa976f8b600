// SPDX-License-Identifier: Apache-2.0
#include "unit/recorder/notifications/fake_receiver.hpp"

#include <set>

#include "base/json.hpp"
#include "base/stop.hpp"

namespace live::recorder::test {

std::string member(const std::string& body, std::string_view name) {
  const Json json = parse_json(body);
  const Json& outer = json_at(json, "/" + std::string(name));
  const Json& found = outer.is_null() ? json_at(json, "/EventData/" + std::string(name)) : outer;
  return found.is_string() ? found.get<std::string>() : dump_json(found);
}

awaitable<net::HttpResponse> FakeReceiver::send(net::HttpRequest request, std::stop_token stop) {
  requests.push_back(request);
  if (on_request) on_request();
  const int answer = status;
  const bool passed = co_await clock_.sleep_for(latency, stop);
  if (!passed) throw Stopped();
  if (answer == 0)
    throw system_error(boost::system::errc::make_error_code(boost::system::errc::connection_refused));
  if (answer >= 200 && answer < 300) accepted.push_back(std::move(request));
  net::HttpResponse response;
  response.status = answer;
  co_return std::move(response);
}

std::vector<std::string> FakeReceiver::bodies() const {
  std::vector<std::string> list;
  std::set<std::string> seen;
  for (const net::HttpRequest& request : accepted)
    if (seen.insert(member(request.body, "EventId")).second) list.push_back(request.body);
  return list;
}

std::string FakeReceiver::told() const {
  std::string text;
  for (const std::string& body : bodies()) text += (text.empty() ? "" : " ") + member(body, "EventType");
  return text;
}

}  // namespace live::recorder::test
