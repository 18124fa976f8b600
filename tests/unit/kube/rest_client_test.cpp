// SPDX-License-Identifier: Apache-2.0
#include "kube/rest_client.hpp"

#include <gtest/gtest.h>

#include <boost/asio/error.hpp>

#include "base/json.hpp"
#include "base/metrics.hpp"
#include "scripted_api.hpp"
#include "support/loop.hpp"
#include "support/temp_directory.hpp"

namespace live::kube {
namespace {
using namespace std::chrono_literals;

struct RestClientTest : testing::Test {
  live::test::Loop loop;
  live::test::TempDirectory directory;
  test::ScriptedApi api{loop.clock};
  Metrics metrics;
  std::string token_file = directory.write("token", "first");
  RestClient client{api,
                    api,
                    loop.clock,
                    metrics,
                    TokenSource("", token_file),
                    {net::parse_url("https://host:6443/k8s/").value(), 30s}};
  ObjectKey pod{"rooms", "a"};

  void reply(int status, const std::string& body, net::Headers headers = {}) {
    api.on_request = [=](const net::HttpRequest&) { return test::Reply{status, body, headers, {}, {}}; };
  }
  ApiResult<Json> get() { return loop.run(client.get(resources::pods, pod, {})); }
};

TEST_F(RestClientTest, AddsServerPrefixAndToken) {
  reply(200, R"({"kind":"Pod","metadata":{"name":"a"}})");
  const ApiResult<Json> answer = get();
  ASSERT_TRUE(answer);
  EXPECT_EQ((*answer)["metadata"]["name"], "a");
  ASSERT_EQ(api.requests.size(), 1u);
  EXPECT_EQ(api.requests[0].url.text(), "https://host:6443/k8s/api/v1/namespaces/rooms/pods/a");
  EXPECT_EQ(api.requests[0].headers.get("Authorization"), "Bearer first");
  EXPECT_EQ(api.requests[0].timeout, 30s);
}

TEST_F(RestClientTest, AnswersOfTheServerAreValues) {
  reply(409, R"({"kind":"Status","reason":"AlreadyExists","message":"pods \"a\" already exists","code":409})",
        {{"retry-after", "2"}});
  const ApiResult<Json> created = loop.run(client.create(resources::pods, "rooms", Json::object(), {}, {}));
  ASSERT_FALSE(created);
  EXPECT_TRUE(created.error().is_already_exists());
  EXPECT_EQ(created.error().retry_after, 2s);
  EXPECT_EQ(api.requests[0].method, "POST");
}

TEST_F(RestClientTest, NoAnswerAndAnUnreadableOneThrow) {
  api.on_request = [](const net::HttpRequest&) {
    return test::Reply{0, "", {}, 0s, asio::error::connection_refused};
  };
  EXPECT_THROW(get(), system_error);
  reply(200, "<html>a proxy's page</html>");
  EXPECT_THROW(get(), system_error);
  EXPECT_THROW(loop.run(client.list(resources::pods, "", {}, {})), system_error);
  reply(200, R"({"kind":"Table"})");
  EXPECT_THROW(loop.run(client.list(resources::pods, "", {}, {})), system_error);
}

TEST_F(RestClientTest, ARefusedTokenIsReadAgainAndTheRequestSentOnceMore) {
  api.on_request = [this](const net::HttpRequest& request) {
    directory.write("token", "second");
    const bool accepted = request.headers.get("Authorization") == "Bearer second";
    return test::Reply{accepted ? 200 : 401, "{}", {}, {}, {}};
  };
  EXPECT_TRUE(get());
  EXPECT_EQ(api.requests.size(), 2u);
  api.requests.clear();
  reply(401, R"({"kind":"Status","reason":"Unauthorized"})");
  EXPECT_TRUE(get().error().is_unauthorized());
  EXPECT_EQ(api.requests.size(), 2u);
}

