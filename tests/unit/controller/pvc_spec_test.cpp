// SPDX-License-Identifier: Apache-2.0
#include "controller/pvc_spec.hpp"

#include <gtest/gtest.h>

#include "base/json.hpp"
#include "golden.hpp"
#include "objects.hpp"

namespace live::controller {
namespace {

TEST(MakeClaim, FromTheOperatorsTemplate) {
  test::expect_golden(make_claim(test::make_room(), test::make_settings()), "claim_default.json");
}

TEST(MakeClaim, FromTheRoomsTemplate) {
  LiveRoom room = test::make_room();
  room.spec.storage.volume_claim_template =
      R"({"metadata": {"labels": {"team": "a", "liveroom.dev/room": "x"}, "annotations": {}},
          "spec": {"accessModes": ["ReadWriteOncePod"], "storageClassName": "fast",
                   "resources": {"requests": {"storage": "8Gi"}}}})";
  room.spec.storage.when_deleted = liveroom::WhenDeleted::remove;
  test::expect_golden(make_claim(room, test::make_settings()), "claim_full.json");
}

TEST(ClaimOwners, OthersStay) {
  const LiveRoom room = test::make_room();
  RecordingsClaim claim = test::make_claim_of(room);
  claim.owners = {{"v1", "ConfigMap", "x", "other", false, false}};
  const Json with = claim_owners(room, claim, true);
  ASSERT_EQ(with.size(), 2U);
  EXPECT_EQ(with[0]["uid"], "other");
  EXPECT_EQ(with[1]["uid"], room.uid);
  claim.owners.push_back({"liveroom.dev/v1alpha1", "LiveRoom", "a", room.uid, true, true});
  const Json without = claim_owners(room, claim, false);
  ASSERT_EQ(without.size(), 1U);
  EXPECT_EQ(without[0]["uid"], "other");
}

}  // namespace
}  // namespace live::controller
