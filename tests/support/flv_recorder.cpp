// SPDX-License-Identifier: Apache-2.0
#include "support/flv_recorder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <set>

#include "recorder/flv/codec.hpp"
#include "recorder/flv/file_writer.hpp"
#include "recorder/flv/tag_reader.hpp"

namespace live::test {

using flv::TagType;

void MemoryBytes::patch(std::uint64_t offset, ByteView over) {
  if (offset + over.size() > bytes.size()) throw std::out_of_range("a patch beyond the end");
  std::copy(over.begin(), over.end(), bytes.begin() + static_cast<std::ptrdiff_t>(offset));
}

FlvItems OutputFile::as_items() const {
  FlvItems list;
  if (!video_header.empty()) list.push_back(item_of(TagType::video, video_header, 0));
  if (!audio_header.empty()) list.push_back(item_of(TagType::audio, audio_header, 0));
  for (const Tag& tag : tags) list.push_back(item_of(tag.type, tag.payload, tag.time));
  return list;
}

Bytes OutputFile::as_bytes() const {
  MemoryBytes sink;
  flv::FileHeaders with_views = headers;
  with_views.metadata = metadata;
  with_views.video_header = video_header;
  with_views.audio_header = audio_header;
  flv::WriterOptions options;
  options.index_entries = 64;
  flv::FileWriter writer(sink, with_views, options);
  for (const Tag& tag : tags) {
    flv::OutputTag output;
    output.type = tag.type;
    output.is_header = tag.is_header;
    output.frame = flv::classify(tag.type, tag.payload).frame;
    output.time = tag.time;
    output.payload = tag.payload;
    writer.write(output);
  }
  writer.finish();
  return sink.bytes;
}

void CollectingSink::open_file(const flv::FileHeaders& headers) {
  OutputFile file;
  file.headers = headers;
  file.metadata = headers.metadata;
  file.video_header.assign(headers.video_header.begin(), headers.video_header.end());
  file.audio_header.assign(headers.audio_header.begin(), headers.audio_header.end());
  files.push_back(std::move(file));
}

void CollectingSink::write(const flv::OutputTag& tag) {
  files.back().tags.push_back(
      {tag.type, tag.is_header, tag.time, tag.arrival, Bytes(tag.payload.begin(), tag.payload.end())});
}

void CollectingSink::take_back() {
  std::vector<OutputFile::Tag>& tags = files.back().tags;
  bool is_key = false;
  while (!is_key) {
    if (tags.empty()) throw std::logic_error("no key frame to take back");
    is_key = !tags.back().is_header &&
             flv::classify(tags.back().type, tags.back().payload).frame == flv::Frame::key;
    tags.pop_back();
  }
  if (tags.empty()) throw std::logic_error("the first picture of a file was taken back");
}

void CollectingSink::close_file(flv::CloseReason reason) {
  files.back().reason = reason;
  files.back().closed = true;
}

void CollectingSink::report(const flv::Finding& finding) {
  findings.push_back(finding);
  counts.add(finding);
}

std::string CollectingSink::findings_text() const {
  std::string text;
  for (std::size_t i = 0; i < flv::finding_kinds; ++i) {
    if (counts.of[i] == 0) continue;
    if (!text.empty()) text += ", ";
    text += fmt::format("{} {}", flv::to_string(static_cast<flv::FindingKind>(i)), counts.of[i]);
  }
  return text;
}

std::int64_t CollectingSink::lost_ms() const {
  std::int64_t lost = 0;
  for (const flv::Finding& finding : findings) lost += finding.lost_ms;
  return lost;
}

void FlvRecorder::connection(ByteView bytes, flv::ArrivalTime now, std::size_t piece) {
  pipeline.connection_started(now);
  flv::TagReader reader(sink);
  while (!bytes.empty()) {
    const std::span<std::uint8_t> room = reader.prepare(piece);
    const std::size_t count = std::min({room.size(), bytes.size(), piece});
    std::memcpy(room.data(), bytes.data(), count);
    bytes = bytes.subspan(count);
    reader.commit(count, now);
    if (bytes.empty()) reader.end_of_stream();
    flv::drain(reader, pipeline, now);
  }
}

void FlvRecorder::live_connection(const FlvItems& list, flv::ArrivalTime start) {
  pipeline.connection_started(start);
  for (const FlvItem& item : list) {
    const Bytes payload = payload_of(item.kind, item.number);
    const flv::ArrivalTime now = start + item.time - list.front().time;
    pipeline.push({type_of(item.kind), static_cast<std::uint32_t>(item.time), payload}, now);
    pipeline.settle();
  }
}

void (*output_check)(const CollectingSink&, const flv::PipelineOptions&) = nullptr;

void FlvRecorder::finish() {
  pipeline.finish();
  if (output_check != nullptr) output_check(sink, options_);
}

CollectingSink record_bytes(ByteView bytes, flv::PipelineOptions options) {
  FlvRecorder recorder(options);
  recorder.connection(bytes);
  recorder.finish();
  return std::move(recorder.sink);
}

CollectingSink record(const FlvItems& list, flv::PipelineOptions options) {
  return record_bytes(flv_bytes(list), options);
}

namespace {

std::string broken_in_file(const OutputFile& file, std::size_t number) {
  if (!file.closed) return fmt::format("file {} was not closed", number);
  std::int64_t last = 0;
  bool has_video = !file.video_header.empty();
  bool has_audio = !file.audio_header.empty();
  for (const OutputFile::Tag& tag : file.tags) {
    if (tag.time < last) return fmt::format("file {}: time {} behind {}", number, tag.time, last);
    last = tag.time;
    bool& has = tag.type == TagType::video ? has_video : has_audio;
    const bool is_header = flv::classify(tag.type, tag.payload).kind == flv::TagKind::header;
    if (is_header != tag.is_header) return fmt::format("file {}: a header that is not marked", number);
    if (is_header && has) return fmt::format("file {}: two configurations", number);
    has = has || is_header;
  }
  if (!file.tags.empty() && file.tags.front().time != 0)
    return fmt::format("file {} begins at {}", number, file.tags.front().time);
  return {};
}

bool has_equal_key_frames(const OutputFile& file) {
  std::set<Bytes> seen;
  for (const OutputFile::Tag& tag : file.tags) {
    if (flv::classify(tag.type, tag.payload).frame != flv::Frame::key || tag.is_header) continue;
    if (!seen.insert(tag.payload).second) return true;
  }
  return false;
}

// No picture of which there was only one is gone. (With repeated pictures goes sound: up to two frames of it
// may be new.)
std::string lost_picture(const OutputFile& file, const OutputFile& copy) {
  std::set<Bytes> kept;
  for (const OutputFile::Tag& tag : copy.tags) kept.insert(tag.payload);
  for (const OutputFile::Tag& tag : file.tags) {
    if (tag.type == TagType::video && !kept.contains(tag.payload))
      return text_of({item_of(tag.type, tag.payload, tag.time)});
  }
  return {};
}

// What a second pass may report.
std::string unexpected_findings(const CollectingSink& again, const flv::PipelineOptions& options) {
  CollectingSink left;
  for (const flv::Finding& finding : again.findings) {
    const bool is_limit = finding.kind == flv::FindingKind::hold_limit;
    const bool is_hole = options.gaps == flv::Gaps::keep && (finding.kind == flv::FindingKind::jump ||
                                                             finding.kind == flv::FindingKind::hole_kept);
    if (!is_limit && !is_hole) left.report(finding);
  }
  return left.findings_text();
}

CollectingSink second_pass(const OutputFile& file, flv::PipelineOptions options) {
  flv::PipelineOptions again;
  again.gaps = options.gaps;
  again.has_clock = false;
  CollectingSink sink;
  flv::Pipeline pipeline(again, sink);
  flv::TagReader reader(sink);
  pipeline.connection_started(0);
  const Bytes bytes = file.as_bytes();
  for (ByteView left = bytes; !left.empty();) {
    const std::span<std::uint8_t> room = reader.prepare(left.size());
    const std::size_t count = std::min(room.size(), left.size());
    std::memcpy(room.data(), left.data(), count);
    left = left.subspan(count);
    reader.commit(count, 0);
    if (left.empty()) reader.end_of_stream();
    flv::drain(reader, pipeline, 0);
  }
  pipeline.finish();
  return sink;
}

std::string broken_second_pass(const OutputFile& file, std::size_t number,
                               const flv::PipelineOptions& options, bool equal_parts) {
  const CollectingSink again = second_pass(file, options);
  if (again.files.size() != 1)
    return fmt::format("file {}, second pass: {} files", number, again.files.size());
  const OutputFile& copy = again.files.front();
  if (copy.video_header != file.video_header || copy.audio_header != file.audio_header)
    return fmt::format("file {}, second pass: other headers", number);
  if (equal_parts && has_equal_key_frames(file)) {
    const std::string lost = lost_picture(file, copy);
    return lost.empty() ? lost : fmt::format("file {}, second pass: lost {}", number, lost);
  }
  const std::string findings = unexpected_findings(again, options);
  if (!findings.empty())
    return fmt::format("file {}, second pass: {}\n{}", number, findings, text_of(file.as_items()));
  if (copy.tags.size() != file.tags.size())
    return fmt::format("file {}, second pass: {} tags in place of {}", number, copy.tags.size(),
                       file.tags.size());
  for (std::size_t i = 0; i < copy.tags.size(); ++i) {
    if (copy.tags[i].time != file.tags[i].time || copy.tags[i].payload != file.tags[i].payload)
      return fmt::format("file {}, second pass: tag {} differs\nfirst: {}\nsecond: {}", number, i,
                         text_of(file.as_items()), text_of(copy.as_items()));
  }
  return {};
}

}  // namespace

std::string broken_invariants(const CollectingSink& output, flv::PipelineOptions options, bool equal_parts) {
  for (std::size_t i = 0; i < output.files.size(); ++i) {
    std::string broken = broken_in_file(output.files[i], i);
    if (broken.empty()) broken = broken_second_pass(output.files[i], i, options, equal_parts);
    if (!broken.empty()) return broken;
  }
  return {};
}

}  // namespace live::test
