// SPDX-License-Identifier: Apache-2.0
#include "liveroom/spec_sections.hpp"

#include <fmt/format.h>

#include "base/json.hpp"
#include "liveroom/spec_names.hpp"
#include "liveroom/spec_rules.hpp"

namespace live::liveroom {
namespace {

constexpr std::int64_t mebibyte = std::int64_t{1} << 20;

// A text with a rule of its own beside its length; an invalid one leaves the target as it is.
void ruled_text(FieldReader& reader, std::string_view key, std::string& target, TextRange range,
                Complaint (*rule)(std::string_view)) {
  std::string text = target;
  if (!reader.has(key)) return;
  reader.text(key, text, range);
  if (const Complaint complaint = rule(text))
    reader.report().complain(fmt::format("{} {}", reader.path(key), *complaint));
  else
    target = std::move(text);
}

void minute_of_day(FieldReader& reader, std::string_view key, int& target, int latest) {
  std::string text;
  reader.text(key, text);
  const std::optional<int> minute = parse_minute_of_day(text);
  if (minute && *minute <= latest)
    target = *minute;
  else
    reader.report().complain(
        fmt::format("{} must be a time 00:00 to {}", reader.path(key), format_minute_of_day(latest)));
}

void read_window(FieldReader& reader, RecordingWindow& window) {
  reader.enumerations("days", window.days, names_of::weekday, every_day);
  if (window.days.empty()) reader.report().complain(reader.path("days") + " must not be empty");
  minute_of_day(reader, "from", window.from_minute, 24 * 60 - 1);
  minute_of_day(reader, "to", window.to_minute, 24 * 60);
  if (window.from_minute == window.to_minute)
    reader.report().complain(fmt::format("{} must differ from from", reader.path("to")));
}

void read_notification(FieldReader& reader, NotificationSpec& target) {
  ruled_text(reader, "name", target.name, {}, label_complaint);
  if (target.name.empty()) reader.report().complain(reader.path("name") + " is required");
  ruled_text(reader, "url", target.url, {.max = 2048}, webhook_url_complaint);
  if (target.url.empty()) reader.report().complain(reader.path("url") + " is required");
  reader.enumerations("events", target.events, names_of::notification_event, every_event);
  reader.object("signatureSecretRef", [&](FieldReader& reference) {
    ruled_text(reference, "name", target.secret_name, {}, subdomain_complaint);
    reference.text("key", target.secret_key, {.min = 1, .max = 253});
  });
}

template <class E>
Json texts(const std::vector<E>& list) {
  Json out = Json::array();
  for (const E item : list) out.push_back(to_string(item));
  return out;
}

}  // namespace

void read_stream(FieldReader& reader, StreamSpec& target, const StreamSpec& base) {
  reader.integers("qualities", target.qualities, 16, {.min = 1, .max = 1'000'000});
  if (target.qualities.empty()) reader.report().complain(reader.path("qualities") + " must not be empty");
  reader.enumeration("fallback", target.fallback, names_of::quality_fallback, base.fallback);
  reader.enumerations("formats", target.formats, names_of::stream_format, base.formats);
  if (target.formats.empty()) reader.report().complain(reader.path("formats") + " must not be empty");
  reader.enumerations("codecs", target.codecs, names_of::stream_codec, base.codecs);
  if (target.codecs.empty()) reader.report().complain(reader.path("codecs") + " must not be empty");
  reader.texts("avoidHosts", target.avoid_hosts, 16, {.min = 1, .max = 253});
  reader.texts("preferHosts", target.prefer_hosts, 16, {.min = 1, .max = 253});
}

void read_recording(FieldReader& reader, RecordingSpec& target, const RecordingSpec& base) {
  ruled_text(reader, "directory", target.directory, {.max = 255}, directory_complaint);
  ruled_text(reader, "fileNameTemplate", target.file_name_template, {.max = 255},
             file_name_template_complaint);
  ruled_text(reader, "timeZone", target.time_zone, {}, time_zone_complaint);
  reader.integer("splitSeconds", target.split_seconds, {.min = 0, .max = 604'800});
  if (target.split_seconds != 0 && target.split_seconds < 10)
    reader.report().complain(reader.path("splitSeconds") + " must be 0 or at least 10");
  reader.quantity("splitSize", target.split_size_bytes);
  if (target.split_size_bytes != 0 && target.split_size_bytes < mebibyte)
    reader.report().complain(reader.path("splitSize") + " must be 0 or at least 1Mi");
  reader.boolean("splitOnTitleChange", target.split_on_title_change);
  reader.enumeration("danmaku", target.danmaku, names_of::danmaku_file, base.danmaku);
  reader.enumeration("cover", target.cover, names_of::cover_file, base.cover);
  reader.texts("skipTitles", target.skip_titles, 32, {.min = 1, .max = 128});
  reader.texts("onlyAreas", target.only_areas, 32, {.min = 1, .max = 64});
  if (reader.has("windows")) {
    std::vector<RecordingWindow> windows;
    reader.objects("windows", 16, [&](FieldReader& window) { read_window(window, windows.emplace_back()); });
    target.windows = std::move(windows);
  }
  reader.enumeration("gaps", target.gaps, names_of::gap_handling, base.gaps);
}

void read_transport(FieldReader& reader, TransportSpec& target, const TransportSpec& base) {
  reader.integer("socketTimeoutSeconds", target.socket_timeout_seconds, {.min = 1, .max = 300});
  reader.integer("retryIntervalSeconds", target.retry_interval_seconds, {.min = 1, .max = 3600});
  reader.integer("maxRetryTimes", target.max_retry_times, {.min = 0, .max = 1'000'000});
  reader.integer("pollIntervalSeconds", target.poll_interval_seconds, {.min = 20, .max = 86'400});
  ruled_text(reader, "proxy", target.proxy, {.min = 8, .max = 2048}, proxy_complaint);
  reader.enumeration("addressFamily", target.address_family, names_of::address_family, base.address_family);
}

void read_retention(FieldReader& reader, RetentionSpec& target) {
  reader.integer("maxAgeSeconds", target.max_age_seconds);
  reader.quantity("maxSize", target.max_size_bytes);
  reader.quantity("minFree", target.min_free_bytes);
}

void read_notifications(FieldReader& parent, std::string_view key, std::vector<NotificationSpec>& target) {
  if (!parent.has(key)) return;
  std::vector<NotificationSpec> list;
  parent.objects(key, 8, [&](FieldReader& reader) { read_notification(reader, list.emplace_back()); });
  for (std::size_t i = 0; i < list.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (list[i].name == list[j].name)
        parent.report().complain(
            fmt::format("{}[{}].name \"{}\" is there twice", parent.path(key), i, list[i].name));
  target = std::move(list);
}

void read_secret_name(FieldReader& parent, std::string_view key, std::string& target) {
  if (!parent.has(key)) return;
  parent.object(key, [&](FieldReader& reader) {
    ruled_text(reader, "name", target, {}, subdomain_complaint);
    if (target.empty()) reader.report().complain(reader.path("name") + " is required");
  });
}

Json to_json(const StreamSpec& spec) {
  return {{"qualities", spec.qualities},    {"fallback", to_string(spec.fallback)},
          {"formats", texts(spec.formats)}, {"codecs", texts(spec.codecs)},
          {"avoidHosts", spec.avoid_hosts}, {"preferHosts", spec.prefer_hosts}};
}

Json to_json(const RecordingSpec& spec) {
  Json windows = Json::array();
  for (const RecordingWindow& window : spec.windows)
    windows.push_back({{"days", texts(window.days)},
                       {"from", format_minute_of_day(window.from_minute)},
                       {"to", format_minute_of_day(window.to_minute)}});
  Json json = {{"fileNameTemplate", spec.file_name_template},
               {"timeZone", spec.time_zone},
               {"splitSeconds", spec.split_seconds},
               {"splitSize", spec.split_size_bytes},
               {"splitOnTitleChange", spec.split_on_title_change},
               {"danmaku", to_string(spec.danmaku)},
               {"cover", to_string(spec.cover)},
               {"skipTitles", spec.skip_titles},
               {"onlyAreas", spec.only_areas},
               {"windows", std::move(windows)},
               {"gaps", to_string(spec.gaps)}};
  if (!spec.directory.empty()) json["directory"] = spec.directory;
  return json;
}

Json to_json(const TransportSpec& spec) {
  Json json = {{"socketTimeoutSeconds", spec.socket_timeout_seconds},
               {"retryIntervalSeconds", spec.retry_interval_seconds},
               {"maxRetryTimes", spec.max_retry_times},
               {"pollIntervalSeconds", spec.poll_interval_seconds},
               {"addressFamily", to_string(spec.address_family)}};
  if (!spec.proxy.empty()) json["proxy"] = spec.proxy;
  return json;
}

Json to_json(const RetentionSpec& spec) {
  return {{"maxAgeSeconds", spec.max_age_seconds},
          {"maxSize", spec.max_size_bytes},
          {"minFree", spec.min_free_bytes}};
}

Json to_json(const std::vector<NotificationSpec>& list) {
  Json json = Json::array();
  for (const NotificationSpec& spec : list) {
    Json item = {{"name", spec.name}, {"url", spec.url}, {"events", texts(spec.events)}};
    if (!spec.secret_name.empty())
      item["signatureSecretRef"] = {{"name", spec.secret_name}, {"key", spec.secret_key}};
    json.push_back(std::move(item));
  }
  return json;
}

}  // namespace live::liveroom
