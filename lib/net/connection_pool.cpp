// SPDX-License-Identifier: Apache-2.0
#include "net/connection_pool.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/redirect_error.hpp>

#include "base/stop.hpp"

namespace live::net {
namespace {

std::string key_of(const Url& url) { return fmt::format("{}|{}|{}", url.scheme, url.host, url.port); }

}  // namespace

struct ConnectionPool::Waiter {
  Waiter(std::deque<Waiter*>& queue, const Executor& executor) : in(queue), timer(executor) {
    in.push_back(this);
  }
  ~Waiter() { std::erase(in, this); }

  std::deque<Waiter*>& in;
  asio::steady_timer timer;
  bool called = false;
};

awaitable<ConnectionPool::Turn> ConnectionPool::take_turn(TimePoint deadline, std::stop_token stop) {
  throw_if_stopped(stop);
  if (in_use_ < limits_.max_in_use) {
    ++in_use_;
    co_return Turn(shared_from_this());
  }
  Waiter waiter(waiters_, executor_);
  waiter.timer.expires_at(deadline);
  std::stop_callback on_stop(stop, [&waiter] { waiter.timer.cancel(); });
  error_code ignored;
  co_await waiter.timer.async_wait(asio::redirect_error(use_awaitable, ignored));
  if (!waiter.called) {
    throw_if_stopped(stop);
    throw system_error(asio::error::timed_out, "a turn among the connections");
  }
  Turn turn(shared_from_this());
  throw_if_stopped(stop);
  co_return std::move(turn);
}

void ConnectionPool::give_back() {
  if (waiters_.empty()) {
    --in_use_;
    return;
  }
  Waiter* const next = waiters_.front();
  waiters_.pop_front();
  next->called = true;
  next->timer.cancel();
}

PooledConnection ConnectionPool::take(const Url& url, const TlsContext& tls) {
  drop_expired();
  const auto found = idle_.find(key_of(url));
  if (found == idle_.end()) return {};
  std::vector<PooledConnection>& resting = found->second;
  while (!resting.empty()) {
    PooledConnection last = std::move(resting.back());
    resting.pop_back();
    if ((!url.secure() || last.tls == tls) && last.connection->at_rest()) return last;
  }
  idle_.erase(found);
  return {};
}

void ConnectionPool::put(const Url& url, PooledConnection pooled) {
  pooled.rested = std::chrono::steady_clock::now();
  if (!expired(pooled, pooled.rested)) idle_[key_of(url)].push_back(std::move(pooled));
  drop_expired();
}

std::size_t ConnectionPool::idle() const {
  std::size_t count = 0;
  for (const auto& [key, resting] : idle_) count += resting.size();
  return count;
}

bool ConnectionPool::expired(const PooledConnection& pooled, TimePoint now) const {
  return now - pooled.rested >= limits_.max_idle || now - pooled.opened >= limits_.max_age;
}

void ConnectionPool::drop_expired() {
  const TimePoint now = std::chrono::steady_clock::now();
  for (auto entry = idle_.begin(); entry != idle_.end();) {
    std::erase_if(entry->second, [&](const PooledConnection& pooled) { return expired(pooled, now); });
    entry = entry->second.empty() ? idle_.erase(entry) : std::next(entry);
  }
}

}  // namespace live::net
