// SPDX-License-Identifier: Apache-2.0
// A bar on a terminal; nothing elsewhere.
#pragma once
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>

namespace live::recorder {

// "[#######             ]  35 %  1.2 GiB of 3.4 GiB  812.0 MiB/s"
std::string progress_text(std::uint64_t done, std::uint64_t total, std::chrono::milliseconds passed);

// On standard error, written over in place, a few times a second.
class ProgressBar {
 public:
  explicit ProgressBar(std::uint64_t total);
  ~ProgressBar();  // takes the bar away
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;
  void show(std::uint64_t done);

 private:
  using Steady = std::chrono::steady_clock;
  std::uint64_t total_;
  bool on_terminal_;
  Steady::time_point began_;
  Steady::time_point shown_;
};

}  // namespace live::recorder
