// SPDX-License-Identifier: Apache-2.0
#include "controller/rollout.hpp"

#include <algorithm>

namespace live::controller {

std::size_t Rollout::under_way(TimePoint now) const {
  return static_cast<std::size_t>(std::count_if(updates_.begin(), updates_.end(), [&](const auto& entry) {
    return now < entry.second.began + longest;
  }));
}

UpdatePermit Rollout::ask(const kube::ObjectKey& room, const std::string& image, bool runs,
                          TimePoint now) const {
  using Kind = UpdatePermit::Kind;
  const bool proven = proven_ == image;
  if (updates_.contains(room)) return {Kind::yes, {}, proven};
  if (bad_ && bad_->image == image && now < bad_->until) return {Kind::bad, bad_->until - now, false};
  if (!proven) {
    const bool is_tried = std::any_of(updates_.begin(), updates_.end(), [&](const auto& entry) {
      return entry.second.image == image && now < entry.second.began + longest;
    });
    return {is_tried ? Kind::wait : Kind::yes, wait_again, false};
  }
  if (!runs || under_way(now) < at_a_time_) return {Kind::yes, {}, true};
  return {Kind::wait, wait_again, true};
}

void Rollout::begin(const kube::ObjectKey& room, const std::string& image, TimePoint now) {
  waiting_.erase(room);
  updates_.try_emplace(room, Update{image, now});
}

std::vector<kube::ObjectKey> Rollout::finish(const kube::ObjectKey& room) {
  waiting_.erase(room);
  std::vector<kube::ObjectKey> next;
  if (updates_.erase(room) == 0) return next;
  while (!waiting_.empty() && updates_.size() + next.size() < at_a_time_)
    next.push_back(waiting_.extract(waiting_.begin()).value());
  return next;
}

void Rollout::succeeded(const std::string& image) {
  if (proven_ == image) return;
  proven_ = image;
  if (bad_ && bad_->image == image) bad_.reset();
}

void Rollout::failed(const std::string& image, TimePoint now) {
  const Duration wait = bad_ && bad_->image == image ? std::min(bad_->wait * 2, last_retry) : first_retry;
  bad_ = Bad{image, now + wait, wait};
  if (proven_ == image) proven_.clear();
}

}  // namespace live::controller
