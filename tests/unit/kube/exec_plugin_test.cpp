// SPDX-License-Identifier: Apache-2.0
#include "kube/exec_plugin.hpp"

#include <gtest/gtest.h>

#include <mutex>

#include "base/json.hpp"
#include "base/metrics.hpp"
#include "base/time_format.hpp"
#include "kube/connection.hpp"
#include "support/loop.hpp"
#include "support/scripted_server.hpp"
#include "support/temp_directory.hpp"

namespace live::kube {
namespace {
using namespace std::chrono_literals;

const std::string v1 = "client.authentication.k8s.io/v1";

std::string answer(const std::string& status) {
  return R"({"kind":"ExecCredential","apiVersion":")" + v1 + R"(","status":)" + status + "}";
}

TEST(ExecCredential, TokenCertificateAndTimeAreRead) {
  const auto token =
      parse_exec_credential(answer(R"({"token":"t","expirationTimestamp":"2026-01-02T03:04:05Z"})"), v1);
  ASSERT_TRUE(token) << token.error().message;
  EXPECT_EQ(token->token, "t");
  EXPECT_TRUE(token->expires);
  const auto certificate =
      parse_exec_credential(answer(R"({"clientCertificateData":"C","clientKeyData":"K"})"), v1);
  ASSERT_TRUE(certificate);
  EXPECT_EQ(certificate->key_pem, "K");
  EXPECT_FALSE(certificate->expires);
}

TEST(ExecCredential, StrangeAnswersAreRefusedWithAReason) {
  const std::pair<std::string, std::string> cases[] = {
      {"", "its output is not a JSON object"},
      {R"({"kind":"Pod"})", "kind: not ExecCredential"},
      {R"({"kind":"ExecCredential","apiVersion":"x"})",
       "apiVersion: \"x\" is not the configured client.authentication.k8s.io/v1"},
      {answer("{}"), "status: neither token nor clientCertificateData"},
      {answer(R"({"clientKeyData":"K"})"), "status: clientCertificateData and clientKeyData belong together"},
      {answer(R"({"token":"a\nb"})"), "status.token: holds a line break"},
      {answer(R"({"token":"a","expirationTimestamp":"soon"})"),
       "status.expirationTimestamp: \"soon\" is no time"},
  };
  for (const auto& [text, problem] : cases) {
    const auto parsed = parse_exec_credential(text, v1);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().message, problem);
  }
}

TEST(ExecInfo, TellsOfTheClusterOnlyWhenAsked) {
  ExecCommand command{.api_version = v1, .arguments = {"x"}, .environment = {}, .install_hint = {}};
  const ExecCluster cluster{
      .server = "https://x", .authority_pem = "PEM", .tls_server_name = "n", .proxy = "http://p/"};
  EXPECT_EQ(parse_json(exec_info(command, cluster)),
            parse_json(R"({"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential",
              "spec":{"interactive":false}})"));
  command.wants_cluster = true;
  EXPECT_EQ(json_at(parse_json(exec_info(command, cluster)), "/spec/cluster"),
            parse_json(R"({"server":"https://x","certificate-authority-data":"UEVN","tls-server-name":"n",
              "proxy-url":"http://p/"})"));
}

// A plugin that counts its runs and hands out token-1, token-2 and so on.
struct ExecPluginTest : testing::Test {
  test::Loop loop;
  test::TempDirectory directory;
  std::string count = directory.write("count", "0");
  ExecCommand command{.api_version = v1, .arguments = {"sh", "-c", script("")}};

  std::string script(const std::string& more) const {
    return "n=$(($(cat " + count + ") + 1)); echo $n > " + count +
           R"(; case $KUBERNETES_EXEC_INFO in *'"interactive":false'*) ;; *) exit 9;; esac; )" +
           R"(printf '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{"token":"token-%s")" +
           more + R"(}}' $n)";
  }
  ExecPlugin plugin() { return {loop.executor(), loop.clock, command, {}}; }
  std::string token(ExecPlugin& from) { return loop.run_real(from.get({})).token; }
};

TEST_F(ExecPluginTest, IsRunOnceUntilItsAnswerExpires) {
  const std::string expires =
      format_rfc3339(std::chrono::floor<std::chrono::seconds>(loop.clock.wall_now()) + 100s);
  command.arguments[2] = script(R"(,"expirationTimestamp":")" + expires + R"(")");
  ExecPlugin made = plugin();
  EXPECT_EQ(token(made), "token-1");
  loop.clock.set(loop.clock.now() + 80s);
  EXPECT_EQ(token(made), "token-1");
  loop.clock.set(loop.clock.now() + 15s);
  EXPECT_EQ(token(made), "token-2");
}

TEST_F(ExecPluginTest, IsRunAgainWhenRefusedButNotForAnOlderAnswer) {
  ExecPlugin made = plugin();
  const ExecCredential first = loop.run_real(made.get({}));
  made.refused(first);
  EXPECT_EQ(token(made), "token-2");
  made.refused(first);
  EXPECT_EQ(token(made), "token-2");
}

TEST_F(ExecPluginTest, ManyWhoAskAtOnceShareARun) {
  ExecPlugin made = plugin();
  int answered = 0;
  const auto ask = [](ExecPlugin& from, int& out) -> awaitable<void> {
    const ExecCredential credential = co_await from.get(std::stop_token());
    if (credential.token == "token-1") ++out;
  };
  for (int i = 0; i < 5; ++i) asio::co_spawn(loop.io, ask(made, answered), [](std::exception_ptr) {});
  loop.run_until([&] { return answered == 5; });
}

TEST_F(ExecPluginTest, AFailureSaysWhoAndHowToGetIt) {
  command.arguments = {"/nowhere/aws"};
  command.install_hint = "install the AWS CLI";
  ExecPlugin made = plugin();
  try {
    token(made);
    FAIL();
  } catch (const system_error& error) {
    EXPECT_NE(std::string(error.what())
                  .find("credential plugin /nowhere/aws: No such file or directory; install the AWS CLI"),
              std::string::npos)
        << error.what();
  }
}

TEST_F(ExecPluginTest, ItsTokenGoesWithRequestsAndARefusedOneIsReplacedOnce) {
  std::mutex mutex;
  std::vector<std::string> heads;
  test::ScriptedServer server([&](test::Peer& peer, int) {
    while (true) {
      const std::string head = peer.read_head();
      {
        const std::lock_guard lock(mutex);
        heads.push_back(head);
      }
      const bool known = head.find("Bearer token-2") != std::string::npos;
      peer.send(known ? "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
                      : "HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\n{}");
    }
  });
  ClusterConfig config;
  config.server = net::parse_url(server.url()).value();
  config.exec = command;
  Metrics metrics;
  auto connection = Connection::make(loop.executor(), loop.clock, metrics, config, {"test/0"});
  ASSERT_TRUE(connection);
  for (int i = 0; i < 2; ++i) {
    const auto got = loop.run_real((*connection)->client().get(resources::pods, {"a", "b"}, {}));
    EXPECT_TRUE(got) << got.error().text();
  }
  const std::lock_guard lock(mutex);
  ASSERT_EQ(heads.size(), 3u);
  EXPECT_NE(heads[0].find("Bearer token-1"), std::string::npos);
}

}  // namespace
}  // namespace live::kube
