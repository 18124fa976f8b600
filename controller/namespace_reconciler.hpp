// SPDX-License-Identifier: Apache-2.0
// Keeps ServiceAccount, RoleBinding and PodDisruptionBudget in every namespace that has LiveRooms, and takes
// them away after the last (DESIGN 9.5). Its keys are namespaces: {"", NAME}.
#pragma once
#include <array>
#include <functional>
#include <set>
#include <stop_token>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "base/asio.hpp"
#include "base/clock.hpp"
#include "controller/live_room.hpp"
#include "controller/namespace_objects.hpp"
#include "controller/recorder_pod.hpp"
#include "controller/room_index.hpp"
#include "controller/written.hpp"
#include "kube/client.hpp"
#include "kube/reconciler.hpp"
#include "kube/store.hpp"

namespace live::controller {

class NamespaceReconciler final : public kube::Reconciler {
 public:
  using ObjectStores = std::array<const kube::Store<NamespaceObject>*, namespace_object_kinds.size()>;
  static constexpr Duration refusal_again = std::chrono::minutes(2);

  NamespaceReconciler(kube::Client& client, const Clock& clock, const kube::Store<LiveRoom>& rooms,
                      const kube::Store<RecorderPod>& pods, const RoomIndex& index, ObjectStores objects);

  awaitable<kube::Action> reconcile(kube::ObjectKey key, std::stop_token stop) override;

  // True when a pod may be made in this namespace: its objects are there, or could not be made, and then the
  // server will say what is missing. Else the LiveRoom is noted, and handed to `wake` when they are.
  bool is_prepared(const kube::ObjectKey& room);
  // Set before the first call: looks at a namespace; looks at a LiveRoom again.
  void on_needed(std::function<void(const std::string& ns)> look) { look_ = std::move(look); }
  void on_prepared(std::function<void(const kube::ObjectKey&)> wake) { wake_ = std::move(wake); }

  // What it has written of one kind and the watch may not yet have shown.
  const Written<NamespaceObject>& written(NamespaceObjectKind kind) const {
    return objects_[static_cast<std::size_t>(kind)];
  }

 private:
  enum class Outcome { done, again, refused };

  awaitable<kube::Action> prepare(std::string ns, std::stop_token stop);
  awaitable<kube::Action> clear(std::string ns, std::stop_token stop);
  awaitable<Outcome> ensure(NamespaceObjectKind kind, std::string ns, std::stop_token stop);
  awaitable<Outcome> remove(NamespaceObjectKind kind, const NamespaceObject& object, std::stop_token stop);
  void prepared(const std::string& ns);
  bool has_pods(const std::string& ns) const;

  kube::Client& client_;
  const kube::Store<LiveRoom>& rooms_;
  const kube::Store<RecorderPod>& pods_;
  const RoomIndex& index_;
  std::array<Written<NamespaceObject>, namespace_object_kinds.size()> objects_;
  std::unordered_set<std::string> prepared_;
  std::unordered_map<std::string, std::set<kube::ObjectKey>> waiting_;
  std::function<void(const std::string&)> look_;
  std::function<void(const kube::ObjectKey&)> wake_;
};

}  // namespace live::controller
