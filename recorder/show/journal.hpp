// SPDX-License-Identifier: Apache-2.0
// The journal beside an open file: what a recorder that starts after an unclean end needs to know of it, and
// what is missing in it and why. Pure.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "recorder/flv/finding.hpp"
#include "recorder/hls/finding.hpp"
#include "recorder/show/show_facts.hpp"

namespace live::recorder {

class Journal {
 public:
  // Findings that are kept one by one; later ones are only counted.
  static constexpr std::size_t max_findings = 1000;
  static constexpr std::size_t max_clock_points = 2000;

  Journal(ShowFacts facts, WallTime opened) : facts_(std::move(facts)), opened_(opened) {}
  // Of an earlier process; nothing when the text is no journal that this version can read.
  static std::optional<Journal> parse(std::string_view text);

  // The file's clock, the wall clock and the source's clock at one moment, so that other times can be mapped
  // onto the file.
  struct ClockPoint {
    std::int64_t file_ms = 0;
    WallTime wall{};
    std::optional<std::int64_t> source_ms;
  };
  void clock_point(ClockPoint point);
  // The two clocks have gone apart by this since the last pair: a hole was closed, or time was mended.
  static constexpr Duration parted_by = std::chrono::seconds(1);
  bool parted(std::int64_t file_ms, WallTime wall) const;
  // A gap is a finding that lost something; `cause` says why.
  void add(const flv::Finding& finding, const std::string& cause, WallTime wall);
  void add(const hls::Finding& finding, const std::string& cause, WallTime wall);
  // The file goes on after an unclean end, which left so many bytes behind the last whole tag.
  void resumed(std::int64_t file_ms, std::uint64_t cut_bytes, WallTime wall);
  // Unix time in ms of the source's time 0, by the tag that came soonest.
  void set_zero_wall(std::optional<std::int64_t> zero_wall_ms) { zero_wall_ms_ = zero_wall_ms; }

  const ShowFacts& facts() const { return facts_; }
  WallTime opened() const { return opened_; }
  std::optional<std::int64_t> zero_wall_ms() const { return zero_wall_ms_; }
  // Source time minus file time at the newest point that has both.
  std::optional<std::int64_t> source_offset() const;
  std::int64_t lost_ms() const;
  std::int64_t gaps() const { return gaps_; }

  struct Entry {
    std::string kind;
    flv::Finding finding;  // its numbers
    std::string cause;     // of a gap
    WallTime wall{};
    std::uint64_t segments = 0;
  };
  const std::vector<Entry>& findings() const { return findings_; }

  std::string text(std::int64_t duration_ms, std::uint64_t size) const;

 private:
  void keep(Entry entry);
  struct Resumed {
    std::int64_t file_ms = 0;
    std::uint64_t cut_bytes = 0;
    WallTime wall{};
  };

  ShowFacts facts_;
  WallTime opened_;
  std::optional<std::int64_t> zero_wall_ms_;
  std::vector<ClockPoint> clock_;
  std::vector<Entry> findings_;
  std::uint64_t not_kept_ = 0;
  std::vector<Resumed> resumed_;
  std::map<std::string, std::int64_t> lost_;  // ms by cause
  std::int64_t gaps_ = 0;
};

}  // namespace live::recorder
