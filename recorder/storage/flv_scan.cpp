// SPDX-License-Identifier: Apache-2.0
#include "recorder/storage/flv_scan.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "recorder/flv/codec.hpp"
#include "recorder/flv/tag_reader.hpp"

namespace live::storage {
namespace {

constexpr std::size_t window_size = std::size_t{1} << 20;
constexpr std::size_t classify_bytes = 16;

// Reads forward through a window, so that small reads don't each cost a system call.
class Window {
 public:
  explicit Window(File& file) : file_(file), bytes_(window_size) {}

  // `count` bytes at `offset`, at most the window; fewer at the end of the file.
  ByteView at(std::uint64_t offset, std::size_t count) {
    if (offset < start_ || offset + count > start_ + filled_) {
      start_ = offset;
      filled_ = file_.read_at(offset, bytes_);
    }
    const std::uint64_t begin = offset - start_;
    if (begin >= filled_) return {};
    return ByteView(bytes_).subspan(static_cast<std::size_t>(begin),
                                    std::min<std::size_t>(count, filled_ - static_cast<std::size_t>(begin)));
  }

 private:
  File& file_;
  Bytes bytes_;
  std::uint64_t start_ = 0;
  std::size_t filled_ = 0;
};

bool is_tag_type(std::uint8_t type) { return type == 8 || type == 9 || type == 18; }

void take_script(FlvScan& scan, File& file, std::uint64_t body_offset, std::size_t size) {
  if (scan.metadata_offset || size > flv::amf::max_body_size) return;
  Bytes body(size);
  body.resize(file.read_at(body_offset, body));
  const std::optional<flv::MetadataPlaces> places = flv::find_places(body);
  if (!places) return;
  scan.metadata_offset = body_offset;
  scan.places = *places;
  constexpr std::size_t empty = flv::KeyframeIndex::encoded_size(0);
  constexpr std::size_t entry = flv::KeyframeIndex::encoded_size(1) - empty;
  if (places->index && places->index_size > empty)
    scan.index = flv::KeyframeIndex((places->index_size - empty) / entry);
}

void take_media(FlvScan& scan, flv::TagType type, std::int64_t time, ByteView head, std::uint64_t position) {
  const flv::TagClass what = flv::classify(type, head);
  if (what.kind == flv::TagKind::header) {
    scan.index.note_header(type, position);
  } else if (what.kind == flv::TagKind::frame) {
    ++scan.media_tags;
    scan.index.note_media(type, what.frame, time, position);
    scan.last_ms = std::max(scan.last_ms, time);
  }
}

class SilentReporter final : public flv::Reporter {
 public:
  void report(const flv::Finding&) override {}
};

// The tags behind a damaged place, found by the same reader that reads streams, without limits of time and
// length.
template <class OnTag>
void read_behind(File& file, std::uint64_t from, OnTag on_tag) {
  SilentReporter reporter;
  flv::TagReader reader(
      reporter, {std::numeric_limits<std::size_t>::max(), std::numeric_limits<flv::ArrivalTime>::max()});
  constexpr std::array<std::uint8_t, 13> header{'F', 'L', 'V', 1, 5, 0, 0, 0, 9, 0, 0, 0, 0};
  std::copy(header.begin(), header.end(), reader.prepare(header.size()).begin());
  reader.commit(header.size(), 0);
  while (true) {
    while (const std::optional<flv::TagView> tag = reader.next()) {
      if (!on_tag(*tag)) return;
    }
    if (reader.failed()) return;
    const std::span<std::uint8_t> room = reader.prepare(window_size / 4);
    const std::size_t count = file.read_at(from, room);
    if (count == 0) break;
    reader.commit(count, 0);
    from += count;
  }
  reader.end_of_stream();
  while (const std::optional<flv::TagView> tag = reader.next()) {
    if (!on_tag(*tag)) return;
  }
}

Bytes tag_bytes(const flv::TagView& tag) {
  ByteWriter out;
  out.u8(static_cast<std::uint8_t>(tag.type));
  out.u24(static_cast<std::uint32_t>(tag.payload.size()));
  out.u24(tag.timestamp & 0xFFFFFF);
  out.u8(static_cast<std::uint8_t>(tag.timestamp >> 24));
  out.u24(0);
  out.bytes(tag.payload);
  out.u32(static_cast<std::uint32_t>(flv::tag_header_size + tag.payload.size()));
  return std::move(out).take();
}

}  // namespace

FlvScan scan_flv(File& file) {
  FlvScan scan;
  Window window(file);
  const ByteView head = window.at(0, flv::file_header_size + flv::back_pointer_size);
  if (head.size() < flv::file_header_size + flv::back_pointer_size || !as_text(head).starts_with("FLV"))
    return scan;
  scan.is_flv = true;
  std::uint64_t position = load_u32(&head[5]) + flv::back_pointer_size;
  scan.whole = position;
  while (true) {
    const ByteView tag = window.at(position, flv::tag_header_size + classify_bytes);
    if (tag.size() < flv::tag_header_size || !is_tag_type(tag[0])) break;
    const std::size_t size = load_u24(&tag[1]);
    const std::uint32_t time = load_u24(&tag[4]) | static_cast<std::uint32_t>(tag[7]) << 24;
    const Bytes payload_head(
        tag.begin() + flv::tag_header_size,
        tag.begin() + static_cast<std::ptrdiff_t>(std::min(tag.size(), flv::tag_header_size + size)));
    const std::uint64_t end = position + flv::tag_header_size + size;
    const auto type = static_cast<flv::TagType>(tag[0]);
    const ByteView pointer = window.at(end, flv::back_pointer_size);
    if (size > flv::max_payload_size || pointer.size() < flv::back_pointer_size ||
        load_u32(pointer.data()) != flv::tag_header_size + size) {
      break;
    }
    if (type == flv::TagType::script) {
      take_script(scan, file, position + flv::tag_header_size, size);
    } else {
      take_media(scan, type, static_cast<std::int32_t>(time), payload_head, position);
    }
    position = end + flv::back_pointer_size;
    scan.whole = position;
  }
  scan.duration_ms = scan.last_ms;
  return scan;
}

bool has_tags_behind(File& file, std::uint64_t from) {
  bool found = false;
  read_behind(file, from, [&found](const flv::TagView&) {
    found = true;
    return false;
  });
  return found;
}

std::uint64_t copy_without_holes(File& from, std::uint64_t whole, File& to) {
  Bytes piece(window_size);
  for (std::uint64_t at = 0; at < whole;) {
    const std::size_t wanted = static_cast<std::size_t>(std::min<std::uint64_t>(piece.size(), whole - at));
    const std::size_t count = from.read_at(at, std::span(piece).first(wanted));
    if (count == 0) break;
    to.write(ByteView(piece).first(count));
    at += count;
  }
  std::uint64_t kept = 0;
  read_behind(from, whole, [&](const flv::TagView& tag) {
    const Bytes bytes = tag_bytes(tag);
    kept += bytes.size();
    to.write(bytes);
    return true;
  });
  return from.size() - whole - kept;
}

}  // namespace live::storage
