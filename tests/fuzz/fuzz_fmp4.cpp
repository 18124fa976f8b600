// SPDX-License-Identifier: Apache-2.0
// Contract: no bytes make the box readers read outside of them; every file that the assembler makes of
// segments is whole, begins at 0, rises in time, and has nothing for a second look to cut.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <vector>

#include "base/bytes.hpp"
#include "recorder/hls/assembler.hpp"
#include "recorder/hls/file_scan.hpp"
#include "support/mp4_builder.hpp"

namespace {

using namespace live;
using namespace live::hls;

void require(bool good) {
  if (!good) std::abort();
}

class Memory final : public ByteSource {
 public:
  explicit Memory(ByteView bytes) : bytes_(bytes) {}
  std::size_t read_at(std::uint64_t offset, std::span<std::uint8_t> to) override {
    if (offset >= bytes_.size()) return 0;
    const std::size_t count =
        std::min<std::size_t>(to.size(), bytes_.size() - static_cast<std::size_t>(offset));
    std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(offset), count, to.begin());
    return count;
  }

 private:
  ByteView bytes_;
};

FileScan scan(ByteView bytes) {
  Memory source(bytes);
  const FileScan found = scan_file(source, bytes.size());
  require(found.whole_size <= bytes.size());
  return found;
}

class Files final : public Sink {
 public:
  void begin_file(const FileStart& start) override {
    require(!open_);
    open_ = true;
    bytes_.assign(start.init.begin(), start.init.end());
    length_ms_ = 0;
  }
  void append_media(ByteView bytes, std::int64_t file_ms, std::int64_t) override {
    require(open_ && file_ms >= length_ms_);
    length_ms_ = file_ms;
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  }
  void end_file(CloseReason) override {
    require(open_);
    open_ = false;
    const FileScan found = scan(bytes_);
    require(found.is_mp4 && found.whole_size == bytes_.size() && found.hole_bytes == 0 &&
            found.fragments > 0);
    require(found.last_ms == length_ms_);
  }
  void report(const Finding& finding) override {
    require(!to_string(finding.kind).empty() && finding.lost_ms >= 0);
  }
  bool open() const { return open_; }

 private:
  bool open_ = false;
  Bytes bytes_;
  std::int64_t length_ms_ = 0;
};

Bytes usual_init() {
  test::Mp4Track video, sound;
  video.config = {1, 0x64, 0, 0x1F, 0xFF, 0xE0, 0};
  sound.id = 2;
  sound.video = false;
  sound.timescale = 48'000;
  sound.config = {0x11, 0x90};
  return test::mp4_init({video, sound});
}

// The input as segments, each behind two bytes of length and one of flags. What was written last.
std::vector<std::uint64_t> assemble(ByteView data, const std::shared_ptr<const InitSegment>& init,
                                    const std::optional<Resumption>& from) {
  Files files;
  Assembler assembler(AssemblerOptions(), files);
  if (from) assembler.resume(*from);
  ByteReader reader(data);
  std::int64_t now = 0;
  while (reader.left() >= 3) {
    const std::size_t size = std::min<std::size_t>(reader.u16(), reader.left() - 1);
    const std::uint8_t flags = reader.u8();
    const ByteView part = reader.take(std::min(size, reader.left()));
    Bytes segment(part.begin(), part.end());
    if (flags & 1) assembler.lost(static_cast<LossReason>(flags >> 6 & 1), 1 + (flags >> 4 & 3), 1000);
    if (flags & 2) assembler.connection_started();
    if (flags & 4) assembler.request_split();
    AssemblerOptions options;
    options.keep_gaps = flags & 8;
    options.split_ms = flags & 16 ? 1000 : 0;
    assembler.set_options(options);
    assembler.segment({init, 1000, (flags & 32) != 0, (flags & 128) != 0}, segment, now += 1000);
  }
  assembler.finish();
  require(!files.open());
  return assembler.memory().list();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::shared_ptr<const InitSegment> usual =
      std::make_shared<const InitSegment>(parse_init(usual_init()).value());
  const ByteView bytes(data, size);
  if (const auto init = parse_init(bytes)) {
    require(!init->tracks.empty() && init->tracks.size() <= max_tracks && init->bytes.size() == size);
  }
  (void)parse_segment(bytes, *usual);
  (void)scan(bytes);
  // The same once more, as another process that goes on from there.
  Resumption from;
  from.hashes = assemble(bytes, usual, std::nullopt);
  if (size % 2 == 0) from.source_end_ms = static_cast<std::int64_t>(size) * 100;
  from.tell_gap = true;
  (void)assemble(bytes, usual, from);
  return 0;
}
