// SPDX-License-Identifier: Apache-2.0
#include "liveroom/spec.hpp"

#include "base/json.hpp"
#include "liveroom/field_reader.hpp"
#include "liveroom/spec_names.hpp"
#include "liveroom/spec_rules.hpp"
#include "liveroom/spec_sections.hpp"

namespace live::liveroom {
namespace {

constexpr std::int64_t largest_room_id = (std::int64_t{1} << 53) - 1;

template <class E, std::size_t N>
std::string_view name_of(E value, const std::array<std::string_view, N>& names) {
  return names[static_cast<std::size_t>(value)];
}

void read_storage(FieldReader& reader, StorageSpec& target) {
  reader.text("claimName", target.claim_name, {.min = 1, .max = 253});
  reader.opaque("volumeClaimTemplate", target.volume_claim_template);
  reader.enumeration("whenDeleted", target.when_deleted, names_of::when_deleted, WhenDeleted::retain);
  if (target.claim_name.empty()) return;
  if (!target.volume_claim_template.empty())
    reader.report().complain(reader.path("claimName") + " and volumeClaimTemplate exclude each other");
  if (target.when_deleted == WhenDeleted::remove)
    reader.report().complain(reader.path("whenDeleted") + " must be Retain with claimName");
}

}  // namespace

void read_spec(FieldReader& reader, LiveRoomSpec& target) {
  if (!reader.has("roomId")) reader.report().complain(reader.path("roomId") + " is required");
  reader.integer("roomId", target.room_id, {.min = 1, .max = largest_room_id});
  reader.boolean("suspend", target.suspend);
  reader.object("stream", [&](FieldReader& r) { read_stream(r, target.stream, {}); });
  reader.object("recording", [&](FieldReader& r) { read_recording(r, target.recording, {}); });
  reader.object("transport", [&](FieldReader& r) { read_transport(r, target.transport, {}); });
  read_secret_name(reader, "credentialsSecretRef", target.credentials_secret);
  reader.object("storage", [&](FieldReader& r) { read_storage(r, target.storage); });
  reader.object("retention", [&](FieldReader& r) { read_retention(r, target.retention); });
  if (target.retention.min_free_bytes > 0 && !target.storage.claim_name.empty())
    reader.report().complain(reader.path("retention.minFree") + " must be 0 with storage.claimName");
  reader.enumeration("updatePolicy", target.update_policy, names_of::update_policy, UpdatePolicy::when_idle);
  reader.integer("updateDeadlineSeconds", target.update_deadline_seconds);
  read_notifications(reader, "notifications", target.notifications);
  reader.opaque("podTemplate", target.pod_template);
}

Result<Parsed<LiveRoomSpec>> parse_spec(const Json& spec) {
  LiveRoomSpec read;
  ReadReport report;
  FieldReader reader(spec, "spec", report);
  read_spec(reader, read);
  if (report.problem) return failure(std::move(*report.problem));
  return Parsed<LiveRoomSpec>{std::move(read), std::move(report.unknown)};
}

std::string_view to_string(StreamFormat value) { return name_of(value, names_of::stream_format); }
std::string_view to_string(StreamCodec value) { return name_of(value, names_of::stream_codec); }
std::string_view to_string(QualityFallback value) { return name_of(value, names_of::quality_fallback); }
std::string_view to_string(DanmakuFile value) { return name_of(value, names_of::danmaku_file); }
std::string_view to_string(CoverFile value) { return name_of(value, names_of::cover_file); }
std::string_view to_string(GapHandling value) { return name_of(value, names_of::gap_handling); }
std::string_view to_string(AddressFamily value) { return name_of(value, names_of::address_family); }
std::string_view to_string(WhenDeleted value) { return name_of(value, names_of::when_deleted); }
std::string_view to_string(UpdatePolicy value) { return name_of(value, names_of::update_policy); }
std::string_view to_string(Weekday value) { return name_of(value, names_of::weekday); }
std::string_view to_string(NotificationEvent value) { return name_of(value, names_of::notification_event); }

}  // namespace live::liveroom
