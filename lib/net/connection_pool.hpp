// SPDX-License-Identifier: Apache-2.0
// Connections at rest, and turns for those in use. One thread.
#pragma once
#include <deque>
#include <map>
#include <memory>
#include <vector>

#include "net/connection.hpp"
#include "net/url.hpp"

namespace live::net {

struct PooledConnection {
  std::unique_ptr<Connection> connection;
  TlsContext tls;  // that it was opened with
  TimePoint opened{};
  TimePoint rested{};
};

class ConnectionPool : public std::enable_shared_from_this<ConnectionPool> {
 public:
  struct Limits {
    std::size_t max_in_use;
    Duration max_idle;
    Duration max_age;
  };
  ConnectionPool(Executor executor, Limits limits) : executor_(std::move(executor)), limits_(limits) {}

  // The right to have one connection in use; given back at the end of its life.
  class Turn {
   public:
    explicit Turn(std::shared_ptr<ConnectionPool> pool) : pool_(std::move(pool)) {}
    Turn(Turn&&) = default;
    Turn& operator=(Turn&&) = delete;
    ~Turn() {
      if (pool_) pool_->give_back();
    }

   private:
    std::shared_ptr<ConnectionPool> pool_;
  };
  // First come, first served. Throws error::timed_out at the deadline, Stopped when stopped.
  awaitable<Turn> take_turn(TimePoint deadline, std::stop_token stop);

  // A healthy connection at rest to the URL's host, the one used last; its connection is null when there is
  // none. Closes those whose time is over.
  PooledConnection take(const Url& url, const TlsContext& tls);
  void put(const Url& url, PooledConnection pooled);
  void clear() { idle_.clear(); }
  std::size_t idle() const;

 private:
  struct Waiter;
  void give_back();
  void drop_expired();
  bool expired(const PooledConnection& pooled, TimePoint now) const;

  Executor executor_;
  Limits limits_;
  std::map<std::string, std::vector<PooledConnection>> idle_;
  std::size_t in_use_ = 0;
  std::deque<Waiter*> waiters_;
};

}  // namespace live::net
