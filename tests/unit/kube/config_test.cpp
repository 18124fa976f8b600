// SPDX-License-Identifier: Apache-2.0
#include "kube/config.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "support/temp_directory.hpp"

namespace live::kube {
namespace {

std::string kubeconfig_for(const std::string& server) {
  return "{current-context: x, contexts: [{name: x, context: {cluster: c}}], clusters: [{name: c, cluster: "
         "{server: '" +
         server + "'}}]}";
}

struct ConfigTest : testing::Test {
  test::TempDirectory directory;
  ConfigEnvironment environment;

  void in_cluster() {
    environment.service_host = "10.96.0.1";
    environment.service_port = "443";
    environment.service_account = directory.path() + "/sa";
    directory.write("sa/token", "token");
    directory.write("sa/ca.crt", "PEM");
    directory.write("sa/namespace", "rooms");
  }
};

TEST_F(ConfigTest, InClusterComesFromEnvironmentAndMountedFiles) {
  in_cluster();
  const Result<ClusterConfig> config = find_config(environment, "", "");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->server.text(), "https://10.96.0.1/");
  EXPECT_EQ(config->authority.file, directory.path() + "/sa/ca.crt");
  EXPECT_EQ(config->token_file, directory.path() + "/sa/token");
  EXPECT_EQ(config->ns, "rooms");
  EXPECT_EQ(config->source, "in-cluster");
}

TEST_F(ConfigTest, InClusterTakesIpv6AndSaysWhatIsMissing) {
  in_cluster();
  environment.service_host = "fd00::1";
  environment.service_port = "6443";
  EXPECT_EQ(in_cluster_config(environment)->server.text(), "https://[fd00::1]:6443/");
  std::filesystem::remove(directory.path() + "/sa/namespace");
  EXPECT_EQ(in_cluster_config(environment)->ns, "default");
  environment.service_port = "no port";
  EXPECT_FALSE(in_cluster_config(environment));
  environment.service_port = "443";
  std::filesystem::remove(directory.path() + "/sa/token");
  EXPECT_EQ(in_cluster_config(environment).error().message,
            directory.path() + "/sa/token: not there; is a service account token mounted?");
  EXPECT_FALSE(in_cluster_config(ConfigEnvironment()));
}

TEST_F(ConfigTest, TheSearchHasAnOrder) {
  in_cluster();
  environment.home = directory.path();
  directory.write(".kube/config", kubeconfig_for("https://home"));
  const std::string flag = directory.write("flag", kubeconfig_for("https://flag"));
  const std::string variable = directory.write("variable", kubeconfig_for("https://variable"));
  environment.kubeconfig = directory.path() + "/absent:" + variable;

  EXPECT_EQ(find_config(environment, flag, "")->server.host, "flag");
  EXPECT_EQ(find_config(environment, "", "")->server.host, "variable");
  EXPECT_EQ(find_config(environment, "", "")->source, "context x of " + variable);
  environment.kubeconfig.clear();
  EXPECT_EQ(find_config(environment, "", "")->server.host, "10.96.0.1");
  environment.service_host.clear();
  EXPECT_EQ(find_config(environment, "", "")->server.host, "home");
  std::filesystem::remove(directory.path() + "/.kube/config");
  EXPECT_EQ(find_config(environment, "", "").error().message,
            "no Kubernetes configuration: not in a cluster, KUBECONFIG is not set and " + directory.path() +
                "/.kube/config does not exist");
}

TEST_F(ConfigTest, ProblemsNameTheFile) {
  const std::string absent = directory.path() + "/absent";
  EXPECT_EQ(find_config(environment, absent, "").error().message.find(absent + ": "), 0u);
  environment.kubeconfig = absent;
  EXPECT_EQ(find_config(environment, "", "").error().message, "KUBECONFIG: no such file: " + absent);
  const std::string bad = directory.write("bad", "{current-context: y}");
  EXPECT_EQ(find_config(environment, bad, "").error().message, bad + ": contexts: there is no \"y\"");
}

TEST_F(ConfigTest, TlsOptionsAreReadFromFilesOrInline) {
  ClusterConfig config;
  config.authority.file = directory.write("ca", "CA");
  config.certificate.data = "CERT";
  config.key.file = directory.write("key", "KEY");
  config.insecure_skip_verify = true;
  const Result<net::TlsOptions> options = load_tls_options(config);
  ASSERT_TRUE(options);
  EXPECT_EQ(options->ca_pem, "CA");
  EXPECT_EQ(options->certificate_pem, "CERT");
  EXPECT_EQ(options->key_pem, "KEY");
  EXPECT_TRUE(options->insecure_skip_verify);
  config.key.file = directory.path() + "/absent";
  EXPECT_EQ(load_tls_options(config).error().message.find(config.key.file + ": "), 0u);
  EXPECT_EQ(load_tls_options(ClusterConfig())->ca_pem, std::nullopt);
}

}  // namespace
}  // namespace live::kube
