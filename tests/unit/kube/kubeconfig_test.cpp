// SPDX-License-Identifier: Apache-2.0
#include "kube/kubeconfig.hpp"

#include <gtest/gtest.h>

namespace live::kube {
namespace {

const char* whole = R"(
apiVersion: v1
kind: Config
current-context: one
clusters:
- name: c1
  cluster: {server: "https://10.0.0.1:6443/prefix", certificate-authority: ca/ca.crt, tls-server-name: kube}
- name: c2
  cluster: {server: "https://[fd00::1]:6443", insecure-skip-tls-verify: true, certificate-authority-data: UEVN}
- {name: via-proxy, cluster: {server: "https://x", proxy-url: "http://p:3128"}}
contexts:
- {name: one, context: {cluster: c1, user: u1, namespace: rooms}}
- {name: two, context: {cluster: c2, user: u2}}
- {name: plugin, context: {cluster: c1, user: with-exec}}
- {name: proxied, context: {cluster: via-proxy, user: u1}}
- {name: half, context: {cluster: c1, user: no-key}}
- {name: lost, context: {cluster: none, user: u1}}
- {name: nobody, context: {cluster: c1, user: none}}
- {name: anonymous, context: {cluster: c1}}
- {name: garbled, context: {cluster: c1, user: not-base64}}
users:
- name: u1
  user: {client-certificate: cert.pem, client-key-data: S0VZ, client-key: ignored.pem}
- name: u2
  user: {token: abc, tokenFile: /abs/token}
- name: with-exec
  user:
    exec: {apiVersion: client.authentication.k8s.io/v1, command: bin/aws, args: [eks, get-token],
      env: [{name: AWS_PROFILE, value: x}], installHint: get it, provideClusterInfo: true}
- {name: no-key, user: {client-certificate-data: UEVN}}
- {name: not-base64, user: {client-certificate-data: "%%%", client-key-data: UEVN}}
)";

Kubeconfig parsed(const char* text, const std::string& directory = "/home/me/.kube") {
  Result<Kubeconfig> config = parse_kubeconfig(text, directory);
  EXPECT_TRUE(config) << config.error().message;
  return *std::move(config);
}

TEST(Kubeconfig, TheCurrentContextGivesServerAndCertificates) {
  const Result<ClusterConfig> config = parsed(whole).resolve("");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->server.text(), "https://10.0.0.1:6443/prefix");
  EXPECT_EQ(config->authority.file, "/home/me/.kube/ca/ca.crt");
  EXPECT_EQ(config->certificate.file, "/home/me/.kube/cert.pem");
  EXPECT_EQ(config->key.data, "KEY");
  EXPECT_EQ(config->key.file, "");
  EXPECT_EQ(config->tls_server_name, "kube");
  EXPECT_EQ(config->ns, "rooms");
  EXPECT_FALSE(config->insecure_skip_verify);
  EXPECT_EQ(config->source, "context one");
}

TEST(Kubeconfig, AnotherContextCanBeChosen) {
  const Result<ClusterConfig> config = parsed(whole).resolve("two");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->server.host, "fd00::1");
  EXPECT_EQ(config->server.port, 6443);
  EXPECT_EQ(config->authority.data, "PEM");
  EXPECT_TRUE(config->insecure_skip_verify);
  EXPECT_EQ(config->token, "abc");
  EXPECT_EQ(config->token_file, "/abs/token");
  EXPECT_EQ(config->ns, "default");
  EXPECT_TRUE(parsed(whole).resolve("anonymous"));
}

TEST(Kubeconfig, WhatItCanNotHonourIsRefusedByName) {
  const struct {
    const char* context;
    const char* message;
  } cases[] = {
      {"half", "users[no-key].client-key: missing; certificate and key belong together"},
      {"lost", "contexts[lost].cluster: there is no cluster \"none\""},
      {"nobody", "contexts[nobody].user: there is no user \"none\""},
      {"absent", "contexts: there is no \"absent\""},
      {"garbled", "users[not-base64].client-certificate-data: not base64"},
  };
  for (const auto& c : cases) EXPECT_EQ(parsed(whole).resolve(c.context).error().message, c.message);
  for (const char* field : {"username", "password", "as", "auth-provider"}) {
    const std::string text =
        std::string("{current-context: x, contexts: [{name: x, context: {cluster: c, user: u}}],") +
        "clusters: [{name: c, cluster: {server: 'https://x'}}], users: [{name: u, user: {" + field +
        ": value}}]}";
    EXPECT_EQ(parsed(text.c_str()).resolve("").error().message,
              std::string("users[u].") + field + ": not supported");
  }
}

