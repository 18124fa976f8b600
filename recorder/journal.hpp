// SPDX-License-Identifier: Apache-2.0
// The journal beside an open file: what a recorder that starts after an unclean end needs to know of it.
// Pure.
#pragma once
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "recorder/flv/finding.hpp"
#include "recorder/hls/finding.hpp"
#include "recorder/show_facts.hpp"

namespace live::recorder {

class Journal {
 public:
  // Findings that are kept one by one; later ones are only counted.
  static constexpr std::size_t max_findings = 1000;
  static constexpr std::size_t max_clock_points = 2000;

  Journal(ShowFacts facts, WallTime opened) : facts_(std::move(facts)), opened_(opened) {}

  // A pair of the file's clock and the wall clock, so that other times can be mapped onto the file.
  void clock_point(std::int64_t file_ms, WallTime wall);
  // The two clocks have gone apart by this since the last pair: a hole was closed, or time was mended.
  static constexpr Duration parted_by = std::chrono::seconds(1);
  bool parted(std::int64_t file_ms, WallTime wall) const;
  void add(const flv::Finding& finding, WallTime wall);
  void add(const hls::Finding& finding, WallTime wall);

  std::string text(std::int64_t duration_ms, std::uint64_t size) const;

 private:
  struct ClockPoint {
    std::int64_t file_ms;
    WallTime wall;
  };
  struct Entry {
    std::string_view kind;
    flv::Finding finding;  // its numbers
    WallTime wall;
    std::uint64_t segments = 0;
  };
  void keep(Entry entry);

  ShowFacts facts_;
  WallTime opened_;
  std::vector<ClockPoint> clock_;
  std::vector<Entry> findings_;
  std::uint64_t not_kept_ = 0;
};

}  // namespace live::recorder
