// SPDX-License-Identifier: Apache-2.0
#include "controller/room_reconciler.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/json.hpp"
#include "base/log.hpp"
#include "controller/namespace_reconciler.hpp"
#include "controller/recorder_absent.hpp"
#include "controller/status.hpp"
#include "liveroom/names.hpp"

namespace live::controller {
namespace {
using namespace liveroom;

constexpr Duration unsynced_again = std::chrono::seconds(5);
constexpr Duration waiting_again = std::chrono::seconds(2);
// A recorder that reports again and again in between wins; it is there, after all.
constexpr int absent_attempts = 3;

kube::PatchOptions apply_status(std::string_view manager) {
  return {.type = kube::PatchType::apply,
          .field_manager = std::string(manager),
          .force = true,
          .subresource = "status",
          .validation = {},
          .answer = &written_status_fields()};
}

// Takes the memory of a room for one reconciliation, and puts it back, however that ends, if it still
// matters.
class MemoryKeeper {
 public:
  using Memories = std::unordered_map<kube::ObjectKey, RoomMemory, kube::ObjectKeyHash>;
  MemoryKeeper(Memories& memories, const LiveRoom& room, const Clock& clock)
      : memories_(memories), room_(room), clock_(clock) {
    // One of the same name that went meanwhile was another LiveRoom.
    if (auto kept = memories_.extract(room.key); !kept.empty() && kept.mapped().uid == room.uid)
      memory = std::move(kept.mapped());
    memory.uid = room.uid;
  }
  ~MemoryKeeper() {
    if (memory.is_worth_keeping(room_, clock_.now()))
      memories_.insert_or_assign(room_.key, std::move(memory));
  }
  MemoryKeeper(const MemoryKeeper&) = delete;
  MemoryKeeper& operator=(const MemoryKeeper&) = delete;

  RoomMemory memory;

