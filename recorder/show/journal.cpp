// SPDX-License-Identifier: Apache-2.0
#include "recorder/show/journal.hpp"

#include <algorithm>

#include "base/json.hpp"
#include "base/time_format.hpp"
#include "base/version.hpp"

namespace live::recorder {
namespace {

constexpr int journal_version = 1;
constexpr std::size_t max_resumed = 1000;
constexpr std::size_t longest_word = 64;

std::string text_at(const Json& json, std::string_view path) {
  return json_string(json_at(json, path)).value_or("");
}
std::int64_t int_at(const Json& json, std::string_view path) {
  return json_int(json_at(json, path)).value_or(0);
}
WallTime time_at(const Json& json, std::string_view path) {
  return parse_rfc3339(text_at(json, path)).value_or(WallTime());
}

std::optional<flv::FindingKind> kind_of(const std::string& name) {
  for (std::size_t i = 0; i < flv::finding_kinds; ++i) {
    const auto kind = static_cast<flv::FindingKind>(i);
    if (flv::to_string(kind) == name) return kind;
  }
  return std::nullopt;
}

Json facts_json(const ShowFacts& facts) {
  Json json = Json::object();
  json["version"] = journal_version;
  json["recorder"] = live::version;
  json["session"] = facts.session;
  json["part"] = facts.part;
  json["roomId"] = facts.room.room_id;
  json["title"] = facts.room.title;
  json["anchor"] = facts.room.anchor;
  json["showKey"] = facts.show.key;
  if (facts.show.start) json["showStart"] = format_rfc3339(*facts.show.start);
  return json;
}

ShowFacts facts_of(const Json& json) {
  ShowFacts facts;
  facts.session = text_at(json, "/session");
  const std::int64_t part = int_at(json, "/part");
  facts.part = part > 0 && part < 1'000'000 ? static_cast<int>(part) : 1;
  facts.room.room_id = int_at(json, "/roomId");
  facts.room.title = text_at(json, "/title");
  facts.room.anchor = text_at(json, "/anchor");
  facts.show.key = text_at(json, "/showKey");
  facts.show.start = parse_rfc3339(text_at(json, "/showStart"));
  return facts;
}

Json entry_json(const Journal::Entry& entry) {
  const flv::Finding& found = entry.finding;
  Json one = Json::object();
  one["kind"] = entry.kind;
  one["wall"] = format_rfc3339_micro(entry.wall);
  one["fileMs"] = found.file_time;
  one["rawBefore"] = found.raw_before;
  one["rawAfter"] = found.raw_after;
  if (found.tags > 0) one["tags"] = found.tags;
  if (entry.segments > 0) one["segments"] = entry.segments;
  if (found.bytes > 0) one["bytes"] = found.bytes;
  if (found.lost_ms > 0) {
    one["lostMs"] = found.lost_ms;
    one["cause"] = entry.cause;
    one["estimated"] = found.lost_is_estimated;
  }
  return one;
}

std::uint64_t count_at(const Json& json, std::string_view path) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(0, int_at(json, path)));
}

Journal::Entry entry_of(const Json& json) {
  Journal::Entry entry;
  entry.kind = text_at(json, "/kind").substr(0, longest_word);
  entry.cause = text_at(json, "/cause").substr(0, longest_word);
  entry.wall = time_at(json, "/wall");
  entry.segments = count_at(json, "/segments");
  flv::Finding& found = entry.finding;
  found.kind = kind_of(entry.kind).value_or(flv::FindingKind::count_);
  found.file_time = int_at(json, "/fileMs");
  found.raw_before = int_at(json, "/rawBefore");
  found.raw_after = int_at(json, "/rawAfter");
  found.tags = count_at(json, "/tags");
  found.bytes = count_at(json, "/bytes");
  found.lost_ms = std::max<std::int64_t>(0, int_at(json, "/lostMs"));
  found.lost_is_estimated = json_bool(json_at(json, "/estimated")).value_or(false);
  return entry;
}

const Json& list_at(const Json& json, std::string_view path) {
  static const Json none = Json::array();
  const Json& list = json_at(json, path);
  return list.is_array() ? list : none;
}

}  // namespace

