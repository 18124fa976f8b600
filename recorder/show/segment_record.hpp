// SPDX-License-Identifier: Apache-2.0
// STEM.json: what one video is, what happened while it was recorded, and which files belong to it. Pure.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "recorder/flv/finding.hpp"
#include "recorder/hls/finding.hpp"
#include "recorder/show/show_facts.hpp"

namespace live::recorder {

struct SegmentTotals {
  WallTime end{};
  std::int64_t duration_ms = 0;
  std::uint64_t bytes = 0;
  std::int64_t lost_ms = 0;
  std::string codec;
  std::uint64_t danmaku_written = 0;
  std::uint64_t danmaku_dropped = 0;
};

class SegmentRecord {
 public:
  // Kept one by one; later ones are only counted.
  static constexpr std::size_t max_titles = 200;
  static constexpr std::size_t max_gaps = 1000;

  SegmentRecord(ShowFacts facts, WallTime opened);

  // A title or area that is not the one before.
  void room(const bilibili::RoomInfo& room, std::int64_t file_ms, WallTime wall);
  void finding(const flv::Finding& finding, WallTime wall);
  void finding(const hls::Finding& finding, WallTime wall);

  // `files`: names in the file's own directory.
  std::string text(const SegmentTotals& totals, const std::vector<std::string>& files) const;

 private:
  struct Title {
    std::int64_t file_ms = 0;
    WallTime wall;
    std::string title;
    std::string area;
    std::string parent_area;
  };
  struct Gap {
    std::string_view kind;
    std::int64_t file_ms = 0;
    std::int64_t lost_ms = 0;
    bool estimated = false;
    WallTime wall;
  };
  void gap(Gap gap);

  ShowFacts facts_;
  WallTime opened_;
  std::vector<Title> titles_;
  std::vector<Gap> gaps_;
  std::uint64_t gaps_not_kept_ = 0;
  flv::FindingCounts findings_;
  std::array<std::uint64_t, static_cast<std::size_t>(hls::FindingKind::count_)> hls_findings_{};
};

// The same for a video that an unclean end left behind: from the journal that lay beside it. Empty when the
// journal can't be read.
std::string record_of_journal(const std::string& journal, const SegmentTotals& totals,
                              const std::vector<std::string>& files);

}  // namespace live::recorder
