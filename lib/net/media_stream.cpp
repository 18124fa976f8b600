// SPDX-License-Identifier: Apache-2.0
#include "net/media_stream.hpp"

#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>

#include "base/stop.hpp"
#include "net/body_reader.hpp"
#include "net/dial.hpp"
#include "net/errors.hpp"
#include "net/receive_pacing.hpp"
#include "net/reply_reader.hpp"

namespace live::net {
namespace {

constexpr Duration beat = std::chrono::seconds(1);

// The watch-dog of one connection: each second it sets the wake-up threshold and looks for silence.
class Pulse : public std::enable_shared_from_this<Pulse> {
 public:
  Pulse(Connection& connection, Duration idle)
      : connection_(&connection), timer_(connection.socket().get_executor()), idle_(idle) {}

  void start() {
    (void)pacing_.tick(std::chrono::steady_clock::now(), connection_->received());
    arm();
  }
  void end() {
    connection_ = nullptr;
    timer_.cancel();
  }
  void wait_begins() {
    // A look that found nothing does not begin it anew.
    if (waiting_since_ == TimePoint::max()) waiting_since_ = std::chrono::steady_clock::now();
    timed_out_ = false;
  }
  void wait_ends() { waiting_since_ = TimePoint::max(); }
  bool timed_out() const { return timed_out_; }

 private:
  void arm() {
    timer_.expires_after(std::min(beat, idle_));
    timer_.async_wait([self = shared_from_this()](error_code error) {
      if (!error && self->connection_ != nullptr) self->tick();
    });
  }

  void tick() {
    const TimePoint now = std::chrono::steady_clock::now();
    if (const auto threshold = pacing_.tick(now, connection_->received())) {
      // A failure leaves the threshold as it was, which costs wake-ups and nothing else.
      ::setsockopt(connection_->socket().native_handle(), SOL_SOCKET, SO_RCVLOWAT, &*threshold,
                   sizeof *threshold);
    }
    // Only while somebody waits: a reader that is busy elsewhere says nothing about the server.
    if (now > waiting_since_ && now - waiting_since_ >= idle_) {
      timed_out_ = true;
      error_code ignored;
      connection_->socket().cancel(ignored);
    }
    arm();
  }

  Connection* connection_;
  asio::steady_timer timer_;
  Duration idle_;
  ReceivePacing pacing_;
  TimePoint waiting_since_ = TimePoint::max();
  bool timed_out_ = false;
};

class MediaBody final : public MediaStream {
 public:
  MediaBody(std::unique_ptr<Connection> connection, BodyReader reader, Duration idle)
      : connection_(std::move(connection)),
        reader_(std::move(reader)),
        pulse_(std::make_shared<Pulse>(*connection_, idle)) {
    pulse_->start();
  }
  ~MediaBody() override { pulse_->end(); }

  std::uint64_t received_bytes() const override { return connection_->received(); }

  void look() override {
    if (!waits_) return;
    looked_ = true;
    error_code ignored;
    connection_->socket().cancel(ignored);
  }

  awaitable<std::size_t> read_some(std::span<std::uint8_t> to, std::stop_token stop) override {
    while (true) {
      if (stop.stop_requested()) {
        if (last_look_) throw Stopped();
        last_look_ = true;
      }
      error_code failed;
      const IoStep step = reader_.step(*connection_, to, failed);
      if (failed) throw system_error(failed, connection_->what());
      if (step.state == IoState::ended) co_return std::size_t{0};
      if (step.state == IoState::done) {
        pulse_->wait_ends();
        co_await connection_->yield_if_busy();
        co_return step.bytes;
      }
      co_await wait(step.state, stop);
    }
  }

 private:
  awaitable<void> wait(IoState wanted, std::stop_token stop) {
    throw_if_stopped(stop);
    pulse_->wait_begins();
    std::stop_callback on_stop(stop, [this] {
      error_code ignored;
      connection_->socket().cancel(ignored);
    });
    waits_ = true;
    looked_ = false;
    const error_code failed = co_await connection_->wait(wanted);
    waits_ = false;
    if (!failed) pulse_->wait_ends();
    if (stop.stop_requested()) co_return;  // to its last look
    if (failed && pulse_->timed_out()) throw system_error(asio::error::timed_out, connection_->what());
    if (looked_) co_return;
    if (failed) throw system_error(failed, connection_->what());
  }

  std::unique_ptr<Connection> connection_;
  BodyReader reader_;
  std::shared_ptr<Pulse> pulse_;
  bool waits_ = false;
  bool looked_ = false;     // the wait was ended by look()
  bool last_look_ = false;  // what had come when the stop was requested was asked for
};

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

Url redirect_target(const Url& from, const Headers& headers) {
  const std::string location = headers.get("Location").value_or("");
  Result<Url> to = resolve_url(from, location);
  if (location.empty() || !to || (to->scheme != "http" && to->scheme != "https")) {
    throw system_error(NetError::bad_redirect, redacted(from));
  }
  return std::move(to).value();
}

// Hosts of media are named by whoever answers; they get nothing that identifies the user.
Headers without_secrets(const Headers& headers) {
  Headers out;
  for (const auto& [name, value] : headers) {
    Headers one{{name, value}};
    if (!one.get("Cookie") && !one.get("Authorization")) out.add(name, value);
  }
  return out;
}

awaitable<MediaResponse> request_once(const MediaRequest& request, TlsContext tls, std::stop_token stop) {
  const Executor executor = co_await asio::this_coro::executor;
  const TimePoint deadline = deadline_after(request.connect_timeout);
  HttpRequest http;
  http.url = request.url;
  http.headers = request.headers;
  const std::string text = request_text(http, "");
  DialOptions options;
  options.url = request.url;
  options.tls = std::move(tls);
  options.proxy = request.proxy;
  options.address_family = request.address_family;
  options.bulk = true;
  std::unique_ptr<Connection> connection = co_await dial(executor, std::move(options), deadline, stop);
  Bytes rest;
  MediaResponse response;
  response.url = request.url;
  BodyFraming framing = BodyFraming::length(0);
  {
    SocketWatch watch(connection->socket(), deadline, stop);
    co_await connection->write_all(text, watch);
    ReplyHead head = co_await read_reply_head(*connection, rest, false, watch);
    response.status = head.status;
    response.headers = std::move(head.headers);
    framing = head.framing;
  }
  BodyReader reader(framing, std::move(rest));
  response.body = std::make_unique<MediaBody>(std::move(connection), std::move(reader), request.idle);
  co_return std::move(response);
}

}  // namespace

awaitable<MediaResponse> open_media(MediaRequest request, TlsContext tls, std::stop_token stop) {
  request.headers = without_secrets(request.headers);
  for (int hop = 0; hop <= request.max_redirects; ++hop) {
    MediaResponse response = co_await request_once(request, tls, stop);
    if (!is_redirect(response.status)) co_return std::move(response);
    request.url = redirect_target(response.url, response.headers);
  }
  throw system_error(NetError::too_many_redirects, redacted(request.url));
}

}  // namespace live::net
