// SPDX-License-Identifier: Apache-2.0
#include "net/beast_http.hpp"

#include <algorithm>

#include "base/stop.hpp"
#include "net/body_reader.hpp"
#include "net/connection_pool.hpp"
#include "net/dial.hpp"
#include "net/errors.hpp"
#include "net/reply_reader.hpp"

namespace live::net {
namespace {

constexpr std::size_t piece = std::size_t{32} << 10;

struct Outcome {
  HttpResponse response;
  bool reusable = false;
};

awaitable<std::string> read_body(Connection& connection, BodyReader& reader, std::size_t max_size,
                                 SocketWatch& watch) {
  if (reader.left().value_or(0) > max_size) {
    throw system_error(NetError::body_too_large, connection.what());
  }
  std::string body;
  body.reserve(static_cast<std::size_t>(reader.left().value_or(0)));
  Bytes buffer(static_cast<std::size_t>(std::min<std::uint64_t>(reader.left().value_or(piece), piece)));
  while (!reader.finished()) {
    watch.check(connection.what());
    error_code failed;
    const IoStep step = reader.step(connection, buffer, failed);
    watch.check(failed, connection.what());
    if (step.state == IoState::done) {
      if (step.bytes > max_size - body.size()) {
        throw system_error(NetError::body_too_large, connection.what());
      }
      body.append(as_text(ByteView(buffer).first(step.bytes)));
      co_await connection.yield_if_busy();
    } else if (step.state != IoState::ended) {
      co_await connection.wait(step.state, watch);
    }
  }
  co_return std::move(body);
}

awaitable<Outcome> exchange(Connection& connection, const std::string& text, const HttpRequest& request,
                            TimePoint deadline, std::stop_token stop) {
  SocketWatch watch(connection.socket(), deadline, stop);
  co_await connection.write_all(text, watch);
  Bytes buffer;
  ReplyHead head = co_await read_reply_head(connection, buffer, request.method == "HEAD", watch);
  BodyReader reader(head.framing, std::move(buffer));
  Outcome out;
  out.response.status = head.status;
  out.response.headers = std::move(head.headers);
  out.response.body = co_await read_body(connection, reader, request.max_body, watch);
  out.reusable = head.keep_alive && reader.clean();
  co_return std::move(out);
}

class StreamBody final : public ByteStream {
 public:
  StreamBody(std::unique_ptr<Connection> connection, BodyReader reader, Duration idle)
      : connection_(std::move(connection)), reader_(std::move(reader)), idle_(idle) {}

  awaitable<std::size_t> read_some(std::span<std::uint8_t> to, std::stop_token stop) override {
    SocketWatch watch(connection_->socket(), deadline_after(idle_), stop);
    while (true) {
      watch.check(connection_->what());
      error_code failed;
      const IoStep step = reader_.step(*connection_, to, failed);
      watch.check(failed, connection_->what());
      if (step.state == IoState::ended) co_return std::size_t{0};
      if (step.state == IoState::done) {
        co_await connection_->yield_if_busy();
        co_return step.bytes;
      }
      co_await connection_->wait(step.state, watch);
    }
  }

 private:
  std::unique_ptr<Connection> connection_;
  BodyReader reader_;
  Duration idle_;
};

}  // namespace

struct BeastHttpClient::Impl {
  Impl(const Executor& executor_, TlsContext tls_, BeastHttpOptions options_)
      : executor(executor_),
        tls(std::move(tls_)),
        options(std::move(options_)),
        pool(std::make_shared<ConnectionPool>(
            executor_, ConnectionPool::Limits{options.max_connections, options.max_idle, options.max_age})) {}

  DialOptions dial_options(const Url& url) const {
    DialOptions dialled;
    dialled.url = url;
    dialled.tls = tls;
    dialled.tls_server_name = options.tls_server_name;
    dialled.proxy = options.proxy;
    dialled.address_family = options.address_family;
    return dialled;
  }

