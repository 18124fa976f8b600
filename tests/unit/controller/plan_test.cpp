// SPDX-License-Identifier: Apache-2.0
#include "controller/plan.hpp"
#include "controller/config_facts.hpp"

#include <gtest/gtest.h>

#include "controller/template_hash.hpp"
#include "liveroom/names.hpp"
#include "objects.hpp"

namespace live::controller {
namespace {
using namespace liveroom;
using namespace std::chrono_literals;

// A room with everything it needs; each test takes away or changes what it is about.
class PlanTest : public ::testing::Test {
 protected:
  PlanTest() : pod_(test::make_pod_of(room_)), claim_(test::make_claim_of(room_)) {
    test::report(room_, *pod_);
  }

  Plan run(Duration later = {}) {
    const Observed observed{.room = room_,
                            .pod = pod_ ? &*pod_ : nullptr,
                            .claim = claim_ ? &*claim_ : nullptr,
                            .elder = std::nullopt,
                            .rooms = 10,
                            .permit = permit_};
    return plan(observed, settings_, memory_, test::make_moment(later));
  }
  template <class T>
  static const T* find(const Plan& plan) {
    for (const Step& step : plan.steps)
      if (const T* found = std::get_if<T>(&step)) return found;
    return nullptr;
  }
  void ready_to_go() {
    memory_.drain = IssuedDrain{"d", test::now};
    pod_->drain = "d";
    room_.drain = DrainStatus{"d", DrainAnswer::ready};
  }
  void change_template() { room_.spec.pod_template = R"({"nodeSelector":{"a":"b"}})"; }

