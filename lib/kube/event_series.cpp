// SPDX-License-Identifier: Apache-2.0
#include "kube/event_series.hpp"

#include <fmt/format.h>

#include "base/json.hpp"
#include "base/time_format.hpp"

namespace live::kube {
namespace {

// Limits of the API server's validation.
constexpr std::size_t max_note = 1024;
constexpr std::size_t max_reason = 128;
constexpr std::size_t max_action = 128;
constexpr std::size_t max_instance = 128;
constexpr std::size_t max_name = 253;

// At most `size` bytes, not cut inside a character.
std::string cut(const std::string& text, std::size_t size) {
  if (text.size() <= size) return text;
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) --size;
  return text.substr(0, size);
}

void append_reference(std::string& identity, const ObjectReference& object) {
  for (const std::string* part :
       {&object.api_version, &object.kind, &object.key.ns, &object.key.name, &object.uid}) {
    identity.append(*part).push_back('\0');
  }
}

// Everything but the note: a message with a counter in it is still the same event.
std::string identity_of(const Event& event) {
  std::string identity(event.type == EventType::warning ? "W" : "N");
  identity.append(event.reason).push_back('\0');
  identity.append(event.action).push_back('\0');
  append_reference(identity, event.regarding);
  if (event.related) append_reference(identity, *event.related);
  return identity;
}

Json reference_json(const ObjectReference& object) {
  Json json{{"apiVersion", object.api_version}, {"kind", object.kind}, {"name", object.key.name}};
  if (!object.key.ns.empty()) json["namespace"] = object.key.ns;
  if (!object.uid.empty()) json["uid"] = object.uid;
  return json;
}

}  // namespace

EventWrite EventSeries::count_of(Series& series, TimePoint now) {
  series.written = now;
  series.unwritten = false;
  EventWrite write;
  write.key = series.key;
  write.create = false;
  write.time = series.last_wall;
  write.count = series.count;
  return write;
}

void EventSeries::erase(Place place) {
  by_identity_.erase(place->identity);
  series_.erase(place);
}

std::optional<EventWrite> EventSeries::add(Event event, TimePoint now, WallTime wall_now, Random& random) {
  std::string identity = identity_of(event);
  const auto found = by_identity_.find(identity);
  if (found != by_identity_.end() && now - found->second->last < window) {
    const Place place = found->second;
    series_.splice(series_.end(), series_, place);
    const bool first_repetition = place->count++ == 1;
    place->last = now;
    place->last_wall = wall_now;
    if (first_repetition || now - place->written >= window) return count_of(*place, now);
    place->unwritten = true;
    return std::nullopt;
  }
  if (found != by_identity_.end()) erase(found->second);
  if (series_.size() >= max_series) erase(series_.begin());
  const std::string suffix = fmt::format(".{:016x}", random.between(0, UINT64_MAX));
  EventWrite write;
  write.key.ns = event.regarding.key.ns.empty() ? "default" : event.regarding.key.ns;
  write.key.name = event.regarding.key.name.substr(0, max_name - suffix.size()) + suffix;
  write.event = std::move(event);
  write.time = wall_now;
  series_.push_back({identity, write.key, now, wall_now, now, 1, false});
  by_identity_.emplace(std::move(identity), std::prev(series_.end()));
  return write;
}

std::vector<EventWrite> EventSeries::due(TimePoint now) {
  std::vector<EventWrite> writes;
  for (Place place = series_.begin(); place != series_.end();) {
    const Place at = place++;
    if (at->unwritten && now - at->written >= window) writes.push_back(count_of(*at, now));
    if (!at->unwritten && now - at->last >= window) erase(at);
  }
  return writes;
}

TimePoint EventSeries::next_due() const {
  TimePoint next = TimePoint::max();
  for (const Series& series : series_)
    if (series.unwritten) next = std::min(next, series.written + window);
  return next;
}

void EventSeries::forget(const ObjectKey& event_key) {
  for (Place place = series_.begin(); place != series_.end(); ++place) {
    if (place->key != event_key) continue;
    erase(place);
    return;
  }
}

Json event_json(const EventWrite& write, const EventRecorderOptions& options) {
  const Event& event = write.event;
  Json json{{"apiVersion", resources::events.api_version()},
            {"kind", resources::events.kind},
            {"metadata", {{"namespace", write.key.ns}, {"name", write.key.name}}},
            {"eventTime", format_rfc3339_micro(write.time)},
            {"type", event.type == EventType::warning ? "Warning" : "Normal"},
            {"reason", cut(event.reason, max_reason)},
            {"action", cut(event.action, max_action)},
            {"note", cut(event.note, max_note)},
            {"reportingController", options.controller},
            {"reportingInstance", cut(options.instance, max_instance)},
            {"regarding", reference_json(event.regarding)}};
  if (event.related) json["related"] = reference_json(*event.related);
  return json;
}

Json series_json(const EventWrite& write) {
  return Json{{"series", {{"count", write.count}, {"lastObservedTime", format_rfc3339_micro(write.time)}}}};
}

}  // namespace live::kube
