// SPDX-License-Identifier: Apache-2.0
// Processes that are killed between any two file operations of opening, writing, rotating, closing and
// recovering, by SIGKILL or by loss of power, and others that go on from there.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "unit/recorder/recording/recorder_life.hpp"

namespace live::recorder {
namespace {

using namespace std::chrono_literals;
using live::test::FaultFileSystem;
using live::test::FlvItems;
using live::test::items;
using live::test::moved;
using live::test::run_of;
using test::Life;

const FlvItems heads = items("V1@0 A1@0");
constexpr std::int64_t gop_ms = 400;

FlvItems part(const FlvItems& stream, std::int64_t from, std::int64_t to) {
  FlvItems result;
  for (const live::test::FlvItem& item : stream) {
    if (item.time >= from && item.time < to) result.push_back(item);
  }
  return result;
}

// What a server with a cache of one group of pictures sends from a moment on, in a time base of its own.
FlvItems served(const FlvItems& stream, std::int64_t from, std::int64_t to, std::int64_t base) {
  return heads + moved(part(stream, from / gop_ms * gop_ms, to), base);
}

struct Loss {
  std::int64_t most_ms;  // of what came before the end of a process
  bool power;
};

struct Outcome {
  std::string problem;
  bool finished = false;  // the first process came to its end unhurt
  bool went_on = false;
  std::size_t files = 0;
};

// One process is killed after so many changes to the volume; a second one is, too, while it starts; the third
// records the rest of the show.
Outcome interrupted_recording(const FlvItems& stream, std::uint64_t first_kill, std::uint64_t second_kill,
                              const Loss& loss, const flv::PipelineOptions& options) {
  FaultFileSystem files;
  Outcome outcome;
  const std::int64_t half = stream.back().time / 2;
  std::int64_t reached = 0;
  const auto next_process = [&] { loss.power ? files.lose_power() : files.restart(); };
  {
    Life life(files, 0s, options);
    files.kill_after(first_kill);
    if (life.start()) {
      reached = life.connection(heads + part(stream, 0, half));
      if (!files.killed()) life.finish();
    }
    outcome.finished = !files.killed();
  }
  next_process();
  if (!outcome.finished) {
    Life life(files, std::chrono::milliseconds(reached) + 2s, options);
    files.kill_after(files.changes() + second_kill);
    (void)life.start();
    next_process();
  }
  const std::int64_t back = outcome.finished ? half : reached + 40;
  {
    Life life(files, std::chrono::milliseconds(reached) + 4s, options);
    if (!life.start()) outcome.problem = "the last process does not start";
    (void)life.connection(served(stream, back, stream.back().time + 1, 50'000'000));
    life.finish();
    outcome.went_on = life.went_on();
  }
  const auto found = test::published_items(files, outcome.problem);
  outcome.files = test::published_files(files);
  for (const live::test::FlvItem& item : stream) {
    const bool must = item.time < reached - loss.most_ms || item.time >= back / gop_ms * gop_ms + gop_ms;
    if (must && !found.contains({item.kind, item.number}))
      outcome.problem += fmt::format("{}{}@{} is lost; ", item.kind, item.number, item.time);
  }
  return outcome;
}

// Every moment of the first process; the second one dies at changing places of its start.
void enumerate(std::int64_t length, const Loss& loss, const flv::PipelineOptions& options,
               std::uint64_t step) {
  const FlvItems stream = run_of({.end = length});
  std::size_t went_on = 0;
  for (std::uint64_t kill = 0; kill < 2000; kill += step) {
    const Outcome outcome = interrupted_recording(stream, kill, kill % 7, loss, options);
    ASSERT_EQ(outcome.problem, "") << "killed after " << kill << " changes";
    went_on += outcome.went_on ? 1 : 0;
    if (!outcome.finished) continue;
    EXPECT_GT(kill, 10U);
    // Before it has ten tags, and once it has its name, a file does not go on.
    EXPECT_GT(went_on, loss.power ? 0 : kill / step / 5);
    return;
  }
  FAIL() << "the recording never came to its end";
}

TEST(RecordingCrash, KilledBetweenAnyTwoFileOperations) { enumerate(6000, {1250, false}, {}, 1); }

TEST(RecordingCrash, KilledWhileFilesRotate) {
  flv::PipelineOptions options;
  options.split_ms = 1200;
  enumerate(6000, {1250, false}, options, 1);
}

TEST(RecordingCrash, PowerIsLostBetweenAnyTwoFileOperations) { enumerate(40'000, {10'000, true}, {}, 3); }

TEST(RecordingCrash, PowerIsLostWhileFilesRotate) {
  flv::PipelineOptions options;
  options.split_ms = 5000;
  enumerate(40'000, {10'000, true}, options, 5);
}

