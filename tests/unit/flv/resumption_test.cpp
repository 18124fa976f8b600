// SPDX-License-Identifier: Apache-2.0
// A pipeline that goes on where another one ended: in its file, or in the next.
#include "recorder/flv/resumption.hpp"

#include <gtest/gtest.h>

#include "recorder/flv/file_tail.hpp"
#include "recorder/flv/file_writer.hpp"
#include "support/flv_recorder.hpp"

namespace live::flv {
namespace {

using test::FlvItems;
using test::items;
using test::moved;
using test::run_of;
using test::text_of;

const FlvItems heads = items("V1@0 A1@0");

FlvItems part(const FlvItems& stream, std::int64_t from, std::int64_t to) {
  FlvItems result;
  for (const test::FlvItem& item : stream) {
    if (item.time >= from && item.time < to) result.push_back(item);
  }
  return result;
}

class MemorySource final : public ByteSource {
 public:
  explicit MemorySource(ByteView bytes) : bytes_(bytes) {}
  std::size_t read_at(std::uint64_t offset, std::span<std::uint8_t> to) override {
    if (offset >= bytes_.size()) return 0;
    const std::size_t count = std::min<std::size_t>(to.size(), bytes_.size() - offset);
    std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(offset), count, to.begin());
    return count;
  }

 private:
  ByteView bytes_;
};

// The file goes on in memory; later files are collected.
class ResumedSink final : public Sink {
 public:
  ResumedSink(Bytes whole, const FileScan& scan) : writer_(bytes_, scan) { bytes_.bytes = std::move(whole); }
  void open_file(const FileHeaders& headers) override { later.open_file(headers); }
  void write(const OutputTag& tag) override { closed_ ? later.write(tag) : writer_.write(tag); }
  void take_back() override { closed_ ? later.take_back() : writer_.take_back(); }
  void close_file(CloseReason why) override {
    if (closed_) return later.close_file(why);
    closed_ = true;
    reason = why;
    writer_.finish();
  }
  void report(const Finding& finding) override { later.report(finding); }

  // What a player sees of the file.
  FlvItems items_of_file() const {
    const test::CollectingSink seen = test::record_bytes(bytes_.bytes);
    EXPECT_EQ(seen.findings_text(), "");
    EXPECT_EQ(test::broken_invariants(seen), "");
    return seen.files.size() == 1 ? seen.files[0].as_items() : FlvItems();
  }
  std::size_t indexed() const {
    MemorySource source(bytes_.bytes);
    return scan_file(source).index->entries().size();
  }

  test::CollectingSink later;
  CloseReason reason = CloseReason::end;

 private:
  test::MemoryBytes bytes_;
  FileWriter writer_;
  bool closed_ = false;
};

// A file of which only so many bytes came to the volume, and what a new process makes of it.
struct Life {
  explicit Life(Bytes file, std::int64_t source_offset = 0, std::optional<std::int64_t> lag = {},
                ArrivalTime last_arrival = 999'000) {
    MemorySource source(file);
    scan = scan_file(source);
    file.resize(scan.whole_size);
    const FileTail tail = read_tail(source, scan.whole_size);
    from.tags = tail.tags;
    from.last_time = tail.last_time;
    from.source_offset = source_offset;
    from.lag = lag;
    from.last_arrival = last_arrival;
    from.file = resumed_file(scan);
    sink.emplace(std::move(file), scan);
    pipeline.emplace(PipelineOptions(), *sink);
    pipeline->resume(from);
  }
  void connection(const FlvItems& list, ArrivalTime start) {
    pipeline->connection_started(start);
    for (const test::FlvItem& item : list) {
      const Bytes payload = test::payload_of(item.kind, item.number);
      pipeline->push({test::type_of(item.kind), static_cast<std::uint32_t>(item.time), payload},
                     start + std::max<std::int64_t>(0, item.time - list.at(heads.size()).time));
      pipeline->settle();
    }
  }

