// SPDX-License-Identifier: Apache-2.0
#include "recorder/recording/recording_output.hpp"

#include <algorithm>
#include <cstdlib>

#include "base/log.hpp"
#include "recorder/hls/box.hpp"

namespace live::recorder {

namespace {

flv::Codec codec_of(std::uint32_t sample_entry) {
  if (sample_entry == hls::box_type("avc1") || sample_entry == hls::box_type("avc3")) return flv::Codec::avc;
  if (sample_entry == hls::box_type("hvc1") || sample_entry == hls::box_type("hev1")) return flv::Codec::hevc;
  return sample_entry == hls::box_type("av01") ? flv::Codec::av1 : flv::Codec::none;
}

// The journal says of which show a file is and how it was called; the rest is as it is now.
ShowFacts facts_of(const Journal& journal, const ShowFacts& now) {
  ShowFacts facts = now;
  facts.session = journal.facts().session;
  facts.part = journal.facts().part;
  facts.room.title = journal.facts().room.title;
  return facts;
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
  // `now_facts`: what is known now and not of the journal.
  OpenFile(const RecordingStorage& storage, Interrupted&& from, const SideFileSettings& side_settings,
           const ShowFacts& now_facts, Clock& clock)
      : segment(storage.disk, storage.files, storage.root,
                storage::ResumedPart{from.leftover.part_path, from.leftover.scan.whole_size}, clock.now()),
        side(clock, storage.disk, storage.files, storage.root, segment, side_settings,
             facts_of(from.journal, now_facts), from.journal.opened()),
        journal(std::move(from.journal)),
        opened(journal.opened()),
        lost_ms(journal.lost_ms()),
        video(from.leftover.scan.streams[0].codec),
        last_time(from.tail.last_time),
        source_offset(from.tail.source_offset) {
    writer.emplace(segment, from.leftover.scan);
    for (const Journal::Entry& entry : journal.findings()) {
      if (entry.finding.kind != flv::FindingKind::count_) side.record().finding(entry.finding, entry.wall);
    }
    side.set_room(now_facts.room);
  }

  std::int64_t duration_ms() const { return writer ? writer->duration_ms() : fragments_ms; }

  storage::SegmentFile segment;
  std::optional<flv::FileWriter> writer;  // of an FLV file
  std::int64_t fragments_ms = 0;          // of an fMP4 file: its length
  SideFiles side;
  Journal journal;
  WallTime opened;
  std::int64_t lost_ms = 0;
  flv::Codec video = flv::Codec::none;
  std::array<std::optional<std::int64_t>, 2> last_time;  // of the last video and audio tag
  std::optional<std::int64_t> source_offset;             // source time - file time
  std::optional<std::int64_t> lag;                       // smallest (arrival - source time) at that offset
  flv::ArrivalTime last_arrival = 0;
};

RecordingOutput::RecordingOutput(const Executor& executor, Clock& clock, RecordingStorage storage,
                                 RecorderMetrics& metrics, RecordingObserver& observer)
    : clock_(clock),
      storage_(std::move(storage)),
      metrics_(metrics),
      observer_(observer),
      background_(executor) {}

RecordingOutput::~RecordingOutput() = default;

void RecordingOutput::go_on(Interrupted&& file) {
  const std::int64_t file_ms = file.leftover.scan.last_ms;
  const std::uint64_t cut = file.leftover.cut_bytes;
  open_ = std::make_shared<OpenFile>(storage_, std::move(file), side_settings_, facts_, clock_);
  open_->journal.resumed(file_ms, cut, clock_.wall_now());
  // Until media comes, what happens stands at the file's end.
  open_->side.file_clock().written(file_ms, arrival_now());
  media_flows(false);
  finished_.lost_ms += open_->lost_ms;
  finished_.gaps += open_->journal.gaps();
  counted_bytes_ = open_->segment.size();
  counted_ms_ = open_->duration_ms();
  patched_bytes_ = counted_bytes_;
  begin_file_tasks();
}

void RecordingOutput::resumed_from(const flv::Resumption& from, std::string cause) {
  resume_cause_ = std::move(cause);
  if (!from.end()) return;
  const std::int64_t end = *from.end() + from.source_offset;
  resume_sources_ = std::array{from.source(0).value_or(end), from.source(1).value_or(end)};
}

void RecordingOutput::held_back() { held_back_ = clock_.now(); }

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
  if (!open_->writer) open_->journal.clock_point({0, open_->opened, std::nullopt});
  begin_file_tasks();
}

void RecordingOutput::begin_file_tasks() {
  last_patch_ = clock_.now();
  write_journal();
  journal_schedule_.opened(clock_.now());
  background_.spawn(announce(open_));
  background_.spawn(save_cover(open_));
}

awaitable<void> RecordingOutput::save_cover(std::shared_ptr<OpenFile> file) {
  co_await file->side.save_cover();
}

awaitable<void> RecordingOutput::announce(std::shared_ptr<OpenFile> file) {
  co_await file->segment.opened();
  if (file->segment.failure()) co_return;
  newest_file_ = file->segment.part_path();
  observer_.file_opened(shown_path(file->segment.part_path()), file->opened);
}

void RecordingOutput::write(const flv::OutputTag& tag) {
  if (!tag.is_header) note_source(tag);
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

void RecordingOutput::append_media(ByteView bytes, std::int64_t file_ms, std::int64_t source_ms) {
  OpenFile& file = *open_;
  file.segment.append(bytes);
  file.fragments_ms = file_ms;
  file.last_arrival = arrival_now();
  note_source(file_ms, source_ms, fragment_step);
  const std::int64_t lag = file.last_arrival - source_ms;
  file.lag = file.lag ? std::min(*file.lag, lag) : lag;
  file.side.file_clock().written(file_ms, file.last_arrival);
}

void RecordingOutput::take_back() { open_->writer->take_back(); }

// Where the source's time stands to the file's.
void RecordingOutput::note_source(std::int64_t file_ms, std::int64_t source_ms, std::int64_t step) {
  OpenFile& file = *open_;
  const std::int64_t offset = source_ms - file_ms;
  if (file.source_offset && std::abs(offset - *file.source_offset) <= step) return;
  file.source_offset = offset;
  file.lag.reset();
  file.journal.clock_point({file_ms, clock_.wall_now(), source_ms});
  journal_schedule_.jumped(clock_.now());
}

// The same, and the live edge of it.
void RecordingOutput::note_source(const flv::OutputTag& tag) {
  OpenFile& file = *open_;
  note_source(tag.time, tag.source, source_step);
  const std::int64_t lag = tag.arrival - tag.source;
  file.lag = file.lag ? std::min(*file.lag, lag) : lag;
  file.last_time[tag.type == flv::TagType::video ? 0 : 1] = tag.time;
  file.last_arrival = tag.arrival;
}

// What to add to a time of the steady clock to have Unix time, both in ms.
std::int64_t RecordingOutput::unix_offset() const {
  const auto steady = std::chrono::duration_cast<std::chrono::milliseconds>(clock_.now().time_since_epoch());
  return unix_ms(clock_.wall_now()) - steady.count();
}

void RecordingOutput::update_tail() {
  const std::int64_t to_unix = unix_offset();
  tail_.last_time = open_->last_time;
  tail_.fragments_end.reset();
  if (!open_->writer) tail_.fragments_end = open_->fragments_ms;
  tail_.source_offset = open_->source_offset.value_or(0);
  tail_.zero_wall_ms.reset();
  if (open_->lag) tail_.zero_wall_ms = *open_->lag + to_unix;
  tail_.written = WallTime(std::chrono::milliseconds(open_->last_arrival + to_unix));
}

void RecordingOutput::close_file(flv::CloseReason reason) {
  open_->writer->finish();
  close(flv::to_string(reason));
}

void RecordingOutput::end_file(hls::CloseReason reason) { close(hls::to_string(reason)); }

void RecordingOutput::close(std::string_view reason) {
  log::info("File is closed",
            {{"reason", reason}, {"bytes", open_->segment.size()}, {"milliseconds", open_->duration_ms()}});
  tick();
  update_tail();
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
  std::int64_t duration_ms = file->duration_ms();
  if (outcome->cut_to_ms) {
    // What the volume did not take is lost, from the last whole tag on.
    const std::int64_t lost = std::max<std::int64_t>(0, duration_ms - *outcome->cut_to_ms);
    duration_ms = *outcome->cut_to_ms;
    cut_ = true;
    file->lost_ms += lost;
    count_loss("disk", lost);
    log::warning("File is cut to what the volume took", {{"file", outcome->path}, {"lost_ms", lost}});
  }
  if (outcome->path.empty()) {
    co_await file->side.discard();
    co_return;  // nothing worth a file: it is in the trash
  }
  SegmentTotals totals;
  totals.end = clock_.wall_now();
  totals.duration_ms = duration_ms;
  totals.bytes = outcome->size;
  totals.lost_ms = file->lost_ms;
  totals.codec = flv::to_string(file->video);
  storage::PublishedFile video = *outcome;
  co_await file->side.publish(std::move(video), std::move(totals));
  published_file_ = outcome->path;
  liveroom::FinishedFile finished;
  finished.file = shown_path(outcome->path);
  finished.start = file->opened;
  finished.bytes = static_cast<std::int64_t>(outcome->size);
  finished.seconds = duration_ms / 1000;
  finished.lost_seconds = (file->lost_ms + 999) / 1000;
  finished.milliseconds = duration_ms;
  finished_.bytes += outcome->size;
  finished_.duration_ms += duration_ms;
  metrics_.file_finished();
  log::info("File is published",
            {{"file", finished.file}, {"bytes", finished.bytes}, {"seconds", finished.seconds}});
  observer_.file_finished(finished);
}

// The gap behind an interruption is put down to that; every other one to what the rules saw.
std::string RecordingOutput::cause_of(const flv::Finding& finding) {
  const bool first = !resume_cause_.empty() && resume_sources_ &&
                     std::ranges::find(*resume_sources_, finding.raw_before) != resume_sources_->end();
  if (first) return std::exchange(resume_cause_, {});
  if (finding.cause == flv::LossCause::connection && volume_held_back()) return "disk";
  return std::string(flv::to_string(finding.cause));
}

std::string RecordingOutput::cause_of(const hls::Finding& finding) {
  if (finding.kind == hls::FindingKind::gap && !resume_cause_.empty())
    return std::exchange(resume_cause_, {});
  const bool passed =
      finding.kind == hls::FindingKind::window_passed || finding.kind == hls::FindingKind::segment_missing;
  if (passed && volume_held_back()) return "disk";
  return std::string(hls::loss_cause(finding.kind));
}

bool RecordingOutput::volume_held_back() const {
  return held_back_ && clock_.now() - *held_back_ <= held_back_span;
}

void RecordingOutput::count_loss(const std::string& cause, std::int64_t lost_ms) {
  if (lost_ms <= 0) return;
  finished_.lost_ms += lost_ms;
  ++finished_.gaps;
  metrics_.lost(cause, static_cast<double>(lost_ms) / 1000.0);
}

// In the open file, or between two.
void RecordingOutput::note_loss(const std::string& cause, std::int64_t lost_ms, flv::ArrivalTime arrival) {
  count_loss(cause, lost_ms);
  if (!open_) return;
  open_->lost_ms += lost_ms;
  open_->side.file_clock().begin(arrival);
}

std::int64_t RecordingOutput::file_time_of(const flv::Finding& finding) const {
  if (finding.lost_ms == 0 || !open_->source_offset) return open_->duration_ms();
  return std::max<std::int64_t>(0, finding.raw_after - *open_->source_offset);
}

void RecordingOutput::report(const flv::Finding& finding) {
  metrics_.finding(flv::to_string(finding.kind));
  std::string cause;
  if (finding.lost_ms > 0) {
    cause = cause_of(finding);
    note_loss(cause, finding.lost_ms, finding.arrival);
  }
  flv::Finding placed = finding;
  if (open_) {
    placed.file_time = file_time_of(finding);
    open_->side.record().finding(placed, clock_.wall_now());
  }
  if (!flv::is_notable(finding.kind)) return;
  log::info("Stream was repaired", {{"finding", flv::to_string(finding.kind)},
                                    {"before", finding.raw_before},
                                    {"after", finding.raw_after},
                                    {"bytes", finding.bytes},
                                    {"lost_ms", finding.lost_ms},
                                    {"cause", cause}});
  if (!open_) return;
  open_->journal.add(placed, cause, clock_.wall_now());
  journal_schedule_.changed();  // written at a tick, once for all of this moment
}

void RecordingOutput::report(const hls::Finding& finding) {
  metrics_.finding(hls::to_string(finding.kind));
  const std::string cause = finding.lost_ms > 0 ? cause_of(finding) : std::string();
  count_loss(cause, finding.lost_ms);
  if (open_) {
    open_->lost_ms += finding.lost_ms;
    open_->side.record().finding(finding, clock_.wall_now());
  }
  if (!hls::is_notable(finding.kind)) return;
  log::info("Stream was repaired", {{"finding", hls::to_string(finding.kind)},
                                    {"before", finding.raw_before_ms},
                                    {"after", finding.raw_after_ms},
                                    {"segments", finding.segments},
                                    {"lost_ms", finding.lost_ms},
                                    {"cause", cause}});
  if (open_) {
    open_->journal.add(finding, cause, clock_.wall_now());
    journal_schedule_.changed();
  }
}

void RecordingOutput::tick() {
  if (!open_) return;
  const TimePoint now = clock_.now();
  const auto bytes = open_->segment.size();
  const auto milliseconds = open_->duration_ms();
  // Only where media has come: in a stall the wall clock runs alone.
  if (milliseconds != counted_ms_ && open_->journal.parted(milliseconds, clock_.wall_now()))
    journal_schedule_.changed();
  // What was taken back was counted already, and is of the next file.
  if (bytes >= counted_bytes_ && milliseconds >= counted_ms_)
    metrics_.recorded(bytes - counted_bytes_, static_cast<double>(milliseconds - counted_ms_) / 1000.0);
  counted_bytes_ = bytes;
  counted_ms_ = milliseconds;
  // Not without news: the time of the last write says when the last tag came.
  if (now - last_patch_ >= patch_interval && bytes != patched_bytes_) {
    if (open_->writer) open_->writer->update();
    last_patch_ = now;
    patched_bytes_ = bytes;
  }
  if (journal_schedule_.due(now)) {
    note_clock();
    write_journal();
    journal_schedule_.written(now);
  }
  open_->segment.tick(now);
  open_->side.tick(now);
  metrics_.set_buffer_bytes("danmaku", open_->side.waiting_bytes());
  metrics_.set_buffer_bytes("media", open_->segment.buffered_bytes());
  metrics_.set_buffer_bytes("disk", storage_.disk.queued_bytes());
  check_failure();
}

void RecordingOutput::note_clock() {
  const std::int64_t newest = open_->duration_ms();
  std::optional<std::int64_t> source;
  if (open_->source_offset) source = newest + *open_->source_offset;
  open_->journal.clock_point({newest, clock_.wall_now(), source});
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
  if (open_->lag) open_->journal.set_zero_wall(*open_->lag + unix_offset());
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
