// SPDX-License-Identifier: Apache-2.0
// Contract: any sequence of well-formed tags (the input is a programme that makes it: times that jump,
// headers that change, parts sent again, connections that end) gives files that hold the invariants, and
// never a tag that was not sent.
#include <array>
#include <cstdio>
#include <cstdlib>

#include "support/flv_recorder.hpp"

namespace {

using live::test::FlvItem;
using live::test::FlvItems;

constexpr std::array<std::int64_t, 16> steps{
    0, 10, 20, 40, -10, -40, 500, -500, 1000, 1001, -501, 30'000, -30'000, 0x1000000, 0x7FFFFFFF, -0x1000000};

void require(const std::string& broken) {
  if (broken.empty()) return;
  std::fprintf(stderr, "%s\n", broken.c_str());
  std::abort();
}

class Programme {
 public:
  Programme(const std::uint8_t* data, std::size_t size) : data_(data), size_(size) {}

  void run() {
    recorder_.pipeline.connection_started(now_);
    while (at_ + 2 <= size_) step(data_[at_], data_[at_ + 1]);
    recorder_.finish();
    require(live::test::broken_invariants(recorder_.sink, {}, true));
    for (const live::test::OutputFile& file : recorder_.files()) {
      for (const FlvItem& item : file.as_items()) {
        if (item.kind == '?') require("a tag that was not sent");
      }
    }
    if (recorder_.pipeline.buffers().repeats + recorder_.pipeline.buffers().merge +
            recorder_.pipeline.buffers().start >
        0)
      require("something is still held");
  }

 private:
  void step(std::uint8_t operation, std::uint8_t argument) {
    at_ += 2;
    switch (operation % 16) {
      case 0:
      case 1:
        return media('P', argument);
      case 2:
        return media('K', argument);
      case 3:
      case 4:
      case 5:
        return media('a', argument);
      case 6:
        return media('s', argument);
      case 7:
        return push({"VHU"[argument % 3], argument % 5, time_});
      case 8:
        return push({argument % 8 == 7 ? 'O' : 'A', argument % 5, time_});
      case 9:
        return push({argument % 4 == 0 ? 'X' : 'M', 1, time_});
      case 10:
        return push({'E', 0, time_});
      case 11:
        return media("hpuwo"[argument % 5], argument);
      case 12:
        return again(argument);
      case 13:
        now_ += argument * 500;
        return recorder_.pipeline.connection_started(now_);
      case 14:
        now_ += argument * 10;
        return recorder_.pipeline.idle(now_);
      default:
        time_ += steps[argument % steps.size()];
    }
  }

  void media(char kind, std::uint8_t argument) {
    push({kind, ++number_, time_ + steps[argument >> 4 & 7]});
    time_ += steps[argument & 3];
  }

  void again(std::uint8_t count) {
    const std::size_t size = std::min<std::size_t>(count, sent_.size());
    const FlvItems part(sent_.end() - static_cast<std::ptrdiff_t>(size), sent_.end());
    for (const FlvItem& item : part) push(item);
  }

  void push(const FlvItem& item) {
    if (sent_.size() > 2000) return;
    const live::Bytes payload = live::test::payload_of(item.kind, item.number);
    recorder_.pipeline.push({live::test::type_of(item.kind), static_cast<std::uint32_t>(item.time), payload},
                            now_);
    recorder_.pipeline.settle();
    sent_.push_back(item);
  }

  const std::uint8_t* data_;
  std::size_t size_;
  std::size_t at_ = 0;
  live::test::FlvRecorder recorder_;
  FlvItems sent_;
  std::int64_t time_ = 1000;
  live::flv::ArrivalTime now_ = 0;
  int number_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Programme(data, size).run();
  return 0;
}
