// SPDX-License-Identifier: Apache-2.0
#include "recorder/flv/file_tail.hpp"

#include <xxhash.h>

#include <algorithm>

#include "recorder/flv/codec.hpp"
#include "recorder/flv/repeat_memory.hpp"

namespace live::flv {
namespace {

constexpr std::uint64_t first_tag = file_header_size + back_pointer_size;

// Reads a file backwards in large pieces.
class BackwardReader {
 public:
  static constexpr std::size_t piece = std::size_t{1} << 20;

  explicit BackwardReader(ByteSource& file) : file_(file) {}

  // The bytes [begin, end); nothing when the file has less. Valid until the next call.
  std::optional<ByteView> bytes(std::uint64_t begin, std::uint64_t end) {
    if (begin < begin_ || end > begin_ + buffer_.size()) {
      const std::uint64_t wanted = end > piece ? std::min(begin, end - piece) : 0;
      buffer_.resize(static_cast<std::size_t>(end - wanted));
      begin_ = wanted;
      if (file_.read_at(wanted, buffer_) < buffer_.size()) {
        buffer_.clear();
        return std::nullopt;
      }
    }
    return ByteView(buffer_).subspan(static_cast<std::size_t>(begin - begin_),
                                     static_cast<std::size_t>(end - begin));
  }

 private:
  ByteSource& file_;
  Bytes buffer_;
  std::uint64_t begin_ = 0;
};

void take(FileTail& tail, TagType type, std::int64_t time, ByteView payload) {
  const TagClass kind = classify(type, payload);
  if (kind.kind != TagKind::frame) return;
  std::optional<std::int64_t>& last = tail.last_time[type == TagType::video ? 0 : 1];
  if (!last) last = time;
  tail.tags.push_back(
      {XXH3_64bits(payload.data(), payload.size()), static_cast<std::uint32_t>(payload.size()), kind.frame});
}

}  // namespace

FileTail read_tail(ByteSource& file, std::uint64_t end) {
  FileTail tail;
  BackwardReader reader(file);
  const std::uint64_t bottom =
      std::max<std::uint64_t>(first_tag, end > longest_tail ? end - longest_tail : 0);
  while (tail.tags.size() < RepeatMemory::tag_count && end >= bottom + tag_overhead) {
    const std::optional<ByteView> pointer = reader.bytes(end - back_pointer_size, end);
    if (!pointer) break;
    const std::uint64_t size = load_u32(pointer->data());
    if (size < tag_header_size || size > max_payload_size + tag_header_size ||
        size + back_pointer_size > end - first_tag)
      break;
    const std::uint64_t begin = end - back_pointer_size - size;
    const std::optional<ByteView> tag = reader.bytes(begin, end - back_pointer_size);
    if (!tag || load_u24(tag->data() + 1) + tag_header_size != size) break;
    const auto type = static_cast<TagType>((*tag)[0]);
    if (type == TagType::audio || type == TagType::video) {
      const std::uint32_t time = load_u24(tag->data() + 4) | static_cast<std::uint32_t>((*tag)[7]) << 24;
      take(tail, type, time, tag->subspan(tag_header_size));
    }
    end = begin;
  }
  std::ranges::reverse(tail.tags);
  return tail;
}

}  // namespace live::flv
