// SPDX-License-Identifier: Apache-2.0
#include "controller/status.hpp"

#include <gtest/gtest.h>

#include "base/json.hpp"
#include "liveroom/names.hpp"
#include "objects.hpp"

namespace live::controller {
namespace {
using namespace liveroom;
using namespace std::chrono_literals;

class StatusTest : public ::testing::Test {
 protected:
  StatusTest() : pod_(test::make_pod_of(room_)), claim_(test::make_claim_of(room_)) {
    test::report(room_, *pod_);
  }

  ControllerStatus status(Duration later = {}) {
    const Observed observed{.room = room_,
                            .pod = pod_ ? &*pod_ : nullptr,
                            .claim = claim_ ? &*claim_ : nullptr,
                            .elder = elder_,
                            .rooms = 1};
    return wanted_status(observed, settings_, memory_, test::make_moment(later));
  }
  // "False NotReady"
  std::string of(ConditionType type, Duration later = {}) {
    const ControllerStatus wanted = status(later);
    const Condition* condition = find_condition(wanted.conditions, type);
    message_ = condition->message;
    return std::string(to_string(condition->status)) + " " + condition->reason;
  }
  std::string ready(Duration later = {}) { return of(ConditionType::ready, later); }

  Settings settings_ = test::make_settings();
  LiveRoom room_ = test::make_room();
  std::optional<RecorderPod> pod_;
  std::optional<RecordingsClaim> claim_;
  std::optional<kube::ObjectKey> elder_;
  RoomMemory memory_;
  std::string message_;
};

TEST_F(StatusTest, AllIsWell) {
  const ControllerStatus wanted = status();
  EXPECT_EQ(wanted.observed_generation, 1);
  EXPECT_EQ(wanted.pod_name, "a-recorder");
  ASSERT_EQ(wanted.conditions.size(), 4U);
  EXPECT_EQ(ready(), "True Ready");
  EXPECT_EQ(of(ConditionType::storage_ready), "True Bound");
  EXPECT_EQ(of(ConditionType::up_to_date), "True UpToDate");
  EXPECT_EQ(of(ConditionType::suspended), "False NotSuspended");
}

TEST_F(StatusTest, WhatWasWrittenIsNotWrittenAgain) {
  const ControllerStatus first = status();
  room_.observed_generation = first.observed_generation;
  room_.pod_name = first.pod_name;
  for (const Condition& condition : first.conditions) set_condition(room_.conditions, condition, test::wall);
  EXPECT_EQ(present_status(room_), first);
  EXPECT_EQ(status(1h), first);  // also when time has passed
}

TEST_F(StatusTest, ReadyNamesWhatKeepsThePod) {
  struct Case {
    std::string_view wanted;
    std::function<void(RecorderPod&)> change;
  };
  const Case cases[] = {
      {"False PodNotReady", [](RecorderPod& p) { p.ready = false; }},
      {"False PodPending", [](RecorderPod& p) { p.ready = false, p.phase = PodPhase::pending; }},
      {"False Unschedulable", [](RecorderPod& p) { p.ready = false, p.unschedulable = "0/1 nodes"; }},
      {"False ImagePullFailed",
       [](RecorderPod& p) { p.ready = false, p.waiting_reason = "ImagePullBackOff"; }},
      {"False ImagePullFailed", [](RecorderPod& p) { p.ready = false, p.waiting_reason = "ErrImagePull"; }},
      {"False CrashLoop", [](RecorderPod& p) { p.ready = false, p.waiting_reason = "CrashLoopBackOff"; }},
      {"False CreateContainerConfigError",
       [](RecorderPod& p) { p.ready = false, p.waiting_reason = "CreateContainerConfigError"; }},
      {"False PodEnded", [](RecorderPod& p) { p.ready = false, p.phase = PodPhase::failed; }},
      {"False PodTerminating", [](RecorderPod& p) { p.deleted = test::wall + 30s; }},
      {"False NodeLost", [](RecorderPod& p) { p.deleted = test::wall - 61s; }},
      {"False NameConflict", [](RecorderPod& p) { p.owner_uid = "other"; }},
      {"False PodTerminating", [](RecorderPod& p) { p.owner_uid = ""; }},
  };
  for (const Case& one : cases) {
    pod_ = test::make_pod_of(room_);
    one.change(*pod_);
    EXPECT_EQ(ready(), one.wanted);
  }
}

TEST_F(StatusTest, ReadyWithoutAPod) {
  pod_.reset();
  EXPECT_EQ(ready(), "False PodPending");
  EXPECT_EQ(status().pod_name, "");
  memory_.recreate_at = test::now + 10s;
  memory_.ended_reason = "Evicted";
  EXPECT_EQ(ready(), "False PodEnded");
  EXPECT_EQ(message_, "the pod ended and is made again: Evicted");
  memory_.pod_refused = Refusal{"QuotaExceeded", "exceeded quota: pods=1", 1, test::now};
  EXPECT_EQ(ready(), "False QuotaExceeded");
  EXPECT_EQ(message_, "exceeded quota: pods=1");
  room_.generation = 2;  // another spec: the old words no longer hold
  memory_.recreate_at = TimePoint::min();
  EXPECT_EQ(ready(), "False PodPending");
}

TEST_F(StatusTest, ReadyHangsOnWhatTheRecorderFinds) {
  const auto set = [&](ConditionType type, ConditionStatus value, std::string_view why) {
    set_condition(room_.conditions,
                  {.type = type, .status = value, .reason = std::string(why), .message = "words"},
                  test::wall);
  };
  set(ConditionType::storage_writable, ConditionStatus::no, reason::directory_in_use);
  EXPECT_EQ(ready(), "False DirectoryInUse");
  EXPECT_EQ(message_, "words");
  set(ConditionType::room_found, ConditionStatus::no, reason::not_found);
  EXPECT_EQ(ready(), "False RoomNotFound");
  room_.conditions.clear();
  EXPECT_EQ(ready(), "Unknown Pending");
}

TEST_F(StatusTest, LiveOrNotDoesNotMatter) {
  set_condition(room_.conditions, {.type = ConditionType::live, .reason = "Unreachable"}, test::wall);
  EXPECT_EQ(ready(), "True Ready");
}

TEST_F(StatusTest, Storage) {
  const auto storage = [&] { return of(ConditionType::storage_ready); };
  claim_->phase = ClaimPhase::pending;
  EXPECT_EQ(storage(), "False ClaimPending");
  EXPECT_EQ(ready(), "False StorageNotReady");
  claim_->phase = ClaimPhase::lost;
  EXPECT_EQ(storage(), "False ClaimLost");
  claim_ = test::make_claim_of(room_);
  claim_->terminating = true;
  EXPECT_EQ(storage(), "False ClaimTerminating");
  claim_ = test::make_claim_of(room_);
  claim_->managed = false;
  EXPECT_EQ(storage(), "False ClaimConflict");
  claim_ = test::make_claim_of(room_);
  claim_->resizing = "FileSystemResizePending";
  EXPECT_EQ(storage(), "True Resizing");
  memory_.growth_refused =
      Refusal{"Refused", "only dynamically provisioned pvc can be resized", 1, test::now};
  EXPECT_EQ(storage(), "True ResizeRefused");
  EXPECT_EQ(ready(), "True Ready");
  claim_.reset();
  EXPECT_EQ(storage(), "False ClaimPending");
  memory_.claim_refused = Refusal{"QuotaExceeded", "exceeded quota", 1, test::now};
  EXPECT_EQ(storage(), "False QuotaExceeded");
  memory_.claim_refused.reset();
  room_.spec.storage.claim_name = "shared";
  EXPECT_EQ(storage(), "False ClaimMissing");
  EXPECT_EQ(message_, "there is no claim shared");
}

TEST_F(StatusTest, AClaimThatWaitsForThePodIsNotWhatKeepsIt) {
  claim_->phase = ClaimPhase::pending;
  pod_->ready = false;
  pod_->phase = PodPhase::pending;
  pod_->unschedulable = "0/3 nodes are available";
  EXPECT_EQ(ready(), "False Unschedulable");
}

TEST_F(StatusTest, APodWhoseContainerIsBeingChangedIsNotUpToDate) {
  pod_->updated_from = "liveroom:0";
  EXPECT_EQ(of(ConditionType::up_to_date), "False Replacing");
  pod_->container = 8;
  EXPECT_EQ(of(ConditionType::up_to_date), "True UpToDate");
}

TEST_F(StatusTest, UpToDate) {
  const auto up_to_date = [&] { return of(ConditionType::up_to_date); };
  settings_.recorder_image = "liveroom:2";
  EXPECT_EQ(up_to_date(), "False ImageChanged");
  memory_.update_failed = "no such image";
  EXPECT_EQ(up_to_date(), "False ImagePullFailed");
  EXPECT_EQ(message_, "no such image");
  room_.spec.pod_template = R"({"nodeSelector":{"a":"b"}})";
  EXPECT_EQ(up_to_date(), "False TemplateChanged");
  EXPECT_EQ(message_, "waits for the recorder to be idle");
  test::report(room_, *pod_, true);
  EXPECT_EQ(up_to_date(), "False TemplateChanged");
  EXPECT_EQ(message_, "waits for the end of the recording");
  room_.spec.update_policy = UpdatePolicy::never;
  up_to_date();
  EXPECT_EQ(message_, "updatePolicy is Never");
  pod_->deleted = test::wall + 90s;
  EXPECT_EQ(up_to_date(), "False Replacing");
  pod_.reset();
  EXPECT_EQ(up_to_date(), "Unknown NoPod");
}

TEST_F(StatusTest, Suspended) {
  room_.spec.suspend = true;
  pod_.reset();
  EXPECT_EQ(ready(), "False Suspended");
  EXPECT_EQ(of(ConditionType::suspended), "True Suspended");
  EXPECT_EQ(of(ConditionType::storage_ready), "True Bound");
  claim_.reset();
  EXPECT_EQ(of(ConditionType::storage_ready), "Unknown Suspended");
}

TEST_F(StatusTest, TheYoungerOfTwoSaysSo) {
  elder_ = kube::ObjectKey{"other", "b"};
  EXPECT_EQ(ready(), "True DuplicateRoom");
  EXPECT_EQ(message_, "LiveRoom other/b records the same room");
}

TEST_F(StatusTest, AnInvalidSpecIsSaid) {
  const ControllerStatus invalid =
      invalid_status(status(), 7, "spec.roomId must be at least 1", test::wall + 1h);
  EXPECT_EQ(invalid.observed_generation, 7);
  const Condition* condition = find_condition(invalid.conditions, ConditionType::ready);
  EXPECT_EQ(condition->reason, "InvalidSpec");
  EXPECT_EQ(condition->message, "spec.roomId must be at least 1");
  EXPECT_EQ(invalid_status(invalid, 7, "spec.roomId must be at least 1", test::wall + 2h), invalid);
}

TEST_F(StatusTest, ThePatchHasOnlyTheControllersPart) {
  const Json patch = status_patch("a", status());
  EXPECT_EQ(patch["metadata"], Json({{"name", "a"}}));
  EXPECT_EQ(patch["status"]["conditions"].size(), 4U);
  EXPECT_EQ(patch["status"]["podName"], "a-recorder");
  EXPECT_EQ(patch["status"].size(), 3U);
  pod_.reset();
  EXPECT_FALSE(status_patch("a", status())["status"].contains("podName"));
}

}  // namespace
}  // namespace live::controller
