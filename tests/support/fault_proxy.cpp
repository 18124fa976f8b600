// SPDX-License-Identifier: Apache-2.0
#include "support/fault_proxy.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/socket_base.hpp>
#include <boost/asio/write.hpp>
#include <charconv>
#include <deque>
#include <stdexcept>

#include "base/alarm.hpp"
#include "base/stop.hpp"

namespace live::test {
namespace {
using asio::ip::tcp;

constexpr Duration drip_interval = std::chrono::milliseconds(2);
constexpr std::size_t drip_pieces = 40;
constexpr int split_events = 20;
constexpr std::size_t split_size = 5;

net::TlsContext upstream_tls(const kube::ClusterConfig& config) {
  const Result<net::TlsOptions> options = kube::load_tls_options(config);
  if (!options) throw std::runtime_error(options.error().message);
  Result<net::TlsContext> context = net::make_client_tls(*options);
  if (!context) throw std::runtime_error(context.error().message);
  return *std::move(context);
}

// The next close sends RST, as a cut line or a killed server does.
void reset_on_close(tcp::socket& socket) {
  error_code ignored;
  socket.set_option(asio::socket_base::linger(true, 0), ignored);
  socket.close(ignored);
}

std::string status_object(int code, std::string_view reason, std::string_view details = "{}") {
  return fmt::format(
      R"({{"kind":"Status","apiVersion":"v1","metadata":{{}},"status":"Failure","message":"injected","reason":"{}","details":{},"code":{}}})",
      reason, details, code);
}

std::string error_event(int code, std::string_view reason) {
  return R"({"type":"ERROR","object":)" + status_object(code, reason) + "}\n";
}

std::string reply_text(int status, std::string_view more_headers, std::string_view body) {
  return fmt::format(
      "HTTP/1.1 {} X\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: "
      "close\r\n{}\r\n{}",
      status, body.size(), more_headers, body);
}

std::string chunk(std::string_view text) { return fmt::format("{:x}\r\n{}\r\n", text.size(), text); }

// The client may be gone at any time; that ends its connection quietly.
awaitable<void> write(tcp::socket& socket, std::string text) {
  co_await asio::async_write(socket, asio::buffer(text), use_awaitable);
}

}  // namespace

// What a stream is still to suffer.
struct FaultProxy::Stream {
  std::string held;  // an event that comes after the next one
  int split = 0;     // so many more events come in pieces
};

// What came of a watch and has not gone on.
struct FaultProxy::Events {
  explicit Events(Clock& clock) : changed(clock) {}
  std::deque<std::pair<TimePoint, std::string>> waiting;  // with the time at which each came
  bool ended = false;
  Alarm changed;
};

struct FaultProxy::Request {
  net::HttpRequest http;
  bool is_watch = false;
  bool is_read = false;
  bool is_list = false;
};

namespace {

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

// Method, target and headers that matter; gives the length of the body.
std::size_t parse_head(std::string_view head, net::HttpRequest& request) {
  const std::size_t first = head.find(' ');
  const std::size_t second = head.find(' ', first + 1);
  request.method = std::string(head.substr(0, first));
  request.url.target = std::string(head.substr(first + 1, second - first - 1));
  std::size_t length = 0;
  std::size_t at = head.find("\r\n") + 2;
  while (at < head.size()) {
    const std::size_t end = head.find("\r\n", at);
    const std::string_view line = head.substr(at, end - at);
    at = end + 2;
    const std::size_t colon = line.find(": ");
    if (colon == std::string_view::npos) continue;
    const std::string name = lower(std::string(line.substr(0, colon)));
    const std::string value(line.substr(colon + 2));
    if (name == "content-length") std::from_chars(value.data(), value.data() + value.size(), length);
    if (name == "accept" || name == "content-type" || name == "authorization" || name == "user-agent")
      request.headers.add(name, value);
  }
  return length;
}

awaitable<std::string> read_all(net::ByteStream& body, std::stop_token stop) {
  std::string text;
  std::vector<std::uint8_t> buffer(64 * 1024);
  while (true) {
    const std::size_t size = co_await body.read_some(buffer, stop);
    if (size == 0) co_return text;
    text.append(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(size));
  }
}

}  // namespace

FaultPlan FaultPlan::of_readers() {
  FaultPlan plan;
  plan.requests = {Fault::too_many_requests, Fault::reset,       Fault::gone,
                   Fault::cut_in_list,       Fault::unavailable, Fault::internal_error,
                   Fault::version_too_large};
  plan.events = {Fault::split,          Fault::duplicate,  Fault::reorder,    Fault::cut_in_object,
                 Fault::drip,           Fault::gone_event, Fault::busy_event, Fault::lag,
                 Fault::internal_event, Fault::half_open};
  return plan;
}

FaultProxy::FaultProxy(const Executor& executor, Clock& clock, const kube::ClusterConfig& upstream,
                       FaultPlan plan)
    : executor_(executor),
      clock_(clock),
      plan_(std::move(plan)),
      server_(upstream.server),
      client_(executor, upstream_tls(upstream),
              {.user_agent = "fault-proxy/0", .tls_server_name = upstream.tls_server_name}),
      acceptor_(executor, tcp::endpoint(asio::ip::make_address("127.0.0.1"), 0)),
      connections_(executor) {}

kube::ClusterConfig FaultProxy::config() const {
  kube::ClusterConfig config;
  config.server.scheme = "http";
  config.server.host = "127.0.0.1";
  config.server.port = acceptor_.local_endpoint().port();
  config.source = "fault proxy";
  return config;
}

std::optional<Fault> FaultProxy::turn(const std::vector<Fault>& faults, int period, std::size_t& seen) {
  if (healed_ || faults.empty()) return std::nullopt;
  const std::size_t number = seen++;
  const auto every = static_cast<std::size_t>(period);
  if (number % every != every - 1) return std::nullopt;
  const Fault fault = faults[number / every % faults.size()];
  ++counts_[static_cast<std::size_t>(fault)];
  return fault;
}

awaitable<void> FaultProxy::run(std::stop_token stop) {
  std::stop_callback on_stop(stop, [this] { acceptor_.cancel(); });
  while (!stop.stop_requested()) {
    Socket socket(executor_);
    error_code error;
    co_await acceptor_.async_accept(socket, asio::redirect_error(use_awaitable, error));
    if (!error) connections_.spawn(serve(std::move(socket), connections_.token()));
  }
  connections_.request_stop();
  co_await connections_.join();
}

awaitable<void> FaultProxy::serve(Socket socket, std::stop_token stop) {
  std::stop_callback on_stop(stop, [&socket] {
    error_code ignored;
    socket.close(ignored);
  });
  try {
    socket.set_option(tcp::no_delay(true));
    std::string text;
    const std::size_t head =
        co_await asio::async_read_until(socket, asio::dynamic_buffer(text), "\r\n\r\n", use_awaitable);
    Request request;
    const std::size_t length = parse_head(std::string_view(text).substr(0, head), request.http);
    std::vector<char> more(16 * 1024);
    while (text.size() < head + length) {
      const std::size_t size = co_await socket.async_read_some(asio::buffer(more), use_awaitable);
      text.append(more.data(), size);
    }
    request.http.body = text.substr(head, length);
    request.is_read = request.http.method == "GET";
    request.is_watch = request.http.url.target.find("watch=1") != std::string::npos;
    request.is_list =
        request.is_read && !request.is_watch && request.http.url.target.find('?') != std::string::npos;
    const std::string target = request.http.url.target;
    request.http.url = server_;
    request.http.url.target = target;
    request.http.timeout = std::chrono::seconds(30);
    co_await answer(socket, std::move(request), stop);
  } catch (const system_error&) {
    // One of the two sides is gone: so is the connection.
  } catch (const Stopped&) {
  }
}

// True when that was the answer.
awaitable<bool> FaultProxy::answer_instead(Socket& socket, Fault fault) {
  std::string text;
  switch (fault) {
    case Fault::too_many_requests:
      text = reply_text(429, "Retry-After: 1\r\n", status_object(429, "TooManyRequests"));
      break;
    case Fault::gone:
      text = reply_text(410, "", status_object(410, "Expired"));
      break;
    case Fault::unavailable:
      text = reply_text(503, "", status_object(503, "ServiceUnavailable"));
      break;
    case Fault::internal_error:
      text = reply_text(500, "", status_object(500, "InternalError"));
      break;
    case Fault::version_too_large:
      text = reply_text(
          504, "",
          status_object(
              504, "Timeout",
              R"({"causes":[{"reason":"ResourceVersionTooLarge","message":"injected"}],"retryAfterSeconds":1})"));
      break;
    case Fault::conflict:
      text = reply_text(409, "", status_object(409, "Conflict"));
      break;
    case Fault::reset:
      reset_on_close(socket);
      co_return true;
    default:
      co_return false;
  }
  co_await write(socket, std::move(text));
  co_return true;
}

awaitable<void> FaultProxy::answer(Socket& socket, Request request, std::stop_token stop) {
  std::optional<Fault> fault;
  if (request.is_watch || request.is_list) {
    fault = turn(plan_.requests, plan_.request_period, requests_);
  } else if (!request.is_read) {
    fault = turn(plan_.writes, plan_.write_period, writes_);
  }
  if (fault) {
    const bool answered = co_await answer_instead(socket, *fault);
    if (answered) co_return;
  }
  const net::HttpRequest forwarded = request.http;
  // A watch may be silent for as long as its client bears it.
  net::HttpStream reply = co_await client_.open(forwarded, std::chrono::minutes(15), stop);
  if (request.is_watch && reply.status == 200) {
    co_await relay_watch(socket, std::move(reply), stop);
  } else {
    co_await relay_reply(socket, std::move(reply), fault, stop);
  }
}

awaitable<void> FaultProxy::relay_reply(Socket& socket, net::HttpStream reply, std::optional<Fault> fault,
                                        std::stop_token stop) {
  const std::string body = co_await read_all(*reply.body, stop);
  std::string more;
  for (const char* name : {"Retry-After", "Warning"})
    if (const auto value = reply.headers.get(name)) more += fmt::format("{}: {}\r\n", name, *value);
  std::string text = reply_text(reply.status, more, body);
  if (late_ > Duration::zero()) co_await clock_.sleep_for(late_, stop);
  if (fault == Fault::answer_lost) text.clear();
  if (fault == Fault::cut_in_list) text.resize(text.size() - body.size() / 2);
  co_await write(socket, std::move(text));
  if (fault) reset_on_close(socket);
}

// A watch and its events, one chunk each where nothing else is wanted.
awaitable<void> FaultProxy::relay_watch(Socket& socket, net::HttpStream reply, std::stop_token stop) {
  std::string head =
      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
  co_await write(socket, std::move(head));
  Events events(clock_);
  TaskGroup group(executor_, stop);
  group.spawn(collect(*reply.body, events, group.token()));
  group.spawn(deliver(socket, events, group));
  co_await group.join();
}

awaitable<void> FaultProxy::collect(net::ByteStream& body, Events& events, std::stop_token stop) {
  std::string lines;
  std::vector<std::uint8_t> buffer(64 * 1024);
  while (true) {
    const std::size_t size = co_await body.read_some(buffer, stop);
    if (size == 0) break;
    lines.append(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(size));
    std::size_t begin = 0;
    for (std::size_t end; (end = lines.find('\n', begin)) != std::string::npos; begin = end + 1)
      events.waiting.emplace_back(clock_.now(), lines.substr(begin, end + 1 - begin));
    lines.erase(0, begin);
    events.changed.ring();
  }
  events.ended = true;
  events.changed.ring();
}

awaitable<void> FaultProxy::deliver(Socket& socket, Events& events, TaskGroup& group) {
  const std::stop_token stop = group.token();
  Stream stream;
  while (!events.waiting.empty() || !events.ended) {
    if (events.waiting.empty()) {
      co_await events.changed.wait_until(TimePoint::max(), stop);
      throw_if_stopped(stop);
      continue;
    }
    const TimePoint due = events.waiting.front().first + plan_.behind;
    if (plan_.behind > Duration::zero()) co_await clock_.sleep_until(due, stop);
    throw_if_stopped(stop);
    std::string event = std::move(events.waiting.front().second);
    events.waiting.pop_front();
    const bool goes_on = co_await relay_event(socket, stream, std::move(event), stop);
    if (!goes_on) {
      group.request_stop();
      co_return;
    }
  }
  std::string end = "0\r\n\r\n";
  co_await write(socket, std::move(end));
}

// False when the stream is over.
awaitable<bool> FaultProxy::relay_event(Socket& socket, Stream& stream, std::string event,
                                        std::stop_token stop) {
  const std::optional<Fault> fault = turn(plan_.events, plan_.event_period, events_);
  std::string text = chunk(event);
  std::size_t piece = text.size();
  Duration pause{};
  bool ends = false;
  if (fault == Fault::split) stream.split = split_events;
  if (stream.split > 0) {
    --stream.split;
    // Each piece a chunk of its own, so that borders of chunks fall anywhere, too.
    text.clear();
    for (std::size_t at = 0; at < event.size(); at += split_size)
      text += chunk(std::string_view(event).substr(at, split_size));
    piece = 1 + split_size;
  }
  if (fault == Fault::duplicate) text += chunk(event);
  if (fault == Fault::drip) {
    piece = text.size() / drip_pieces + 1;
    pause = drip_interval;
  }
  if (fault == Fault::cut_in_object) {
    text = chunk(event.substr(0, event.size() / 2));
    ends = true;
  }
  if (fault == Fault::gone_event) text = chunk(error_event(410, "Expired"));
  if (fault == Fault::busy_event) text = chunk(error_event(429, "TooManyRequests"));
  if (fault == Fault::internal_event) text = chunk(error_event(500, "InternalError"));
  if (fault == Fault::lag) co_await clock_.sleep_for(plan_.lag, stop);
  if (fault == Fault::half_open) {
    co_await clock_.sleep_until(TimePoint::max(), stop);
    co_return false;
  }
  if (fault == Fault::reorder) {
    stream.held = std::move(text);
    co_return true;
  }
  text += std::exchange(stream.held, std::string());
  for (std::size_t at = 0; at < text.size(); at += piece) {
    std::string part = text.substr(at, piece);
    co_await write(socket, std::move(part));
    if (pause > Duration::zero()) co_await clock_.sleep_for(pause, stop);
  }
  if (ends) reset_on_close(socket);
  co_return !ends;
}

}  // namespace live::test
