// SPDX-License-Identifier: Apache-2.0
#include "recorder/repair/progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "recorder/repair/report.hpp"

namespace live::recorder {
namespace {
constexpr std::size_t bar_width = 30;
constexpr std::chrono::milliseconds interval{200};
}  // namespace

std::string progress_text(std::uint64_t done, std::uint64_t total, std::chrono::milliseconds passed) {
  const double share =
      total == 0 ? 1.0 : std::min(1.0, static_cast<double>(done) / static_cast<double>(total));
  const auto full = static_cast<std::size_t>(share * bar_width);
  std::string text =
      fmt::format("[{}{}] {:3} %  {} of {}", std::string(full, '#'), std::string(bar_width - full, ' '),
                  static_cast<int>(share * 100), size_text(done), size_text(total));
  if (passed.count() > 0)
    text += fmt::format("  {}/s", size_text(done * 1000 / static_cast<std::uint64_t>(passed.count())));
  return text;
}

ProgressBar::ProgressBar(std::uint64_t total)
    : total_(total), on_terminal_(::isatty(STDERR_FILENO) != 0), began_(Steady::now()), shown_(began_) {}

void ProgressBar::show(std::uint64_t done) {
  if (!on_terminal_) return;
  const Steady::time_point now = Steady::now();
  if (now - shown_ < interval) return;
  shown_ = now;
  const auto passed = std::chrono::duration_cast<std::chrono::milliseconds>(now - began_);
  std::fputs(fmt::format("\r\033[K{}", progress_text(done, total_, passed)).c_str(), stderr);
}

ProgressBar::~ProgressBar() {
  if (on_terminal_ && shown_ != began_) std::fputs("\r\033[K", stderr);
}

}  // namespace live::recorder
