// SPDX-License-Identifier: Apache-2.0
#include "kube/reflector.hpp"

#include <gtest/gtest.h>

#include <boost/asio/error.hpp>
#include <map>

#include "base/json.hpp"
#include "base/metrics.hpp"
#include "base/random.hpp"
#include "base/task_group.hpp"
#include "kube/informer.hpp"
#include "kube/rest_client.hpp"
#include "scripted_api.hpp"
#include "support/loop.hpp"

namespace live::kube {
namespace {
using namespace std::chrono_literals;

struct Thing {
  std::string name;
  std::string version;
};

Result<Thing> decode(const Json& object) {
  if (object.contains("bad")) return failure("bad");
  return Thing{key_of(object).name, resource_version_of(object)};
}

// A server with one namespace of pods.
struct ReflectorTest : testing::Test {
  live::test::Loop loop;
  test::ScriptedApi api{loop.clock};
  Metrics metrics;
  Random random{7};
  RestClient client{
      api, api, loop.clock, metrics, TokenSource("", ""), {net::parse_url("http://host").value(), 30s}};
  Store<Thing> store{decode};
  int returns = 0;  // of the server
  Reflector reflector{client, loop.clock, random, metrics, store.scope("rooms"), counting()};
  TaskGroup group{loop.executor()};

  std::map<std::string, int> objects;  // name, version
  int version = 100;
  std::vector<std::string> changes;
  std::optional<test::Reply> list_reply;

  static ReflectorOptions options() {
    ReflectorOptions made;
    made.resource = resources::pods;
    made.ns = "rooms";
    made.label_selector = "app=x";
    made.page_size = 2;
    made.streaming_lists = false;
    return made;
  }

  ReflectorOptions counting() {
    ReflectorOptions made = options();
    made.on_return = [this] { ++returns; };
    return made;
  }

  ReflectorTest() {
    api.on_request = [this](const net::HttpRequest& request) {
      return list_reply ? *list_reply : list(request);
    };
    store.on_change([this](const Store<Thing>::Change& change) {
      changes.push_back((change.after ? "+" : "-") + change.key.name);
    });
  }
  ~ReflectorTest() override {
    group.request_stop();
    loop.run(group.join());
  }

  test::Reply list(const net::HttpRequest& request) const {
    const std::size_t at = request.url.target.find("continue=");
    const std::size_t from = at == std::string::npos ? 0 : std::stoul(request.url.target.substr(at + 9));
    const bool paged = request.url.target.find("limit=") != std::string::npos;
    Json page{{"kind", "PodList"}, {"apiVersion", "v1"}, {"items", Json::array()}};
    page["metadata"] = {{"resourceVersion", std::to_string(version)}};
    std::size_t index = 0;
    for (const auto& [name, at_version] : objects) {
      if (index++ < from) continue;
      if (paged && page["items"].size() == 2) {
        page["metadata"]["continue"] = std::to_string(index - 1);
        break;
      }
      page["items"].push_back({{"metadata", meta(name, at_version)}});
    }
    return {200, dump_json(page), {}, {}, {}};
  }
  static Json meta(const std::string& name, int at_version) {
    return {{"name", name}, {"namespace", "rooms"}, {"resourceVersion", std::to_string(at_version)}};
  }
  std::string event(const char* type, const std::string& name, const char* kind = "Pod") {
    objects[name] = ++version;
    if (std::string(type) == "DELETED") objects.erase(name);
    return dump_json({{"type", type}, {"object", {{"kind", kind}, {"metadata", meta(name, version)}}}}) +
           "\n";
  }
  std::string bookmark() {
    return dump_json({{"type", "BOOKMARK"},
                      {"object",
                       {{"kind", "Pod"}, {"metadata", {{"resourceVersion", std::to_string(++version)}}}}}}) +
           "\n";
  }
  static std::string expired() {
    return R"({"type":"ERROR","object":{"kind":"Status","reason":"Expired","code":410,"message":"too old"}})";
  }

