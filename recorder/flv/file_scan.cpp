// SPDX-License-Identifier: Apache-2.0
#include "recorder/flv/file_scan.hpp"

#include <algorithm>
#include <limits>

#include "recorder/flv/codec.hpp"
#include "recorder/flv/tag_reader.hpp"

namespace live::flv {
namespace {

constexpr std::size_t read_size = std::size_t{512} << 10;
constexpr std::size_t index_fixed_size = KeyframeIndex::encoded_size(0);
constexpr std::size_t index_entry_size = KeyframeIndex::encoded_size(1) - index_fixed_size;

class Silent final : public Reporter {
 public:
  void report(const Finding&) override {}
};

class Scanner {
 public:
  void see(const TagView& tag, std::uint64_t begin, std::uint64_t end) {
    if (expected_ && begin != *expected_) scan_.hole_bytes += begin - *expected_;
    expected_ = end;
    scan_.whole_size = end;
    if (tag.type == TagType::script) {
      see_script(tag, begin);
      return;
    }
    const TagClass kind = classify(tag.type, tag.payload);
    FileScan::Stream& stream = scan_.streams[tag.type == TagType::video ? 0 : 1];
    if (kind.kind == TagKind::header) {
      if (scan_.index) scan_.index->note_header(tag.type, begin);
      stream.codec = kind.codec;
      stream.header.assign(tag.payload.begin(), tag.payload.end());
    }
    if (kind.kind != TagKind::frame) return;
    stream.codec = kind.codec;
    const auto time = static_cast<std::int64_t>(tag.timestamp);
    ++scan_.media_tags;
    scan_.last_ms = std::max(scan_.last_ms, time);
    if (tag.type == TagType::video) ++scan_.video_tags;
    if (kind.frame == Frame::key) see_key_frame({time, begin});
    if (scan_.index) scan_.index->note_media(tag.type, kind.frame, time, begin);
  }

  FileScan& scan() { return scan_; }

 private:
  void see_key_frame(KeyframeIndex::Entry key) {
    if (scan_.last_key.position > 0) {
      scan_.longest_gop = std::max(scan_.longest_gop, key.time - scan_.last_key.time);
      scan_.largest_gop = std::max(scan_.largest_gop, key.position - scan_.last_key.position);
    }
    scan_.last_key = key;
  }

  void see_script(const TagView& tag, std::uint64_t begin) {
    if (scan_.places) return;
    scan_.places = find_places(tag.payload);
    scan_.body_offset = begin + tag_header_size;
    if (!scan_.places || !scan_.places->index || scan_.places->index_size < index_fixed_size) return;
    const std::size_t room = scan_.places->index_size - index_fixed_size;
    if (room % index_entry_size == 0 && room > 0) scan_.index.emplace(room / index_entry_size);
  }

  FileScan scan_;
  std::optional<std::uint64_t> expected_;
};

}  // namespace

FileScan scan_file(ByteSource& file) {
  Silent silent;
  ReaderLimits limits;
  limits.resync_bytes = std::numeric_limits<std::size_t>::max();
  TagReader reader(silent, limits);
  Scanner scanner;
  std::uint64_t offset = 0;
  bool more = true;
  while (more && !reader.failed()) {
    const std::span<std::uint8_t> room = reader.prepare(read_size);
    const std::size_t count = file.read_at(offset, room);
    more = count == room.size();
    offset += count;
    reader.commit(count, 0);
    if (!more) reader.end_of_stream();
    while (const std::optional<TagView> tag = reader.next()) {
      const bool torn = reader.tag_end() - reader.tag_begin() < tag->payload.size() + tag_overhead;
      if (!torn) scanner.see(*tag, reader.tag_begin(), reader.tag_end());
    }
  }
  FileScan scan = scanner.scan();
  scan.is_flv = !reader.not_flv() && offset > 0;
  scan.size = offset;
  return scan;
}

void patch_file(ByteSink& bytes, const FileScan& scan) {
  if (!scan.places) return;
  MetadataNumbers numbers;
  numbers.duration_ms = scan.last_ms;
  numbers.last_ms = scan.last_ms;
  numbers.last_key = scan.last_key;
  numbers.file_size = scan.whole_size;
  patch_metadata(bytes, scan.body_offset, *scan.places, numbers, scan.index ? &*scan.index : nullptr);
}

}  // namespace live::flv
