// SPDX-License-Identifier: Apache-2.0
// The one thread that touches files, so that a stalled volume stops neither sockets nor heartbeats.
#pragma once
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <thread>
#include <type_traits>

#include "base/asio.hpp"
#include "base/clock.hpp"
#include "base/notifier.hpp"

namespace live::storage {

class DiskThread {
 public:
  // Bytes that may wait; named "disk" in the metrics. wait_for_room() holds the stream back at it.
  static constexpr std::size_t usual_limit = std::size_t{8} << 20;

  // All calls but the jobs are of the thread that runs `executor`.
  explicit DiskThread(const Executor& executor, std::size_t limit = usual_limit);
  // Runs what is queued, then ends the thread; goes before the executor's context. Completions that have not
  // run by then never do.
  ~DiskThread();
  DiskThread(const DiskThread&) = delete;
  DiskThread& operator=(const DiskThread&) = delete;

  using Done = std::function<void(std::exception_ptr)>;

  // In order, on the disk thread. What the job throws goes to `done`, which runs on the executor. `bytes`
  // counts against the limit until then; post() itself never refuses.
  void post(std::function<void()> job, Done done, std::size_t bytes = 0);

  // The result of f() on the disk thread, back on the executor. Its exceptions come through. Not cancelled by
  // a stop: what was begun on a volume is seen to its end.
  template <class F>
  awaitable<std::invoke_result_t<F>> run(F f);

  // Returns when less than the limit is queued; false when stop was requested.
  awaitable<bool> wait_for_room(std::stop_token stop);
  bool has_room() const { return queued_bytes_ < limit_; }

  std::size_t queued_bytes() const { return queued_bytes_; }
  std::size_t queued_jobs() const { return queued_jobs_; }
  std::size_t limit() const { return limit_; }
  // How long the job that runs now has been running; a stalled volume shows here.
  Duration stalled_for(TimePoint now) const;

  const Executor& executor() const { return executor_; }

 private:
  struct Shared;

  awaitable<void> run_job(std::function<void()> job);
  void finished(std::size_t bytes);

  Executor executor_;
  std::size_t limit_;
  std::size_t queued_bytes_ = 0;
  std::size_t queued_jobs_ = 0;
  Notifier room_;
  std::shared_ptr<Shared> shared_;
  std::shared_ptr<DiskThread*> self_;  // completions find out whether this still lives
  std::thread thread_;
};

template <class F>
awaitable<std::invoke_result_t<F>> DiskThread::run(F f) {
  using T = std::invoke_result_t<F>;
  if constexpr (std::is_void_v<T>) {
    std::function<void()> job(std::move(f));
    co_await run_job(std::move(job));
  } else {
    // Shared, so that the job may outlive this coroutine.
    struct Call {
      F call;
      std::optional<T> result;
    };
    std::shared_ptr<Call> state(new Call{std::move(f), std::nullopt});
    std::function<void()> job([state] { state->result.emplace(state->call()); });
    co_await run_job(std::move(job));
    co_return std::move(*state->result);
  }
}

}  // namespace live::storage
