// SPDX-License-Identifier: Apache-2.0
// An FLV file as a source to loop: its headers and media tags. No I/O but load().
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace live::simulator {

enum class TagType : std::uint8_t { audio = 8, video = 9, script = 18 };

struct SourceTag {
  TagType type;
  bool key;                 // a video key frame, not a sequence header
  std::uint32_t timestamp;  // ms from the first media tag of the file
  std::size_t offset;       // of the body in the file
  std::size_t size;
  std::uint64_t hash;  // XXH3 of the body
};

class FlvSource {
 public:
  // Refused: no FLV, a cut-off tag, steps back in time, no media, headers that change in the middle.
  static Result<FlvSource> parse(Bytes file);
  static Result<FlvSource> load(const std::string& path);

  const std::optional<SourceTag>& script() const { return script_; }
  const std::optional<SourceTag>& video_header() const { return video_header_; }
  const std::optional<SourceTag>& audio_header() const { return audio_header_; }
  const std::vector<SourceTag>& media() const { return media_; }
  ByteView body(const SourceTag& tag) const { return ByteView(file_).subspan(tag.offset, tag.size); }

  // Distance in ms from the first tag to where the first tag of the next round goes, so that both audio and
  // video go on by one of their own steps or more.
  std::uint32_t loop_length() const { return loop_length_; }

 private:
  std::optional<Problem> add(const SourceTag& tag);
  void finish();

  Bytes file_;
  std::optional<SourceTag> script_, video_header_, audio_header_;
  std::vector<SourceTag> media_;
  std::uint32_t loop_length_ = 0;
};

using Media = std::shared_ptr<const FlvSource>;

}  // namespace live::simulator
