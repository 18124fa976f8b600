// SPDX-License-Identifier: Apache-2.0
#include "recorder/storage/disk_thread.hpp"

#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <optional>

namespace live::storage {

struct DiskThread::Shared {
  std::mutex mutex;
  std::condition_variable ready;
  std::deque<Job> jobs;
  bool ending = false;
  std::optional<TimePoint> running_since;
};

DiskThread::DiskThread(const Executor& executor, std::size_t limit)
    : executor_(executor),
      limit_(limit),
      room_(executor),
      shared_(std::make_shared<Shared>()),
      thread_([this] { work(); }) {}

DiskThread::~DiskThread() {
  {
    const std::lock_guard lock(shared_->mutex);
    shared_->ending = true;
  }
  shared_->ready.notify_one();
  thread_.join();
}

void DiskThread::post(std::function<void()> job, std::function<void(std::exception_ptr)> done,
                      std::size_t bytes) {
  queued_bytes_ += bytes;
  ++queued_jobs_;
  {
    const std::lock_guard lock(shared_->mutex);
    shared_->jobs.push_back(Job{std::move(job), std::move(done), bytes});
  }
  shared_->ready.notify_one();
}

void DiskThread::work() {
  Shared& shared = *shared_;
  std::unique_lock lock(shared.mutex);
  while (true) {
    shared.ready.wait(lock, [&shared] { return shared.ending || !shared.jobs.empty(); });
    if (shared.jobs.empty()) return;
    Job job = std::move(shared.jobs.front());
    shared.jobs.pop_front();
    shared.running_since = std::chrono::steady_clock::now();
    lock.unlock();
    std::exception_ptr error;
    try {
      job.run();
    } catch (...) {
      error = std::current_exception();
    }
    job.run = nullptr;  // frees its buffers here, not on the thread that must not wait
    asio::post(executor_, [this, done = std::move(job.done), bytes = job.bytes, error] {
      queued_bytes_ -= bytes;
      --queued_jobs_;
      if (has_room()) room_.notify();
      if (done) done(error);
    });
    lock.lock();
    shared.running_since.reset();
  }
}

awaitable<void> DiskThread::run_job(std::function<void()> job) {
  // A guard keeps the loop alive while nothing but this job is under way.
  auto start = [this, &job](auto&& handler) {
    auto guard = asio::make_work_guard(executor_);
    auto shared_handler =
        std::make_shared<std::decay_t<decltype(handler)>>(std::forward<decltype(handler)>(handler));
    post(std::move(job), [shared_handler, guard](std::exception_ptr error) { (*shared_handler)(error); });
  };
  co_await asio::async_initiate<const asio::use_awaitable_t<>, void(std::exception_ptr)>(start,
                                                                                         use_awaitable);
}

awaitable<bool> DiskThread::wait_for_room(std::stop_token stop) {
  while (!has_room()) {
    const bool notified = co_await room_.wait(stop);
    if (!notified) co_return false;
  }
  co_return !stop.stop_requested();
}

Duration DiskThread::stalled_for(TimePoint now) const {
  const std::lock_guard lock(shared_->mutex);
  return shared_->running_since ? now - *shared_->running_since : Duration::zero();
}

}  // namespace live::storage
