// SPDX-License-Identifier: Apache-2.0
// Whether a StorageClass exists, asked of the server once a minute for each, however many claims want it.
#pragma once
#include <stop_token>
#include <string>
#include <unordered_map>

#include "base/asio.hpp"
#include "base/clock.hpp"
#include "kube/client.hpp"

namespace live::controller {

class StorageClasses {
 public:
  static constexpr Duration max_age = std::chrono::minutes(1);
  static constexpr std::size_t max_known = 1000;  // then all are asked for anew

  StorageClasses(kube::Client& client, const Clock& clock) : client_(client), clock_(clock) {}

  // Empty when the class exists, or when nobody would tell us.
  awaitable<std::string> problem(std::string name, std::stop_token stop);

 private:
  struct Answer {
    std::string problem;
    TimePoint at;
  };
  kube::Client& client_;
  const Clock& clock_;
  std::unordered_map<std::string, Answer> answers_;
};

}  // namespace live::controller
