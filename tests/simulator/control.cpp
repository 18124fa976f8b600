// SPDX-License-Identifier: Apache-2.0
#include "simulator/control.hpp"

#include <fmt/format.h>

#include "base/json.hpp"
#include "simulator/commands.hpp"
#include "simulator/conduit.hpp"
#include "simulator/fields.hpp"
#include "simulator/front.hpp"

namespace live::simulator {
namespace {

Reply json_reply(const Json& body) {
  Reply reply;
  reply.body = dump_json(body) + "\n";
  return reply;
}

Reply problem_reply(int status, const std::string& message) {
  Reply reply = json_reply({{"error", message}});
  reply.status = status;
  return reply;
}

std::vector<std::string> split(const std::string& path) {
  std::vector<std::string> parts;
  std::size_t at = 0;
  while (at < path.size()) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    if (end > at) parts.push_back(path.substr(at, end - at));
    at = end + 1;
  }
  return parts;
}

}  // namespace

Reply Control::answer(const Request& request) {
  const std::vector<std::string> path = split(request.path);
  const Json body = request.body.empty() ? Json() : parse_json(request.body);
  if (body.is_discarded()) return problem_reply(400, "the body is no JSON");
  const bool post = request.method == "POST";
  if (path.empty() || path[0] == "healthz") return json_reply({{"ok", true}});
  if (path[0] == "rooms" && path.size() == 1) return rooms(request, body);
  if (path[0] == "rooms") return room(request, path, body);
  if (path[0] == "site" && post) return site(body);
  if (path[0] == "faults" && post) {
    const auto problem = world_.faults.add(body);
    return problem ? problem_reply(400, problem->message) : json_reply({{"ok", true}});
  }
  if (path[0] == "requests" && request.method == "DELETE") {
    world_.requests.clear();
    return json_reply({{"ok", true}});
  }
  if (path[0] == "requests" && path.size() == 1) return json_reply(world_.requests.counts());
  if (path[0] == "requests" && path[1] == "log") {
    Reply reply;
    reply.content_type = "application/x-ndjson";
    for (const RequestRecord& record : world_.requests.newest())
      reply.body += dump_json(to_json(record)) + "\n";
    return reply;
  }
  return problem_reply(404, "nothing here; tests/simulator/README.md lists what there is");
}

Reply Control::rooms(const Request& request, const Json& body) {
  if (request.method == "POST") {
    const Result<Room*> room = world_.put_room(body);
    return room ? json_reply(room_report(world_, **room)) : problem_reply(400, room.error().message);
  }
  Json list = Json::array();
  for (const Room* room : world_.rooms()) list.push_back(room_report(world_, *room));
  return json_reply({{"rooms", std::move(list)}});
}

Reply Control::room(const Request& request, const std::vector<std::string>& path, const Json& body) {
  const auto id = to_int(path[1]);
  Room* room = id ? world_.find_room_by_any(*id) : nullptr;
  if (!room) return problem_reply(404, "no such room: " + path[1]);
  if (request.method == "GET") {
    if (path.size() == 2) return json_reply(room_report(world_, *room));
    const bool asks_tags = path.size() == 5 && path[2] == "connections" && path[4] == "tags";
    const auto connection = asks_tags ? to_int(path[3]) : std::nullopt;
    if (connection && *connection > 0) return tags(static_cast<std::uint64_t>(*connection));
    return problem_reply(404, "nothing here");
  }
  if (request.method == "DELETE" && path.size() == 2) {
    for (const char* what : {"drop", "danmaku"}) {
      const Json reset = {{std::string(what) == "drop" ? "how" : "do", "reset"}};
      (void)run_command(world_, *room, what, reset);
    }
    room->gone = true;
    return json_reply({{"ok", true}});
  }
  if (request.method != "POST" || path.size() != 3) return problem_reply(404, "nothing here");
  const Result<Json> result = run_command(world_, *room, path[2], body);
  return result ? json_reply(*result) : problem_reply(400, result.error().message);
}

Reply Control::site(const Json& body) {
  bool rotate_keys = false, revoke_tokens = false;
  Fields fields(body);
  fields.read("rotateKeys", rotate_keys);
  fields.read("revokeTokens", revoke_tokens);
  fields.read("sessionValid", world_.session_valid);
  fields.read("needReferer", api_.settings().need_referer);
  fields.read("needPlaySignature", api_.settings().need_play_signature);
  fields.read("oldestChrome", api_.settings().oldest_chrome);
  if (const auto problem = fields.problem()) return problem_reply(400, problem->message);
  if (rotate_keys) world_.rotate_keys();
  if (revoke_tokens) world_.tokens.revoke_all();
  return json_reply({{"ok", true}});
}

Reply Control::tags(std::uint64_t connection) const {
  Reply reply;
  reply.content_type = "application/x-ndjson";
  reply.headers.emplace_back("X-Forgotten-Tags", std::to_string(world_.connections.forgotten_tags()));
  for (const TagRecord& record : world_.connections.tags())
    if (record.connection == connection) reply.body += dump_json(to_json(record)) + "\n";
  return reply;
}

awaitable<void> Control::run(Listener& listener, std::stop_token stop) {
  const Listener::Serve each = [this](asio::ip::tcp::socket socket, std::stop_token token) {
    return serve(std::move(socket), token);
  };
  co_await listener.run(each, world_.clock, stop);
}

awaitable<void> Control::serve(asio::ip::tcp::socket socket, std::stop_token stop) {
  Conduit conduit(std::move(socket), nullptr);
  std::stop_callback on_stop(stop, [&conduit] { conduit.cut(); });
  Bytes left, raw;
  bool go_on = true;
  while (go_on && !stop.stop_requested()) {
    Request request;
    go_on = co_await read_request(conduit, left, raw, request);
    if (!go_on) break;
    const std::string text = render(answer(request), request.keep_alive);
    const std::size_t written = co_await conduit.write(as_bytes(text));
    go_on = request.keep_alive && written == text.size();
  }
  if (!stop.stop_requested() && conduit.open()) {
    co_await conduit.finish();
  }
}

}  // namespace live::simulator
