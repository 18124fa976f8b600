// SPDX-License-Identifier: Apache-2.0
// How long what comes from the server may wait before the system has it: what a kill -9 costs.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "recorder/recording/recording.hpp"
#include "unit/recorder/recording/recorder_life.hpp"

namespace live::recorder {
namespace {

using namespace std::chrono_literals;
using live::test::FlvItem;
using test::Life;

struct Row {
  const char* what;
  std::int64_t phase;  // ms from a look to the first tag
  std::int64_t sound_behind;
  Duration late;
  std::int64_t most_at_begin;  // ms; a file that begins at a look has its first bytes for one look longer
  std::int64_t most_later;
};

struct Waits {
  std::int64_t at_begin = 0;
  std::int64_t later = 0;
};

// Pictures each 40 ms and sound each 20 ms; the sound is behind on the wire by so much.
std::vector<Life::Arrival> arrivals_of(const Row& row) {
  std::vector<Life::Arrival> arrivals;
  for (const FlvItem& item : live::test::items("V1@0 A1@0") + live::test::run_of({.end = 4000})) {
    const bool sound = live::test::type_of(item.kind) == flv::TagType::audio;
    arrivals.push_back({row.phase + item.time + (sound ? row.sound_behind : 0), item});
  }
  std::ranges::stable_sort(arrivals, {}, &Life::Arrival::ms);
  return arrivals;
}

Bytes open_file(const live::test::FaultFileSystem& files) {
  for (const std::string& path : files.files()) {
    if (path.ends_with(".flv.part")) return files.content(path);
  }
  return {};
}

Waits longest_waits(const Row& row) {
  live::test::FaultFileSystem files;
  Life life(files, 0s);
  EXPECT_TRUE(life.start());
  const std::vector<Life::Arrival> arrivals = arrivals_of(row);
  const std::int64_t step =
      std::chrono::duration_cast<std::chrono::milliseconds>(Recording::tick_interval + row.late).count();
  std::set<std::pair<char, int>> written;
  Waits longest;
  life.looks(arrivals, row.late, [&](std::int64_t now) {
    if (now + step > arrivals.back().ms) return;  // the show is over
    for (const FlvItem& item : test::media_items(open_file(files))) written.insert({item.kind, item.number});
    for (const Life::Arrival& arrival : arrivals) {
      const bool media = arrival.item.kind != 'V' && arrival.item.kind != 'A';
      const bool missing = media && !written.contains({arrival.item.kind, arrival.item.number});
      // The kill comes a moment before the next look.
      if (!missing || arrival.ms > now) continue;
      std::int64_t& most = arrival.ms < 1000 ? longest.at_begin : longest.later;
      most = std::max(most, now + step - arrival.ms);
    }
  });
  return longest;
}

TEST(KillLoss, IsBoundedByLooksAndTheStreamsOwnOrder) {
  const Row rows[] = {
      {"read at once", 0, 0, 0ms, 790, 540},    {"just missed a look", 1, 0, 0ms, 790, 540},
      {"in between", 125, 0, 0ms, 790, 540},    {"just before a look", 249, 0, 0ms, 790, 540},
      {"sound behind", 1, 100, 0ms, 890, 640},  {"sound far behind", 1, 300, 0ms, 1000, 840},
      {"a busy machine", 1, 0, 50ms, 940, 640}, {"sound behind on a busy machine", 1, 100, 50ms, 1000, 740},
  };
  for (const Row& row : rows) {
    const Waits longest = longest_waits(row);
    EXPECT_LE(longest.at_begin, row.most_at_begin) << row.what;
    EXPECT_LE(longest.later, row.most_later) << row.what;
    EXPECT_GT(longest.later, 250) << row.what;
  }
}

}  // namespace
}  // namespace live::recorder
