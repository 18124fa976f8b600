// SPDX-License-Identifier: Apache-2.0
// Randomness as a value: programs seed it from the system, tests with a constant.
#pragma once
#include <cstdint>
#include <random>
#include <string>

namespace live {

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}
  static Random from_system();

  double unit() { return std::uniform_real_distribution<double>(0.0, 1.0)(engine_); }
  // low and high included.
  std::uint64_t between(std::uint64_t low, std::uint64_t high) {
    return std::uniform_int_distribution<std::uint64_t>(low, high)(engine_);
  }
  // Random version 4 UUID, lower case.
  std::string uuid();

 private:
  std::mt19937_64 engine_;
};

}  // namespace live
