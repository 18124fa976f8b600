// SPDX-License-Identifier: Apache-2.0
// What a tag is: classic FLV, HEVC as codec 12 (the Chinese CDN convention) and enhanced RTMP headers.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "recorder/flv/tag.hpp"

namespace live::flv {

enum class Codec : std::uint8_t {
  none,
  avc,
  hevc,
  av1,
  vp8,
  vp9,
  vvc,
  other_video,  // without a configuration of its own: H.263, VP6, screen video
  aac,
  mp3,
  opus,
  flac,
  ac3,
  eac3,
  other_audio,  // PCM, G.711, Speex and the like
};
std::string_view to_string(Codec codec);

enum class Frame : std::uint8_t {
  key,    // a picture that stands on its own
  inter,  // a picture that needs others
  audio,
};

enum class TagKind : std::uint8_t {
  script,
  header,           // decoder configuration
  frame,            // media
  end_of_sequence,  // of the encoder
  command,          // client command or metadata: nothing to be written
  malformed,
};

struct TagClass {
  TagKind kind = TagKind::malformed;
  Codec codec = Codec::none;
  Frame frame = Frame::audio;
  bool enhanced = false;          // FourCC header of enhanced RTMP
  bool needs_header = false;      // can't be decoded without a configuration
  std::uint32_t data_offset = 0;  // where configuration or coded data begins in the payload
};

// Looks at no more than the first bytes of the payload.
TagClass classify(TagType type, ByteView payload);

struct PictureSize {
  int width = 0;
  int height = 0;
  bool operator==(const PictureSize&) const = default;
};
struct AudioFormat {
  int sample_rate = 0;
  int channels = 0;
  bool operator==(const AudioFormat&) const = default;
};
// From the configuration part of a header tag (avcC, hvcC; AudioSpecificConfig); nothing when it can't be
// read.
std::optional<PictureSize> picture_size(Codec codec, ByteView configuration);
std::optional<PictureSize> sps_picture_size(Codec codec, ByteView sps_nal_unit);
std::optional<AudioFormat> audio_format(Codec codec, ByteView configuration);

}  // namespace live::flv
