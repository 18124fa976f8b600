// SPDX-License-Identifier: Apache-2.0
#include "base/subprocess.hpp"

#include <gtest/gtest.h>

#include "base/stop.hpp"
#include "support/loop.hpp"
#include "support/temp_directory.hpp"

namespace live {
namespace {
using namespace std::chrono_literals;

struct SubprocessTest : testing::Test {
  test::Loop loop;
  Result<std::string> run(const std::string& script, CommandLimits limits = {}) {
    Command command{{"sh", "-c", script}, {{"GREETING", "hello"}}};
    return loop.run_real(run_command(loop.executor(), std::move(command), limits, {}));
  }
  std::string problem(const std::string& script, CommandLimits limits = {}) {
    const Result<std::string> output = run(script, limits);
    return output ? "none" : output.error().message;
  }
};

TEST_F(SubprocessTest, ItsOutputIsTheResult) {
  EXPECT_EQ(run("printf '%s ' \"$GREETING\"; sleep 0.05; printf there; cat").value(), "hello there");
  EXPECT_EQ(run("head -c 100000 /dev/zero").value().size(), 100000u);
}

TEST_F(SubprocessTest, ItsEndIsSaid) {
  EXPECT_EQ(problem("echo x; exit 3"), "sh: ended with code 3");
  EXPECT_EQ(problem("kill -9 $$"), "sh: was ended by signal 9");
  const auto absent =
      loop.run_real(run_command(loop.executor(), {{"/nowhere/plugin"}, {}}, CommandLimits(), {}));
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().message, "/nowhere/plugin: No such file or directory");
}

TEST_F(SubprocessTest, ItsTimeAndOutputAreBounded) {
  EXPECT_EQ(problem("exec sleep 600", {.time = 50ms}), "sh: does not end in time");
  EXPECT_EQ(problem("exec >&-; exec sleep 600", {.time = 50ms}), "sh: does not end in time");
  EXPECT_EQ(problem("exec head -c 2000 /dev/zero", {.output = 1000}), "sh: writes too much");
}

TEST_F(SubprocessTest, AStopKillsIt) {
  test::TempDirectory directory;
  const std::string mark = directory.path() + "/pid";
  std::stop_source stop;
  bool stopped = false;
  Command command{{"sh", "-c", "echo $$ > " + mark + "; exec sleep 600"}, {}};
  const auto wait = [](Executor executor, Command todo, std::stop_token token, bool& out) -> awaitable<void> {
    try {
      (void)co_await run_command(executor, std::move(todo), CommandLimits(), token);
    } catch (const Stopped&) {
      out = true;
    }
  };
  asio::co_spawn(loop.io, wait(loop.executor(), command, stop.get_token(), stopped),
                 [](std::exception_ptr) {});
  int pid = 0;
  loop.run_until([&] {
    std::FILE* file = std::fopen(mark.c_str(), "r");
    const bool read = file != nullptr && std::fscanf(file, "%d", &pid) == 1;
    if (file != nullptr) std::fclose(file);
    return read;
  });
  stop.request_stop();
  loop.run_until([&] { return stopped; });
  EXPECT_EQ(::kill(pid, 0), -1);
}

}  // namespace
}  // namespace live