  void start() {
    group.spawn(reflector.run(group.token()));
    loop.poll();
  }
  void feed(const std::string& bytes) {
    api.streams.back()->send(bytes);
    loop.poll();
  }
  std::size_t lists() const { return api.count("limit=2"); }
  std::string last_target() const { return api.requests.back().url.target; }
  void expect_equal() const {
    EXPECT_EQ(store.size(), objects.size());
    for (const auto& [name, at_version] : objects) {
      const auto found = store.find({"rooms", name});
      ASSERT_NE(found, nullptr) << name;
      EXPECT_EQ(found->version, std::to_string(at_version));
    }
  }
  bool has_series(const std::string& name, int value) const {
    return metrics.text().find(name + "{namespace=\"rooms\",resource=\"pods\"} " + std::to_string(value)) !=
           std::string::npos;
  }
};

TEST_F(ReflectorTest, ListsInPagesThenFollowsTheWatch) {
  objects = {{"a", 1}, {"b", 2}, {"c", 3}, {"d", 4}, {"e", 5}};
  start();
  EXPECT_TRUE(reflector.has_synced());
  expect_equal();
  EXPECT_EQ(api.requests.size(), 4u);
  EXPECT_EQ(api.requests[0].url.target, "/api/v1/namespaces/rooms/pods?labelSelector=app%3Dx&limit=2");
  EXPECT_EQ(last_target().find(
                "/api/v1/namespaces/rooms/pods?watch=1&allowWatchBookmarks=true&labelSelector=app%3Dx"
                "&resourceVersion=100&timeoutSeconds="),
            0u);
  feed(event("ADDED", "f"));
  std::string two = event("MODIFIED", "a");
  two += event("DELETED", "b");
  feed(two);
  expect_equal();
  EXPECT_EQ(store.resource_version("rooms"), std::to_string(version));
  EXPECT_EQ(changes.size(), 8u);
  EXPECT_TRUE(has_series("reflector_cache_synced", 1));
  EXPECT_TRUE(has_series("reflector_events_total", 3));
}

TEST_F(ReflectorTest, AfterACleanEndItGoesOnFromTheLastBookmark) {
  start();
  feed(bookmark());
  loop.advance(100s);
  feed(bookmark());
  api.streams.back()->end();
  loop.poll();
  EXPECT_EQ(api.streams.size(), 2u);
  EXPECT_NE(last_target().find("resourceVersion=" + std::to_string(version) + "&"), std::string::npos);
  EXPECT_EQ(lists(), 1u);
}

TEST_F(ReflectorTest, AnExpiredVersionInsideTheStreamMeansANewListAndMissedDeletesAreFound) {
  objects = {{"a", 1}, {"b", 2}};
  start();
  objects.erase("a");
  objects["c"] = ++version;
  feed(expired());
  expect_equal();
  EXPECT_EQ(store.find({"rooms", "a"}), nullptr);
  EXPECT_EQ(api.streams.size(), 2u);
  EXPECT_FALSE(api.streams[0]->being_read());
  feed(event("ADDED", "d"));
  expect_equal();
}

TEST_F(ReflectorTest, ASilentWatchIsNoticedWithinTwoMinutes) {
  start();
  objects["missed"] = ++version;
  loop.advance(119s);
  EXPECT_EQ(store.size(), 0u);
  loop.advance(1s);
  expect_equal();
  EXPECT_TRUE(has_series("reflector_silent_watches_total", 1));
}

TEST_F(ReflectorTest, BookmarksKeepAQuietWatchAlive) {
  start();
  for (int i = 0; i < 4; ++i) {
    loop.advance(61s);
    feed(bookmark());
  }
  EXPECT_EQ(api.streams.size(), 1u);
}

TEST_F(ReflectorTest, AStreamThatTheServerDoesNotEndIsClosedByUs) {
  start();
  for (int i = 0; i < 11; ++i) {
    loop.advance(60s);
    feed(bookmark());
  }
  EXPECT_EQ(api.streams.size(), 2u);
  EXPECT_FALSE(api.streams[0]->being_read());
  EXPECT_EQ(lists(), 1u);
}

TEST_F(ReflectorTest, ACutInMidObjectLosesNothing) {
  start();
  const std::string first = event("ADDED", "a");
  const std::string second = event("ADDED", "b");
  loop.advance(2s);
  feed(first + second.substr(0, second.size() / 2));
  api.streams.back()->cut(asio::error::connection_reset);
  loop.poll();
  EXPECT_NE(last_target().find("resourceVersion=101&"), std::string::npos);
  feed(second);
  expect_equal();
  EXPECT_EQ(lists(), 1u);
}

TEST_F(ReflectorTest, AnEndInsideADocumentIsACut) {
  start();
  loop.advance(2s);
  feed("{\"type\":");
  api.streams.back()->end();
  loop.poll();
  EXPECT_EQ(api.streams.size(), 2u);
  EXPECT_TRUE(has_series("reflector_watch_errors_total", 1));
}

TEST_F(ReflectorTest, WhileTheServerIsAwayItTriesTheSameWatchAndDoesNotList) {
  start();
  loop.advance(2s);
  api.on_watch = [](const net::HttpRequest&) {
    return test::Reply{0, "", {}, 0s, asio::error::connection_refused};
  };
  api.streams.back()->cut(asio::error::connection_reset);
  loop.advance(5min);
  const std::size_t tries = api.count("watch=1") - 1;
  EXPECT_GE(tries, 37u);
  EXPECT_LE(tries, 75u);
  EXPECT_EQ(lists(), 1u);
  EXPECT_EQ(returns, 0);
  api.on_watch = nullptr;
  loop.advance(8s);
  EXPECT_EQ(api.streams.size(), 2u);
  EXPECT_EQ(returns, 1);
  feed(event("ADDED", "a"));
  expect_equal();
}

TEST_F(ReflectorTest, OtherKindsAndTypesAreSkippedAndCounted) {
  start();
  feed(event("ADDED", "a", "Table"));
  objects.clear();
  feed(R"({"type":"SURPRISE","object":{"kind":"Pod","metadata":{"name":"x","resourceVersion":"500"}}})");
  feed(R"({"type":"ADDED"})");
  EXPECT_EQ(store.size(), 0u);
  EXPECT_TRUE(has_series("reflector_skipped_events_total", 3));
  EXPECT_TRUE(api.streams.back()->being_read());
}

TEST_F(ReflectorTest, AnEventTooLargeMeansANewList) {
  start();
  std::string huge = R"({"type":"ADDED","object":{"kind":"Pod","x":")";
  huge.append(9 << 20, 'x');
  feed(huge);
  loop.advance(2s);
  EXPECT_EQ(lists(), 2u);
  EXPECT_EQ(api.streams.size(), 2u);
}

TEST_F(ReflectorTest, ARefusedListSettlesItAndItGoesOnTrying) {
  list_reply = test::Reply{403, R"({"kind":"Status","reason":"Forbidden","message":"no"})", {}, {}, {}};
  start();
  EXPECT_FALSE(reflector.has_synced());
  EXPECT_TRUE(reflector.has_settled());
  ASSERT_TRUE(reflector.last_error());
  EXPECT_TRUE(reflector.last_error()->is_forbidden());
  list_reply.reset();
  loop.advance(2s);
  EXPECT_TRUE(reflector.has_synced());
  EXPECT_FALSE(reflector.last_error());
}

TEST_F(ReflectorTest, ABusyServerDoesNotSettleIt) {
  list_reply = test::Reply{429, "{}", net::Headers{{"Retry-After", "10"}}, {}, {}};
  start();
  EXPECT_FALSE(reflector.has_settled());
  loop.advance(9s);
  EXPECT_EQ(lists(), 1u);
  list_reply.reset();
  loop.advance(1s);
  EXPECT_TRUE(reflector.has_settled());
}

TEST_F(ReflectorTest, AHandlerThatThrowsDoesNotEndIt) {
  bool thrown = false;
  store.on_change([&](const Store<Thing>::Change& change) {
    if (change.key.name == "a" && !std::exchange(thrown, true)) throw std::runtime_error("handler");
  });
  start();
  feed(event("ADDED", "a"));
  loop.advance(2s);
  EXPECT_TRUE(thrown);
  EXPECT_EQ(lists(), 2u);
  feed(event("ADDED", "b"));
  expect_equal();
}

TEST_F(ReflectorTest, TellsTheAgeOfItsNews) {
  EXPECT_FALSE(reflector.last_news());
  start();
  loop.advance(42s);
  reflector.refresh_metrics();
  EXPECT_TRUE(has_series("reflector_watch_last_event_age_seconds", 42));
  feed(bookmark());
  EXPECT_EQ(reflector.last_news(), loop.clock.now());
}

TEST_F(ReflectorTest, AStopEndsItFromEachState) {
  start();  // watching
  group.request_stop();
  loop.poll();
  EXPECT_EQ(group.running(), 0);
}

// A reflector whose lists are streamed.
struct StreamingReflectorTest : ReflectorTest {
  Store<Thing> streamed{decode};
  Reflector streaming{client, loop.clock, random, metrics, streamed.scope("rooms"), streaming_options()};

