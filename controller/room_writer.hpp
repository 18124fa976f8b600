// SPDX-License-Identifier: Apache-2.0
// Does what a plan says, and remembers what the server answered.
#pragma once
#include <optional>
#include <stop_token>
#include <string>

#include "base/asio.hpp"
#include "base/clock.hpp"
#include "base/random.hpp"
#include "controller/plan.hpp"
#include "controller/pod_text.hpp"
#include "controller/written.hpp"
#include "kube/client.hpp"

namespace live::controller {

// What the reconciler knows of the cluster: stores, and this process' own writes over them.
struct RoomView {
  Written<LiveRoom> rooms;
  Written<RecorderPod> pods;
  Written<RecordingsClaim> claims;
};

enum class StepOutcome {
  done,
  conflict,  // made on old data: plan again from new
  waiting,   // for something that will be seen by the watch; the rest of the plan waits too
  refused,   // the server's words are in the memory
};

class RoomWriter {
 public:
  RoomWriter(kube::Client& client, const Clock& clock, Random& random, RoomView& view,
             const Settings& settings)
      : client_(client),
        clock_(clock),
        random_(random),
        view_(view),
        settings_(settings),
        pod_texts_(settings) {}

  // Throws kube::ApiException when the server has trouble (429, 5xx, 401): to be retried with backoff.
  awaitable<StepOutcome> apply(const Step& step, const Observed& observed, RoomMemory& memory,
                               std::stop_token stop);

 private:
  awaitable<StepOutcome> create_claim(const Observed& observed, RoomMemory& memory, std::stop_token stop);
  awaitable<StepOutcome> adopt_claim(const Observed& observed, RoomMemory& memory, std::stop_token stop);
  awaitable<StepOutcome> set_claim_owner(const SetClaimOwner& step, const Observed& observed,
                                         std::stop_token stop);
  awaitable<StepOutcome> grow_claim(const GrowClaim& step, const Observed& observed, RoomMemory& memory,
                                    std::stop_token stop);
  awaitable<kube::ApiResult<Json>> patch_claim(const RecordingsClaim& claim, Json patch,
                                               std::stop_token stop);
  awaitable<StepOutcome> create_pod(const CreatePod& step, const Observed& observed, RoomMemory& memory,
                                    std::stop_token stop);
  awaitable<StepOutcome> adopt_pod(const Observed& observed, RoomMemory& memory, std::stop_token stop);
  awaitable<StepOutcome> delete_pod(const DeletePod& step, const Observed& observed, RoomMemory& memory,
                                    std::stop_token stop);
  awaitable<StepOutcome> patch_pod(const PatchPod& step, const Observed& observed, RoomMemory& memory,
                                   std::stop_token stop);
  void note_image(const PatchPod& step, const Observed& observed, RoomMemory& memory);
  // A refusal for the memory when the error is one; throws ApiException when it isn't.
  Refusal refusal_of(const kube::ApiError& error, const LiveRoom& room, RoomMemory& memory,
                     const std::string& what);
  Refusal refusal(std::string_view why, std::string message, const LiveRoom& room, RoomMemory& memory);

  kube::Client& client_;
  const Clock& clock_;
  Random& random_;
  RoomView& view_;
  const Settings& settings_;
  PodTexts pod_texts_;
};

}  // namespace live::controller
