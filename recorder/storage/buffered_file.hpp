// SPDX-License-Identifier: Apache-2.0
// An FLV writer's bytes straight into a File, in large writes. Blocking; throws what the File throws.
#pragma once
#include <memory>

#include "recorder/flv/sink.hpp"
#include "recorder/storage/filesystem.hpp"

namespace live::storage {

class BufferedFile final : public flv::ByteSink {
 public:
  static constexpr std::size_t buffer_size = std::size_t{512} << 10;

  // The file outlives this and is empty.
  explicit BufferedFile(File& file);
  void append(ByteView bytes) override;
  void patch(std::uint64_t offset, ByteView bytes) override;
  void truncate(std::uint64_t size) override;
  void flush();

 private:
  File& file_;
  std::unique_ptr<std::uint8_t[]> buffer_;
  std::size_t used_ = 0;
  std::uint64_t written_ = 0;
};

}  // namespace live::storage