std::optional<Journal> Journal::parse(std::string_view text) {
  const Json json = parse_json(text);
  if (!json.is_object() || int_at(json, "/version") != journal_version) return std::nullopt;
  Journal journal(facts_of(json), time_at(json, "/opened"));
  journal.zero_wall_ms_ = json_int(json_at(json, "/zeroWallMs"));
  for (const Json& point : list_at(json, "/clock")) {
    journal.clock_point(
        {int_at(point, "/fileMs"), time_at(point, "/wall"), json_int(json_at(point, "/sourceMs"))});
  }
  for (const Json& one : list_at(json, "/findings")) journal.keep(entry_of(one));
  for (const Json& one : list_at(json, "/resumed")) {
    journal.resumed(int_at(one, "/fileMs"), count_at(one, "/cutBytes"), time_at(one, "/wall"));
  }
  // The sums count, also of what is not in the list any more.
  journal.not_kept_ = count_at(json, "/findingsNotKept");
  journal.gaps_ = std::max(journal.gaps_, int_at(json, "/gaps"));
  const Json& lost = json_at(json, "/lostMs");
  if (lost.is_object()) {
    for (const auto& [cause, value] : lost.items())
      journal.lost_[cause] = std::max(journal.lost_[cause], json_int(value).value_or(0));
  }
  return journal;
}

void Journal::clock_point(ClockPoint point) {
  // A very long recording keeps every other point: coarser, but never without bound.
  if (clock_.size() >= max_clock_points) {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < clock_.size(); i += 2) clock_[kept++] = clock_[i];
    clock_.resize(kept);
  }
  clock_.push_back(point);
}

bool Journal::parted(std::int64_t file_ms, WallTime wall) const {
  if (clock_.empty()) return false;
  const ClockPoint& last = clock_.back();
  const auto drift = (wall - last.wall) - std::chrono::milliseconds(file_ms - last.file_ms);
  return drift >= parted_by || drift <= -parted_by;
}

void Journal::add(const flv::Finding& finding, const std::string& cause, WallTime wall) {
  keep({std::string(flv::to_string(finding.kind)), finding, cause, wall});
}

void Journal::add(const hls::Finding& finding, const std::string& cause, WallTime wall) {
  flv::Finding numbers;
  numbers.raw_before = finding.raw_before_ms;
  numbers.raw_after = finding.raw_after_ms;
  numbers.file_time = finding.file_ms;
  numbers.bytes = finding.bytes;
  numbers.lost_ms = finding.lost_ms;
  numbers.lost_is_estimated = finding.lost_is_estimated;
  keep({std::string(hls::to_string(finding.kind)), numbers, cause, wall, finding.segments});
}

void Journal::keep(Entry entry) {
  if (entry.finding.lost_ms > 0) {
    lost_[entry.cause] += entry.finding.lost_ms;
    ++gaps_;
  }
  if (findings_.size() >= max_findings) {
    ++not_kept_;
    return;
  }
  findings_.push_back(std::move(entry));
}

void Journal::resumed(std::int64_t file_ms, std::uint64_t cut_bytes, WallTime wall) {
  if (resumed_.size() < max_resumed) resumed_.push_back({file_ms, cut_bytes, wall});
}

std::optional<std::int64_t> Journal::source_offset() const {
  for (auto point = clock_.rbegin(); point != clock_.rend(); ++point) {
    if (point->source_ms) return *point->source_ms - point->file_ms;
  }
  return std::nullopt;
}

std::int64_t Journal::lost_ms() const {
  std::int64_t total = 0;
  for (const auto& [cause, lost] : lost_) total += lost;
  return total;
}

std::string Journal::text(std::int64_t duration_ms, std::uint64_t size) const {
  Json journal = facts_json(facts_);
  journal["opened"] = format_rfc3339_micro(opened_);
  journal["durationMs"] = duration_ms;
  journal["size"] = size;
  if (zero_wall_ms_) journal["zeroWallMs"] = *zero_wall_ms_;
  Json clock = Json::array();
  for (const ClockPoint& point : clock_) {
    Json one = Json::object();
    one["fileMs"] = point.file_ms;
    one["wall"] = format_rfc3339_micro(point.wall);
    if (point.source_ms) one["sourceMs"] = *point.source_ms;
    clock.push_back(std::move(one));
  }
  journal["clock"] = std::move(clock);
  Json findings = Json::array();
  for (const Entry& entry : findings_) findings.push_back(entry_json(entry));
  journal["findings"] = std::move(findings);
  journal["findingsNotKept"] = not_kept_;
  journal["gaps"] = gaps_;
  Json lost = Json::object();
  for (const auto& [cause, milliseconds] : lost_) lost[cause] = milliseconds;
  journal["lostMs"] = std::move(lost);
  if (!resumed_.empty()) {
    Json resumed = Json::array();
    for (const Resumed& one : resumed_) {
      resumed.push_back(
          {{"fileMs", one.file_ms}, {"cutBytes", one.cut_bytes}, {"wall", format_rfc3339_micro(one.wall)}});
    }
    journal["resumed"] = std::move(resumed);
  }
  return dump_json(journal);
}

}  // namespace live::recorder
