// SPDX-License-Identifier: Apache-2.0
#include "recorder/journal.hpp"

#include "base/json.hpp"
#include "base/time_format.hpp"
#include "base/version.hpp"

namespace live::recorder {
namespace {
constexpr int journal_version = 1;
}

void Journal::clock_point(std::int64_t file_ms, WallTime wall) {
  // A very long recording keeps every other point: coarser, but never without bound.
  if (clock_.size() >= max_clock_points) {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < clock_.size(); i += 2) clock_[kept++] = clock_[i];
    clock_.resize(kept);
  }
  clock_.push_back({file_ms, wall});
}

bool Journal::parted(std::int64_t file_ms, WallTime wall) const {
  if (clock_.empty()) return false;
  const ClockPoint& last = clock_.back();
  const auto drift = (wall - last.wall) - std::chrono::milliseconds(file_ms - last.file_ms);
  return drift >= parted_by || drift <= -parted_by;
}

void Journal::add(const flv::Finding& finding, WallTime wall) {
  keep({flv::to_string(finding.kind), finding, wall});
}

void Journal::add(const hls::Finding& finding, WallTime wall) {
  flv::Finding numbers;
  numbers.raw_before = finding.raw_before_ms;
  numbers.raw_after = finding.raw_after_ms;
  numbers.file_time = finding.file_ms;
  numbers.bytes = finding.bytes;
  numbers.lost_ms = finding.lost_ms;
  numbers.lost_is_estimated = finding.lost_is_estimated;
  keep({hls::to_string(finding.kind), numbers, wall, finding.segments});
}

void Journal::keep(Entry entry) {
  if (findings_.size() >= max_findings) {
    ++not_kept_;
    return;
  }
  findings_.push_back(entry);
}

std::string Journal::text(std::int64_t duration_ms, std::uint64_t size) const {
  Json journal = Json::object();
  journal["version"] = journal_version;
  journal["recorder"] = live::version;
  journal["session"] = facts_.session;
  journal["part"] = facts_.part;
  journal["roomId"] = facts_.room.room_id;
  journal["title"] = facts_.room.title;
  journal["anchor"] = facts_.room.anchor;
  journal["showKey"] = facts_.show.key;
  if (facts_.show.start) journal["showStart"] = format_rfc3339(*facts_.show.start);
  journal["opened"] = format_rfc3339_micro(opened_);
  journal["durationMs"] = duration_ms;
  journal["size"] = size;
  Json clock = Json::array();
  for (const ClockPoint& point : clock_) {
    Json pair = Json::object();
    pair["fileMs"] = point.file_ms;
    pair["wall"] = format_rfc3339_micro(point.wall);
    clock.push_back(std::move(pair));
  }
  journal["clock"] = std::move(clock);
  Json findings = Json::array();
  for (const Entry& entry : findings_) {
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
      one["estimated"] = found.lost_is_estimated;
    }
    findings.push_back(std::move(one));
  }
  journal["findings"] = std::move(findings);
  journal["findingsNotKept"] = not_kept_;
  return dump_json(journal);
}

}  // namespace live::recorder
