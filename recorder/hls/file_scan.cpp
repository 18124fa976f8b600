// SPDX-License-Identifier: Apache-2.0
#include "recorder/hls/file_scan.hpp"

#include <algorithm>
#include <optional>

#include "recorder/hls/box.hpp"
#include "recorder/hls/media_segment.hpp"

namespace live::hls {
namespace {

constexpr std::size_t max_moof_bytes = std::size_t{4} << 20;
constexpr std::size_t search_piece = std::size_t{64} << 10;
constexpr std::size_t most_ranges = 10'000;  // holes beyond end the file there
constexpr std::size_t box_header = 16;

struct FileBox {
  std::uint32_t type = 0;
  std::uint64_t begin = 0;
  std::uint64_t size = 0;
  std::uint64_t head = 8;  // size and type
  std::uint64_t end() const { return begin + size; }
};

class Scanner {
 public:
  Scanner(ByteSource& file, std::uint64_t size) : file_(file) { scan_.size = size; }
  FileScan run();

 private:
  std::optional<FileBox> box_at(std::uint64_t offset);
  Bytes read(const FileBox& box);
  bool take_init();
  bool take_fragment(std::uint64_t& at);
  std::optional<std::uint64_t> find_fragment(std::uint64_t from);
  void keep(std::uint64_t begin, std::uint64_t end);

  ByteSource& file_;
  FileScan scan_;
  InitSegment init_;
};

std::optional<FileBox> Scanner::box_at(std::uint64_t offset) {
  std::uint8_t head[box_header];
  const std::size_t count = file_.read_at(offset, head);
  if (count < 8) return std::nullopt;
  FileBox box{load_u32(head + 4), offset, load_u32(head)};
  if (box.size == 1) {
    if (count < box_header) return std::nullopt;
    box.size = load_u64(head + 8);
    box.head = box_header;
  }
  if (box.size < box.head || box.size > scan_.size - offset) return std::nullopt;
  return box;
}

Bytes Scanner::read(const FileBox& box) {
  Bytes bytes(static_cast<std::size_t>(box.size));
  bytes.resize(file_.read_at(box.begin, bytes));
  return bytes;
}

// ftyp and moov, next to each other.
bool Scanner::take_init() {
  const std::optional<FileBox> type = box_at(0);
  if (!type || type->type != box_type("ftyp")) return false;
  const std::optional<FileBox> movie = box_at(type->end());
  if (!movie || movie->type != box_type("moov") || movie->end() > max_init_bytes) return false;
  Result<InitSegment> init = parse_init(read({0, 0, movie->end()}));
  if (!init) return false;
  init_ = std::move(init).value();
  keep(0, movie->end());
  return true;
}

// A moof with all of its media behind it, or a cover.
bool Scanner::take_fragment(std::uint64_t& at) {
  const std::optional<FileBox> moof = box_at(at);
  if (moof && moof->type == box_type("free")) {
    keep(moof->begin, moof->end());
    at = moof->end();
    return true;
  }
  if (!moof || moof->type != box_type("moof") || moof->size > max_moof_bytes) return false;
  const std::optional<FileBox> mdat = box_at(moof->end());
  if (!mdat || mdat->type != box_type("mdat")) return false;
  if (mdat->end() - moof->begin > INT32_MAX) return false;
  const Bytes head = read(*moof);
  if (head.size() != moof->size) return false;
  const Result<Fragment> fragment =
      parse_fragment(head, static_cast<std::size_t>(mdat->size), moof->begin, init_);
  if (!fragment) return false;
  for (const TrackRun& run : fragment->runs) {
    const std::uint64_t scale = init_.tracks[run.track].timescale;
    const std::uint64_t ticks = run.decode_time + run.duration;
    const auto milliseconds = static_cast<std::int64_t>(ticks / scale * 1000 + ticks % scale * 1000 / scale);
    scan_.last_ms = std::max(scan_.last_ms, milliseconds);
  }
  ++scan_.fragments;
  if (scan_.media.size() == remembered_fragments) scan_.media.erase(scan_.media.begin());
  scan_.media.push_back({mdat->begin + mdat->head, mdat->end()});
  keep(moof->begin, mdat->end());
  at = mdat->end();
  return true;
}

// Behind damage: the next place where a whole fragment stands.
std::optional<std::uint64_t> Scanner::find_fragment(std::uint64_t from) {
  Bytes piece(search_piece);
  while (from < scan_.size) {
    const std::size_t count = file_.read_at(from, piece);
    if (count < 8) return std::nullopt;
    for (std::size_t i = 0; i + 8 <= count; ++i) {
      if (load_u32(piece.data() + i + 4) != box_type("moof")) continue;
      std::uint64_t at = from + i;
      if (take_fragment(at)) return at;
    }
    from += count - 7;
  }
  return std::nullopt;
}

void Scanner::keep(std::uint64_t begin, std::uint64_t end) {
  if (!scan_.ranges.empty() && scan_.ranges.back().end == begin) {
    scan_.ranges.back().end = end;
  } else {
    scan_.ranges.push_back({begin, end});
  }
  scan_.whole_size = end;
}

FileScan Scanner::run() {
  scan_.is_mp4 = take_init();
  if (!scan_.is_mp4) return std::move(scan_);
  std::uint64_t at = scan_.whole_size;
  while (at < scan_.size && scan_.ranges.size() < most_ranges) {
    if (take_fragment(at)) continue;
    const std::optional<std::uint64_t> next = find_fragment(at + 1);
    if (!next) break;
    at = *next;
  }
  for (std::size_t i = 1; i < scan_.ranges.size(); ++i) {
    scan_.hole_bytes += scan_.ranges[i].begin - scan_.ranges[i - 1].end;
  }
  return std::move(scan_);
}

}  // namespace

std::vector<std::uint8_t> cover_of(std::uint64_t hole_bytes) {
  ByteWriter out;
  const bool large = hole_bytes > UINT32_MAX;
  out.u32(large ? 1 : static_cast<std::uint32_t>(hole_bytes));
  out.text("free");
  if (large) out.u64(hole_bytes);
  return std::move(out).take();
}

FileScan scan_file(ByteSource& file, std::uint64_t size) { return Scanner(file, size).run(); }

}  // namespace live::hls
