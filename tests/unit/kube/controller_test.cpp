// SPDX-License-Identifier: Apache-2.0
#include "kube/controller.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <map>

#include "base/metrics.hpp"
#include "base/stop.hpp"
#include "base/task_group.hpp"
#include "support/loop.hpp"

namespace live::kube {
namespace {
using namespace std::chrono_literals;

struct ScriptedReconciler final : Reconciler {
  explicit ScriptedReconciler(Clock& clock_) : clock(clock_) {}

  awaitable<Action> reconcile(ObjectKey key, std::stop_token stop) override {
    runs.push_back(key.name);
    ++running;
    most = std::max(most, running);
    EXPECT_LE(++of_key[key.name], 1) << "two runs of " << key.name;
    const bool passed = co_await clock.sleep_for(takes, stop);
    --running;
    --of_key[key.name];
    if (!passed) {
      ++cut;
      throw Stopped();
    }
    co_return result ? result(key) : Action::await_change();
  }

  Clock& clock;
  Duration takes = 1s;
  std::function<Action(const ObjectKey&)> result;
  std::vector<std::string> runs;
  std::map<std::string, int> of_key;
  int running = 0;
  int most = 0;
  int cut = 0;
};

struct ControllerTest : testing::Test {
  live::test::Loop loop;
  Metrics metrics;
  Random random{7};
  ScriptedReconciler reconciler{loop.clock};
  Controller controller{loop.executor(), loop.clock, random, metrics, reconciler, options()};
  TaskGroup group{loop.executor()};

