// SPDX-License-Identifier: Apache-2.0
#include "kube/store.hpp"

#include <gtest/gtest.h>

#include "base/json.hpp"

namespace live::kube {
namespace {

struct Thing {
  ObjectMeta meta;
  std::int64_t value = 0;
};

Result<Thing> decode(const Json& object) {
  const Result<ObjectMeta> meta = parse_meta(object);
  if (!meta) return Failure{meta.error()};
  if (object.value("value", 0) < 0) return failure("value: negative");
  return Thing{*meta, object.at("value").get<std::int64_t>()};  // throws for what is no number
}

Json thing(const std::string& name, const std::string& version, Json value, const std::string& ns = "ns") {
  return Json{{"metadata", {{"namespace", ns}, {"name", name}, {"resourceVersion", version}}},
              {"value", std::move(value)}};
}

struct StoreTest : testing::Test {
  Store<Thing> store{decode};
  std::vector<std::string> changes;

  StoreTest() {
    store.on_change([this](const Store<Thing>::Change& change) {
      std::string text = change.key.name + " ";
      text += change.before ? std::to_string(change.before->value) : "-";
      text += " ";
      text += change.after ? std::to_string(change.after->value) : "-";
      if (change.first_list) text += " first";
      changes.push_back(text);
    });
  }
  void list(ObjectSink& sink, std::vector<Json> items, const std::string& version = "10") {
    sink.begin_list();
    for (const Json& item : items) sink.list_item(item);
    sink.commit_list(version);
  }
  std::vector<std::string> take() {
    std::vector<std::string> taken = std::exchange(changes, {});
    std::sort(taken.begin(), taken.end());
    return taken;
  }
  using Lines = std::vector<std::string>;
};

TEST_F(StoreTest, IsFilledByTheCommitOfAListAndNotBefore) {
  ObjectSink& sink = store.scope("");
  EXPECT_FALSE(store.synced());
  sink.begin_list();
  sink.list_item(thing("a", "1", 1));
  EXPECT_EQ(store.find({"ns", "a"}), nullptr);
  EXPECT_EQ(take(), Lines{});
  sink.commit_list("10");
  EXPECT_TRUE(store.synced());
  EXPECT_TRUE(store.synced("anything"));
  EXPECT_EQ(store.resource_version("ns"), "10");
  EXPECT_EQ(store.find({"ns", "a"})->value, 1);
  EXPECT_EQ(take(), Lines{"a - 1 first"});
}

TEST_F(StoreTest, ARelistReportsOnlyDifferencesAndTheMissingAsGone) {
  ObjectSink& sink = store.scope("");
  list(sink, {thing("a", "1", 1), thing("b", "2", 2), thing("c", "3", 3)});
  take();
  list(sink, {thing("a", "1", 1), thing("b", "12", 20), thing("d", "13", 4)}, "20");
  EXPECT_EQ(take(), (Lines{"b 2 20", "c 3 -", "d - 4"}));
  EXPECT_EQ(store.find({"ns", "c"}), nullptr);
  EXPECT_EQ(store.size(), 3u);
}

TEST_F(StoreTest, AnUnfinishedListLeavesNoTrace) {
  ObjectSink& sink = store.scope("");
  list(sink, {thing("a", "1", 1)});
  sink.begin_list();
  sink.list_item(thing("x", "2", 2));
  list(sink, {thing("a", "1", 1)});
  EXPECT_EQ(store.find({"ns", "x"}), nullptr);
  EXPECT_EQ(store.size(), 1u);
}

TEST_F(StoreTest, ChangesAndRemovalsAreReportedWithBothSides) {
  ObjectSink& sink = store.scope("");
  list(sink, {});
  sink.changed(thing("a", "11", 1));
  sink.changed(thing("a", "12", 2));
  sink.removed(thing("a", "13", 2));
  sink.removed(thing("a", "14", 2));
  sink.advance("15");
  EXPECT_EQ(changes, (Lines{"a - 1", "a 1 2", "a 2 -"}));
  EXPECT_EQ(store.resource_version("ns"), "15");
}

TEST_F(StoreTest, WhatWasReadStaysAsItWas) {
  ObjectSink& sink = store.scope("");
  list(sink, {thing("a", "1", 1)});
  const auto held = store.find({"ns", "a"});
  sink.changed(thing("a", "2", 2));
  sink.removed(thing("a", "3", 2));
  EXPECT_EQ(held->value, 1);
}

TEST_F(StoreTest, OneBadObjectDoesNotBreakTheList) {
  ObjectSink& sink = store.scope("");
  list(sink, {thing("bad", "1", -5), thing("ugly", "2", "text"), thing("good", "3", 3)});
  EXPECT_EQ(store.find({"ns", "good"})->value, 3);
  EXPECT_EQ(store.find({"ns", "bad"}), nullptr);
  ASSERT_NE(store.problem({"ns", "bad"}), nullptr);
  EXPECT_EQ(store.problem({"ns", "bad"})->message, "value: negative");
  EXPECT_NE(store.problem({"ns", "ugly"}), nullptr);
  EXPECT_EQ(store.problem({"ns", "good"}), nullptr);
  EXPECT_EQ(store.problem({"ns", "none"}), nullptr);
  EXPECT_EQ(take(), (Lines{"bad - - first", "good - 3 first", "ugly - - first"}));

  sink.changed(thing("bad", "4", 4));
  EXPECT_EQ(store.problem({"ns", "bad"}), nullptr);
  sink.changed(thing("good", "5", -1));
  EXPECT_EQ(changes, (Lines{"bad - 4", "good 3 -"}));
  sink.removed(thing("good", "6", -1));
  EXPECT_EQ(changes.back(), "good - -");
  EXPECT_EQ(store.problem({"ns", "good"}), nullptr);
}

TEST_F(StoreTest, EachNamespaceHasItsOwnList) {
  ObjectSink& one = store.scope("one");
  ObjectSink& two = store.scope("two");
  list(one, {thing("a", "1", 1, "one")});
  EXPECT_FALSE(store.synced());
  EXPECT_TRUE(store.synced("one"));
  EXPECT_FALSE(store.synced("two"));
  EXPECT_FALSE(store.synced("three"));
  list(two, {thing("a", "1", 2, "two")}, "33");
  EXPECT_TRUE(store.synced());
  list(one, {});
  EXPECT_EQ(store.find({"one", "a"}), nullptr);
  EXPECT_EQ(store.find({"two", "a"})->value, 2);
  EXPECT_EQ(store.resource_version("two"), "33");
  int seen = 0;
  store.for_each([&](const ObjectKey& key, const Thing& object) {
    EXPECT_EQ(key.ns, "two");
    EXPECT_EQ(object.value, 2);
    ++seen;
  });
  EXPECT_EQ(seen, 1);
}

}  // namespace
}  // namespace live::kube
