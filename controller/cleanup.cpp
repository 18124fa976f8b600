// SPDX-License-Identifier: Apache-2.0
#include "controller/cleanup.hpp"

#include "base/json.hpp"
#include "base/log.hpp"
#include "controller/namespace_objects.hpp"

namespace live::controller {
namespace {

const kube::Resource deployments{"apps", "v1", "deployments", "Deployment"};
constexpr Duration look_interval = std::chrono::milliseconds(500);

// Foreground: the Deployment itself goes after its last pod.
awaitable<bool> stop_controller(kube::Client& client, Clock& clock, CleanupTask task, std::stop_token stop) {
  const TimePoint end = clock.now() + task.stop_limit;
  kube::DeleteOptions options;
  options.propagation = kube::Propagation::foreground;
  const kube::ApiResult<Json> removed = co_await client.remove(deployments, task.deployment, options, stop);
  if (!removed && !removed.error().is_not_found()) {
    log::error("the controller can't be stopped", {{"why", removed.error().text()}});
    co_return false;
  }
  while (clock.now() < end) {
    const kube::ApiResult<Json> there = co_await client.get(deployments, task.deployment, stop);
    if (!there && there.error().is_not_found()) {
      log::info("the controller has stopped", {{"deployment", task.deployment.text()}});
      co_return true;
    }
    const bool time_came = co_await clock.sleep_for(look_interval, stop);
    if (!time_came) co_return false;
  }
  log::error("the controller did not stop in time", {{"deployment", task.deployment.text()}});
  co_return false;
}

awaitable<bool> remove_object(kube::Client& client, NamespaceObjectKind kind, Json object,
                              std::stop_token stop) {
  const Result<kube::ObjectMeta> meta = kube::parse_meta(object);
  if (!meta) co_return false;
  kube::DeleteOptions options;
  options.uid = meta->uid;
  const kube::Resource resource = resource_of(kind);
  const kube::ApiResult<Json> removed = co_await client.remove(resource, meta->key, options, stop);
  if (removed) {
    log::info("deleted", {{"kind", resource.kind}, {"object", meta->key.text()}});
    co_return true;
  }
  if (removed.error().is_not_found() || removed.error().is_conflict()) co_return true;
  log::warning("not deleted",
               {{"kind", resource.kind}, {"object", meta->key.text()}, {"why", removed.error().text()}});
  co_return false;
}

awaitable<bool> remove_kind(kube::Client& client, NamespaceObjectKind kind, std::stop_token stop) {
  kube::ListOptions options;
  options.label_selector = managed_selector();
  const kube::Resource resource = resource_of(kind);
  const std::string everywhere;
  const kube::ApiResult<kube::ListPage> page = co_await client.list(resource, everywhere, options, stop);
  if (!page) {
    log::warning("can't be listed", {{"kind", resource.kind}, {"why", page.error().text()}});
    co_return false;
  }
  bool all = true;
  for (const Json& object : page->items) {
    if (kube::key_of(object).name != name_of(kind)) continue;
    const bool done = co_await remove_object(client, kind, object, stop);
    all = all && done;
  }
  co_return all;
}

}  // namespace

awaitable<bool> clean_up(kube::Client& client, Clock& clock, CleanupTask task, std::stop_token stop) {
  if (!task.deployment.name.empty()) {
    const bool stopped = co_await stop_controller(client, clock, task, stop);
    if (!stopped) co_return false;
  }
  bool all = true;
  for (const NamespaceObjectKind kind : namespace_object_kinds) {
    const bool done = co_await remove_kind(client, kind, stop);
    all = all && done;
  }
  co_return all;
}

}  // namespace live::controller
