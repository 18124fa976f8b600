// SPDX-License-Identifier: Apache-2.0
#include "controller/options.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <sstream>

#include "base/command_line.hpp"
#include "base/json.hpp"
#include "base/quantity.hpp"
#include "base/version.hpp"
#include "liveroom/spec_rules.hpp"

namespace live::controller {
namespace {

// As the command line gives it, before it is looked at.
struct Raw {
  RunOptions options;
  ToolOptions tool;
  std::string log_format;
  std::string log_level;
  std::vector<std::string> recorder_env;
};

void add_cluster_options(CLI::App& app, Raw& raw) {
  RunOptions& options = raw.options;
  app.add_option(
         "--namespaces", options.namespaces,
         "Namespaces to work in, separated by commas; they need ServiceAccount, Role, RoleBinding and "
         "PodDisruptionBudget of the recorders already (the chart's watchNamespaces). Default: all, and "
         "these objects are made where LiveRooms are")
      ->envname("LIVEROOM_NAMESPACES")
      ->delimiter(',')
      ->type_name("A,B");
  app.add_option("--kubeconfig", options.kubeconfig,
                 "Kubeconfig file; default: KUBECONFIG, then the pod's own account, then ~/.kube/config")
      ->envname("LIVEROOM_KUBECONFIG")
      ->type_name("FILE");
  app.add_option("--context", options.context, "Context of the kubeconfig; default: its current one")
      ->envname("LIVEROOM_CONTEXT")
      ->type_name("NAME");
  app.add_option("--leader-elect", options.leader_elect,
                 "Work only while holding a Lease, so that several can run; false is for exactly one")
      ->envname("LIVEROOM_LEADER_ELECT")
      ->default_val(true)
      ->type_name("true|false");
  app.add_option("--lease-name", options.lease_name, "Name of the Lease")
      ->envname("LIVEROOM_LEASE_NAME")
      ->default_val("liveroom-controller")
      ->type_name("NAME");
  app.add_option("--lease-namespace", options.lease_namespace, "Namespace of the Lease; default: our own")
      ->envname("LIVEROOM_LEASE_NAMESPACE")
      ->type_name("NAME");
  app.add_option("--workers", options.workers, "LiveRooms worked on at a time")
      ->envname("LIVEROOM_WORKERS")
      ->default_val(4)
      ->check(CLI::Range(1, 64))
      ->type_name("N");
}

void add_recorder_options(CLI::App& app, Raw& raw) {
  app.add_option("--recorder-image", raw.options.settings.recorder_image, "Image of the recorder pods")
      ->envname("LIVEROOM_RECORDER_IMAGE")
      ->required()
      ->type_name("IMAGE");
  app.add_option(
         "--recorder-env", raw.recorder_env,
         "Environment variable of all recorder pods; may be repeated (in the environment: one a line)")
      ->envname("LIVEROOM_RECORDER_ENV")
      ->delimiter('\n')
      ->type_name("NAME=VALUE");
  app.add_option("--recorder-resources", raw.options.settings.recorder_resources,
                 "Resources of a recorder whose podTemplate names none: ResourceRequirements as JSON")
      ->envname("LIVEROOM_RECORDER_RESOURCES")
      ->default_val(built_in_resources)
      ->type_name("JSON");
  app.add_option("--max-concurrent-updates", raw.options.settings.concurrent_updates,
                 "Outdated recorder pods that are updated at a time; a new image is tried by one first")
      ->envname("LIVEROOM_MAX_CONCURRENT_UPDATES")
      ->default_val(5)
      ->check(CLI::Range(1, 1000))
      ->type_name("N");
  app.add_option("--default-storage", raw.options.settings.default_storage,
                 "Claim of a LiveRoom that says nothing about storage: a PersistentVolumeClaimSpec as JSON")
      ->envname("LIVEROOM_DEFAULT_STORAGE")
      ->default_val(built_in_storage)
      ->type_name("JSON");
}

void add_process_options(CLI::App& app, Raw& raw) {
  app.add_option("--listen", raw.options.listen, "Address of /healthz, /readyz and /metrics")
      ->envname("LIVEROOM_LISTEN")
      ->default_val("0.0.0.0:8080")
      ->type_name("HOST:PORT");
  app.add_option("--log-format", raw.log_format, "Log lines as JSON or text")
      ->envname("LIVEROOM_LOG_FORMAT")
      ->default_val("json")
      ->check(CLI::IsMember({"json", "text"}))
      ->type_name("FORMAT");
  app.add_option("--log-level", raw.log_level, "The least important lines that are written")
      ->envname("LIVEROOM_LOG_LEVEL")
      ->default_val("info")
      ->check(CLI::IsMember({"debug", "info", "warning", "error"}))
      ->type_name("LEVEL");
}

void add_tool_options(CLI::App& app, ToolOptions& tool) {
  app.add_option("--kubeconfig", tool.kubeconfig, "Kubeconfig file; default: as for run")
      ->envname("LIVEROOM_KUBECONFIG")
      ->type_name("FILE");
  app.add_option("--context", tool.context, "Context of the kubeconfig; default: its current one")
      ->envname("LIVEROOM_CONTEXT")
      ->type_name("NAME");
  app.add_option("--namespace", tool.ns, "Namespace; default: our own")->type_name("NAME");
  app.add_option("--limit-seconds", tool.limit_seconds, "How long to wait for what is not yet so")
      ->default_val(30)
      ->check(CLI::Range(1, 3600))
      ->type_name("N");
}

void add_check(CLI::App& app, ToolOptions& tool) {
  CLI::App* check = app.add_subcommand(
      "check", "Ask whether a LiveRoom would be taken and a controller is ready; nothing is changed");
  add_tool_options(*check, tool);
  check->add_option("--readiness", tool.readiness, "URL of the controller's /readyz")
      ->required()
      ->type_name("URL");
  check->callback([&tool] { tool.command = ToolOptions::Command::check; });
}

void add_cleanup(CLI::App& app, ToolOptions& tool) {
  CLI::App* cleanup = app.add_subcommand(
      "cleanup",
      "Delete the ServiceAccounts, RoleBindings and PodDisruptionBudgets that a controller of all namespaces "
      "made; LiveRooms, pods and claims stay");
  add_tool_options(*cleanup, tool);
  cleanup
      ->add_option("--deployment", tool.deployment,
                   "The controller's Deployment, which is deleted first; default: it does not run")
      ->type_name("NAME");
  cleanup->callback([&tool] { tool.command = ToolOptions::Command::cleanup; });
}

void take_environment(Raw& raw) {
  for (const std::string& text : raw.recorder_env) {
    const std::size_t equals = text.find('=');
    const std::string name = text.substr(0, equals);
    const bool is_name = !name.empty() && name.find_first_of(" \t\"'$") == std::string::npos;
    if (equals == std::string::npos || !is_name)
      throw CLI::ValidationError("--recorder-env", fmt::format("must be NAME=VALUE, not \"{}\"", text));
    raw.options.settings.recorder_env.push_back({name, text.substr(equals + 1)});
  }
}

void check_storage(const std::string& text) {
  const Json spec = parse_json(text);
  if (!spec.is_object()) throw CLI::ValidationError("--default-storage", "must be a JSON object");
  const auto storage = json_string(json_at(spec, "/resources/requests/storage"));
  if (!storage || parse_quantity(*storage).value_or(0) <= 0)
    throw CLI::ValidationError("--default-storage", "needs resources.requests.storage, a quantity above 0");
  if (!json_at(spec, "/accessModes").is_array() || json_at(spec, "/accessModes").empty())
    throw CLI::ValidationError("--default-storage", "needs accessModes");
}

// The default written otherwise stays the default: it must not give every room a new pod.
void check_resources(std::string& text) {
  const Json resources = parse_json(text);
  if (!resources.is_object()) throw CLI::ValidationError("--recorder-resources", "must be a JSON object");
  for (const auto& [key, value] : resources.items())
    if ((key != "requests" && key != "limits" && key != "claims") || !value.is_structured())
      throw CLI::ValidationError("--recorder-resources", "knows requests, limits and claims");
  if (resources == parse_json(built_in_resources)) text = built_in_resources;
}

void take_logging(Raw& raw) {
  raw.options.log_format = raw.log_format == "text" ? log::Format::text : log::Format::json;
  raw.options.log_level = raw.log_level == "debug"     ? log::Level::debug
                          : raw.log_level == "warning" ? log::Level::warning
                          : raw.log_level == "error"   ? log::Level::error
                                                       : log::Level::info;
}

void check(Raw& raw) {
  take_logging(raw);
  take_environment(raw);
  std::erase(raw.options.namespaces, "");
  for (const std::string& ns : raw.options.namespaces)
    if (const auto complaint = liveroom::label_complaint(ns))
      throw CLI::ValidationError("--namespaces", *complaint);
  raw.options.settings.manage_namespaces = raw.options.namespaces.empty();
  check_storage(raw.options.settings.default_storage);
  check_resources(raw.options.settings.recorder_resources);
}

}  // namespace

std::variant<RunOptions, ToolOptions, EarlyExit> parse_command_line(int argc, const char* const* argv) {
  Raw raw;
  CLI::App app("Keeps a recorder pod and a volume claim for every LiveRoom.", "liveroom-controller");
  app.footer(
      "Exit codes: 0 stopped, 1 failed (the lease was lost, too), 2 bad input.\n"
      "Every option is also read from the environment, e.g. --recorder-image from LIVEROOM_RECORDER_IMAGE.");
  app.set_version_flag("--version", std::string(version));
  app.require_subcommand(1);
  CLI::App* run = app.add_subcommand("run", "Work until stopped");
  add_recorder_options(*run, raw);
  add_cluster_options(*run, raw);
  add_process_options(*run, raw);
  add_check(app, raw.tool);
  add_cleanup(app, raw.tool);
  try {
    app.parse(argc, argv);
    if (!run->parsed()) return std::move(raw.tool);
    check(raw);
  } catch (const CLI::Success& success) {
    std::ostringstream out;
    app.exit(success, out, out);
    return EarlyExit{0, out.str()};
  } catch (const CLI::ParseError& error) {
    return EarlyExit{2, command_line_complaint(app, error) + "\n"};
  }
  return std::move(raw.options);
}

}  // namespace live::controller
