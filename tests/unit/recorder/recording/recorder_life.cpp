// SPDX-License-Identifier: Apache-2.0
#include "unit/recorder/recording/recorder_life.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/json.hpp"
#include "recorder/flv/file_scan.hpp"
#include "recorder/flv/tag_reader.hpp"
#include "recorder/recording/recording.hpp"
#include "recorder/storage/state_file.hpp"

namespace live::recorder::test {

using live::test::FlvItem;
using live::test::FlvItems;
using live::test::Killed;

namespace {

constexpr std::int64_t tick_ms = 250;

class MemorySource final : public flv::ByteSource {
 public:
  explicit MemorySource(const Bytes& bytes) : bytes_(bytes) {}
  std::size_t read_at(std::uint64_t offset, std::span<std::uint8_t> to) override {
    if (offset >= bytes_.size()) return 0;
    const std::size_t count = std::min<std::size_t>(to.size(), bytes_.size() - offset);
    std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(offset), count, to.begin());
    return count;
  }

 private:
  const Bytes& bytes_;
};

class Silent final : public flv::Reporter {
 public:
  void report(const flv::Finding&) override {}
};

}  // namespace

Life::Life(live::test::FaultFileSystem& files, Duration age, flv::PipelineOptions options)
    : files_(files), options_(options) {
  loop_.clock.set(loop_.clock.now() + age);
  files_.set_time(loop_.clock.wall_now());
  facts_.room.room_id = 6;
  facts_.room.title = "title";
  facts_.show.key = "show-1";
}

Life::~Life() {
  pipeline_.reset();
  // As a kill does: nothing more is written; the jobs that wait find the volume dead.
  if (output_) publish();
}

void Life::publish() {
  try {
    loop_.run_real(output_->published());
  } catch (const Killed&) {
    // In the middle of it.
  }
}

std::int64_t Life::now_ms() const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(loop_.clock.now().time_since_epoch()).count();
}

bool Life::start() {
  try {
    last_ = recorder_state_from_json(storage::StateFile(files_, root).load()).last;
    begin(start_up(files_, root, loop_.clock.wall_now(), last_));
  } catch (const Killed&) {
    return false;
  }
  settle();
  return !files_.killed();
}

void Life::begin(StartUp found) {
  facts_.session = last_.session.empty() ? "session" : last_.session;
  facts_.part = last_.next_part;
  tail_ = last_.tail;
  if (found.interrupted) {
    facts_ = found.interrupted->journal.facts();
    tail_ = found.interrupted->tail;
  }
  last_.session = facts_.session;
  last_.show = facts_.show;
  output_.emplace(loop_.executor(), loop_.clock, RecordingStorage{disk_, files_, root, ""}, metrics_,
                  static_cast<RecordingObserver&>(*this));
  output_->facts() = facts_;
  output_->set_naming(storage::FileNameTemplate::parse(storage::default_file_name_template).value());
  pipeline_.emplace(options_, *output_);
  if (tail_.empty()) return;
  flv::Resumption from = to_resumption(tail_, loop_.clock);
  if (found.interrupted) from.file = flv::resumed_file(found.interrupted->leftover.scan);
  pipeline_->resume(from);
  output_->resumed_from(from, "restart");
  went_on_ = found.interrupted.has_value();
  if (found.interrupted) output_->go_on(*std::move(found.interrupted));
}

void Life::settle() {
  loop_.run_until([this] { return disk_.queued_jobs() == 0; });
  loop_.poll();
}

std::int64_t Life::connection(const FlvItems& items) {
  const TimePoint begin = loop_.clock.now();
  const auto media = std::ranges::find_if(
      items, [](const FlvItem& item) { return item.kind != 'V' && item.kind != 'A'; });  // no header
  const std::int64_t start = media == items.end() ? 0 : media->time;
  std::int64_t last_tick = 0;
  pipeline_->connection_started(now_ms());
  for (const FlvItem& item : items) {
    const std::int64_t passed = std::max<std::int64_t>(0, item.time - start);
    loop_.clock.set(begin + std::chrono::milliseconds(passed));
    files_.set_time(loop_.clock.wall_now());
    const Bytes payload = live::test::payload_of(item.kind, item.number);
    pipeline_->push({live::test::type_of(item.kind), static_cast<std::uint32_t>(item.time), payload},
                    now_ms());
    pipeline_->settle();
    if (passed < last_tick + tick_ms) continue;
    last_tick = passed;
    pipeline_->idle(now_ms());
    output_->tick();
    settle();
    if (files_.killed() || failure_) return item.time;
  }
  return items.back().time;
}

