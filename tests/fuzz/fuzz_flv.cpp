// SPDX-License-Identifier: Apache-2.0
// Contract: any bytes in any pieces give files whose times rise, with one configuration each, that a second
// pass leaves as they are; the same whatever the pieces; and the reader's buffer never grows beyond its
// bound.
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "recorder/flv/file_scan.hpp"
#include "recorder/flv/tag_reader.hpp"
#include "support/flv_recorder.hpp"

namespace {

using live::Bytes;
using live::ByteView;

void require(const std::string& broken) {
  if (broken.empty()) return;
  std::fprintf(stderr, "%s\n", broken.c_str());
  std::abort();
}

class Source final : public live::flv::ByteSource {
 public:
  explicit Source(ByteView bytes) : bytes_(bytes) {}
  std::size_t read_at(std::uint64_t offset, std::span<std::uint8_t> to) override {
    if (offset >= bytes_.size()) return 0;
    const std::size_t count = std::min<std::size_t>(to.size(), bytes_.size() - offset);
    std::memcpy(to.data(), bytes_.data() + offset, count);
    return count;
  }

 private:
  ByteView bytes_;
};

live::test::CollectingSink record(ByteView bytes, std::size_t piece) {
  live::test::FlvRecorder recorder;
  recorder.connection(bytes, 0, piece);
  recorder.finish();
  return std::move(recorder.sink);
}

void check_buffer(ByteView bytes) {
  live::test::CollectingSink sink;
  live::flv::TagReader reader(sink);
  while (!bytes.empty()) {
    const std::span<std::uint8_t> room = reader.prepare(bytes.size());
    if (room.empty()) require("no room to read");
    const std::size_t count = std::min(room.size(), bytes.size());
    std::memcpy(room.data(), bytes.data(), count);
    bytes = bytes.subspan(count);
    reader.commit(count, 0);
    while (reader.next()) {
    }
    if (reader.buffer_size() > live::flv::TagReader::max_buffer) require("the reader's buffer is too large");
  }
}

void check_scan(ByteView bytes) {
  Source source(bytes);
  const live::flv::FileScan scan = live::flv::scan_file(source);
  if (scan.whole_size > bytes.size() || scan.hole_bytes > bytes.size()) require("a scan beyond the file");
  live::test::MemoryBytes patched;
  patched.bytes.assign(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(scan.whole_size));
  live::flv::patch_file(patched, scan);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::size_t piece = std::size_t{1} + data[0] * std::size_t{data[1]};
  const ByteView bytes(data + 2, size - 2);
  const live::test::CollectingSink whole = record(bytes, bytes.size() + 1);
  require(live::test::broken_invariants(whole, {}, true));
  const live::test::CollectingSink pieces = record(bytes, piece);
  if (pieces.files.size() != whole.files.size()) require("other files in pieces");
  for (std::size_t i = 0; i < whole.files.size(); ++i) {
    if (pieces.files[i].as_bytes() != whole.files[i].as_bytes()) {
      require("another file in pieces:\n" + whole.findings_text() + '\n' +
              live::test::text_of(whole.files[i].as_items()) + '\n' + pieces.findings_text() + '\n' +
              live::test::text_of(pieces.files[i].as_items()));
    }
  }
  check_buffer(bytes);
  check_scan(bytes);
  return 0;
}
