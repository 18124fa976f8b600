// SPDX-License-Identifier: Apache-2.0
#include "recorder/storage/disk_thread.hpp"

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <condition_variable>
#include <deque>
#include <mutex>

namespace live::storage {

struct DiskThread::Shared {
  struct Job {
    std::function<void()> run;
    std::function<void(std::exception_ptr)> done;
  };

  std::mutex mutex;
  std::condition_variable ready;
  std::deque<Job> jobs;
  bool ending = false;
  std::atomic<Duration::rep> started{0};  // of the running job, on the steady clock; 0: idle

  void work() {
    while (true) {
      Job job;
      {
        std::unique_lock lock(mutex);
        ready.wait(lock, [this] { return ending || !jobs.empty(); });
        if (jobs.empty()) return;
        job = std::move(jobs.front());
        jobs.pop_front();
      }
      std::exception_ptr error;
      started = std::chrono::steady_clock::now().time_since_epoch().count();
      try {
        job.run();
      } catch (...) {
        error = std::current_exception();
      }
      started = 0;
      job.run = nullptr;  // what it holds goes on this thread, before the completion
      job.done(error);
    }
  }
};

DiskThread::DiskThread(const Executor& executor, std::size_t limit)
    : executor_(executor),
      limit_(limit),
      room_(executor),
      shared_(std::make_shared<Shared>()),
      self_(std::make_shared<DiskThread*>(this)),
      thread_([shared = shared_] { shared->work(); }) {}

DiskThread::~DiskThread() {
  {
    const std::lock_guard lock(shared_->mutex);
    shared_->ending = true;
  }
  shared_->ready.notify_one();
  thread_.join();
}

void DiskThread::post(std::function<void()> job, Done done, std::size_t bytes) {
  queued_bytes_ += bytes;
  ++queued_jobs_;
  const std::weak_ptr<DiskThread*> self = self_;
  // The guard keeps the loop running until the completion has run.
  auto complete = [self, bytes, done = std::move(done),
                   work = asio::make_work_guard(executor_)](std::exception_ptr error) {
    asio::post(work.get_executor(), [self, bytes, done, error] {
      const std::shared_ptr<DiskThread*> alive = self.lock();
      if (!alive) return;
      (*alive)->finished(bytes);
      if (done) done(error);
    });
  };
  {
    const std::lock_guard lock(shared_->mutex);
    shared_->jobs.push_back({std::move(job), std::move(complete)});
  }
  shared_->ready.notify_one();
}

void DiskThread::finished(std::size_t bytes) {
  const bool was_full = !has_room();
  queued_bytes_ -= bytes;
  --queued_jobs_;
  if (was_full && has_room()) room_.notify();
}

awaitable<bool> DiskThread::wait_for_room(std::stop_token stop) {
  while (!has_room()) {
    const bool going_on = co_await room_.wait(stop);
    if (!going_on) co_return false;
  }
  co_return !stop.stop_requested();
}

awaitable<void> DiskThread::run_job(std::function<void()> job) {
  struct Outcome {
    explicit Outcome(const Executor& executor) : ended(executor) {}
    bool done = false;
    std::exception_ptr error;
    Notifier ended;
  };
  const std::shared_ptr<Outcome> outcome = std::make_shared<Outcome>(executor_);
  post(std::move(job), [outcome](std::exception_ptr error) {
    outcome->done = true;
    outcome->error = error;
    outcome->ended.notify();
  });
  const std::stop_token never;
  while (!outcome->done) {
    co_await outcome->ended.wait(never);
  }
  if (outcome->error) std::rethrow_exception(outcome->error);
}

Duration DiskThread::stalled_for(TimePoint now) const {
  const Duration::rep started = shared_->started;
  return started == 0 ? Duration::zero() : now - TimePoint(Duration(started));
}

}  // namespace live::storage
