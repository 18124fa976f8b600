// SPDX-License-Identifier: Apache-2.0
#include "recorder/recording_output.hpp"

#include "base/log.hpp"
#include "recorder/hls/box.hpp"

namespace live::recorder {

namespace {

flv::Codec codec_of(std::uint32_t sample_entry) {
  if (sample_entry == hls::box_type("avc1") || sample_entry == hls::box_type("avc3")) return flv::Codec::avc;
  if (sample_entry == hls::box_type("hvc1") || sample_entry == hls::box_type("hev1")) return flv::Codec::hevc;
  return sample_entry == hls::box_type("av01") ? flv::Codec::av1 : flv::Codec::none;
}

}  // namespace

struct RecordingOutput::OpenFile {
  OpenFile(const RecordingStorage& storage, storage::FileName name, std::string_view extension,
           const ShowFacts& facts, const SideFileSettings& side_settings, WallTime opened_at, Clock& clock)
      : segment(storage.disk, storage.files, storage.root, std::move(name), std::string(extension),
                clock.now()),
        side(clock, storage.disk, storage.files, storage.root, segment, side_settings, facts, opened_at),
        journal(facts, opened_at),
        opened(opened_at) {}

  std::int64_t duration_ms() const { return writer ? writer->duration_ms() : fragments_ms; }

  storage::SegmentFile segment;
  std::optional<flv::FileWriter> writer;  // of an FLV file
  std::int64_t fragments_ms = 0;          // of an fMP4 file: its length
  SideFiles side;
  Journal journal;
  WallTime opened;
  std::int64_t lost_ms = 0;
  flv::Codec video = flv::Codec::none;
};

RecordingOutput::RecordingOutput(const Executor& executor, Clock& clock, RecordingStorage storage,
                                 RecorderMetrics& metrics, RecordingObserver& observer)
    : clock_(clock),
      storage_(std::move(storage)),
      metrics_(metrics),
      observer_(observer),
      background_(executor) {}

RecordingOutput::~RecordingOutput() = default;

void RecordingOutput::open_file(const flv::FileHeaders& headers) {
  const WallTime opened = clock_.wall_now();
  const auto file = std::make_shared<OpenFile>(storage_, names_->expand(file_name_fields(facts_, opened)),
                                               "flv", facts_, side_settings_, opened, clock_);
  flv::WriterOptions options;
  options.metadata = script_metadata(facts_, opened);
  file->writer.emplace(file->segment, headers, options);
  file->video = headers.video_codec;
  open(file);
}

void RecordingOutput::begin_file(const hls::FileStart& start) {
  const WallTime opened = clock_.wall_now();
  const auto file = std::make_shared<OpenFile>(storage_, names_->expand(file_name_fields(facts_, opened)),
                                               "mp4", facts_, side_settings_, opened, clock_);
  file->segment.append(start.init);
  file->video = codec_of(start.video_entry);
  open(file);
}

void RecordingOutput::open(std::shared_ptr<OpenFile> file) {
  open_ = std::move(file);
  open_->journal.clock_point(0, open_->opened);
  last_patch_ = clock_.now();
  last_journal_ = clock_.now();
  write_journal();
  background_.spawn(announce(open_));
  background_.spawn(save_cover(open_));
}

awaitable<void> RecordingOutput::save_cover(std::shared_ptr<OpenFile> file) {
  co_await file->side.save_cover();
}

awaitable<void> RecordingOutput::announce(std::shared_ptr<OpenFile> file) {
  co_await file->segment.opened();
  if (!file->segment.failure()) observer_.file_opened(shown_path(file->segment.part_path()), file->opened);
}

void RecordingOutput::write(const flv::OutputTag& tag) {
  open_->writer->write(tag);
  open_->side.file_clock().written(tag.time, tag.arrival);
}

void RecordingOutput::set_room(const bilibili::RoomInfo& room) {
  facts_.room = room;
  if (open_) open_->side.set_room(room);
}

void RecordingOutput::message(const bilibili::Message& message, std::string_view json, bool repeated) {
  if (side_settings_.danmaku == liveroom::DanmakuFile::none) return;
  if (!open_) {
    if (!repeated && bilibili::is_from_viewers(message.content)) metrics_.danmaku_dropped("no_file");
  } else if (!open_->side.message(message, json, repeated)) {
    metrics_.danmaku_dropped("volume");
  }
}

void RecordingOutput::connection_begins() {
  if (open_) open_->side.file_clock().begin(arrival_now());
}

void RecordingOutput::media_flows(bool flowing) {
  if (open_) open_->side.file_clock().flows(flowing);
}

flv::ArrivalTime RecordingOutput::arrival_now() const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(clock_.now().time_since_epoch()).count();
}

void RecordingOutput::append_media(ByteView bytes, std::int64_t file_ms) {
  open_->segment.append(bytes);
  open_->fragments_ms = file_ms;
  open_->side.file_clock().written(file_ms, arrival_now());
}

void RecordingOutput::take_back() { open_->writer->take_back(); }

void RecordingOutput::close_file(flv::CloseReason reason) {
  open_->writer->finish();
  close(flv::to_string(reason));
}

void RecordingOutput::end_file(hls::CloseReason reason) { close(hls::to_string(reason)); }

void RecordingOutput::close(std::string_view reason) {
  log::info("File is closed",
            {{"reason", reason}, {"bytes", open_->segment.size()}, {"milliseconds", open_->duration_ms()}});
  tick();
  background_.spawn(publish(std::move(open_)));
  open_ = nullptr;
  ++facts_.part;
  counted_bytes_ = 0;
  counted_ms_ = 0;
}

