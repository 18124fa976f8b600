// SPDX-License-Identifier: Apache-2.0
#include "recorder/storage/buffered_file.hpp"

#include <algorithm>
#include <cstring>

namespace live::storage {

// Not make_unique: the bytes need not be zeroed.
BufferedFile::BufferedFile(File& file) : file_(file), buffer_(new std::uint8_t[buffer_size]) {}

void BufferedFile::append(ByteView bytes) {
  while (!bytes.empty()) {
    const std::size_t count = std::min(bytes.size(), buffer_size - used_);
    std::memcpy(buffer_.get() + used_, bytes.data(), count);
    used_ += count;
    bytes = bytes.subspan(count);
    if (used_ == buffer_size) flush();
  }
}

void BufferedFile::patch(std::uint64_t offset, ByteView bytes) {
  if (offset < written_) {
    const std::size_t count = std::min<std::uint64_t>(bytes.size(), written_ - offset);
    file_.write_at(offset, bytes.first(count));
    bytes = bytes.subspan(count);
    offset += count;
  }
  if (!bytes.empty()) std::memcpy(buffer_.get() + (offset - written_), bytes.data(), bytes.size());
}

void BufferedFile::truncate(std::uint64_t size) {
  if (size >= written_) {
    used_ = size - written_;
    return;
  }
  used_ = 0;
  file_.truncate(size);
  written_ = size;
}

void BufferedFile::flush() {
  if (used_ == 0) return;
  file_.write({buffer_.get(), used_});
  written_ += used_;
  used_ = 0;
}

}  // namespace live::storage
