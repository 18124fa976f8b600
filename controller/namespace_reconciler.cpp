// SPDX-License-Identifier: Apache-2.0
#include "controller/namespace_reconciler.hpp"

#include "base/json.hpp"
#include "base/log.hpp"
#include "liveroom/names.hpp"

namespace live::controller {
namespace {
constexpr Duration unsynced_again = std::chrono::seconds(5);
constexpr Duration terminating_again = std::chrono::seconds(2);
}  // namespace

NamespaceReconciler::NamespaceReconciler(kube::Client& client, const Clock& clock,
                                         const kube::Store<LiveRoom>& rooms,
                                         const kube::Store<RecorderPod>& pods, const RoomIndex& index,
                                         ObjectStores objects)
    : client_(client),
      rooms_(rooms),
      pods_(pods),
      index_(index),
      objects_{Written<NamespaceObject>(*objects[0], clock), Written<NamespaceObject>(*objects[1], clock),
               Written<NamespaceObject>(*objects[2], clock)} {}

bool NamespaceReconciler::is_prepared(const kube::ObjectKey& room) {
  if (prepared_.contains(room.ns)) return true;
  waiting_[room.ns].insert(room);
  look_(room.ns);
  return false;
}

void NamespaceReconciler::prepared(const std::string& ns) {
  prepared_.insert(ns);
  const auto waiting = waiting_.extract(ns);
  if (waiting.empty()) return;
  for (const kube::ObjectKey& room : waiting.mapped()) wake_(room);
}

bool NamespaceReconciler::has_pods(const std::string& ns) const {
  bool found = false;
  pods_.for_each([&](const kube::ObjectKey& key, const RecorderPod&) { found = found || key.ns == ns; });
  return found;
}

awaitable<kube::Action> NamespaceReconciler::reconcile(kube::ObjectKey key, std::stop_token stop) {
  // A list that isn't there yet looks like a namespace without LiveRooms.
  if (!rooms_.synced(key.name) || !pods_.synced(key.name))
    co_return kube::Action::requeue_after(unsynced_again);
  kube::Action action;
  if (index_.in_namespace(key.name) > 0) {
    action = co_await prepare(key.name, stop);
  } else {
    action = co_await clear(key.name, stop);
  }
  co_return action;
}

awaitable<kube::Action> NamespaceReconciler::prepare(std::string ns, std::stop_token stop) {
  bool is_refused = false;
  bool is_terminating = false;
  for (const NamespaceObjectKind kind : namespace_object_kinds) {
    const Outcome outcome = co_await ensure(kind, ns, stop);
    is_refused = is_refused || outcome == Outcome::refused;
    is_terminating = is_terminating || outcome == Outcome::again;
  }
  if (is_terminating) co_return kube::Action::requeue_after(terminating_again);
  prepared(ns);
  co_return is_refused ? kube::Action::requeue_after(refusal_again) : kube::Action::await_change();
}

awaitable<NamespaceReconciler::Outcome> NamespaceReconciler::ensure(NamespaceObjectKind kind, std::string ns,
                                                                    std::stop_token stop) {
  Written<NamespaceObject>& objects = objects_[static_cast<std::size_t>(kind)];
  const kube::ObjectKey key{ns, name_of(kind)};
  const auto present = objects.find(key);
  if (present && present->terminating) co_return Outcome::again;
  if (present && present->as_wanted) co_return Outcome::done;
  if (present && present->is_replaced) {
    const Outcome removed = co_await remove(kind, *present, stop);
    if (removed != Outcome::done) co_return removed;
  }
  kube::PatchOptions options;
  options.type = kube::PatchType::apply;
  options.field_manager = std::string(liveroom::field_manager::controller);
  options.force = true;
  Json wanted = wanted_object(kind, ns);
  const kube::ApiResult<Json> answer =
      co_await client_.patch(resource_of(kind), key, std::move(wanted), options, stop);
  if (!answer) {
    const kube::ApiError& error = answer.error();
    if (error.is_transient() || error.is_unauthorized())
      throw kube::ApiException("apply of " + resource_of(kind).kind + " " + key.text(), error);
    log::warning("namespace could not be prepared",
                 {{"namespace", ns}, {"object", resource_of(kind).kind}, {"why", error.message}});
    co_return Outcome::refused;
  }
  log::info("namespace object written", {{"namespace", ns}, {"object", resource_of(kind).kind}});
  Result<NamespaceObject> written = decode_namespace_object(kind, *answer);
  if (!written) co_return Outcome::done;
  objects.put(std::move(*written));
  // A list that was newer than the answer didn't have it any more, and no watch has told of its end.
  co_return objects.find(key) ? Outcome::done : Outcome::again;
}

awaitable<NamespaceReconciler::Outcome> NamespaceReconciler::remove(NamespaceObjectKind kind,
                                                                    const NamespaceObject& object,
                                                                    std::stop_token stop) {
  const kube::ObjectKey key = object.key;
  kube::DeleteOptions options;
  options.uid = object.uid;
  const kube::ApiResult<Json> answer = co_await client_.remove(resource_of(kind), key, options, stop);
  if (!answer && !answer.error().is_not_found() && !answer.error().is_conflict()) {
    if (answer.error().is_transient() || answer.error().is_unauthorized())
      throw kube::ApiException("deletion of " + resource_of(kind).kind + " " + key.text(), answer.error());
    log::warning(
        "namespace object could not be removed",
        {{"namespace", key.ns}, {"object", resource_of(kind).kind}, {"why", answer.error().message}});
    co_return Outcome::refused;
  }
  objects_[static_cast<std::size_t>(kind)].forget(key);
  log::info("namespace object removed", {{"namespace", key.ns}, {"object", resource_of(kind).kind}});
  co_return Outcome::done;
}

// The last LiveRoom is gone. Its recorder still needs its account to report until its pod is gone too.
awaitable<kube::Action> NamespaceReconciler::clear(std::string ns, std::stop_token stop) {
  waiting_.erase(ns);
  if (has_pods(ns)) co_return kube::Action::await_change();
  prepared_.erase(ns);
  for (const NamespaceObjectKind kind : namespace_object_kinds) {
    const kube::ObjectKey key{ns, name_of(kind)};
    const auto present = objects_[static_cast<std::size_t>(kind)].find(key);
    if (!present || present->terminating) continue;
    (void)co_await remove(kind, *present, stop);
  }
  co_return kube::Action::await_change();
}

}  // namespace live::controller