 private:
  Memories& memories_;
  const LiveRoom& room_;
  const Clock& clock_;
};

void look_again(std::optional<Duration>& again, Duration after) {
  again = again ? std::min(*again, after) : after;
}

std::string absence(const LiveRoom& room, const RecorderPod* pod) {
  if (room.spec.suspend) return "the LiveRoom is suspended";
  if (pod == nullptr) return "there is no recorder pod";
  if (pod->uid != room.reporter) return fmt::format("pod {} has not reported yet", pod->key.name);
  return fmt::format("pod {} is not ready", pod->key.name);
}

}  // namespace

RoomReconciler::RoomReconciler(kube::Client& client, const Clock& clock, Random& random,
                               const kube::Store<LiveRoom>& rooms, const kube::Store<RecorderPod>& pods,
                               const kube::Store<RecordingsClaim>& claims, const RoomIndex& index,
                               NamespaceReconciler* namespaces, const Settings& settings)
    : client_(client),
      clock_(clock),
      random_(random),
      index_(index),
      namespaces_(namespaces),
      settings_(settings),
      view_{Written<LiveRoom>(rooms, clock), Written<RecorderPod>(pods, clock),
            Written<RecordingsClaim>(claims, clock)},
      writer_(client, clock, random, view_, settings),
      rollout_(settings.concurrent_updates),
      classes_(client, clock) {}

Observed RoomReconciler::Sight::observed() const {
  return {.room = *room,
          .pod = pod.get(),
          .claim = named_claim ? &*named_claim : claim.get(),
          .elder = elder,
          .rooms = rooms,
          .class_problem = class_problem,
          .permit = permit};
}

Moment RoomReconciler::moment() { return {clock_.now(), clock_.wall_now(), random_.uuid()}; }

awaitable<kube::Action> RoomReconciler::reconcile(kube::ObjectKey key, std::stop_token stop) {
  const bool synced = view_.rooms.store().synced(key.ns) && view_.pods.store().synced(key.ns) &&
                      view_.claims.store().synced(key.ns);
  if (!synced) co_return kube::Action::requeue_after(unsynced_again);
  const auto room = view_.rooms.find(key);
  if (!room) {
    if (const Problem* problem = view_.rooms.store().problem(key)) {
      co_await report_invalid(key, problem->message, stop);
      co_return kube::Action::await_change();
    }
    memories_.erase(key);
    end_update(key);
    const kube::Action action = co_await absent_room(key, stop);
    co_return action;
  }
  if (room->terminating) {
    // What belongs to it goes by its owner references.
    memories_.erase(key);
    end_update(key);
    co_return kube::Action::await_change();
  }
  MemoryKeeper keeper(memories_, *room, clock_);
  const kube::Action action = co_await reconcile_room(room, keeper.memory, stop);
  co_return action;
}

void RoomReconciler::look(const kube::ObjectKey& key, Sight& sight) {
  if (auto room = view_.rooms.find(key)) sight.room = std::move(room);
  sight.pod = view_.pods.find({key.ns, pod_name(key.name)});
  sight.claim = uses_named_claim(*sight.room) ? nullptr : view_.claims.find({key.ns, claim_name(key.name)});
  sight.elder = index_.elder(key);
  sight.rooms = index_.magnitude();
}

// Somebody else's claim has no label of ours, so the watch doesn't show it.
awaitable<void> RoomReconciler::read_named_claim(Sight& sight, RoomMemory& memory, std::stop_token stop) {
  sight.named_claim.reset();
  const LiveRoom& room = *sight.room;
  if (!uses_named_claim(room)) co_return;
  const kube::ObjectKey key{room.key.ns, room.spec.storage.claim_name};
  const kube::ApiResult<Json> answer = co_await client_.get(kube::resources::claims, key, stop);
  memory.claim_refused.reset();
  if (answer) {
    Result<RecordingsClaim> claim = decode_recordings_claim(*answer);
    if (claim) sight.named_claim = std::move(*claim);
  } else if (answer.error().is_forbidden()) {
    memory.claim_refused = Refusal{.reason = std::string(reason::refused),
                                   .message = answer.error().message,
                                   .generation = room.generation,
                                   .retry_at = clock_.now()};
  } else if (!answer.error().is_not_found()) {
    throw kube::ApiException("read of claim " + key.text(), answer.error());
  }
}

// A claim of a class that doesn't exist stays Pending without a word. Classes can be read only by who works
// in all namespaces.
awaitable<void> RoomReconciler::read_storage_class(Sight& sight, std::stop_token stop) {
  sight.class_problem.clear();
  const RecordingsClaim* claim = sight.named_claim ? &*sight.named_claim : sight.claim.get();
  if (claim == nullptr || claim->phase != ClaimPhase::pending || claim->storage_class.empty() ||
      !settings_.manage_namespaces)
    co_return;
  const std::string name = claim->storage_class;
  sight.class_problem = co_await classes_.problem(name, stop);
}

awaitable<kube::Action> RoomReconciler::reconcile_room(Written<LiveRoom>::Pointer room, RoomMemory& memory,
                                                       std::stop_token stop) {
  const kube::ObjectKey key = room->key;
  Sight sight{.room = room, .pod = nullptr, .claim = nullptr, .named_claim = {}, .elder = {}, .rooms = 1};
  look(key, sight);
  co_await read_named_claim(sight, memory, stop);
  co_await read_storage_class(sight, stop);
  sight.permit = permit(sight);
  Plan todo = plan(sight.observed(), settings_, memory, moment());
  keep_order(todo, sight, memory);
  const StepOutcome outcome = co_await apply(todo, sight, memory, stop);
  if (outcome == StepOutcome::conflict) co_return kube::Action::retry();
  look(key, sight);
  // A list that was newer than the answer didn't have it any more, and no watch has told of its end.
  if (outcome == StepOutcome::done && has_lost(todo, sight)) co_return kube::Action::retry();
  co_await write_status(sight, memory, stop);
  if (todo.recorder_absent) co_await mark_recorder_absent(key, stop);
  if (outcome == StepOutcome::waiting) look_again(todo.again, waiting_again);
  const TimePoint now = clock_.now();
  for (const auto& refusal : {memory.claim_refused, memory.growth_refused, memory.pod_refused})
    if (refusal && refusal->stands(*sight.room, now)) look_again(todo.again, refusal->retry_at - now);
  if (!sight.pod && memory.recreate_at > now) look_again(todo.again, memory.recreate_at - now);
  co_return todo.again ? kube::Action::requeue_after(*todo.again) : kube::Action::await_change();
}

// Something that was just made is not there.
bool RoomReconciler::has_lost(const Plan& done, const Sight& sight) {
  return std::any_of(done.steps.begin(), done.steps.end(), [&sight](const Step& step) {
    return (std::holds_alternative<CreatePod>(step) && !sight.pod) ||
           (std::holds_alternative<CreateClaim>(step) && !sight.claim);
  });
}

UpdatePermit RoomReconciler::permit(const Sight& sight) const {
  if (!sight.pod) return {};
  return rollout_.ask(sight.room->key, settings_.recorder_image, !is_not_running(*sight.pod), clock_.now());
}

void RoomReconciler::end_update(const kube::ObjectKey& key) {
  for (const kube::ObjectKey& next : rollout_.finish(key)) wake_(next);
}

void RoomReconciler::keep_order(const Plan& todo, const Sight& sight, RoomMemory& memory) {
  const kube::ObjectKey& key = sight.room->key;
  const bool goes_back = std::any_of(todo.steps.begin(), todo.steps.end(), [](const Step& step) {
    const auto* patch = std::get_if<PatchPod>(&step);
    return patch != nullptr && patch->back;
  });
  if (goes_back) rollout_.failed(settings_.recorder_image, clock_.now());
  if (todo.image_proven) {
    rollout_.succeeded(settings_.recorder_image);
    memory.update_failed.clear();
  }
  switch (todo.place) {
    case UpdatePlace::keep:
      return;
    case UpdatePlace::take:
      return rollout_.begin(key, settings_.recorder_image, clock_.now());
    case UpdatePlace::wait:
      return rollout_.wait(key);
    case UpdatePlace::release:
      return end_update(key);
  }
}

awaitable<StepOutcome> RoomReconciler::apply(const Plan& todo, Sight& sight, RoomMemory& memory,
                                             std::stop_token stop) {
  const kube::ObjectKey key = sight.room->key;
  for (const Step& step : todo.steps) {
    if (std::holds_alternative<CreatePod>(step) && namespaces_ != nullptr && !namespaces_->is_prepared(key))
      co_return StepOutcome::waiting;
    const Observed observed = sight.observed();
    const StepOutcome outcome = co_await writer_.apply(step, observed, memory, stop);
    if (outcome != StepOutcome::done) co_return outcome;
  }
  if (todo.drain) memory.drain = todo.drain;
  if (todo.asks_report) memory.report_asked_at = clock_.now();
  co_return StepOutcome::done;
}

awaitable<void> RoomReconciler::write_status(const Sight& sight, const RoomMemory& memory,
                                             std::stop_token stop) {
  const LiveRoom& room = *sight.room;
  const ControllerStatus wanted = wanted_status(sight.observed(), settings_, memory, moment());
  if (wanted == present_status(room)) co_return;
  Json patch = status_patch(room.key.name, wanted);
  const kube::ObjectKey key = room.key;
  const kube::PatchOptions options = apply_status(field_manager::controller);
  const kube::ApiResult<Json> answer =
      co_await client_.patch(live_rooms, key, std::move(patch), options, stop);
  if (answer) {
    std::optional<LiveRoom> written = with_written_status(room, *answer);
    if (written) view_.rooms.put(std::move(*written));
    co_return;
  }
  if (answer.error().is_not_found()) co_return;
  if (answer.error().is_unknown_field() || answer.error().is_invalid())
    throw kube::TerminalError("status of " + key.text() +
                              " is not what the installed CRD takes: " + answer.error().message);
  throw kube::ApiException("status of " + key.text(), answer.error());
}

awaitable<void> RoomReconciler::mark_recorder_absent(kube::ObjectKey key, std::stop_token stop) {
  for (int attempt = 0; attempt < absent_attempts; ++attempt) {
    const kube::ApiResult<Json> live = co_await client_.get(live_rooms, key, stop);
    if (!live && live.error().is_not_found()) co_return;
    if (!live) throw kube::ApiException("read of " + key.text(), live.error());
    const Result<LiveRoom> room = decode_live_room(*live);
    if (!room || room->terminating) co_return;
    const auto pod = view_.pods.find({key.ns, pod_name(key.name)});
    const Observed observed{
        .room = *room, .pod = pod.get(), .claim = nullptr, .elder = std::nullopt, .rooms = 1};
    std::optional<Duration> again;
    if (!recorder_is_absent(observed, clock_.wall_now(), again)) co_return;
    std::optional<Json> patch = absent_patch(*live, absence(*room, pod.get()), clock_.wall_now());
    if (!patch) co_return;
    const kube::PatchOptions options = apply_status(field_manager::recorder);
    const kube::ApiResult<Json> answer =
        co_await client_.patch(live_rooms, key, std::move(*patch), options, stop);
    if (answer) {
      log::info("recorder absent", {{"liveroom", key.text()}, {"why", absence(*room, pod.get())}});
      std::optional<LiveRoom> written = with_written_status(*room, *answer);
      if (written) view_.rooms.put(std::move(*written));
      co_return;
    }
    if (answer.error().is_conflict()) continue;
    if (answer.error().is_not_found()) co_return;
    throw kube::ApiException("recorder's status of " + key.text(), answer.error());
  }
}

// A recorder that an orphaning deletion left behind belongs to nobody and would record for ever.
awaitable<kube::Action> RoomReconciler::absent_room(kube::ObjectKey key, std::stop_token stop) {
  view_.rooms.forget(key);
  const kube::ObjectKey pod_key{key.ns, pod_name(key.name)};
  const auto pod = view_.pods.find(pod_key);
  if (!pod || !pod->managed || !pod->owner_uid.empty() || pod->terminating())
    co_return kube::Action::await_change();
  const kube::ApiResult<Json> live = co_await client_.get(live_rooms, key, stop);
  if (live) co_return kube::Action::retry();
  if (!live.error().is_not_found()) throw kube::ApiException("read of " + key.text(), live.error());
  kube::DeleteOptions options;
  options.uid = pod->uid;
  const kube::ApiResult<Json> answer = co_await client_.remove(kube::resources::pods, pod_key, options, stop);
  if (!answer && !answer.error().is_not_found() && !answer.error().is_conflict())
    throw kube::ApiException("deletion of pod " + pod_key.text(), answer.error());
  if (!answer) view_.pods.gone(pod_key, pod->uid);
  log::info("pod deleted", {{"liveroom", key.text()}, {"pod", pod_key.name}, {"why", "orphan"}});
  co_return kube::Action::await_change();
}

// A spec that this version can't read, although the installed CRD accepts it: the pod is left as it is.
awaitable<void> RoomReconciler::report_invalid(kube::ObjectKey key, std::string problem,
                                               std::stop_token stop) {
  const kube::ApiResult<Json> live = co_await client_.get(live_rooms, key, stop);
  if (!live && live.error().is_not_found()) co_return;
  if (!live) throw kube::ApiException("read of " + key.text(), live.error());
  const Json& status = json_at(*live, "/status");
  LiveRoom present;
  present.observed_generation = json_int(json_at(status, "/observedGeneration")).value_or(0);
  present.pod_name = json_string(json_at(status, "/podName")).value_or("");
  present.conditions = conditions_from_json(json_at(status, "/conditions"));
  const std::int64_t generation = json_int(json_at(*live, "/metadata/generation")).value_or(0);
  const ControllerStatus before = present_status(present);
  const ControllerStatus wanted = invalid_status(before, generation, problem, clock_.wall_now());
  if (wanted == before) co_return;
  Json patch = status_patch(key.name, wanted);
  const kube::PatchOptions options = apply_status(field_manager::controller);
  const kube::ApiResult<Json> answer =
      co_await client_.patch(live_rooms, key, std::move(patch), options, stop);
  if (!answer && !answer.error().is_not_found())
    throw kube::ApiException("status of " + key.text(), answer.error());
}

}  // namespace live::controller