void Life::looks(const std::vector<Arrival>& arrivals, Duration late,
                 const std::function<void(std::int64_t)>& looked) {
  const std::int64_t begin = now_ms();
  auto next = arrivals.begin();
  pipeline_->connection_started(begin);
  while (now_ms() - begin < arrivals.back().ms + 1000) {
    loop_.clock.set(loop_.clock.now() + Recording::tick_interval + late);
    files_.set_time(loop_.clock.wall_now());
    for (; next != arrivals.end() && next->ms <= now_ms() - begin; ++next) {
      const FlvItem& item = next->item;
      const Bytes payload = live::test::payload_of(item.kind, item.number);
      pipeline_->push({live::test::type_of(item.kind), static_cast<std::uint32_t>(item.time), payload},
                      now_ms());
      pipeline_->settle();
    }
    pipeline_->idle(now_ms());
    output_->tick();
    settle();
    looked(now_ms() - begin);
  }
}

void Life::finish() {
  pipeline_->finish();
  publish();
  if (files_.killed()) return;
  if (!output_->newest_file().empty()) {
    tail_ = output_->tail();
    tail_.tags = output_->incomplete() ? tail_of_file(files_, root, output_->published_file()).tags
                                       : pipeline_->memory();
  }
  last_.next_part = output_->facts().part;
  last_.ended = true;
  last_.tail = tail_;
  keep_state();
  settle();
}

void Life::keep_state() {
  RecorderState state;
  state.last = last_;
  disk_.post([this, json = to_json(state)] { storage::StateFile(files_, root).save(json); }, nullptr);
}

void Life::file_opened(const std::string&, WallTime) { file_finished({}); }

void Life::file_finished(const liveroom::FinishedFile&) {
  last_.file = output_->newest_file();
  last_.file_before = output_->published_file();
  last_.next_part = output_->facts().part + 1;
  last_.ended = false;
  keep_state();
}

double Life::lost(const std::string& cause) {
  return registry_.counter("liveroom_lost_seconds_total", "", {{"cause", cause}}).Value();
}

FlvItems media_items(const Bytes& file) {
  FlvItems found;
  Silent silent;
  flv::TagReader reader(silent);
  for (std::size_t at = 0; at < file.size();) {
    const std::span<std::uint8_t> room = reader.prepare(file.size() - at);
    const std::size_t count = std::min(room.size(), file.size() - at);
    std::copy_n(file.begin() + static_cast<std::ptrdiff_t>(at), count, room.begin());
    reader.commit(count, 0);
    at += count;
    if (at == file.size()) reader.end_of_stream();
    while (const auto tag = reader.next()) {
      if (flv::classify(tag->type, tag->payload).kind != flv::TagKind::frame) continue;
      found.push_back(live::test::item_of(tag->type, tag->payload, tag->timestamp));
    }
  }
  return found;
}

std::map<std::pair<char, int>, int> published_items(const live::test::FaultFileSystem& files,
                                                    std::string& problem) {
  std::map<std::pair<char, int>, int> found;
  for (const std::string& path : files.files()) {
    if (path.ends_with(".part") && path.find("/.liveroom/") == std::string::npos)
      problem += path + " is left; ";
    if (!path.ends_with(".flv")) continue;
    const Bytes bytes = files.content(path);
    MemorySource source(bytes);
    const flv::FileScan scan = flv::scan_file(source);
    if (scan.whole_size != bytes.size() || scan.hole_bytes > 0) problem += path + " is not whole; ";
    for (const FlvItem& item : media_items(bytes)) ++found[{item.kind, item.number}];
  }
  for (const auto& [item, count] : found) {
    if (count > 1) problem += fmt::format("{}{} is there {} times; ", item.first, item.second, count);
  }
  return found;
}

std::size_t published_files(const live::test::FaultFileSystem& files) {
  std::size_t count = 0;
  for (const std::string& path : files.files()) count += path.ends_with(".flv") ? 1 : 0;
  return count;
}

}  // namespace live::recorder::test