// Many processes in one show, each killed or stopped at a random moment.
TEST(RecordingCrash, ManyProcessesInOneShow) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const FlvItems stream = run_of({.end = 60'000});
  FaultFileSystem files;
  std::vector<std::pair<std::int64_t, std::int64_t>> may_be_lost;
  std::int64_t at = 0;
  std::size_t stops = 0;
  for (int process = 0; at < 50'000; ++process) {
    const std::int64_t until = at + 500 + static_cast<std::int64_t>(random() % 5000);
    {
      Life life(files, std::chrono::milliseconds(at));
      ASSERT_TRUE(life.start());
      (void)life.connection(served(stream, at, until, process * 1'000'000));
      if (random() % 3 == 0) {
        life.finish();
        ++stops;
      } else {
        may_be_lost.emplace_back(until - 1250, until / gop_ms * gop_ms);
        files.kill_after(files.changes());
      }
    }
    at = until;
    files.restart();
  }
  Life life(files, std::chrono::milliseconds(at));
  ASSERT_TRUE(life.start());
  (void)life.connection(served(stream, at, 60'000, 77'000'000));
  life.finish();
  std::string problem;
  const auto found = test::published_items(files, problem);
  EXPECT_EQ(problem, "");
  EXPECT_LE(test::published_files(files), stops + 2);
  for (const live::test::FlvItem& item : stream) {
    const bool excused = std::ranges::any_of(
        may_be_lost, [&](const auto& span) { return item.time >= span.first && item.time < span.second; });
    if (!excused) {
      EXPECT_TRUE(found.contains({item.kind, item.number})) << item.kind << item.number << "@" << item.time;
    }
  }
}

// The volume fills up: what was written plays, the loss is told, and the next recording has nothing twice.
TEST(RecordingCrash, AFullVolumeLosesWhatItDidNotTakeAndNothingElse) {
  const FlvItems stream = run_of({.end = 20'000});
  FaultFileSystem files;
  std::int64_t reached = 0;
  {
    Life life(files, 0s);
    ASSERT_TRUE(life.start());
    files.set_capacity(220'000);
    reached = life.connection(heads + part(stream, 0, 15'000));
    ASSERT_TRUE(life.failure());
    EXPECT_EQ(life.failure()->code, boost::system::errc::no_space_on_device);
    ASSERT_LT(reached, 14'000);
    files.set_capacity(10'000'000);
    life.finish();
    EXPECT_GT(life.lost("disk"), 0.0);
    EXPECT_LT(life.lost("disk"), 1.3);
  }
  EXPECT_EQ(test::published_files(files), 1U);
  Life life(files, std::chrono::milliseconds(reached) + 1s);
  ASSERT_TRUE(life.start());
  (void)life.connection(served(stream, reached, 20'000, 5'000'000));
  life.finish();
  std::string problem;
  const auto found = test::published_items(files, problem);
  EXPECT_EQ(problem, "");
  EXPECT_EQ(test::published_files(files), 2U);
  // The server still had the last group of pictures, and so have we.
  for (const live::test::FlvItem& item : stream) {
    if (item.time < reached / gop_ms * gop_ms) continue;
    EXPECT_TRUE(found.contains({item.kind, item.number})) << item.kind << item.number;
  }
}

}  // namespace
}  // namespace live::recorder
