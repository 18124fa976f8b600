// SPDX-License-Identifier: Apache-2.0
#include "recorder/show/segment_record.hpp"

#include <map>

#include "base/json.hpp"
#include "base/time_format.hpp"
#include "base/version.hpp"
#include "recorder/storage/recording_manifest.hpp"

namespace live::recorder {
namespace {

constexpr std::size_t longest_kind = 64;

Json base_document(const SegmentTotals& totals) {
  Json json = Json::object();
  json["recorder"] = "liveroom " + std::string(version);
  json["durationMs"] = totals.duration_ms;
  json["bytes"] = totals.bytes;
  json["lostMs"] = totals.lost_ms;
  if (!totals.codec.empty()) json["codec"] = totals.codec;
  return json;
}

// What the journal kept one by one: all that lost something, and of the rest the notable.
void put_findings(Json& json, const Json& journal) {
  Json gaps = Json::array();
  std::map<std::string, std::uint64_t> counts;
  const Json& list = json_at(journal, "/findings");
  if (list.is_array()) {
    for (const Json& one : list) {
      const std::string kind = json_string(json_at(one, "/kind")).value_or("").substr(0, longest_kind);
      if (kind.empty()) continue;
      ++counts[kind];
      const std::int64_t lost = json_int(json_at(one, "/lostMs")).value_or(0);
      if (lost <= 0) continue;
      Json gap = Json::object();
      gap["kind"] = kind;
      gap["fileMs"] = json_int(json_at(one, "/fileMs")).value_or(0);
      gap["time"] = json_string(json_at(one, "/wall")).value_or("");
      gap["lostMs"] = lost;
      gap["estimated"] = json_bool(json_at(one, "/estimated")).value_or(false);
      gaps.push_back(std::move(gap));
    }
  }
  json["gaps"] = std::move(gaps);
  json["findings"] = counts;
}

}  // namespace

SegmentRecord::SegmentRecord(ShowFacts facts, WallTime opened) : facts_(std::move(facts)), opened_(opened) {
  room(facts_.room, 0, opened);
}

void SegmentRecord::room(const bilibili::RoomInfo& room, std::int64_t file_ms, WallTime wall) {
  if (!titles_.empty()) {
    const Title& last = titles_.back();
    const bool same =
        last.title == room.title && last.area == room.area && last.parent_area == room.parent_area;
    if (same || titles_.size() >= max_titles) return;
  }
  titles_.push_back({file_ms, wall, room.title, room.area, room.parent_area});
}

void SegmentRecord::finding(const flv::Finding& finding, WallTime wall) {
  findings_.add(finding);
  gap({flv::to_string(finding.kind), finding.file_time, finding.lost_ms, finding.lost_is_estimated, wall});
}

void SegmentRecord::finding(const hls::Finding& finding, WallTime wall) {
  ++hls_findings_[static_cast<std::size_t>(finding.kind)];
  gap({hls::to_string(finding.kind), finding.file_ms, finding.lost_ms, finding.lost_is_estimated, wall});
}

void SegmentRecord::gap(Gap gap) {
  if (gap.lost_ms <= 0) return;
  if (gaps_.size() < max_gaps) {
    gaps_.push_back(gap);
  } else {
    ++gaps_not_kept_;
  }
}

std::string SegmentRecord::text(const SegmentTotals& totals, const std::vector<std::string>& files) const {
  Json json = base_document(totals);
  storage::put_manifest(json, {facts_.session, facts_.part, opened_, totals.end, files});
  json["roomId"] = facts_.room.room_id;
  json["shortId"] = facts_.room.short_id;
  json["uid"] = facts_.room.uid;
  json["anchor"] = facts_.room.anchor;
  json["quality"] = facts_.quality;
  json["showKey"] = facts_.show.key;
  if (facts_.show.start) json["showStart"] = format_rfc3339(*facts_.show.start);
  Json titles = Json::array();
  for (const Title& one : titles_) {
    Json title = Json::object();
    title["fileMs"] = one.file_ms;
    title["time"] = format_rfc3339_micro(one.wall);
    title["title"] = one.title;
    title["area"] = one.area;
    title["parentArea"] = one.parent_area;
    titles.push_back(std::move(title));
  }
  json["titles"] = std::move(titles);
  Json gaps = Json::array();
  for (const Gap& gap : gaps_) {
    Json one = Json::object();
    one["kind"] = gap.kind;
    one["fileMs"] = gap.file_ms;
    one["time"] = format_rfc3339_micro(gap.wall);
    one["lostMs"] = gap.lost_ms;
    one["estimated"] = gap.estimated;
    gaps.push_back(std::move(one));
  }
  json["gaps"] = std::move(gaps);
  json["gapsNotKept"] = gaps_not_kept_;
  Json findings = Json::object();
  for (std::size_t i = 0; i < flv::finding_kinds; ++i) {
    const auto kind = static_cast<flv::FindingKind>(i);
    if (findings_[kind] > 0) findings[std::string(flv::to_string(kind))] = findings_[kind];
  }
  for (std::size_t i = 0; i < hls_findings_.size(); ++i) {
    if (hls_findings_[i] > 0)
      findings[std::string(hls::to_string(static_cast<hls::FindingKind>(i)))] = hls_findings_[i];
  }
  json["findings"] = std::move(findings);
  Json danmaku = Json::object();
  danmaku["written"] = totals.danmaku_written;
  danmaku["dropped"] = totals.danmaku_dropped;
  json["danmaku"] = std::move(danmaku);
  return dump_json(json);
}

std::string record_of_journal(const std::string& journal, const SegmentTotals& totals,
                              const std::vector<std::string>& files) {
  const Json known = parse_json(journal);
  storage::RecordingManifest manifest;
  manifest.session = json_string(json_at(known, "/session")).value_or("");
  const std::optional<WallTime> opened = parse_rfc3339(json_string(json_at(known, "/opened")).value_or(""));
  if (manifest.session.empty() || !opened) return {};
  manifest.part = static_cast<int>(json_int(json_at(known, "/part")).value_or(1));
  manifest.start = *opened;
  manifest.end = totals.end;
  manifest.files = files;
  Json json = base_document(totals);
  storage::put_manifest(json, manifest);
  for (const char* key : {"roomId", "anchor", "showKey", "showStart"}) {
    if (known.contains(key)) json[key] = known[key];
  }
  Json title = Json::object();
  title["fileMs"] = 0;
  title["time"] = format_rfc3339_micro(*opened);
  title["title"] = json_string(json_at(known, "/title")).value_or("");
  json["titles"] = Json::array({std::move(title)});
  put_findings(json, known);
  json["endedUncleanly"] = true;
  return dump_json(json);
}

}  // namespace live::recorder
