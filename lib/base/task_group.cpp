// SPDX-License-Identifier: Apache-2.0
#include "base/task_group.hpp"

#include <boost/asio/co_spawn.hpp>

#include "base/stop.hpp"

namespace live {

TaskGroup::TaskGroup(const Executor& executor, std::stop_token parent)
    : executor_(executor), from_parent_(std::move(parent), Forward{&stop_}), ended_(executor) {}

TaskGroup::~TaskGroup() {
  if (running_ != 0) std::terminate();
}

void TaskGroup::spawn(awaitable<void> task) {
  ++running_;
  asio::co_spawn(executor_, std::move(task),
                 [this](std::exception_ptr error) { finished(std::move(error)); });
}

void TaskGroup::finished(std::exception_ptr error) {
  --running_;
  if (error) {
    try {
      std::rethrow_exception(error);
    } catch (const Stopped&) {
    } catch (...) {
      if (!first_error_) first_error_ = error;
      stop_.request_stop();
    }
  }
  if (running_ == 0) ended_.notify();
}

awaitable<void> TaskGroup::join() {
  while (running_ > 0) {
    co_await ended_.wait(std::stop_token());
  }
  if (first_error_) {
    const std::exception_ptr error = std::exchange(first_error_, nullptr);
    std::rethrow_exception(error);
  }
}

}  // namespace live
