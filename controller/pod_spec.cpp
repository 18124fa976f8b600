// SPDX-License-Identifier: Apache-2.0
#include "controller/pod_spec.hpp"

#include <fmt/format.h>

#include "base/json.hpp"
#include "controller/config_facts.hpp"
#include "controller/pod_template.hpp"
#include "controller/template_hash.hpp"
#include "liveroom/names.hpp"

namespace live::controller {
namespace {
using namespace liveroom;

constexpr int user = 65532;
constexpr int secret_mode = 0440;  // readable by the pod's group
// 3607, the number that everybody else asks for, gives a token that the API server takes for a year.
constexpr int token_seconds = 3600;
constexpr int grace_seconds = 90;  // to finish and publish the open file
// A node that is out of reach for a while goes on recording; nobody is to replace its pod.
constexpr int toleration_seconds = 3600;

Json named(std::string_view name, std::string_view value) { return {{"name", name}, {"value", value}}; }

Json field(std::string_view name, std::string_view path) {
  return {{"name", name}, {"valueFrom", {{"fieldRef", {{"fieldPath", path}}}}}};
}

Json mount(std::string_view name, std::string_view path, bool read_only) {
  Json json = {{"name", name}, {"mountPath", path}};
  if (read_only) json["readOnly"] = true;
  return json;
}

// Variables that a template can't change come first: merging keeps what is there by name.
Json fixed_environment(const LiveRoom& room) {
  Json list = Json::array({named(env::live_room, room.key.name), field(env::name_space, "metadata.namespace"),
                           field(env::pod_name, "metadata.name"), field(env::pod_uid, "metadata.uid"),
                           named(env::output, path::recordings)});
  if (!room.spec.credentials_secret.empty()) list.push_back(named(env::cookie_file, path::cookie_file));
  return list;
}

bool has_variable(const Json& list, std::string_view name) {
  for (const Json& item : list)
    if (item["name"] == name) return true;
  return false;
}

// Behind the template's variables: what is there by name already wins.
void add_environment(Json& list, const Settings& settings) {
  for (const EnvironmentVariable& variable : settings.recorder_env)
    if (!has_variable(list, variable.name)) list.push_back(named(variable.name, variable.value));
  if (!has_variable(list, env::listen))
    list.push_back(named(env::listen, fmt::format("0.0.0.0:{}", http_port)));
}

Json probe(std::string_view path, int period, int failures) {
  return {{"httpGet", {{"path", path}, {"port", "http"}}},
          {"periodSeconds", period},
          {"timeoutSeconds", 5},
          {"failureThreshold", failures}};
}

Json token_volume() {
  const Json token = {{"serviceAccountToken", {{"path", "token"}, {"expirationSeconds", token_seconds}}}};
  const Json authority = {
      {"configMap",
       {{"name", "kube-root-ca.crt"}, {"items", Json::array({{{"key", "ca.crt"}, {"path", "ca.crt"}}})}}}};
  const Json own_namespace = {
      {"downwardAPI",
       {{"items",
         Json::array({{{"path", "namespace"}, {"fieldRef", {{"fieldPath", "metadata.namespace"}}}}})}}}};
  return {{"name", "token"},
          {"projected",
           {{"defaultMode", secret_mode}, {"sources", Json::array({token, authority, own_namespace})}}}};
}

Json config_volume() {
  const Json item = {
      {"path", "config.json"},
      {"fieldRef", {{"fieldPath", fmt::format("metadata.annotations['{}']", annotation::config)}}}};
  return {{"name", "config"}, {"downwardAPI", {{"items", Json::array({item})}}}};
}

// All keys of the notifications' Secrets, each below the notification's name. A missing one is no reason not
// to record.
Json notification_sources(const LiveRoomSpec& spec) {
  Json sources = Json::array();
  for (const NotificationSpec& notification : spec.notifications) {
    if (notification.secret_name.empty()) continue;
    const Json item = {{"key", notification.secret_key},
                       {"path", fmt::format("{}/{}", notification.name, notification.secret_key)}};
    sources.push_back(
        {{"secret",
          {{"name", notification.secret_name}, {"optional", true}, {"items", Json::array({item})}}}});
  }
  return sources;
}

void add_volumes(const LiveRoom& room, Json& volumes, Json& mounts) {
  const std::string claim =
      room.spec.storage.claim_name.empty() ? claim_name(room.key.name) : room.spec.storage.claim_name;
  volumes = Json::array({{{"name", "recordings"}, {"persistentVolumeClaim", {{"claimName", claim}}}},
                         config_volume(),
                         token_volume()});
  mounts = Json::array({mount("recordings", path::recordings, false),
                        mount("config", path::config_directory, true),
                        mount("token", path::service_account, true)});
  if (!room.spec.credentials_secret.empty()) {
    volumes.push_back({{"name", "credentials"},
                       {"secret",
                        {{"secretName", room.spec.credentials_secret},
                         {"optional", true},
                         {"defaultMode", secret_mode},
                         {"items", Json::array({{{"key", "cookie"}, {"path", "cookie"}}})}}}});
    mounts.push_back(mount("credentials", path::cookie_directory, true));
  }
  if (Json sources = notification_sources(room.spec); !sources.empty()) {
    volumes.push_back({{"name", "notifications"},
                       {"projected", {{"defaultMode", secret_mode}, {"sources", std::move(sources)}}}});
    mounts.push_back(mount("notifications", path::notification_directory, true));
  }
}

Json container(const LiveRoom& room, const Settings& settings) {
  return {{"name", container_name},
          {"image", settings.recorder_image},
          {"imagePullPolicy", "IfNotPresent"},
          {"command", {path::recorder_program, "run", "--config", path::config_file}},
          {"env", fixed_environment(room)},
          {"ports", Json::array({{{"name", "http"}, {"containerPort", http_port}}})},
          {"resources", parse_json(settings.recorder_resources)},
          // Opening a large volume may take minutes; a recorder that is up is known a second later.
          {"startupProbe", probe(http::liveness, 1, 300)},
          {"livenessProbe", probe(http::liveness, 20, 3)},
          {"readinessProbe", probe(http::readiness, 10, 3)},
          {"securityContext",
           {{"allowPrivilegeEscalation", false},
            {"readOnlyRootFilesystem", true},
            {"capabilities", {{"drop", {"ALL"}}}}}},
          {"terminationMessagePolicy", "FallbackToLogsOnError"}};
}

Json toleration(std::string_view key) {
  return {{"key", key},
          {"operator", "Exists"},
          {"effect", "NoExecute"},
          {"tolerationSeconds", toleration_seconds}};
}

Json pod_body(const LiveRoom& room, const Settings& settings) {
  Json spec = {{"serviceAccountName", recorder_account},
               {"automountServiceAccountToken", false},
               {"enableServiceLinks", false},
               {"restartPolicy", "Always"},
               {"terminationGracePeriodSeconds", grace_seconds},
               {"securityContext",
                {{"runAsNonRoot", true},
                 {"runAsUser", user},
                 {"runAsGroup", user},
                 {"fsGroup", user},
                 {"fsGroupChangePolicy", "OnRootMismatch"},
                 {"seccompProfile", {{"type", "RuntimeDefault"}}}}},
               {"tolerations",
                {toleration("node.kubernetes.io/not-ready"), toleration("node.kubernetes.io/unreachable")}},
               {"containers", Json::array({container(room, settings)})}};
  add_volumes(room, spec["volumes"], spec["containers"][0]["volumeMounts"]);
  return spec;
}

}  // namespace

Json make_pod(const LiveRoom& room, const Settings& settings, const RecorderConfig& config) {
  Json annotations = config_annotation(config);
  annotations[std::string(annotation::template_hash)] = template_hash(room.spec, settings);
  annotations[std::string(annotation::safe_to_evict)] = "true";
  Json pod = {{"apiVersion", "v1"},
              {"kind", "Pod"},
              {"metadata",
               {{"name", pod_name(room.key.name)},
                {"namespace", room.key.ns},
                {"labels", managed_labels(room, label::recorder_component)},
                {"annotations", std::move(annotations)},
                {"ownerReferences", owner_references(room)}}},
              {"spec", pod_body(room, settings)}};
  if (!room.spec.pod_template.empty()) merge_pod_template(pod, parse_json(room.spec.pod_template, 128));
  add_environment(pod["spec"]["containers"][0]["env"], settings);
  return pod;
}

Json config_annotation(const RecorderConfig& config) {
  return {{std::string(annotation::config), config_text(config)}};
}

Json protection_labels(bool recording) {
  return {{std::string(label::recording), recording ? Json("true") : Json(nullptr)}};
}

// An idle pod says that it may go: without a word autoscalers keep nodes with pods that a custom resource
// owns.
Json protection_annotations(bool recording) {
  return {{std::string(annotation::safe_to_evict), recording ? "false" : "true"},
          {std::string(annotation::do_not_disrupt), recording ? Json("true") : Json(nullptr)}};
}

Json owner_references(const LiveRoom& room) {
  return Json::array({{{"apiVersion", group_version},
                       {"kind", kind},
                       {"name", room.key.name},
                       {"uid", room.uid},
                       {"controller", true},
                       {"blockOwnerDeletion", true}}});
}

Json managed_labels(const LiveRoom& room, std::string_view component) {
  return {{std::string(label::name), label::name_value},
          {std::string(label::managed_by), label::managed_by_value},
          {std::string(label::component), component},
          {std::string(label::room), room.key.name}};
}

}  // namespace live::controller
