// SPDX-License-Identifier: Apache-2.0
#include "controller/namespace_reconciler.hpp"

#include <gtest/gtest.h>

#include "fake_cluster.hpp"
#include "objects.hpp"
#include "support/loop.hpp"

namespace live::controller {
namespace {
using namespace std::chrono_literals;
using Calls = std::vector<std::string>;

const kube::ObjectKey account_key{"rooms", "liveroom-recorder"};
const kube::ObjectKey budget_key{"rooms", "liveroom-recording"};

class NamespaceReconcilerTest : public ::testing::Test {
 protected:
  NamespaceReconcilerTest() {
    cluster_.watch_with(live_rooms, rooms_.scope(""));
    cluster_.watch_with(kube::resources::pods, pods_.scope(""));
    for (const NamespaceObjectKind kind : namespace_object_kinds) {
      auto& store = objects_.emplace_back(std::make_unique<kube::Store<NamespaceObject>>(
          [kind](const Json& object) { return decode_namespace_object(kind, object); }));
      cluster_.watch_with(resource_of(kind), store->scope(""));
    }
    reconciler_.emplace(
        cluster_, loop_.clock, rooms_, pods_, index_,
        NamespaceReconciler::ObjectStores{objects_[0].get(), objects_[1].get(), objects_[2].get()});
    reconciler_->on_needed([this](const std::string& ns) { needed_.push_back(ns); });
    reconciler_->on_prepared([this](const kube::ObjectKey& room) { woken_.push_back(room); });
  }

  kube::Action reconcile() { return loop_.run(reconciler_->reconcile({"", "rooms"}, {})); }
  void add_room() {
    const LiveRoom room = test::make_room();
    index_.update(room.key, &room);
  }
  Calls calls() {
    Calls made = cluster_.calls();
    cluster_.forget_calls();
    return made;
  }

