// SPDX-License-Identifier: Apache-2.0
#include "scripted_api.hpp"

#include <boost/asio/error.hpp>

#include "base/stop.hpp"

namespace live::kube::test {
namespace {

class FedStream final : public net::ByteStream {
 public:
  FedStream(std::shared_ptr<StreamFeed> feed, Duration idle) : feed_(std::move(feed)), idle_(idle) {}
  ~FedStream() override { feed_->close(); }
  awaitable<std::size_t> read_some(std::span<std::uint8_t> to, std::stop_token stop) override {
    return feed_->read(to, idle_, std::move(stop));
  }

 private:
  std::shared_ptr<StreamFeed> feed_;
  Duration idle_;
};

}  // namespace

void StreamFeed::send(const std::string& bytes) {
  bytes_ += bytes;
  alarm_.ring();
}

void StreamFeed::end() {
  ended_ = true;
  alarm_.ring();
}

void StreamFeed::cut(error_code error) {
  error_ = error;
  alarm_.ring();
}

awaitable<std::size_t> StreamFeed::read(std::span<std::uint8_t> to, Duration idle, std::stop_token stop) {
  const TimePoint limit = clock_.now() + idle;
  while (bytes_.empty()) {
    if (error_) throw system_error(*error_);
    if (ended_) co_return std::size_t{0};
    if (clock_.now() >= limit) throw system_error(asio::error::timed_out);
    const bool goes_on = co_await alarm_.wait_until(limit, stop);
    if (!goes_on) throw Stopped();
  }
  const std::size_t count = std::min(to.size(), bytes_.size());
  std::copy_n(bytes_.begin(), count, to.begin());
  bytes_.erase(0, count);
  co_return count;
}

awaitable<void> ScriptedApi::pass(Duration delay, std::optional<error_code> error, Duration timeout,
                                  std::stop_token stop) {
  const bool goes_on = co_await clock_.sleep_for(std::min(delay, timeout), stop);
  if (!goes_on) throw Stopped();
  if (delay > timeout) throw system_error(asio::error::timed_out);
  if (error) throw system_error(*error);
}

awaitable<net::HttpResponse> ScriptedApi::send(net::HttpRequest request, std::stop_token stop) {
  requests.push_back(request);
  const Reply reply = on_request(request);
  co_await pass(reply.delay, reply.error, request.timeout, stop);
  co_return net::HttpResponse{reply.status, reply.headers, reply.body};
}

awaitable<net::HttpStream> ScriptedApi::open(net::HttpRequest request, Duration idle, std::stop_token stop) {
  requests.push_back(request);
  auto feed = std::make_shared<StreamFeed>(clock_);
  if (on_watch) {
    const Reply reply = on_watch(request);
    co_await pass(reply.delay, reply.error, request.timeout, stop);
    feed->send(reply.body);
    if (reply.status != 200) {
      feed->end();
      co_return net::HttpStream{reply.status, reply.headers, std::make_unique<FedStream>(feed, idle)};
    }
  }
  streams.push_back(feed);
  co_return net::HttpStream{200, net::Headers(), std::make_unique<FedStream>(feed, idle)};
}

std::size_t ScriptedApi::count(const std::string& in_target) const {
  std::size_t found = 0;
  for (const net::HttpRequest& request : requests)
    if (request.url.target.find(in_target) != std::string::npos) ++found;
  return found;
}

}  // namespace live::kube::test
