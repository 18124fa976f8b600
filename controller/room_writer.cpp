// SPDX-License-Identifier: Apache-2.0
#include "controller/room_writer.hpp"

#include <fmt/format.h>

#include "base/json.hpp"
#include "base/log.hpp"
#include "controller/pod_spec.hpp"
#include "controller/pvc_spec.hpp"
#include "liveroom/names.hpp"

namespace live::controller {
namespace {
using namespace liveroom;

kube::ObjectKey pod_key(const LiveRoom& room) { return {room.key.ns, pod_name(room.key.name)}; }
kube::ObjectKey claim_key(const LiveRoom& room) { return {room.key.ns, claim_name(room.key.name)}; }

kube::WriteOptions write_options(const kube::Fields& answer) {
  return {.field_manager = std::string(field_manager::controller),
          .subresource = {},
          .validation = {},
          .answer = &answer};
}
kube::PatchOptions merge_options(const kube::Fields& answer) {
  return {.type = kube::PatchType::merge,
          .field_manager = std::string(field_manager::controller),
          .force = false,
          .subresource = {},
          .validation = {},
          .answer = &answer};
}

std::string_view why_text(DeletePod::Why why) {
  switch (why) {
    case DeletePod::Why::suspended:
      return "suspended";
    case DeletePod::Why::ended:
      return "ended";
    case DeletePod::Why::orphan:
      return "orphan";
    case DeletePod::Why::replaced:
      return "outdated";
  }
  return "outdated";
}

std::string_view refusal_reason(const kube::ApiError& error) {
  if (error.is_namespace_terminating()) return reason::namespace_terminating;
  if (error.is_quota_exceeded()) return reason::quota_exceeded;
  return reason::refused;
}

template <class T>
void remember(Written<T>& written, Result<T> decoded) {
  if (decoded) written.put(std::move(*decoded));
}

}  // namespace

Refusal RoomWriter::refusal(std::string_view why, std::string message, const LiveRoom& room,
                            RoomMemory& memory) {
  const TimePoint now = clock_.now();
  return {.reason = std::string(why),
          .message = std::move(message),
          .generation = room.generation,
          .retry_at = now + memory.refusals.next(now, random_)};
}

Refusal RoomWriter::refusal_of(const kube::ApiError& error, const LiveRoom& room, RoomMemory& memory,
                               const std::string& what) {
  if (error.is_transient() || error.is_unauthorized() || error.code < 400 || error.code >= 500)
    throw kube::ApiException(fmt::format("{} of {}", what, room.key.text()), error);
  log::warning("write refused",
               {{"liveroom", room.key.text()}, {"what", what}, {"code", error.code}, {"why", error.message}});
  return refusal(refusal_reason(error), error.message, room, memory);
}

awaitable<StepOutcome> RoomWriter::apply(const Step& step, const Observed& observed, RoomMemory& memory,
                                         std::stop_token stop) {
  StepOutcome outcome = StepOutcome::done;
  if (std::holds_alternative<CreateClaim>(step)) {
    outcome = co_await create_claim(observed, memory, stop);
  } else if (const auto* owner = std::get_if<SetClaimOwner>(&step)) {
    outcome = co_await set_claim_owner(*owner, observed, stop);
  } else if (const auto* grow = std::get_if<GrowClaim>(&step)) {
    outcome = co_await grow_claim(*grow, observed, memory, stop);
  } else if (const auto* create = std::get_if<CreatePod>(&step)) {
    outcome = co_await create_pod(*create, observed, memory, stop);
  } else if (const auto* removal = std::get_if<DeletePod>(&step)) {
    outcome = co_await delete_pod(*removal, observed, memory, stop);
  } else if (const auto* patch = std::get_if<PatchPod>(&step)) {
    outcome = co_await patch_pod(*patch, observed, memory, stop);
  }
  co_return outcome;
}

awaitable<StepOutcome> RoomWriter::create_claim(const Observed& observed, RoomMemory& memory,
                                                std::stop_token stop) {
  const LiveRoom& room = observed.room;
  Json claim = make_claim(room, settings_);
  const kube::WriteOptions options = write_options(recordings_claim_fields());
  const kube::ApiResult<Json> answer =
      co_await client_.create(kube::resources::claims, room.key.ns, std::move(claim), options, stop);
  if (answer) {
    memory.claim_refused.reset();
    remember(view_.claims, decode_recordings_claim(*answer));
    log::info("claim created", {{"liveroom", room.key.text()}, {"claim", claim_key(room).name}});
    co_return StepOutcome::done;
  }
  if (answer.error().is_being_deleted()) co_return StepOutcome::waiting;
  if (answer.error().is_already_exists()) {
    const StepOutcome outcome = co_await adopt_claim(observed, memory, stop);
    co_return outcome;
  }
  // The books of a quota that others write at the same time: nothing is refused.
  if (answer.error().is_conflict()) co_return StepOutcome::conflict;
  memory.claim_refused = refusal_of(answer.error(), room, memory, "creation of the claim");
  co_return StepOutcome::refused;
}

// The name is taken: by a claim of ours that the cache doesn't show yet, or by somebody else's.
awaitable<StepOutcome> RoomWriter::adopt_claim(const Observed& observed, RoomMemory& memory,
                                               std::stop_token stop) {
  const LiveRoom& room = observed.room;
  const kube::ApiResult<Json> answer = co_await client_.get(kube::resources::claims, claim_key(room), stop);
  if (!answer && answer.error().is_not_found()) co_return StepOutcome::conflict;
  if (!answer) throw kube::ApiException("read of claim " + claim_key(room).text(), answer.error());
  Result<RecordingsClaim> claim = decode_recordings_claim(*answer);
  if (!claim) co_return StepOutcome::conflict;
  const Observed live{.room = room, .pod = nullptr, .claim = &*claim, .elder = std::nullopt, .rooms = 1};
  if (claim_standing(live) == ClaimStanding::conflict) {
    memory.claim_refused = refusal(
        reason::claim_conflict,
        fmt::format("claim {} exists and isn't of this LiveRoom", claim_key(room).name), room, memory);
    co_return StepOutcome::refused;
  }
  memory.claim_refused.reset();
  view_.claims.put(std::move(*claim));
  co_return StepOutcome::done;
}

awaitable<kube::ApiResult<Json>> RoomWriter::patch_claim(const RecordingsClaim& claim, Json patch,
                                                         std::stop_token stop) {
  patch["metadata"]["resourceVersion"] = claim.resource_version;
  const kube::PatchOptions options = merge_options(recordings_claim_fields());
  kube::ApiResult<Json> answer =
      co_await client_.patch(kube::resources::claims, claim.key, std::move(patch), options, stop);
  if (answer) remember(view_.claims, decode_recordings_claim(*answer));
  co_return answer;
}

awaitable<StepOutcome> RoomWriter::set_claim_owner(const SetClaimOwner& step, const Observed& observed,
                                                   std::stop_token stop) {
  Json owners = claim_owners(observed.room, *observed.claim, step.owned);
  Json patch = {{"metadata", {{"ownerReferences", std::move(owners)}}}};
  const kube::ApiResult<Json> answer = co_await patch_claim(*observed.claim, std::move(patch), stop);
  if (answer) co_return StepOutcome::done;
  if (answer.error().is_conflict() || answer.error().is_not_found()) co_return StepOutcome::conflict;
  throw kube::ApiException("owner of claim " + observed.claim->key.text(), answer.error());
}

awaitable<StepOutcome> RoomWriter::grow_claim(const GrowClaim& step, const Observed& observed,
                                              RoomMemory& memory, std::stop_token stop) {
  Json patch = {{"spec", {{"resources", {{"requests", {{"storage", step.storage}}}}}}}};
  const kube::ApiResult<Json> answer = co_await patch_claim(*observed.claim, std::move(patch), stop);
  if (answer) {
    memory.growth_refused.reset();
  } else if (answer.error().is_conflict() || answer.error().is_not_found()) {
    co_return StepOutcome::conflict;
  } else {
    memory.growth_refused = refusal_of(answer.error(), observed.room, memory, "growth of the claim");
  }
  // The pod can do with the claim as it is.
  co_return StepOutcome::done;
}

awaitable<StepOutcome> RoomWriter::create_pod(const CreatePod& step, const Observed& observed,
                                              RoomMemory& memory, std::stop_token stop) {
  const LiveRoom& room = observed.room;
  std::string pod = pod_texts_.text(room, step.config);
  const kube::WriteOptions options = write_options(recorder_pod_fields());
  const kube::ApiResult<Json> answer =
      co_await client_.create_text(kube::resources::pods, room.key.ns, std::move(pod), options, stop);
  if (answer) {
    memory.pod_refused.reset();
    remember(view_.pods, decode_recorder_pod(*answer));
    log::info("pod created", {{"liveroom", room.key.text()}, {"pod", pod_key(room).name}});
    co_return StepOutcome::done;
  }
  if (answer.error().is_being_deleted()) co_return StepOutcome::waiting;
  if (answer.error().is_already_exists()) {
    const StepOutcome outcome = co_await adopt_pod(observed, memory, stop);
    co_return outcome;
  }
  if (answer.error().is_conflict()) co_return StepOutcome::conflict;
  memory.pod_refused = refusal_of(answer.error(), room, memory, "creation of the pod");
  co_return StepOutcome::refused;
}

awaitable<StepOutcome> RoomWriter::adopt_pod(const Observed& observed, RoomMemory& memory,
                                             std::stop_token stop) {
  const LiveRoom& room = observed.room;
  const kube::ApiResult<Json> answer = co_await client_.get(kube::resources::pods, pod_key(room), stop);
  if (!answer && answer.error().is_not_found()) co_return StepOutcome::conflict;
  if (!answer) throw kube::ApiException("read of pod " + pod_key(room).text(), answer.error());
  Result<RecorderPod> pod = decode_recorder_pod(*answer);
  if (!pod) co_return StepOutcome::conflict;
  if (pod->owner_uid != room.uid && !pod->managed) {
    memory.pod_refused =
        refusal(reason::name_conflict, fmt::format("pod {} belongs to somebody else", pod_key(room).name),
                room, memory);
    co_return StepOutcome::refused;
  }
  memory.pod_refused.reset();
  view_.pods.put(std::move(*pod));
  co_return StepOutcome::done;
}

awaitable<StepOutcome> RoomWriter::delete_pod(const DeletePod& step, const Observed& observed,
                                              RoomMemory& memory, std::stop_token stop) {
  const LiveRoom& room = observed.room;
  kube::DeleteOptions options;
  options.uid = step.uid;
  if (!step.resource_version.empty()) options.resource_version = step.resource_version;
  const kube::ApiResult<Json> answer =
      co_await client_.remove(kube::resources::pods, pod_key(room), options, stop);
  if (!answer && answer.error().is_conflict()) co_return StepOutcome::conflict;
  if (!answer && !answer.error().is_not_found())
    throw kube::ApiException("deletion of pod " + pod_key(room).text(), answer.error());
  if (step.why == DeletePod::Why::ended) {
    memory.recreate_at = clock_.now() + memory.ended.next(clock_.now(), random_);
    memory.ended_reason = observed.pod->end_reason;
  }
  memory.drain.reset();
  log::info("pod deleted",
            {{"liveroom", room.key.text()}, {"pod", pod_key(room).name}, {"why", why_text(step.why)}});
  if (!answer) view_.pods.gone(pod_key(room), step.uid);
  if (answer && json_string(json_at(*answer, "/kind")) == kube::resources::pods.kind)
    remember(view_.pods, decode_recorder_pod(*answer));
  co_return StepOutcome::done;
}

void RoomWriter::note_image(const PatchPod& step, const Observed& observed, RoomMemory& memory) {
  const RecorderPod& pod = *observed.pod;
  memory.drain.reset();
  memory.update_failed =
      step.back ? fmt::format("image {} could not be pulled, {} goes on: {}", pod.image, *step.image,
                              pod.waiting_message.empty() ? pod.waiting_reason : pod.waiting_message)
                : "";
  log::info(step.back ? "pod back to its image before" : "image of pod changed",
            {{"liveroom", observed.room.key.text()}, {"pod", pod.key.name}, {"image", *step.image}});
}

awaitable<StepOutcome> RoomWriter::patch_pod(const PatchPod& step, const Observed& observed,
                                             RoomMemory& memory, std::stop_token stop) {
  // A uid that is not the pod's makes the patch invalid: it can't hit another pod of the same name.
  Json metadata = {{"uid", step.uid}, {"annotations", Json::object()}};
  if (step.config) metadata["annotations"].update(config_annotation(*step.config));
  if (!step.resource_version.empty()) metadata["resourceVersion"] = step.resource_version;
  if (step.image)
    metadata["annotations"][std::string(image_update)] =
        step.back ? Json(nullptr) : Json(image_update_annotation(*observed.pod));
  if (step.recording) {
    metadata["labels"] = protection_labels(*step.recording);
    metadata["annotations"].update(protection_annotations(*step.recording));
  }
  Json patch = {{"metadata", std::move(metadata)}};
  kube::PatchOptions options = merge_options(recorder_pod_fields());
  if (step.image) {
    // Only this kind of patch knows containers by their names.
    options.type = kube::PatchType::strategic;
    const Json container = {{"name", container_name}, {"image", *step.image}};
    patch["spec"]["containers"] = Json::array({container});
  }
  const kube::ObjectKey key = pod_key(observed.room);
  const kube::ApiResult<Json> answer =
      co_await client_.patch(kube::resources::pods, key, std::move(patch), options, stop);
  if (answer) {
    if (step.image) note_image(step, observed, memory);
    remember(view_.pods, decode_recorder_pod(*answer));
    co_return StepOutcome::done;
  }
  const kube::ApiError& error = answer.error();
  if (error.is_conflict() || error.is_not_found() || error.is_invalid()) co_return StepOutcome::conflict;
  throw kube::ApiException("patch of pod " + key.text(), error);
}

}  // namespace live::controller