  Settings settings_ = test::make_settings();
  LiveRoom room_ = test::make_room();
  std::optional<RecorderPod> pod_;
  std::optional<RecordingsClaim> claim_;
  RoomMemory memory_;
  UpdatePermit permit_;
};

TEST_F(PlanTest, NothingIsToDoWhenAllIsWell) {
  const Plan plan = run();
  EXPECT_TRUE(plan.steps.empty());
  EXPECT_FALSE(plan.again);
  EXPECT_FALSE(plan.recorder_absent);
}

TEST_F(PlanTest, ANewRoomGetsItsClaimAndThenItsPod) {
  pod_.reset();
  claim_.reset();
  room_.conditions.clear();
  const Plan plan = run();
  ASSERT_EQ(plan.steps.size(), 2U);
  EXPECT_TRUE(std::holds_alternative<CreateClaim>(plan.steps[0]));
  const auto* create = std::get_if<CreatePod>(&plan.steps[1]);
  ASSERT_NE(create, nullptr);
  EXPECT_EQ(create->config.room_id, 6);
  EXPECT_EQ(create->config.name, "a");
  EXPECT_EQ(create->config.rooms, 10);
}

TEST_F(PlanTest, ASuspendedRoomGetsNothingAndLosesItsPod) {
  room_.spec.suspend = true;
  Plan plan = run();
  ASSERT_EQ(plan.steps.size(), 1U);
  EXPECT_EQ(std::get<DeletePod>(plan.steps[0]), (DeletePod{DeletePod::Why::suspended, "pod-uid", ""}));
  test::report(room_, *pod_, true);  // at once, and cutting
  plan = run();
  EXPECT_NE(find<DeletePod>(plan), nullptr);
  pod_.reset();
  claim_.reset();
  plan = run();
  EXPECT_TRUE(plan.steps.empty());
  EXPECT_TRUE(plan.recorder_absent);
}

TEST_F(PlanTest, ARoomOnItsWayOutIsLeftAlone) {
  room_.terminating = true;
  pod_.reset();
  claim_.reset();
  EXPECT_TRUE(run().steps.empty());
}

TEST_F(PlanTest, NothingIsDoneWhileTheNameIsTaken) {
  pod_->deleted = test::wall + 30s;
  Plan plan = run();
  EXPECT_TRUE(plan.steps.empty());
  EXPECT_EQ(plan.again, 30s + node_lost_after + 1s);
  pod_->deleted.reset();
  pod_->owner_uid = "somebody";
  plan = run();
  EXPECT_TRUE(plan.steps.empty());
  EXPECT_EQ(plan.again, conflict_again);
}

TEST_F(PlanTest, APodThatNobodyOwnsIsRemoved) {
  pod_->owner_uid.clear();
  const Plan plan = run();
  const auto* removal = find<DeletePod>(plan);
  ASSERT_NE(removal, nullptr);
  EXPECT_EQ(removal->why, DeletePod::Why::orphan);
}

TEST_F(PlanTest, AnEndedPodIsRemovedAndMadeAgainAfterAWhile) {
  pod_->phase = PodPhase::failed;
  const Plan removal = run();
  ASSERT_NE(find<DeletePod>(removal), nullptr);
  EXPECT_EQ(find<DeletePod>(removal)->why, DeletePod::Why::ended);
  EXPECT_TRUE(removal.recorder_absent);
  pod_.reset();
  memory_.recreate_at = test::now + 10s;
  const Plan waiting = run();
  EXPECT_EQ(find<CreatePod>(waiting), nullptr);
  EXPECT_EQ(waiting.again, 10s);
  EXPECT_NE(find<CreatePod>(run(10s)), nullptr);
}

TEST_F(PlanTest, ClaimsFollowWhenDeleted) {
  room_.spec.storage.when_deleted = WhenDeleted::remove;
  Plan plan = run();
  ASSERT_NE(find<SetClaimOwner>(plan), nullptr);
  EXPECT_TRUE(find<SetClaimOwner>(plan)->owned);
  claim_->owners = {{"liveroom.dev/v1alpha1", "LiveRoom", "a", room_.uid, true, true}};
  EXPECT_TRUE(run().steps.empty());
  room_.spec.storage.when_deleted = WhenDeleted::retain;
  plan = run();
  ASSERT_NE(find<SetClaimOwner>(plan), nullptr);
  EXPECT_FALSE(find<SetClaimOwner>(plan)->owned);
}

TEST_F(PlanTest, ClaimsGrowAndNeverShrink) {
  room_.spec.storage.volume_claim_template = R"({"spec":{"resources":{"requests":{"storage":"128Gi"}}}})";
  Plan plan = run();
  ASSERT_NE(find<GrowClaim>(plan), nullptr);
  EXPECT_EQ(find<GrowClaim>(plan)->storage, "128Gi");
  memory_.growth_refused = Refusal{"Refused", "no", 1, test::now + 60s};
  plan = run();
  EXPECT_EQ(find<GrowClaim>(plan), nullptr);
  EXPECT_EQ(plan.again, 60s);
  memory_.growth_refused.reset();
  claim_->phase = ClaimPhase::pending;
  EXPECT_EQ(find<GrowClaim>(run()), nullptr);
  claim_->phase = ClaimPhase::bound;
  claim_->requested_bytes = std::int64_t{256} << 30;
  EXPECT_EQ(find<GrowClaim>(run()), nullptr);
}

TEST_F(PlanTest, NoPodWithoutAUsableClaim) {
  pod_.reset();
  struct Case {
    const char* name;
    std::function<void(RecordingsClaim&)> change;
    bool pod;
  };
  const Case cases[] = {
      {"bound", [](RecordingsClaim&) {}, true},
      {"pending: its first consumer binds it", [](RecordingsClaim& c) { c.phase = ClaimPhase::pending; },
       true},
      {"lost", [](RecordingsClaim& c) { c.phase = ClaimPhase::lost; }, false},
      {"terminating", [](RecordingsClaim& c) { c.terminating = true; }, false},
      {"of another room", [](RecordingsClaim& c) { c.room = "b"; }, false},
      {"without our label", [](RecordingsClaim& c) { c.managed = false; }, false},
      {"owned by somebody else",
       [](RecordingsClaim& c) {
         c.owners = {{"apps/v1", "StatefulSet", "x", "other", true, true}};
       },
       false},
      {"with an owner that is no controller",
       [](RecordingsClaim& c) {
         c.owners = {{"v1", "ConfigMap", "x", "other", false, false}};
       },
       true},
  };
  for (const Case& one : cases) {
    claim_ = test::make_claim_of(room_);
    one.change(*claim_);
    EXPECT_EQ(find<CreatePod>(run()) != nullptr, one.pod) << one.name;
  }
}

TEST_F(PlanTest, ANamedClaimIsNeverTouched) {
  room_.spec.storage.claim_name = "shared";
  pod_.reset();
  claim_.reset();
  Plan plan = run();
  EXPECT_TRUE(plan.steps.empty());
  EXPECT_EQ(plan.again, named_claim_again);
  claim_ = test::make_claim_of(room_);
  claim_->managed = false;
  claim_->room.clear();
  plan = run();
  ASSERT_EQ(plan.steps.size(), 1U);
  EXPECT_TRUE(std::holds_alternative<CreatePod>(plan.steps[0]));
}

TEST_F(PlanTest, ARefusedWriteWaitsUnlessTheRoomChanges) {
  pod_.reset();
  memory_.pod_refused = Refusal{"QuotaExceeded", "no", 1, test::now + 120s};
  Plan plan = run();
  EXPECT_EQ(find<CreatePod>(plan), nullptr);
  EXPECT_EQ(plan.again, 120s);
  EXPECT_NE(find<CreatePod>(run(120s)), nullptr);
  room_.generation = 2;
  EXPECT_NE(find<CreatePod>(run()), nullptr);
}

TEST_F(PlanTest, AChangeOfConfigurationIsPatchedIntoThePod) {
  room_.spec.transport.poll_interval_seconds = 60;
  room_.generation = 2;
  const Plan plan = run();
  ASSERT_EQ(plan.steps.size(), 1U);
  const auto* patch = std::get_if<PatchPod>(&plan.steps[0]);
  ASSERT_NE(patch, nullptr);
  EXPECT_EQ(patch->uid, "pod-uid");
  EXPECT_EQ(patch->config->transport.poll_interval_seconds, 60);
  EXPECT_EQ(patch->config->generation, 2);
  EXPECT_EQ(patch->config->rooms, 10);  // renewed now that it changes anyway
  EXPECT_FALSE(patch->recording);
}

TEST_F(PlanTest, ASpecThatIsOlderThanThePodsConfigurationUndoesNothing) {
  room_.spec.suspend = true;
  room_.spec.transport.poll_interval_seconds = 60;
  pod_->generation = room_.generation + 1;
  change_template();
  EXPECT_TRUE(run().steps.empty());
  room_.generation = pod_->generation;
  EXPECT_NE(find<DeletePod>(run()), nullptr);
}

TEST_F(PlanTest, ARecordingPodIsProtectedFromDrains) {
  test::report(room_, *pod_, true);
  Plan plan = run();
  ASSERT_NE(find<PatchPod>(plan), nullptr);
  EXPECT_EQ(find<PatchPod>(plan)->recording, true);
  EXPECT_FALSE(find<PatchPod>(plan)->config);
  pod_->marked_recording = true;
  EXPECT_TRUE(run().steps.empty());
  test::report(room_, *pod_, false);
  EXPECT_EQ(find<PatchPod>(run())->recording, false);
  test::report(room_, *pod_, true);
  pod_->marked_recording = false;
  room_.spec.update_policy = UpdatePolicy::immediately;
  EXPECT_TRUE(run().steps.empty());
}

TEST_F(PlanTest, AnOutdatedPodWaitsForTheEndOfItsRecording) {
  change_template();
  test::report(room_, *pod_, true);
  pod_->marked_recording = true;
  EXPECT_TRUE(run().steps.empty());
  room_.spec.update_policy = UpdatePolicy::never;
  test::report(room_, *pod_, false);
  pod_->marked_recording = false;
  EXPECT_TRUE(run().steps.empty());
}

TEST_F(PlanTest, AnIdlePodIsAskedBeforeItIsReplaced) {
  change_template();
  const Plan question = run();
  const auto* patch = find<PatchPod>(question);
  ASSERT_NE(patch, nullptr);
  EXPECT_EQ(patch->config->drain, "fresh");
  ASSERT_TRUE(question.drain);
  EXPECT_EQ(find<DeletePod>(question), nullptr);

  memory_.drain = question.drain;
  pod_->drain = "fresh";
  pod_->config_hash = config_hash(*patch->config);
  EXPECT_TRUE(run(1s).steps.empty());

  room_.drain = DrainStatus{"fresh", DrainAnswer::ready};
  const Plan replacement = run(2s);
  const auto* removal = find<DeletePod>(replacement);
  ASSERT_NE(removal, nullptr);
  EXPECT_EQ(*removal, (DeletePod{DeletePod::Why::replaced, "pod-uid", "11"}));
}

// The pod answers Ready to the question whether it may be updated.
TEST_F(PlanTest, AnotherImageAloneIsPatchedIntoTheIdlePod) {
  settings_.recorder_image = "liveroom:2";
  ready_to_go();
  const Plan update = run(1s);
  const auto* patch = find<PatchPod>(update);
  ASSERT_NE(patch, nullptr);
  EXPECT_EQ(patch->image, "liveroom:2");
  EXPECT_EQ(patch->resource_version, "11");
  EXPECT_FALSE(patch->back);
  EXPECT_EQ(patch->config->drain, "");  // or the new recorder would hold back for nothing
  EXPECT_EQ(find<DeletePod>(update), nullptr);
  EXPECT_EQ(update.place, UpdatePlace::take);
  test::report(room_, *pod_, true);
  EXPECT_EQ(find<PatchPod>(run(1s))->image, std::nullopt);
  EXPECT_EQ(run(1s).place, UpdatePlace::release);
}

TEST_F(PlanTest, AnImageThatNobodyTriedIsTriedInPlaceWhateverElseChanged) {
  settings_.recorder_image = "liveroom:2";
  change_template();
  ready_to_go();
  ASSERT_NE(find<PatchPod>(run(1s)), nullptr);
  EXPECT_EQ(find<PatchPod>(run(1s))->image, "liveroom:2");
  permit_.proven = true;
  EXPECT_NE(find<DeletePod>(run(1s)), nullptr);
}

TEST_F(PlanTest, AnImageThatCanNotBePulledIsTakenBack) {
  settings_.recorder_image = "liveroom:2";
  pod_->image = "liveroom:2";
  pod_->updated_from = "liveroom:1";
  pod_->ready = false;
  EXPECT_TRUE(run().steps.empty());
  EXPECT_EQ(run().place, UpdatePlace::keep);
  pod_->waiting_reason = "ErrImagePull";
  const Plan back = run();
  ASSERT_NE(find<PatchPod>(back), nullptr);
  EXPECT_EQ(find<PatchPod>(back)->image, "liveroom:1");
  EXPECT_TRUE(find<PatchPod>(back)->back);
  EXPECT_EQ(back.place, UpdatePlace::release);
  // A pod that never had another image has nowhere to go back to.
  pod_->updated_from.clear();
  EXPECT_EQ(find<PatchPod>(run()), nullptr);
}

TEST_F(PlanTest, ARecorderThatSaysNothingGivesItsTurnAway) {
  change_template();
  ready_to_go();
  room_.drain.reset();
  EXPECT_EQ(run(1s).place, UpdatePlace::take);
  EXPECT_EQ(run(drain_again).place, UpdatePlace::release);
  EXPECT_EQ(run(drain_again).again, drain_again);
  EXPECT_FALSE(run(drain_again).drain);
  EXPECT_TRUE(run(2 * drain_again).drain);
}

TEST_F(PlanTest, AnUpdateWaitsForItsPermit) {
  settings_.recorder_image = "liveroom:2";
  for (const bool runs : {true, false}) {
    if (!runs) pod_->waiting_reason = "ErrImagePull";
    permit_ = {UpdatePermit::Kind::wait, 60s, false};
    EXPECT_TRUE(run().steps.empty());
    EXPECT_EQ(run().place, UpdatePlace::wait);
    EXPECT_EQ(run().again, 60s);
    permit_ = {UpdatePermit::Kind::bad, 5min, false};
    EXPECT_TRUE(run().steps.empty());
    EXPECT_EQ(run().place, UpdatePlace::release);
    EXPECT_EQ(run().again, 5min);
  }
  permit_ = {};
  EXPECT_EQ(find<PatchPod>(run())->image, "liveroom:2");  // nothing runs: nobody is to be asked
}

TEST_F(PlanTest, TheOldContainerIsNoProofOfTheNewImage) {
  EXPECT_TRUE(run().image_proven);
  pod_->updated_from = "liveroom:0";
  pod_->container = pod_->updated_container = 7;
  EXPECT_FALSE(run().image_proven);
  EXPECT_EQ(run().place, UpdatePlace::keep);
  pod_->container = 8;
  EXPECT_TRUE(run().image_proven);
  EXPECT_EQ(run().place, UpdatePlace::release);
}

TEST_F(PlanTest, OnlyAFreshAnswerOfReadyCounts) {
  change_template();
  memory_.drain = IssuedDrain{"d", test::now};
  pod_->drain = "d";
  room_.drain = DrainStatus{"d", DrainAnswer::busy};
  EXPECT_EQ(find<DeletePod>(run(1s)), nullptr);
  room_.drain = DrainStatus{"other", DrainAnswer::ready};
  EXPECT_EQ(find<DeletePod>(run(1s)), nullptr);
  room_.drain = DrainStatus{"d", DrainAnswer::ready};
  EXPECT_NE(find<DeletePod>(run(drain_valid)), nullptr);
  EXPECT_EQ(find<DeletePod>(run(drain_valid + 1s)), nullptr);
  const Plan again = run(drain_again);
  EXPECT_EQ(find<DeletePod>(again), nullptr);
  ASSERT_TRUE(again.drain);
  EXPECT_EQ(again.drain->id, "fresh");
  memory_.drain.reset();  // a new process asks anew, whatever was answered before
  EXPECT_EQ(find<DeletePod>(run(1s)), nullptr);
}

TEST_F(PlanTest, WhoHasNotReportedMayBeRecording) {
  change_template();
  room_.conditions.clear();
  room_.reporter = "earlier pod";
  EXPECT_EQ(find<DeletePod>(run()), nullptr);
  // Nothing runs, as far as is known: it may have begun to run meanwhile, and to record.
  pod_->waiting_reason = "CrashLoopBackOff";
  const Plan replacement = run();
  ASSERT_NE(find<DeletePod>(replacement), nullptr);
  EXPECT_EQ(*find<DeletePod>(replacement), (DeletePod{DeletePod::Why::replaced, "pod-uid", "11"}));
}

TEST_F(PlanTest, ImmediatelyAndThePassedDeadlineDoNotAsk) {
  change_template();
  test::report(room_, *pod_, true);
  pod_->marked_recording = true;
  room_.spec.update_deadline_seconds = 3600;
  set_condition(
      room_.conditions,
      {.type = ConditionType::up_to_date, .status = ConditionStatus::no, .reason = "TemplateChanged"},
      test::wall);
  EXPECT_EQ(find<DeletePod>(run(3599s)), nullptr);
  EXPECT_EQ(run(3590s).again, 11s);
  EXPECT_NE(find<DeletePod>(run(3600s)), nullptr);
  room_.spec.update_deadline_seconds = 0;
  room_.spec.update_policy = UpdatePolicy::immediately;
  EXPECT_NE(find<DeletePod>(run()), nullptr);
}

TEST_F(PlanTest, ADrainThatIsNoLongerWantedIsTakenBack) {
  pod_->drain = "d";
  pod_->config_hash = 1;
  const Plan plan = run();
  ASSERT_NE(find<PatchPod>(plan), nullptr);
  EXPECT_EQ(find<PatchPod>(plan)->config->drain, "");
}

TEST_F(PlanTest, ARecorderThatIsGoneIsMarkedAbsent) {
  EXPECT_FALSE(run().recorder_absent);
  pod_->ready = false;
  pod_->ready_since = test::wall;
  EXPECT_FALSE(run().recorder_absent);
  EXPECT_EQ(run().again, absent_after + 1s);
  EXPECT_TRUE(run(absent_after).recorder_absent);
  pod_->ready = true;
  pod_->uid = "new pod";
  EXPECT_TRUE(run().recorder_absent);
  pod_.reset();
  EXPECT_TRUE(run().recorder_absent);
  for (const ConditionType type : recorder_conditions)
    set_condition(room_.conditions, {.type = type, .reason = std::string(reason::recorder_absent)},
                  test::wall);
  EXPECT_FALSE(run().recorder_absent);
  room_.conditions.clear();
  EXPECT_FALSE(run().recorder_absent);
}

TEST_F(PlanTest, ARecorderThatIsBackIsAskedForItsStatusOnceAMinute) {
  for (const ConditionType type : recorder_conditions)
    set_condition(room_.conditions, {.type = type, .reason = std::string(reason::recorder_absent)},
                  test::wall);
  const Plan plan = run();
  ASSERT_NE(find<PatchPod>(plan), nullptr);
  EXPECT_EQ(find<PatchPod>(plan)->config->report_sequence, 1);
  EXPECT_TRUE(plan.asks_report);
  memory_.report_asked_at = test::now;
  pod_->report_sequence = 1;
  pod_->config_hash = config_hash(*find<PatchPod>(plan)->config);
  EXPECT_TRUE(run(1s).steps.empty());
  EXPECT_EQ(find<PatchPod>(run(60s))->config->report_sequence, 2);
}

}  // namespace
}  // namespace live::controller
