// SPDX-License-Identifier: Apache-2.0
#include "simulator/flv_source.hpp"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>

#include "base/file_text.hpp"

namespace live::simulator {
namespace {

constexpr std::size_t largest_file = std::size_t{1} << 30;
constexpr std::size_t header_size = 9, tag_header_size = 11, back_pointer_size = 4;

bool is_sequence_header(TagType type, ByteView body) {
  if (body.size() < 2) return false;
  if (type == TagType::audio) return (body[0] >> 4) == 10 && body[1] == 0;
  const int codec = body[0] & 0x0F;
  return type == TagType::video && (codec == 7 || codec == 12) && body[1] == 0;
}

bool is_sequence_end(TagType type, ByteView body) {
  return type == TagType::video && body.size() >= 2 && body[1] == 2;
}

bool same_body(ByteView a, ByteView b) { return std::equal(a.begin(), a.end(), b.begin(), b.end()); }

}  // namespace

Result<FlvSource> FlvSource::parse(Bytes file) {
  FlvSource source;
  source.file_ = std::move(file);
  ByteReader reader(source.file_);
  if (as_text(reader.take(3)) != "FLV") return failure("no FLV file");
  reader.skip(2);
  const std::uint32_t data_offset = reader.u32();
  if (data_offset < header_size) return failure("a wrong FLV header");
  reader.skip(data_offset - header_size + back_pointer_size);
  while (reader.ok() && reader.left() >= tag_header_size) {
    const auto type = static_cast<TagType>(reader.u8() & 0x1F);
    const std::uint32_t size = reader.u24();
    const std::uint32_t low = reader.u24();
    const std::uint32_t timestamp = low | static_cast<std::uint32_t>(reader.u8()) << 24;
    reader.skip(3);
    const std::size_t offset = reader.position();
    const ByteView body = reader.take(size);
    if (!reader.ok()) return failure(fmt::format("the tag at {} is cut off", offset));
    if (reader.left() > 0) reader.skip(back_pointer_size);
    if (type != TagType::audio && type != TagType::video && type != TagType::script)
      return failure(fmt::format("an unknown tag type at {}", offset));
    const bool key = type == TagType::video && size >= 2 && (body[0] >> 4) == 1 && body[1] == 1;
    const SourceTag tag{type, key, timestamp, offset, size, XXH3_64bits(body.data(), body.size())};
    if (const auto problem = source.add(tag)) return failure(problem->message);
  }
  if (source.media_.empty()) return failure("no media in it");
  source.finish();
  return source;
}

std::optional<Problem> FlvSource::add(const SourceTag& tag) {
  const ByteView bytes = body(tag);
  if (tag.type == TagType::script) {
    if (!script_) script_ = tag;
    return std::nullopt;
  }
  if (is_sequence_header(tag.type, bytes)) {
    auto& header = tag.type == TagType::audio ? audio_header_ : video_header_;
    if (!header) header = tag;
    if (same_body(body(*header), bytes)) return std::nullopt;
    return Problem{fmt::format("a sequence header at {} differs from the one before", tag.offset)};
  }
  if (is_sequence_end(tag.type, bytes)) return std::nullopt;
  if (!media_.empty() && tag.timestamp < media_.back().timestamp)
    return Problem{fmt::format("the timestamp at {} steps back", tag.offset)};
  media_.push_back(tag);
  return std::nullopt;
}

void FlvSource::finish() {
  const std::uint32_t start = media_.front().timestamp;
  for (SourceTag& tag : media_) tag.timestamp -= start;
  for (const TagType type : {TagType::audio, TagType::video}) {
    std::uint32_t count = 0, first = 0, last = 0;
    for (const SourceTag& tag : media_) {
      if (tag.type != type) continue;
      if (count++ == 0) first = tag.timestamp;
      last = tag.timestamp;
    }
    if (count == 0) continue;
    const std::uint32_t step =
        count > 1 ? std::max(1u, (last - first + (count - 1) / 2) / (count - 1)) : 1000;
    // The first tag of this type comes `first` ms after the round's start.
    const std::uint32_t wanted = last + step;
    loop_length_ = std::max({loop_length_, wanted > first ? wanted - first : 1, last + 1});
  }
}

Result<FlvSource> FlvSource::load(const std::string& path) {
  const Result<std::string> text = read_file(path, largest_file);
  if (!text) return failure(text.error().message);
  const ByteView bytes = as_bytes(*text);
  Result<FlvSource> source = parse(Bytes(bytes.begin(), bytes.end()));
  if (!source) return failure(fmt::format("{}: {}", path, source.error().message));
  return source;
}

}  // namespace live::simulator
