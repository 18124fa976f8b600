// SPDX-License-Identifier: Apache-2.0
#include "kube/exec_plugin.hpp"

#include "base/log.hpp"
#include "base/stop.hpp"
#include "base/subprocess.hpp"

namespace live::kube {
namespace {

[[noreturn]] void fail(const ExecCommand& command, const std::string& why) {
  const std::string hint = command.install_hint.empty() ? "" : "; " + command.install_hint;
  throw system_error(boost::system::errc::make_error_code(boost::system::errc::permission_denied),
                     "credential plugin " + why + hint);
}

}  // namespace

ExecPlugin::ExecPlugin(const Executor& executor, const Clock& clock, ExecCommand command, ExecCluster cluster)
    : executor_(executor),
      clock_(clock),
      command_(std::move(command)),
      cluster_(std::move(cluster)),
      ended_(executor) {}

bool ExecPlugin::is_good() const {
  return credential_ && (!credential_->expires || clock_.wall_now() + leeway < *credential_->expires);
}

void ExecPlugin::refused(const ExecCredential& credential) {
  if (credential_ == credential) credential_.reset();
}

awaitable<void> ExecPlugin::renew(std::stop_token stop) {
  Command command{command_.arguments, command_.environment};
  command.environment.emplace_back("KUBERNETES_EXEC_INFO", exec_info(command_, cluster_));
  const Result<std::string> output =
      co_await run_command(executor_, std::move(command), CommandLimits(), stop);
  if (!output) fail(command_, output.error().message);
  Result<ExecCredential> fresh = parse_exec_credential(*output, command_.api_version);
  if (!fresh) fail(command_, command_.arguments.front() + ": " + fresh.error().message);
  credential_ = *std::move(fresh);
  log::debug("credentials from plugin", {{"plugin", command_.arguments.front()}});
}

awaitable<ExecCredential> ExecPlugin::get(std::stop_token stop) {
  while (running_) {
    const bool goes_on = co_await ended_.wait(stop);
    if (!goes_on) throw Stopped();
  }
  if (!is_good()) {
    running_ = true;
    std::exception_ptr failed;
    try {
      co_await renew(stop);
    } catch (...) {
      failed = std::current_exception();
    }
    running_ = false;
    ended_.notify();
    if (failed) std::rethrow_exception(failed);
  }
  co_return *credential_;
}

}  // namespace live::kube
