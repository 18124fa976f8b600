// SPDX-License-Identifier: Apache-2.0
// The one thread that touches files, so that a stalled volume stops neither sockets nor heartbeats.
#pragma once
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
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
  // Runs what is queued, then ends the thread. Completions that have not run by then never do.
  ~DiskThread();
  DiskThread(const DiskThread&) = delete;
  DiskThread& operator=(const DiskThread&) = delete;

  // In order, on the disk thread. An exception goes to `done`, which runs on the executor; `done` may be
  // empty only for jobs that never throw. `bytes` counts against the limit until the job has run; post()
  // itself never refuses.
  void post(std::function<void()> job, std::function<void(std::exception_ptr)> done, std::size_t bytes = 0);

  // The result of f() on the disk thread, back on the executor. Its exceptions come through. Not cancelled by
  // a stop: what was begun on a volume is seen to its end.
  template <class F>
  awaitable<std::invoke_result_t<F>> run(F f);

  // Returns when less than the limit is queued; false when stop was requested.
  awaitable<bool> wait_for_room(std::stop_token stop);
  bool has_room() const { return queued_bytes_ < limit_; }

  const Executor& executor() const { return executor_; }
  std::size_t queued_bytes() const { return queued_bytes_; }
  std::size_t queued_jobs() const { return queued_jobs_; }
  std::size_t limit() const { return limit_; }
  // How long the job that runs now has been running; a stalled volume shows here.
  Duration stalled_for(TimePoint now) const;

 private:
  struct Job {
    std::function<void()> run;
    std::function<void(std::exception_ptr)> done;
    std::size_t bytes = 0;
  };
  struct Shared;

  void work();
  awaitable<void> run_job(std::function<void()> job);

  Executor executor_;
  std::size_t limit_;
  std::size_t queued_bytes_ = 0;
  std::size_t queued_jobs_ = 0;
  Notifier room_;
  std::shared_ptr<Shared> shared_;
  std::thread thread_;
};

template <class F>
awaitable<std::invoke_result_t<F>> DiskThread::run(F f) {
  using T = std::invoke_result_t<F>;
  if constexpr (std::is_void_v<T>) {
    std::function<void()> job(std::move(f));
    co_await run_job(std::move(job));
  } else {
    std::optional<T> result;
    std::function<void()> job([&result, &f] { result.emplace(f()); });
    co_await run_job(std::move(job));
    co_return std::move(*result);
  }
}

}  // namespace live::storage
