// SPDX-License-Identifier: Apache-2.0
#include "recorder/repair/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/json.hpp"

namespace live::recorder {
namespace {

// What a person wants to know of it beside its name.
std::string details(const flv::Finding& finding) {
  using flv::FindingKind;
  std::vector<std::string> parts;
  if (finding.kind == FindingKind::jump || finding.kind == FindingKind::hole_kept ||
      finding.kind == FindingKind::gap) {
    parts.push_back(fmt::format("source time {} to {} ms", finding.raw_before, finding.raw_after));
  }
  if (finding.tags > 0)
    parts.push_back(fmt::format("{} {}", finding.tags, finding.tags == 1 ? "tag" : "tags"));
  if (finding.bytes > 0) parts.push_back(size_text(finding.bytes));
  if (finding.lost_ms > 0) {
    parts.push_back(fmt::format("{}{} ms lost", finding.lost_is_estimated ? "about " : "", finding.lost_ms));
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

}  // namespace

std::string clock_text(std::int64_t milliseconds) {
  const std::int64_t seconds = milliseconds / 1000;
  return fmt::format("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

std::string size_text(std::uint64_t bytes) {
  constexpr std::array<const char*, 5> units{"KiB", "MiB", "GiB", "TiB", "PiB"};
  if (bytes < 1024) return fmt::format("{} B", bytes);
  double value = static_cast<double>(bytes) / 1024.0;
  std::size_t unit = 0;
  for (; value >= 1024.0 && unit + 1 < units.size(); ++unit) value /= 1024.0;
  return fmt::format("{:.1f} {}", value, units[unit]);
}

void RepairReport::add(const PlacedFinding& finding) {
  counts_.add(finding.finding);
  lost_ms_ += finding.finding.lost_ms;
  if (!flv::is_notable(finding.finding.kind)) return;
  if (findings_.size() >= most_findings) {
    ++not_kept_;
  } else {
    findings_.push_back(finding);
  }
}

bool RepairReport::found_nothing() const {
  return std::ranges::all_of(counts_.of, [](std::uint64_t count) { return count == 0; });
}

std::string RepairReport::text(bool written) const {
  std::string out;
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    out += fmt::format("{}  {}\n", inputs_[i].path, size_text(inputs_[i].size));
    for (const PlacedFinding& one : findings_) {
      if (one.input != i) continue;
      out += fmt::format("  {:>8}  {:<22} {}\n", clock_text(one.finding.file_time),
                         flv::to_string(one.finding.kind), details(one.finding));
    }
  }
  if (not_kept_ > 0) out += fmt::format("  and {} more\n", not_kept_);
  std::vector<std::string> counted;
  for (std::size_t i = 0; i < flv::finding_kinds; ++i) {
    if (counts_.of[i] == 0) continue;
    counted.push_back(fmt::format("{} {}", flv::to_string(static_cast<flv::FindingKind>(i)), counts_.of[i]));
  }
  out += counted.empty() ? "nothing to repair\n" : fmt::format("found: {}\n", fmt::join(counted, ", "));
  for (const RepairedFile& file : files_) {
    out += fmt::format("{} {}  {}  {}\n", written ? "wrote" : "would write", file.path,
                       clock_text(file.duration_ms), size_text(file.size));
  }
  if (files_.empty()) out += "no media in it: no file\n";
  return out;
}

std::string RepairReport::json(bool written) const {
  Json report = Json::object();
  report["written"] = written;
  report["inputs"] = Json::array();
  for (const RepairInput& input : inputs_) {
    Json one = Json::object();
    one["file"] = input.path;
    one["bytes"] = input.size;
    report["inputs"].push_back(std::move(one));
  }
  report["files"] = Json::array();
  for (const RepairedFile& file : files_) {
    Json one = Json::object();
    one["file"] = file.path;
    one["bytes"] = file.size;
    one["durationMs"] = file.duration_ms;
    one["mediaTags"] = file.media_tags;
    one["closeReason"] = flv::to_string(file.reason);
    report["files"].push_back(std::move(one));
  }
  report["counts"] = Json::object();
  for (std::size_t i = 0; i < flv::finding_kinds; ++i) {
    if (counts_.of[i] > 0)
      report["counts"][std::string(flv::to_string(static_cast<flv::FindingKind>(i)))] = counts_.of[i];
  }
  report["findings"] = Json::array();
  for (const PlacedFinding& placed : findings_) {
    Json one = Json::object();
    one["kind"] = flv::to_string(placed.finding.kind);
    one["input"] = placed.input;
    one["position"] = placed.position;
    one["file"] = placed.file;
    one["fileMs"] = placed.finding.file_time;
    one["rawBefore"] = placed.finding.raw_before;
    one["rawAfter"] = placed.finding.raw_after;
    one["tags"] = placed.finding.tags;
    one["bytes"] = placed.finding.bytes;
    one["lostMs"] = placed.finding.lost_ms;
    one["estimated"] = placed.finding.lost_is_estimated;
    report["findings"].push_back(std::move(one));
  }
  report["findingsNotKept"] = not_kept_;
  report["lostMs"] = lost_ms_;
  return dump_json(report) + "\n";
}

}  // namespace live::recorder