  TimePoint connect_deadline(TimePoint deadline) const {
    return std::min(deadline, deadline_after(options.connect_timeout));
  }

  void keep(const Url& url, PooledConnection pooled) {
    if (!url.secure() || pooled.tls == tls) pool->put(url, std::move(pooled));
  }

  Executor executor;
  TlsContext tls;
  BeastHttpOptions options;
  std::shared_ptr<ConnectionPool> pool;
};

namespace {

// The answer over a connection that rested in the pool; nothing when the connection turned out to be dead,
// which is the server's right and no failure of the request.
awaitable<std::optional<Outcome>> try_reused(Connection& connection, const std::string& text,
                                             const HttpRequest& request, TimePoint deadline,
                                             std::stop_token stop) {
  const std::uint64_t before = connection.received();
  try {
    Outcome outcome = co_await exchange(connection, text, request, deadline, stop);
    co_return std::optional<Outcome>(std::move(outcome));
  } catch (const system_error& error) {
    const bool answered = connection.received() != before;
    if (answered || error.code() == asio::error::timed_out) throw;
  }
  co_return std::optional<Outcome>();
}

}  // namespace

BeastHttpClient::BeastHttpClient(const Executor& executor, TlsContext tls, BeastHttpOptions options)
    : impl_(std::make_shared<Impl>(executor, std::move(tls), std::move(options))) {}

BeastHttpClient::~BeastHttpClient() = default;

awaitable<HttpResponse> BeastHttpClient::send(HttpRequest request, std::stop_token stop) {
  const std::shared_ptr<Impl> impl = impl_;
  const std::string text = request_text(request, impl->options.user_agent);
  const TimePoint deadline = deadline_after(request.timeout);
  const ConnectionPool::Turn turn = co_await impl->pool->take_turn(deadline, stop);

  PooledConnection pooled = impl->pool->take(request.url, impl->tls);
  if (pooled.connection) {
    std::optional<Outcome> outcome = co_await try_reused(*pooled.connection, text, request, deadline, stop);
    if (outcome) {
      if (outcome->reusable) impl->keep(request.url, std::move(pooled));
      co_return std::move(outcome->response);
    }
  }

  DialOptions options = impl->dial_options(request.url);
  pooled.tls = options.tls;
  pooled.opened = std::chrono::steady_clock::now();
  const TimePoint connected = impl->connect_deadline(deadline);
  pooled.connection = co_await dial(impl->executor, std::move(options), connected, stop);
  Outcome outcome = co_await exchange(*pooled.connection, text, request, deadline, stop);
  if (outcome.reusable) impl->keep(request.url, std::move(pooled));
  co_return std::move(outcome.response);
}

awaitable<HttpStream> BeastHttpClient::open(HttpRequest request, Duration idle, std::stop_token stop) {
  const std::shared_ptr<Impl> impl = impl_;
  const std::string text = request_text(request, impl->options.user_agent);
  const TimePoint deadline = deadline_after(request.timeout);
  DialOptions options = impl->dial_options(request.url);
  const TimePoint connected = impl->connect_deadline(deadline);
  auto connection = co_await dial(impl->executor, std::move(options), connected, stop);
  SocketWatch watch(connection->socket(), deadline, stop);
  co_await connection->write_all(text, watch);
  Bytes buffer;
  ReplyHead head = co_await read_reply_head(*connection, buffer, request.method == "HEAD", watch);
  HttpStream stream;
  stream.status = head.status;
  stream.headers = std::move(head.headers);
  BodyReader reader(head.framing, std::move(buffer));
  stream.body = std::make_unique<StreamBody>(std::move(connection), std::move(reader), idle);
  co_return std::move(stream);
}

void BeastHttpClient::replace_tls(TlsContext tls) {
  impl_->tls = std::move(tls);
  impl_->pool->clear();
}

}  // namespace live::net
