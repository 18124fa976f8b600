// SPDX-License-Identifier: Apache-2.0
#include "liveroom/manifest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/json.hpp"
#include "liveroom/field_reader.hpp"
#include "liveroom/names.hpp"
#include "liveroom/spec_rules.hpp"
#include "liveroom/spec_sections.hpp"

namespace live::liveroom {
namespace {

constexpr std::array<std::string_view, 17> pod_template_fields = {
    "metadata",          "resources",
    "nodeSelector",      "tolerations",
    "affinity",          "topologySpreadConstraints",
    "priorityClassName", "env",
    "hostAliases",       "dnsConfig",
    "imagePullSecrets",  "volumes",
    "volumeMounts",      "terminationGracePeriodSeconds",
    "securityContext"};
constexpr std::array<std::string_view, 2> claim_template_fields = {"metadata", "spec"};

void check_first_level(const Json& object, std::string_view path, std::span<const std::string_view> fields,
                       ReadReport& report) {
  if (!object.is_object()) return;
  for (const auto& [key, value] : object.items()) {
    if (std::find(fields.begin(), fields.end(), key) == fields.end())
      report.complain(fmt::format("unknown field \"{}.{}\"", path, key));
  }
}

void read_metadata(FieldReader& reader, Manifest& manifest) {
  reader.text("name", manifest.name);
  reader.text("namespace", manifest.name_space);
  std::string ignored;
  reader.opaque("labels", ignored);
  reader.opaque("annotations", ignored);
  if (const Complaint complaint = live_room_name_complaint(manifest.name))
    reader.report().complain(fmt::format("{} {}", reader.path("name"), *complaint));
}

void check_identity(FieldReader& reader) {
  std::string version;
  std::string its_kind;
  reader.text("apiVersion", version);
  reader.text("kind", its_kind);
  if (its_kind != kind) reader.report().complain(fmt::format("kind must be {}, not \"{}\"", kind, its_kind));
  if (version != group_version)
    reader.report().complain(fmt::format("apiVersion must be {}, not \"{}\"", group_version, version));
}

}  // namespace

Result<Manifest> parse_manifest(const Json& document) {
  Manifest manifest;
  ReadReport report{.strict = true, .problem = std::nullopt, .unknown = {}};
  FieldReader reader(document, "", report);
  if (report.problem) return failure("the manifest must be one LiveRoom object");
  check_identity(reader);
  if (!reader.has("metadata")) report.complain("metadata.name is required");
  reader.object("metadata", [&](FieldReader& r) { read_metadata(r, manifest); });
  if (!reader.has("spec")) report.complain("spec is required");
  reader.object("spec", [&](FieldReader& r) { read_spec(r, manifest.spec); });
  (void)reader.has("status");  // as `kubectl get -o yaml` gives it; not heeded
  reader.finish();
  check_first_level(json_at(document, "/spec/podTemplate"), "spec.podTemplate", pod_template_fields, report);
  check_first_level(json_at(document, "/spec/storage/volumeClaimTemplate"),
                    "spec.storage.volumeClaimTemplate", claim_template_fields, report);
  if (report.problem) return failure(std::move(*report.problem));
  return manifest;
}

}  // namespace live::liveroom