  static ControllerOptions options() {
    ControllerOptions made;
    made.name = "test";
    made.workers = 3;
    return made;
  }
  ~ControllerTest() override {
    group.request_stop();
    loop.run(group.join());
  }
  void start() {
    group.spawn(controller.run(group.token()));
    loop.poll();
  }
  void enqueue(const std::string& name, Priority priority = Priority::normal) {
    controller.enqueue({"ns", name}, priority);
  }
  bool has(const std::string& line) {
    controller.refresh_metrics();
    return metrics.text().find(line) != std::string::npos;
  }
};

TEST_F(ControllerTest, RunsAsManyAtATimeAsItHasWorkersAndNoKeyTwice) {
  for (int i = 0; i < 7; ++i) enqueue(std::to_string(i));
  start();
  enqueue("0");
  loop.advance(10s);
  EXPECT_EQ(reconciler.runs.size(), 8u);
  EXPECT_EQ(reconciler.most, 3);
  EXPECT_TRUE(controller.idle());
  EXPECT_TRUE(has("controller_runtime_reconcile_total{controller=\"test\",result=\"success\"} 8"));
  EXPECT_TRUE(has("workqueue_adds_total{controller=\"test\",name=\"test\"} 8"));
}

TEST_F(ControllerTest, AKeyThatComesLaterWakesAWorker) {
  start();
  loop.advance(1h);
  enqueue("a");
  loop.poll();
  EXPECT_EQ(reconciler.runs.size(), 1u);
  controller.enqueue_after({"ns", "b"}, 30s);
  loop.advance(29s);
  EXPECT_EQ(reconciler.runs.size(), 1u);
  loop.advance(1s);
  EXPECT_EQ(reconciler.runs.size(), 2u);
}

TEST_F(ControllerTest, RequeueAfterRunsAgainAtItsTime) {
  reconciler.result = [](const ObjectKey&) { return Action::requeue_after(60s); };
  start();
  enqueue("a");
  loop.advance(10min);
  EXPECT_EQ(reconciler.runs.size(), 10u);
  EXPECT_TRUE(has("result=\"requeue_after\"} 10"));
}

TEST_F(ControllerTest, RetryBacksOffWithoutCountingAsAnError) {
  reconciler.takes = 0s;
  reconciler.result = [this](const ObjectKey&) {
    return reconciler.runs.size() < 5 ? Action::retry() : Action::await_change();
  };
  start();
  enqueue("a");
  loop.advance(1s);
  EXPECT_EQ(reconciler.runs.size(), 5u);
  EXPECT_TRUE(has("result=\"requeue\"} 4"));
  EXPECT_TRUE(has("controller_runtime_reconcile_errors_total{controller=\"test\"} 0"));
}

TEST_F(ControllerTest, ErrorsAreCountedAndBackOffToTwoMinutes) {
  reconciler.takes = 0s;
  reconciler.result = [](const ObjectKey&) -> Action { throw std::runtime_error("no"); };
  start();
  enqueue("a");
  loop.advance(10min);
  EXPECT_GE(reconciler.runs.size(), 15u);
  EXPECT_LE(reconciler.runs.size(), 22u);
  reconciler.result = nullptr;
  loop.advance(2min);
  const std::size_t runs = reconciler.runs.size();
  loop.advance(1h);
  EXPECT_EQ(reconciler.runs.size(), runs);
  EXPECT_TRUE(controller.idle());
}

TEST_F(ControllerTest, ANewKeyDoesNotWaitForTheBackoffOfAnOldFailure) {
  reconciler.takes = 0s;
  reconciler.result = [](const ObjectKey&) -> Action { throw std::runtime_error("no"); };
  start();
  enqueue("a");
  loop.advance(10min);
  const std::size_t runs = reconciler.runs.size();
  enqueue("a");
  loop.poll();
  EXPECT_EQ(reconciler.runs.size(), runs + 1);
}

TEST_F(ControllerTest, WhatFailedWhileTheServerWasAwayRunsWhenItReturns) {
  reconciler.takes = 0s;
  reconciler.result = [](const ObjectKey&) -> Action { throw std::runtime_error("nobody answers"); };
  start();
  enqueue("a");
  loop.advance(10min);
  const std::size_t runs = reconciler.runs.size();
  reconciler.result = nullptr;
  controller.hasten();
  loop.poll();
  EXPECT_EQ(reconciler.runs.size(), runs + 1);
}

TEST_F(ControllerTest, TheServersRetryAfterIsHonoured) {
  reconciler.takes = 0s;
  reconciler.result = [this](const ObjectKey&) -> Action {
    if (reconciler.runs.size() == 1) throw ApiException("get", ApiError{429, "TooManyRequests", "", {}, 20s});
    return Action::await_change();
  };
  start();
  enqueue("a");
  loop.advance(19s);
  EXPECT_EQ(reconciler.runs.size(), 1u);
  loop.advance(1s);
  EXPECT_EQ(reconciler.runs.size(), 2u);
}

TEST_F(ControllerTest, ATerminalErrorIsNotRetried) {
  reconciler.result = [](const ObjectKey&) -> Action { throw TerminalError("never"); };
  start();
  enqueue("a");
  loop.advance(1h);
  EXPECT_EQ(reconciler.runs.size(), 1u);
  EXPECT_TRUE(has("controller_runtime_terminal_reconcile_errors_total{controller=\"test\"} 1"));
  enqueue("a");
  loop.advance(2s);
  EXPECT_EQ(reconciler.runs.size(), 2u);
}

TEST_F(ControllerTest, WhatIsNoExceptionIsCaughtToo) {
  reconciler.result = [this](const ObjectKey&) -> Action {
    if (reconciler.runs.size() == 1) throw 42;
    return Action::await_change();
  };
  start();
  enqueue("a");
  loop.advance(5s);
  EXPECT_EQ(reconciler.runs.size(), 2u);
  EXPECT_TRUE(has("controller_runtime_reconcile_panics_total{controller=\"test\"} 1"));
}

TEST_F(ControllerTest, AStopLetsRunningOnesFinishAndTakesNoMore) {
  reconciler.takes = 5s;
  for (int i = 0; i < 6; ++i) enqueue(std::to_string(i));
  start();
  loop.advance(1s);
  group.request_stop();
  loop.advance(4s);
  EXPECT_EQ(group.running(), 0);
  EXPECT_EQ(reconciler.runs.size(), 3u);
  EXPECT_EQ(reconciler.cut, 0);
}

TEST_F(ControllerTest, WhatDoesNotFinishInTheGraceIsCut) {
  reconciler.takes = 10min;
  enqueue("a");
  start();
  loop.advance(1s);
  group.request_stop();
  loop.advance(19s);
  EXPECT_EQ(reconciler.cut, 0);
  loop.advance(1s);
  EXPECT_EQ(reconciler.cut, 1);
  EXPECT_EQ(group.running(), 0);
}

TEST_F(ControllerTest, AnAbortCutsAtOnce) {
  reconciler.takes = 10min;
  enqueue("a");
  start();
  group.request_stop();
  controller.abort();
  loop.poll();
  EXPECT_EQ(reconciler.cut, 1);
  EXPECT_EQ(group.running(), 0);
  EXPECT_TRUE(has("controller_runtime_reconcile_errors_total{controller=\"test\"} 0"));
}

TEST_F(ControllerTest, GaugesShowWhatRunsAndWaits) {
  reconciler.takes = 1min;
  for (int i = 0; i < 5; ++i) enqueue(std::to_string(i));
  start();
  loop.advance(10s);
  EXPECT_TRUE(has("workqueue_depth{controller=\"test\",name=\"test\"} 2"));
  EXPECT_TRUE(has("workqueue_unfinished_work_seconds{controller=\"test\",name=\"test\"} 30"));
  EXPECT_TRUE(has("workqueue_longest_running_processor_seconds{controller=\"test\",name=\"test\"} 10"));
  EXPECT_TRUE(has("controller_runtime_active_workers{controller=\"test\"} 3"));
  EXPECT_TRUE(has("controller_runtime_max_concurrent_reconciles{controller=\"test\"} 3"));
}

}  // namespace
}  // namespace live::kube
