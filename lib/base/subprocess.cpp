// SPDX-License-Identifier: Apache-2.0
#include "base/subprocess.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <optional>

#include "base/stop.hpp"

namespace live {
namespace {

// Between the end of its output and its own end a program needs no time worth a better way to wait.
constexpr Duration reap_interval = std::chrono::milliseconds(5);

std::vector<std::string> environment_with(const std::vector<std::pair<std::string, std::string>>& more) {
  std::vector<std::string> all;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string_view text(*variable);
    const std::string_view name = text.substr(0, text.find('='));
    bool replaced = false;
    for (const auto& [other, value] : more) replaced = replaced || other == name;
    if (!replaced) all.emplace_back(text);
  }
  for (const auto& [name, value] : more) all.push_back(name + "=" + value);
  return all;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> list;
  for (std::string& text : texts) list.push_back(text.data());
  list.push_back(nullptr);
  return list;
}

// A program that is killed and taken from the process table at the end, if it has not ended by itself.
class Child {
 public:
  Child() = default;
  ~Child() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  // 0, or the error.
  int start(Command& command, int output) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    std::vector<std::string> environment = environment_with(command.environment);
    const int failed = ::posix_spawnp(&pid_, command.arguments.front().c_str(), &actions, nullptr,
                                      pointers(command.arguments).data(), pointers(environment).data());
    posix_spawn_file_actions_destroy(&actions);
    if (failed != 0) pid_ = 0;
    return failed;
  }

  // How it ended; nothing while it runs.
  std::optional<int> ended() {
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG) != pid_) return std::nullopt;
    pid_ = 0;
    return status;
  }

 private:
  pid_t pid_ = 0;
};

std::string ending(int status) {
  return WIFSIGNALED(status) ? fmt::format("was ended by signal {}", WTERMSIG(status))
                             : fmt::format("ended with code {}", WEXITSTATUS(status));
}

}  // namespace

awaitable<Result<std::string>> run_command(Executor executor, Command command, CommandLimits limits,
                                           std::stop_token stop) {
  throw_if_stopped(stop);
  const std::string name = command.arguments.front();
  int ends[2] = {-1, -1};
  if (::pipe2(ends, O_CLOEXEC) != 0) throw system_error(error_code(errno, boost::system::system_category()));
  asio::posix::stream_descriptor output(executor, ends[0]);
  Child child;
  const int failed = child.start(command, ends[1]);
  ::close(ends[1]);
  if (failed != 0) co_return Result<std::string>(failure(name + ": " + std::strerror(failed)));

  asio::steady_timer deadline(executor, std::chrono::steady_clock::now() + limits.time);
  bool late = false;
  deadline.async_wait([&](const error_code& error) {
    if (error) return;
    late = true;
    output.cancel();
  });
  std::stop_callback on_stop(stop, [&output] { output.cancel(); });
  std::string text;
  std::vector<char> buffer(16 * 1024);
  error_code error;
  while (!error && text.size() <= limits.output && !late && !stop.stop_requested()) {
    const std::size_t count =
        co_await output.async_read_some(asio::buffer(buffer), asio::redirect_error(use_awaitable, error));
    text.append(buffer.data(), count);
  }
  std::optional<int> status;
  asio::steady_timer pause(executor);
  while (error == asio::error::eof && !late && !stop.stop_requested() && !(status = child.ended())) {
    pause.expires_after(reap_interval);
    error_code ignored;
    co_await pause.async_wait(asio::redirect_error(use_awaitable, ignored));
  }
  deadline.cancel();
  throw_if_stopped(stop);
  if (text.size() > limits.output) co_return Result<std::string>(failure(name + ": writes too much"));
  if (!status) co_return Result<std::string>(failure(name + ": does not end in time"));
  if (*status != 0) co_return Result<std::string>(failure(name + ": " + ending(*status)));
  co_return Result<std::string>(std::move(text));
}

}  // namespace live