awaitable<void> RecordingOutput::publish(std::shared_ptr<OpenFile> file) {
  const Result<storage::PublishedFile, storage::DiskFailure> outcome = co_await file->segment.publish();
  if (!outcome) {
    failed_ = true;
    log::error("File could not be published; it stays as it is for the next start",
               {{"file", file->segment.part_path()},
                {"operation", outcome.error().operation},
                {"error", outcome.error().code.message()}});
    observer_.storage_failed(outcome.error());
    co_await file->side.leave();
    co_return;
  }
  if (outcome->path.empty()) {
    co_await file->side.discard();
  } else {
    SegmentTotals totals;
    totals.end = clock_.wall_now();
    totals.duration_ms = file->duration_ms();
    totals.bytes = outcome->size;
    totals.lost_ms = file->lost_ms;
    totals.codec = flv::to_string(file->video);
    storage::PublishedFile video = *outcome;
    co_await file->side.publish(std::move(video), std::move(totals));
  }
  liveroom::FinishedFile finished;
  finished.file = shown_path(outcome->path);
  finished.start = file->opened;
  finished.bytes = static_cast<std::int64_t>(outcome->size);
  finished.seconds = file->duration_ms() / 1000;
  finished.lost_seconds = (file->lost_ms + 999) / 1000;
  finished.milliseconds = file->duration_ms();
  finished_.bytes += outcome->size;
  finished_.duration_ms += file->duration_ms();
  metrics_.file_finished();
  log::info("File is published",
            {{"file", finished.file}, {"bytes", finished.bytes}, {"seconds", finished.seconds}});
  observer_.file_finished(finished);
}

void RecordingOutput::report(const flv::Finding& finding) {
  metrics_.finding(flv::to_string(finding.kind));
  count_loss(flv::to_string(finding.kind), finding.lost_ms);
  if (open_ && finding.lost_ms > 0) open_->side.file_clock().begin(finding.arrival);
  if (open_) open_->side.record().finding(finding, clock_.wall_now());
  if (!flv::is_notable(finding.kind)) return;
  log::info("Stream was repaired", {{"finding", flv::to_string(finding.kind)},
                                    {"before", finding.raw_before},
                                    {"after", finding.raw_after},
                                    {"bytes", finding.bytes},
                                    {"lost_ms", finding.lost_ms}});
  if (open_) {
    flv::Finding placed = finding;
    placed.file_time = open_->duration_ms();
    open_->journal.add(placed, clock_.wall_now());
    last_journal_ = TimePoint::min();  // written at the next tick, once for all findings of this moment
  }
}

void RecordingOutput::report(const hls::Finding& finding) {
  metrics_.finding(hls::to_string(finding.kind));
  count_loss(hls::loss_cause(finding.kind), finding.lost_ms);
  if (!hls::is_notable(finding.kind)) return;
  log::info("Stream was repaired", {{"finding", hls::to_string(finding.kind)},
                                    {"before", finding.raw_before_ms},
                                    {"after", finding.raw_after_ms},
                                    {"segments", finding.segments},
                                    {"lost_ms", finding.lost_ms}});
  if (open_) {
    open_->journal.add(finding, clock_.wall_now());
    last_journal_ = TimePoint::min();
  }
}

void RecordingOutput::count_loss(std::string_view cause, std::int64_t lost_ms) {
  if (lost_ms <= 0) return;
  finished_.lost_ms += lost_ms;
  ++finished_.gaps;
  if (open_) open_->lost_ms += lost_ms;
  metrics_.lost(std::string(cause), static_cast<double>(lost_ms) / 1000.0);
}

void RecordingOutput::tick() {
  if (!open_) return;
  const TimePoint now = clock_.now();
  const auto bytes = open_->segment.size();
  const auto milliseconds = open_->duration_ms();
  // Only where media has come: in a stall the wall clock runs alone.
  if (milliseconds != counted_ms_ && open_->journal.parted(milliseconds, clock_.wall_now()))
    last_journal_ = TimePoint::min();
  // What was taken back was counted already, and is of the next file.
  if (bytes >= counted_bytes_ && milliseconds >= counted_ms_)
    metrics_.recorded(bytes - counted_bytes_, static_cast<double>(milliseconds - counted_ms_) / 1000.0);
  counted_bytes_ = bytes;
  counted_ms_ = milliseconds;
  if (now - last_patch_ >= patch_interval) {
    if (open_->writer) open_->writer->update();
    last_patch_ = now;
  }
  if (last_journal_ == TimePoint::min() || now - last_journal_ >= journal_interval) {
    open_->journal.clock_point(milliseconds, clock_.wall_now());
    write_journal();
    last_journal_ = now;
  }
  open_->segment.tick(now);
  open_->side.tick(now);
  metrics_.set_buffer_bytes("danmaku", open_->side.waiting_bytes());
  metrics_.set_buffer_bytes("media", open_->segment.buffered_bytes());
  metrics_.set_buffer_bytes("disk", storage_.disk.queued_bytes());
  check_failure();
}

void RecordingOutput::flush() {
  if (open_) open_->segment.flush();
}

void RecordingOutput::check_failure() {
  if (failed_ || !open_->segment.failure()) return;
  failed_ = true;
  observer_.storage_failed(*open_->segment.failure());
}

void RecordingOutput::write_journal() {
  open_->segment.write_journal(open_->journal.text(open_->duration_ms(), open_->segment.size()));
}

awaitable<void> RecordingOutput::published() { co_await background_.join(); }

OutputProgress RecordingOutput::progress() const {
  OutputProgress progress = finished_;
  if (open_) {
    progress.bytes += open_->segment.size();
    progress.duration_ms += open_->duration_ms();
    progress.video = open_->video;
  }
  return progress;
}

std::string RecordingOutput::shown_path(const std::string& path) const {
  return storage_.prefix.empty() ? path : storage_.prefix + "/" + path;
}

}  // namespace live::recorder