TEST(Kubeconfig, ACredentialPluginIsTakenWithItsArguments) {
  const Result<ClusterConfig> config = parsed(whole).resolve("plugin");
  ASSERT_TRUE(config) << config.error().message;
  ASSERT_TRUE(config->exec);
  EXPECT_EQ(*config->exec, (ExecCommand{.api_version = "client.authentication.k8s.io/v1",
                                        .arguments = {"/home/me/.kube/bin/aws", "eks", "get-token"},
                                        .environment = {{"AWS_PROFILE", "x"}},
                                        .install_hint = "get it",
                                        .wants_cluster = true}));
}

TEST(Kubeconfig, AProxyIsTaken) {
  const Result<ClusterConfig> config = parsed(whole).resolve("proxied");
  ASSERT_TRUE(config) << config.error().message;
  ASSERT_TRUE(config->proxy);
  EXPECT_EQ(config->proxy->authority(), "p:3128");
}

TEST(Kubeconfig, PluginsAndProxiesThatCanNotBeUsedAreNamed) {
  const struct {
    const char* cluster;
    const char* user;
    const char* message;
  } cases[] = {
      {"proxy-url: 'socks5://p:1'", "token: x", "clusters[c].proxy-url: "},
      {"proxy-url: 'https://p:1'", "token: x", "clusters[c].proxy-url: must begin with http://"},
      {"proxy-url: 'http://me:secret@p'", "token: x", "clusters[c].proxy-url: "},
      {"tls-server-name: y", "exec: {apiVersion: client.authentication.k8s.io/v1}",
       "users[u].exec.command: missing"},
      {"tls-server-name: y", "exec: {apiVersion: client.authentication.k8s.io/v1alpha1, command: x}",
       "users[u].exec.apiVersion: must be client.authentication.k8s.io/v1 or v1beta1, not "
       "\"client.authentication.k8s.io/v1alpha1\""},
      {"tls-server-name: y",
       "exec: {apiVersion: client.authentication.k8s.io/v1, command: x, interactiveMode: Always}",
       "users[u].exec.interactiveMode: Always, but there is nobody to talk to"},
  };
  for (const auto& c : cases) {
    const std::string text =
        std::string("{current-context: x, contexts: [{name: x, context: {cluster: c, user: u}}],") +
        "clusters: [{name: c, cluster: {server: 'https://x', " + c.cluster +
        "}}], users: [{name: u, user: {" + c.user + "}}]}";
    const Result<ClusterConfig> config = parsed(text.c_str()).resolve("");
    ASSERT_FALSE(config) << c.message;
    EXPECT_TRUE(config.error().message.starts_with(c.message)) << config.error().message;
  }
}

TEST(Kubeconfig, BadServersAreNamed) {
  for (const char* server : {"", "ftp://x", "wss://x", "https://user:pw@x", "not a url"}) {
    const std::string text = std::string(
                                 "{current-context: x, contexts: [{name: x, context: {cluster: c}}], "
                                 "clusters: [{name: c, cluster: "
                                 "{server: '") +
                             server + "'}}]}";
    const Result<ClusterConfig> config = parsed(text.c_str()).resolve("");
    ASSERT_FALSE(config) << server;
    EXPECT_EQ(config.error().message.find("clusters[c].server: "), 0u) << config.error().message;
  }
}

TEST(Kubeconfig, OfMergedFilesTheFirstWins) {
  Kubeconfig first = parsed(R"({contexts: [{name: x, context: {cluster: c, namespace: first}}]})", "/1");
  first.merge(parsed(R"({current-context: x, contexts: [{name: x, context: {cluster: c, namespace: second}}],
                         clusters: [{name: c, cluster: {server: "https://two", certificate-authority: ca}}]})",
                     "/2"));
  first.merge(
      parsed(R"({current-context: y, clusters: [{name: c, cluster: {server: "https://three"}}]})", "/3"));
  const Result<ClusterConfig> config = first.resolve("");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->ns, "first");
  EXPECT_EQ(config->server.host, "two");
  EXPECT_EQ(config->authority.file, "/2/ca");
}

TEST(Kubeconfig, StrangeFilesAreRefusedWithAReason) {
  for (const char* text : {"", "just text", "[1, 2]", "{clusters: 5}", "{users: [1]}", "a: [", "\t\x01"}) {
    const Result<Kubeconfig> config = parse_kubeconfig(text, "/");
    ASSERT_FALSE(config) << text;
    EXPECT_FALSE(config.error().message.empty());
  }
  EXPECT_EQ(parsed("{clusters: null, users: ~}").resolve("").error().message, "current-context: not set");
  EXPECT_FALSE(parsed("{current-context: x, contexts: [{name: x}]}").resolve(""));
}

}  // namespace
}  // namespace live::kube