  live::test::Loop loop_;
  test::FakeCluster cluster_;
  kube::Store<LiveRoom> rooms_{decode_live_room};
  kube::Store<RecorderPod> pods_{decode_recorder_pod};
  std::vector<std::unique_ptr<kube::Store<NamespaceObject>>> objects_;
  RoomIndex index_;
  std::optional<NamespaceReconciler> reconciler_;
  std::vector<std::string> needed_;
  std::vector<kube::ObjectKey> woken_;
};

TEST_F(NamespaceReconcilerTest, TheFirstRoomPreparesItsNamespace) {
  add_room();
  EXPECT_FALSE(reconciler_->is_prepared({"rooms", "a"}));
  EXPECT_EQ(needed_, std::vector<std::string>{"rooms"});
  reconcile();
  EXPECT_EQ(calls(), (Calls{"apply:liveroom-controller serviceaccounts rooms/liveroom-recorder",
                            "apply:liveroom-controller rolebindings rooms/liveroom-recorder",
                            "apply:liveroom-controller poddisruptionbudgets rooms/liveroom-recording"}));
  EXPECT_EQ(woken_, (std::vector<kube::ObjectKey>{{"rooms", "a"}}));
  EXPECT_TRUE(reconciler_->is_prepared({"rooms", "b"}));
  reconcile();
  EXPECT_EQ(calls(), Calls{});
}

TEST_F(NamespaceReconcilerTest, WhatIsChangedIsRestored) {
  add_room();
  reconcile();
  calls();
  cluster_.change(kube::resources::disruption_budgets, budget_key, {{"spec", {{"minAvailable", 1}}}});
  reconcile();
  EXPECT_EQ(calls(), Calls{"apply:liveroom-controller poddisruptionbudgets rooms/liveroom-recording"});
  cluster_.vanish(kube::resources::service_accounts, account_key);
  reconcile();
  EXPECT_EQ(calls(), Calls{"apply:liveroom-controller serviceaccounts rooms/liveroom-recorder"});
  // The role of a binding can't be changed, only the binding made anew.
  cluster_.change(kube::resources::role_bindings, account_key, {{"roleRef", {{"name", "admin"}}}});
  reconcile();
  EXPECT_EQ(calls(), (Calls{"delete rolebindings rooms/liveroom-recorder",
                            "apply:liveroom-controller rolebindings rooms/liveroom-recorder"}));
}

// A watch that breaks, and the list after it comes before or after the answer to what was made meanwhile.
TEST_F(NamespaceReconcilerTest, WhatWentWhileNoWatchStoodIsMadeAgain) {
  std::vector<std::string> missed;
  for (const NamespaceObjectKind kind : namespace_object_kinds) {
    SCOPED_TRACE(resource_of(kind).kind);
    missed.clear();
    kube::Store<NamespaceObject>& store = *objects_[static_cast<std::size_t>(kind)];
    const kube::ObjectKey key{"rooms", name_of(kind)};
    const std::string call = "apply:liveroom-controller " + resource_of(kind).plural + " " + key.text();
    store.on_list([this, kind, &missed] {
      reconciler_->written(kind).for_each_missed(
          [&](const NamespaceObject& object) { missed.push_back(object.key.ns); });
    });
    for (const bool before : {true, false}) {
      add_room();
      cluster_.hold_back();
      cluster_.after([&](const std::string& made) {
        if (made != call || !before) return;
        cluster_.vanish(resource_of(kind), key);
        cluster_.watch_with(resource_of(kind), store.scope(""));
      });
      const kube::Action action = reconcile();
      EXPECT_EQ(action.kind, before ? kube::Action::Kind::after : kube::Action::Kind::await_change);
      cluster_.after(nullptr);
      if (!before) {
        cluster_.vanish(resource_of(kind), key);
        cluster_.watch_with(resource_of(kind), store.scope(""));
        EXPECT_EQ(missed, std::vector<std::string>{"rooms"});
      }
      cluster_.drop_held();
      calls();
      reconcile();
      EXPECT_EQ(calls(), Calls{call});
      for (const NamespaceObjectKind other : namespace_object_kinds)
        cluster_.vanish(resource_of(other), {"rooms", name_of(other)});
    }
  }
}

TEST_F(NamespaceReconcilerTest, TheLastRoomLeavesNothingBehind) {
  add_room();
  reconcile();
  const Json pod = parse_json(R"({"metadata": {"name": "a-recorder", "namespace": "rooms"}})");
  cluster_.put(kube::resources::pods, pod);
  index_.update({"rooms", "a"}, nullptr);
  calls();
  reconcile();
  EXPECT_EQ(calls(), Calls{});  // a recorder still reports by this account
  cluster_.vanish(kube::resources::pods, {"rooms", "a-recorder"});
  reconcile();
  EXPECT_EQ(calls().size(), 3U);
  EXPECT_EQ(cluster_.find(kube::resources::service_accounts, account_key), nullptr);
  EXPECT_FALSE(reconciler_->is_prepared({"rooms", "a"}));
}

TEST_F(NamespaceReconcilerTest, ARefusalOpensTheGateAndIsTriedAgain) {
  add_room();
  cluster_.refuse([](const std::string& call, const Json&) -> std::optional<kube::ApiError> {
    if (call.find("rolebindings") == std::string::npos) return std::nullopt;
    return test::api_error(403, "Forbidden", "no right to bind");
  });
  EXPECT_FALSE(reconciler_->is_prepared({"rooms", "a"}));
  EXPECT_EQ(reconcile().delay, NamespaceReconciler::refusal_again);
  EXPECT_TRUE(reconciler_->is_prepared({"rooms", "a"}));
  cluster_.refuse({});
  EXPECT_EQ(reconcile().kind, kube::Action::Kind::await_change);
}

TEST_F(NamespaceReconcilerTest, AnIncompleteListIsNoEmptyNamespace) {
  add_room();
  reconcile();
  index_.update({"rooms", "a"}, nullptr);
  kube::Store<LiveRoom> unknown(decode_live_room);
  NamespaceReconciler early(cluster_, loop_.clock, unknown, pods_, index_,
                            {objects_[0].get(), objects_[1].get(), objects_[2].get()});
  calls();
  EXPECT_EQ(loop_.run(early.reconcile({"", "rooms"}, {})).kind, kube::Action::Kind::after);
  EXPECT_EQ(calls(), Calls{});
}

TEST(NamespaceObjects, AreWhatTheyShouldBe) {
  for (const NamespaceObjectKind kind : namespace_object_kinds) {
    Json object = wanted_object(kind, "rooms");
    object["metadata"]["uid"] = "u";
    object["metadata"]["labels"]["more"] = "x";
    auto decoded = decode_namespace_object(kind, object);
    ASSERT_TRUE(decoded);
    EXPECT_TRUE(decoded->as_wanted);
    EXPECT_FALSE(decoded->is_replaced);
    object["metadata"]["labels"].erase("app.kubernetes.io/managed-by");
    decoded = decode_namespace_object(kind, object);
    EXPECT_FALSE(decoded->as_wanted);
  }
}

}  // namespace
}  // namespace live::controller