  FileScan scan;
  Resumption from;
  std::optional<ResumedSink> sink;
  std::optional<Pipeline> pipeline;
};

Bytes cut(const Bytes& file, std::size_t size) {
  return Bytes(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(size));
}

TEST(Resumption, TheFileGoesOnWithoutAFrameTwiceWhereverItWasCut) {
  const FlvItems stream = run_of({.end = 9000});
  const Bytes file = test::record(heads + part(stream, 0, 6000)).files.at(0).as_bytes();
  for (std::size_t size = 20'000; size < file.size(); size += 7321) {
    for (const std::int64_t base : {std::int64_t{0}, std::int64_t{123'456'000}}) {
      Life life(cut(file, size));
      ASSERT_GT(life.scan.media_tags, 10U);
      const std::int64_t key = life.scan.last_key.time;
      life.connection(heads + moved(part(stream, key, 9000), base), 1'000'000);
      life.pipeline->finish();
      EXPECT_EQ(text_of(life.sink->items_of_file()), text_of(heads + stream)) << size;
      EXPECT_EQ(life.sink->later.lost_ms(), 0) << size;
      EXPECT_EQ(life.sink->indexed(), 1 + 9000U / 400 + 1) << size;
    }
  }
}

TEST(Resumption, AGapInTheSameTimeIsToldToTheFrame) {
  const FlvItems stream = run_of({.end = 9000});
  const Bytes file = test::record(heads + part(stream, 0, 4000)).files.at(0).as_bytes();
  for (const std::int64_t back : {std::int64_t{4400}, std::int64_t{7200}}) {
    // Source times begin at 50,000 ms; the last tag arrived at 104,000.
    Life life(file, 50'000, std::int64_t{104'000} - 54'000, 104'000);
    life.connection(heads + moved(part(stream, back, 9000), 50'000), 100'000 + back);
    life.pipeline->finish();
    // The last picture is at 3960 and lasts 40 ms.
    EXPECT_NEAR(static_cast<double>(life.sink->later.lost_ms()), static_cast<double>(back - 4000), 40)
        << back;
    for (const Finding& finding : life.sink->later.findings) {
      if (finding.lost_ms == 0) continue;
      EXPECT_EQ(finding.cause, LossCause::connection);
      EXPECT_FALSE(finding.lost_is_estimated);
    }
  }
}

TEST(Resumption, AGapBetweenTwoTimeBasesIsToldByArrivals) {
  const FlvItems stream = run_of({.end = 20'000});
  const Bytes file = test::record(heads + part(stream, 0, 4000)).files.at(0).as_bytes();
  Life life(file, 50'000, std::int64_t{104'000} - 54'000, 104'000);
  life.connection(heads + moved(part(stream, 12'000, 20'000), 7'000'000), 112'000);
  life.pipeline->finish();
  EXPECT_NEAR(static_cast<double>(life.sink->later.lost_ms()), 8000, 100);
  EXPECT_EQ(life.sink->later.count(FindingKind::gap), 1U);
  EXPECT_TRUE(life.sink->later.findings.back().lost_is_estimated);
}

TEST(Resumption, OtherHeadersBeginANewFile) {
  const FlvItems stream = run_of({.end = 9000});
  const Bytes file = test::record(heads + part(stream, 0, 4000)).files.at(0).as_bytes();
  Life life(file);
  life.connection(items("V2@0 A1@0") + part(stream, 4000, 9000), 1'000'000);
  life.pipeline->finish();
  EXPECT_EQ(life.sink->reason, CloseReason::codec_changed);
  EXPECT_EQ(text_of(life.sink->items_of_file()), text_of(heads + part(stream, 0, 4000)));
  ASSERT_EQ(life.sink->later.files.size(), 1U);
  EXPECT_EQ(text_of(life.sink->later.files[0].as_items()),
            text_of(items("V2@0 A1@0") + moved(part(stream, 4000, 9000), -4000)));
}

TEST(Resumption, AfterAMinuteTheNextFileBegins) {
  const FlvItems stream = run_of({.end = 9000});
  const Bytes file = test::record(heads + part(stream, 0, 4000)).files.at(0).as_bytes();
  Life life(file, 0, {}, 1'000'000);
  life.connection(heads + part(stream, 8000, 9000), 1'060'001);
  life.pipeline->finish();
  EXPECT_EQ(life.sink->reason, CloseReason::not_joined);
  EXPECT_EQ(life.sink->later.files.size(), 1U);
}

TEST(Resumption, AStreamThatNeverComesLeavesTheFileAsItWas) {
  const FlvItems stream = run_of({.end = 4000});
  Life life(test::record(heads + stream).files.at(0).as_bytes());
  life.pipeline->finish();
  EXPECT_EQ(text_of(life.sink->items_of_file()), text_of(heads + stream));
  EXPECT_TRUE(life.sink->later.files.empty());
}

// A clean stop: the next part has what comes behind the last frame, also inside a group of pictures, and
// nothing of what the part before has.
TEST(Resumption, TheNextPartGoesOnBehindTheLastFrame) {
  const FlvItems stream = run_of({.end = 9000});
  for (std::int64_t stop = 3000; stop < 3900; stop += 60) {
    test::FlvRecorder first;
    first.connection(heads + part(stream, 0, stop));
    first.finish();
    const Bytes file = first.files().at(0).as_bytes();
    MemorySource source(file);
    test::FlvRecorder second;
    Resumption from;
    from.tags = first.pipeline.memory();
    from.last_time = read_tail(source, file.size()).last_time;
    second.pipeline.resume(from);
    second.connection(heads + moved(part(stream, stop / 400 * 400, 9000), 5'000'000));
    second.pipeline.finish();  // not finish(): a second pass takes off what only the part before can begin
    ASSERT_EQ(second.files().size(), 1U);
    EXPECT_EQ(text_of(second.files()[0].as_items()),
              text_of(heads + moved(part(stream, stop, 9000), -part(stream, stop, 9000).front().time)))
        << stop;
    const bool in_gop = stop % 400 != 0 && part(stream, stop, stop / 400 * 400 + 400).size() > 0;
    EXPECT_EQ(second.sink.count(FindingKind::begins_in_gop), in_gop && stop % 400 <= 360 ? 1U : 0U) << stop;
  }
}

TEST(FileTail, HoldsWhatThePipelineRemembers) {
  test::FlvRecorder recorder;
  recorder.connection(heads + run_of({.end = 200'000}));
  recorder.finish();
  const Bytes file = recorder.files().at(0).as_bytes();
  MemorySource source(file);
  const FileTail tail = read_tail(source, file.size());
  const std::vector<RememberedTag> remembered = recorder.pipeline.memory();
  ASSERT_EQ(tail.tags.size(), remembered.size());
  for (std::size_t i = 0; i < remembered.size(); ++i) {
    EXPECT_EQ(tail.tags[i].hash, remembered[i].hash);
    EXPECT_EQ(tail.tags[i].size, remembered[i].size);
    EXPECT_EQ(tail.tags[i].frame, remembered[i].frame);
  }
  EXPECT_EQ(tail.last_time[0], 199'960);
  EXPECT_EQ(tail.last_time[1], 199'980);
}

TEST(FileTail, StopsWhereTheBackPointersDoNotFit) {
  Bytes file = test::record(heads + run_of({.end = 2000})).files.at(0).as_bytes();
  MemorySource whole(file);
  const std::size_t all = read_tail(whole, file.size()).tags.size();
  EXPECT_EQ(all, 150U);
  file[file.size() / 2] ^= 0x55;
  MemorySource source(file);
  EXPECT_LE(read_tail(source, file.size()).tags.size(), all);
  EXPECT_TRUE(read_tail(source, file.size() - 1).tags.empty());
  EXPECT_TRUE(read_tail(source, 5).tags.empty());
}

}  // namespace
}  // namespace live::flv
