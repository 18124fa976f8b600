// SPDX-License-Identifier: Apache-2.0
#include "controller/storage_classes.hpp"

#include "base/json.hpp"

namespace live::controller {
namespace {
const kube::Resource storage_classes{"storage.k8s.io", "v1", "storageclasses", "StorageClass", false};
}

awaitable<std::string> StorageClasses::problem(std::string name, std::stop_token stop) {
  const auto known = answers_.find(name);
  if (known != answers_.end() && clock_.now() < known->second.at + max_age) co_return known->second.problem;
  const kube::ObjectKey key{"", name};
  const kube::ApiResult<Json> answer = co_await client_.get(storage_classes, key, stop);
  // With any other error it may well be there.
  std::string problem = !answer && answer.error().is_not_found() ? answer.error().message : "";
  if (answers_.size() >= max_known) answers_.clear();
  answers_.insert_or_assign(name, Answer{problem, clock_.now()});
  co_return problem;
}

}  // namespace live::controller