  static ReflectorOptions streaming_options() {
    ReflectorOptions made = options();
    made.streaming_lists = true;
    return made;
  }
  void start_streaming() {
    group.spawn(streaming.run(group.token()));
    loop.poll();
  }
  std::string end_of_list() {
    return dump_json({{"type", "BOOKMARK"},
                      {"object",
                       {{"kind", "Pod"},
                        {"metadata",
                         {{"resourceVersion", std::to_string(++version)},
                          {"annotations", {{"k8s.io/initial-events-end", "true"}}}}}}}}) +
           "\n";
  }
};

TEST_F(StreamingReflectorTest, ItsListIsTheBeginningOfItsWatch) {
  start_streaming();
  EXPECT_EQ(last_target().find(
                "/api/v1/namespaces/rooms/pods?watch=1&allowWatchBookmarks=true&labelSelector=app%3Dx"
                "&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&timeoutSeconds="),
            0u);
  feed(event("ADDED", "b") + event("ADDED", "a") + event("ADDED", "c") + event("DELETED", "c"));
  EXPECT_EQ(streamed.size(), 0u);
  EXPECT_FALSE(streaming.has_synced());
  feed(end_of_list());
  EXPECT_TRUE(streaming.has_synced());
  EXPECT_EQ(streamed.size(), 2u);
  EXPECT_EQ(streamed.resource_version("rooms"), std::to_string(version));
  feed(event("ADDED", "d"));
  EXPECT_EQ(streamed.size(), 3u);
  EXPECT_EQ(api.requests.size(), 1u);
  EXPECT_TRUE(has_series("reflector_lists_total", 1));
}

TEST_F(StreamingReflectorTest, AnOldServerIsListedAfterOneRequest) {
  objects = {{"a", 1}};
  api.on_watch = [](const net::HttpRequest& request) {
    if (request.url.target.find("sendInitialEvents") == std::string::npos)
      return test::Reply{200, "", {}, {}, {}};
    return test::Reply{
        422, R"({"kind":"Status","code":422,"reason":"Invalid","message":"forbidden"})", {}, {}, {}};
  };
  start_streaming();
  EXPECT_TRUE(streaming.has_synced());
  EXPECT_EQ(streamed.size(), 1u);
  EXPECT_EQ(api.requests.size(), 3u);
  feed(expired());
  EXPECT_EQ(api.count("sendInitialEvents"), 1u);
}

TEST_F(StreamingReflectorTest, ACutBeforeTheEndLeavesNoTrace) {
  objects = {{"a", 1}};
  start_streaming();
  feed(event("ADDED", "ghost"));
  objects.erase("ghost");
  api.streams.back()->cut(asio::error::connection_reset);
  loop.poll();
  EXPECT_TRUE(streaming.has_synced());
  EXPECT_EQ(streamed.size(), 1u);
  EXPECT_NE(streamed.find({"rooms", "a"}), nullptr);
}

struct InformerTest : testing::Test {
  live::test::Loop loop;
  test::ScriptedApi api{loop.clock};
  Metrics metrics;
  Random random{7};
  RestClient client{
      api, api, loop.clock, metrics, TokenSource("", ""), {net::parse_url("http://host").value(), 30s}};
};

TEST_F(InformerTest, HasAReflectorForEachNamespaceAndOneRefusedBlocksNoOther) {
  api.on_request = [](const net::HttpRequest& request) {
    if (request.url.target.find("/namespaces/b/") != std::string::npos)
      return test::Reply{403, "{}", {}, {}, {}};
    return test::Reply{200,
                       R"({"kind":"PodList","metadata":{"resourceVersion":"1"},"items":[
        {"metadata":{"name":"x","namespace":"a","resourceVersion":"1"}}]})",
                       {},
                       {},
                       {}};
  };
  ReflectorOptions options;
  options.resource = resources::pods;
  options.streaming_lists = false;
  Informer<Thing> informer(client, loop.clock, random, metrics, options, {"b", "a", "a"}, decode);
  ASSERT_EQ(informer.reflectors().size(), 2u);
  TaskGroup group(loop.executor());
  for (const auto& reflector : informer.reflectors()) group.spawn(reflector->run(group.token()));
  loop.poll();
  EXPECT_TRUE(informer.store().synced("a"));
  EXPECT_FALSE(informer.store().synced("b"));
  EXPECT_NE(informer.store().find({"a", "x"}), nullptr);
  EXPECT_TRUE(informer.reflectors()[1]->has_settled());
  group.request_stop();
  loop.run(group.join());
  EXPECT_EQ(
      Informer<Thing>(client, loop.clock, random, metrics, options, {}, decode).reflectors()[0]->options().ns,
      "");
}

}  // namespace
}  // namespace live::kube