TEST_F(RestClientTest, TheTokenOfAWatchIsRenewedToo) {
  api.on_watch = [this](const net::HttpRequest& request) {
    directory.write("token", "second");
    const bool accepted = request.headers.get("Authorization") == "Bearer second";
    return test::Reply{accepted ? 200 : 401, "", {}, {}, {}};
  };
  EXPECT_TRUE(loop.run(client.watch(resources::pods, "", {}, {})));
  EXPECT_EQ(api.requests.size(), 2u);
}

TEST_F(RestClientTest, ListsGivePages) {
  reply(200, R"({"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"7"},
                 "items":[{"metadata":{"name":"a"}}]})");
  ListOptions options;
  options.limit = 100;
  const ApiResult<ListPage> page = loop.run(client.list(resources::pods, "rooms", options, {}));
  ASSERT_TRUE(page);
  EXPECT_EQ(page->items.size(), 1u);
  EXPECT_EQ(page->resource_version, "7");
  EXPECT_EQ(api.requests[0].url.target, "/k8s/api/v1/namespaces/rooms/pods?limit=100");
}

TEST_F(RestClientTest, ARefusedWatchIsAValueAndItsBodyIsBounded) {
  api.on_watch = [](const net::HttpRequest&) {
    return test::Reply{429,
                       R"({"kind":"Status","reason":"TooManyRequests","message":"later"})",
                       net::Headers{{"Retry-After", "5"}},
                       {},
                       {}};
  };
  const auto refused = loop.run(client.watch(resources::pods, "", {}, {}));
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().is_too_many_requests());
  EXPECT_EQ(refused.error().retry_after, 5s);
  api.on_watch = [](const net::HttpRequest&) {
    return test::Reply{500, std::string(1 << 20, 'x'), {}, {}, {}};
  };
  EXPECT_EQ(loop.run(client.watch(resources::pods, "", {}, {})).error().code, 500);
}

TEST_F(RestClientTest, AWarningOfTheServerIsLoggedOnce) {
  testing::internal::CaptureStderr();
  reply(200, "{}", {{"Warning", "299 - \"v1 is deprecated\""}, {"Warning", "299 - \"other\""}});
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(get());
  const std::string log = testing::internal::GetCapturedStderr();
  for (const char* text : {"v1 is deprecated", "other"}) {
    const std::size_t first = log.find(text);
    ASSERT_NE(first, std::string::npos) << log;
    EXPECT_EQ(log.find(text, first + 1), std::string::npos) << log;
  }
}

TEST_F(RestClientTest, CountsRequestsByCodeAndMethod) {
  reply(200, "{}");
  EXPECT_TRUE(get());
  EXPECT_TRUE(get());
  reply(404, "{}");
  EXPECT_FALSE(loop.run(client.remove(resources::pods, pod, {}, {})));
  api.on_request = [](const net::HttpRequest&) {
    return test::Reply{0, "", {}, 0s, asio::error::connection_reset};
  };
  EXPECT_THROW(get(), system_error);
  const std::string text = metrics.text();
  const auto series = [](const std::string& code, const std::string& method, int value) {
    return "rest_client_requests_total{code=\"" + code + "\",host=\"host:6443\",method=\"" + method + "\"} " +
           std::to_string(value);
  };
  EXPECT_NE(text.find(series("200", "GET", 2)), std::string::npos) << text;
  EXPECT_NE(text.find(series("404", "DELETE", 1)), std::string::npos);
  EXPECT_NE(text.find(series("<error>", "GET", 1)), std::string::npos);
  EXPECT_NE(text.find("rest_client_request_duration_seconds_count{host=\"host:6443\",verb=\"GET\"} 2"),
            std::string::npos);
}

TEST_F(RestClientTest, AStopIsNoError) {
  api.on_request = [](const net::HttpRequest&) { return test::Reply{200, "{}", {}, 20s, {}}; };
  std::stop_source stop;
  stop.request_stop();
  EXPECT_ANY_THROW(loop.run(client.get(resources::pods, pod, stop.get_token())));
  EXPECT_EQ(metrics.text().find("<error>"), std::string::npos);
}

}  // namespace
}  // namespace live::kube
