// SPDX-License-Identifier: Apache-2.0
#include "controller/options.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

namespace live::controller {
namespace {

std::variant<RunOptions, ToolOptions, EarlyExit> parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "liveroom-controller");
  return parse_command_line(static_cast<int>(arguments.size()), arguments.data());
}

EarlyExit refused(std::vector<const char*> arguments) {
  const auto parsed = parse(std::move(arguments));
  const auto* exit = std::get_if<EarlyExit>(&parsed);
  return exit != nullptr ? *exit : EarlyExit{-1, "accepted"};
}

TEST(Options, Defaults) {
  const auto parsed = parse({"run", "--recorder-image", "x"});
  const auto* options = std::get_if<RunOptions>(&parsed);
  ASSERT_NE(options, nullptr);
  EXPECT_EQ(options->settings.recorder_image, "x");
  EXPECT_TRUE(options->settings.manage_namespaces);
  EXPECT_EQ(options->settings.default_storage, built_in_storage);
  EXPECT_EQ(options->settings.recorder_resources, built_in_resources);
  EXPECT_TRUE(options->leader_elect);
  EXPECT_EQ(options->lease_name, "liveroom-controller");
  EXPECT_EQ(options->listen, "0.0.0.0:8080");
  EXPECT_EQ(options->log_format, log::Format::json);
}

TEST(Options, EverythingSet) {
  const auto parsed =
      parse({"run", "--recorder-image=x", "--namespaces=a,b", "--kubeconfig=k", "--context=c",
             "--listen=[::]:1", "--lease-name=l", "--lease-namespace=n", "--leader-elect=false",
             "--recorder-env=A=b=c", "--recorder-env=B=", "--default-storage",
             R"({"accessModes":["ReadWriteMany"],"resources":{"requests":{"storage":"1Gi"}}})", "--workers=8",
             "--log-format=text", "--log-level=debug"});
  const auto* options = std::get_if<RunOptions>(&parsed);
  ASSERT_NE(options, nullptr);
  EXPECT_EQ(options->namespaces, (std::vector<std::string>{"a", "b"}));
  EXPECT_FALSE(options->settings.manage_namespaces);
  EXPECT_FALSE(options->leader_elect);
  EXPECT_EQ(options->settings.recorder_env, (std::vector<EnvironmentVariable>{{"A", "b=c"}, {"B", ""}}));
  EXPECT_EQ(options->workers, 8);
  EXPECT_EQ(options->log_format, log::Format::text);
  EXPECT_EQ(options->log_level, log::Level::debug);
}

TEST(Options, TheDefaultResourcesWrittenOtherwise) {
  const auto parsed =
      parse({"run", "--recorder-image=x", "--recorder-resources",
             R"({"limits": {"memory": "256Mi"}, "requests": {"memory": "32Mi", "cpu": "10m"}})"});
  const auto* options = std::get_if<RunOptions>(&parsed);
  ASSERT_NE(options, nullptr);
  EXPECT_EQ(options->settings.recorder_resources, built_in_resources);
}

TEST(Options, FromTheEnvironment) {
  setenv("LIVEROOM_RECORDER_IMAGE", "y", 1);
  setenv("LIVEROOM_NAMESPACES", "a,b", 1);
  setenv("LIVEROOM_RECORDER_ENV", "A=1\nB=2", 1);
  const auto parsed = parse({"run"});
  unsetenv("LIVEROOM_RECORDER_IMAGE");
  unsetenv("LIVEROOM_NAMESPACES");
  unsetenv("LIVEROOM_RECORDER_ENV");
  const auto* options = std::get_if<RunOptions>(&parsed);
  ASSERT_NE(options, nullptr);
  EXPECT_EQ(options->settings.recorder_image, "y");
  EXPECT_EQ(options->namespaces.size(), 2U);
  EXPECT_EQ(options->settings.recorder_env, (std::vector<EnvironmentVariable>{{"A", "1"}, {"B", "2"}}));
}

TEST(Options, WhatIsWrongIsOneLineAndCode2) {
  const std::vector<std::vector<const char*>> cases = {
      {},
      {"run"},
      {"walk"},
      {"run", "--recorder-image", "x", "--shiny"},
      {"check"},
      {"check", "--readiness"},
      {"cleanup", "--limit-seconds", "0"},
      {"run", "--recorder-image", "x", "--workers", "0"},
      {"run", "--recorder-image", "x", "--workers", "many"},
      {"run", "--recorder-image", "x", "--log-format", "xml"},
      {"run", "--recorder-image", "x", "--recorder-env", "A"},
      {"run", "--recorder-image", "x", "--recorder-env", "=b"},
      {"run", "--recorder-image", "x", "--namespaces", "A"},
      {"run", "--recorder-image", "x", "--recorder-resources", "8Gi"},
      {"run", "--recorder-image", "x", "--recorder-resources", R"({"limit":{"memory":"1Gi"}})"},
      {"run", "--recorder-image", "x", "--default-storage", "8Gi"},
      {"run", "--recorder-image", "x", "--default-storage", R"({"accessModes":["ReadWriteOnce"]})"},
      {"run", "--recorder-image", "x", "--default-storage",
       R"({"resources":{"requests":{"storage":"1Gi"}}})"},
  };
  for (const auto& arguments : cases) {
    const EarlyExit exit = refused(arguments);
    EXPECT_EQ(exit.code, 2) << exit.text;
    EXPECT_TRUE(exit.text.starts_with("liveroom-controller: ")) << exit.text;
    EXPECT_EQ(exit.text.find('\n'), exit.text.size() - 1) << exit.text;
  }
}

TEST(Options, ToolsOfTheChart) {
  const auto check = parse({"check", "--readiness=http://c:8080/readyz", "--namespace=n"});
  const auto* checked = std::get_if<ToolOptions>(&check);
  ASSERT_NE(checked, nullptr);
  EXPECT_EQ(checked->command, ToolOptions::Command::check);
  EXPECT_EQ(checked->readiness, "http://c:8080/readyz");
  EXPECT_EQ(checked->ns, "n");
  const auto cleanup = parse({"cleanup", "--deployment=d", "--limit-seconds=90"});
  const auto* cleaned = std::get_if<ToolOptions>(&cleanup);
  ASSERT_NE(cleaned, nullptr);
  EXPECT_EQ(cleaned->command, ToolOptions::Command::cleanup);
  EXPECT_EQ(cleaned->deployment, "d");
  EXPECT_EQ(cleaned->limit_seconds, 90);
}

TEST(Options, HelpNamesEveryOption) {
  const EarlyExit help = refused({"run", "--help"});
  EXPECT_EQ(help.code, 0);
  for (const char* option : {"--recorder-image", "--namespaces", "--kubeconfig", "--listen", "--lease-name",
                             "--lease-namespace", "--leader-elect", "--recorder-env", "--default-storage",
                             "--workers", "--log-format", "--log-level", "LIVEROOM_DEFAULT_STORAGE"})
    EXPECT_NE(help.text.find(option), std::string::npos) << option;
}

}  // namespace
}  // namespace live::controller
