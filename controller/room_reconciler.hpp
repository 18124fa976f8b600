// SPDX-License-Identifier: Apache-2.0
// One LiveRoom: observe, plan, apply, report.
#pragma once
#include <functional>
#include <optional>
#include <stop_token>
#include <unordered_map>

#include "base/asio.hpp"
#include "base/clock.hpp"
#include "base/random.hpp"
#include "controller/room_index.hpp"
#include "controller/room_writer.hpp"
#include "controller/settings.hpp"
#include "controller/storage_classes.hpp"
#include "kube/client.hpp"
#include "kube/reconciler.hpp"

namespace live::controller {

class NamespaceReconciler;

class RoomReconciler final : public kube::Reconciler {
 public:
  // `namespaces` null: somebody else prepares them (--namespaces).
  RoomReconciler(kube::Client& client, const Clock& clock, Random& random, const kube::Store<LiveRoom>& rooms,
                 const kube::Store<RecorderPod>& pods, const kube::Store<RecordingsClaim>& claims,
                 const RoomIndex& index, NamespaceReconciler* namespaces, const Settings& settings);

  awaitable<kube::Action> reconcile(kube::ObjectKey key, std::stop_token stop) override;

  // Called with LiveRooms that waited for others to be updated; they are to be looked at again.
  void on_turn(std::function<void(const kube::ObjectKey&)> wake) { wake_ = std::move(wake); }

  // What it has written and the watch may not yet have shown.
  const RoomView& written() const { return view_; }

 private:
  // What was observed, held while a reconciliation works with it.
  struct Sight {
    Written<LiveRoom>::Pointer room;
    Written<RecorderPod>::Pointer pod;
    Written<RecordingsClaim>::Pointer claim;
    std::optional<RecordingsClaim> named_claim;
    std::optional<kube::ObjectKey> elder;
    std::int64_t rooms = 1;
    std::string class_problem = {};
    UpdatePermit permit = {};
    Observed observed() const;
  };

  awaitable<kube::Action> reconcile_room(Written<LiveRoom>::Pointer room, RoomMemory& memory,
                                         std::stop_token stop);
  awaitable<void> read_named_claim(Sight& sight, RoomMemory& memory, std::stop_token stop);
  awaitable<void> read_storage_class(Sight& sight, std::stop_token stop);
  void look(const kube::ObjectKey& key, Sight& sight);
  Moment moment();
  UpdatePermit permit(const Sight& sight) const;
  static bool has_lost(const Plan& done, const Sight& sight);
  void keep_order(const Plan& plan, const Sight& sight, RoomMemory& memory);
  void end_update(const kube::ObjectKey& key);
  awaitable<StepOutcome> apply(const Plan& plan, Sight& sight, RoomMemory& memory, std::stop_token stop);
  awaitable<void> mark_recorder_absent(kube::ObjectKey key, std::stop_token stop);
  awaitable<void> write_status(const Sight& sight, const RoomMemory& memory, std::stop_token stop);
  awaitable<kube::Action> absent_room(kube::ObjectKey key, std::stop_token stop);
  awaitable<void> report_invalid(kube::ObjectKey key, std::string problem, std::stop_token stop);

  kube::Client& client_;
  const Clock& clock_;
  Random& random_;
  const RoomIndex& index_;
  NamespaceReconciler* namespaces_;
  const Settings& settings_;
  RoomView view_;
  RoomWriter writer_;
  Rollout rollout_;
  StorageClasses classes_;
  std::function<void(const kube::ObjectKey&)> wake_ = [](const kube::ObjectKey&) {};
  std::unordered_map<kube::ObjectKey, RoomMemory, kube::ObjectKeyHash> memories_;
};

}  // namespace live::controller
