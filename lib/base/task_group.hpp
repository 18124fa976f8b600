// SPDX-License-Identifier: Apache-2.0
// Children of one owner: nothing runs detached, nothing outlives its owner.
#pragma once
#include <exception>
#include <stop_token>

#include "base/asio.hpp"
#include "base/notifier.hpp"

namespace live {

class TaskGroup {
 public:
  // `parent`: when it stops, so do the children.
  explicit TaskGroup(const Executor& executor, std::stop_token parent = {});
  // A group that still has children at its end is a programming error and terminates the process.
  ~TaskGroup();
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;

  // The token to hand to children.
  std::stop_token token() const { return stop_.get_token(); }
  void request_stop() { stop_.request_stop(); }

  // Starts a child. An exception of a child other than Stopped stops its siblings; join() rethrows the first.
  void spawn(awaitable<void> task);

  // Waits for all children. Ends only when they have ended: stop them first, or they must end by themselves.
  awaitable<void> join();

  int running() const { return running_; }

 private:
  void finished(std::exception_ptr error);

  struct Forward {
    std::stop_source* target;
    void operator()() const { target->request_stop(); }
  };

  Executor executor_;
  std::stop_source stop_;
  std::stop_callback<Forward> from_parent_;
  Notifier ended_;
  int running_ = 0;
  std::exception_ptr first_error_;
};

}  // namespace live
