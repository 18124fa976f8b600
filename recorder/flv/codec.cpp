// SPDX-License-Identifier: Apache-2.0
#include "recorder/flv/codec.hpp"

namespace live::flv {
namespace {

constexpr int key_frame_type = 1;
constexpr int command_frame_type = 5;
constexpr std::uint32_t composition_time_size = 3;

constexpr std::uint32_t fourcc(const char (&name)[5]) {
  return static_cast<std::uint32_t>(name[0]) << 24 | static_cast<std::uint32_t>(name[1]) << 16 |
         static_cast<std::uint32_t>(name[2]) << 8 | static_cast<std::uint32_t>(name[3]);
}

TagClass of_kind(TagKind kind) {
  TagClass result;
  result.kind = kind;
  return result;
}

// Something must follow the header, else there is nothing to decode.
TagClass with_data(TagClass result, ByteView payload) {
  if (payload.size() <= result.data_offset) result.kind = TagKind::malformed;
  return result;
}

// The shape of AVC, and of HEVC (12) and AV1 (13) by the convention of Chinese CDNs: packet type, then
// composition time.
TagClass classic_packets(Codec codec, Frame frame, ByteView payload) {
  if (payload.size() < 2) return of_kind(TagKind::malformed);
  TagClass result;
  result.codec = codec;
  result.frame = frame;
  result.needs_header = true;
  result.data_offset = 2 + composition_time_size;
  switch (payload[1]) {
    case 0:
      result.kind = TagKind::header;
      return with_data(result, payload);
    case 1:
      result.kind = TagKind::frame;
      return with_data(result, payload);
    case 2:
      result.kind = TagKind::end_of_sequence;
      return result;
    default:
      return of_kind(TagKind::malformed);
  }
}

TagClass classic_video(ByteView payload) {
  const int frame_type = payload[0] >> 4;
  if (frame_type == command_frame_type) return of_kind(TagKind::command);
  const Frame frame = frame_type == key_frame_type ? Frame::key : Frame::inter;
  switch (payload[0] & 0x0F) {
    case 7:
      return classic_packets(Codec::avc, frame, payload);
    case 12:
      return classic_packets(Codec::hevc, frame, payload);
    case 13:
      return classic_packets(Codec::av1, frame, payload);
    case 2:    // H.263
    case 3:    // screen video
    case 4:    // VP6
    case 5:    // VP6 with alpha
    case 6: {  // screen video 2
      TagClass result;
      result.kind = TagKind::frame;
      result.codec = Codec::other_video;
      result.frame = frame;
      result.data_offset = 1;
      return with_data(result, payload);
    }
    default:
      return of_kind(TagKind::malformed);
  }
}

enum EnhancedPacket : int {
  sequence_start = 0,
  coded_frames = 1,
  sequence_end = 2,
  coded_frames_x = 3,        // video
  metadata_or_channels = 4,  // video: metadata; audio: channel layout
  mpeg2ts_start = 5,         // video
  audio_multitrack = 5,
  video_multitrack = 6,
  mod_ex = 7,
};

struct EnhancedHead {
  bool ok = false;
  int packet = 0;
  std::uint32_t codec = 0;
  bool multitrack = false;
  std::uint32_t data_offset = 0;
};

// The part that audio and video share: modifiers, tracks, FourCC.
EnhancedHead enhanced_head(ByteView payload, int multitrack_packet, bool command) {
  EnhancedHead head;
  ByteReader in(payload.subspan(1));
  head.packet = payload[0] & 0x0F;
  while (in.ok() && head.packet == mod_ex) {
    std::size_t size = in.u8() + std::size_t{1};
    if (size == 256) size = in.u16() + std::size_t{1};
    in.skip(size);
    head.packet = in.u8() & 0x0F;
  }
  if (command) {
    head.ok = in.ok();
    return head;
  }
  int layout = 0;
  if (head.packet == multitrack_packet) {
    head.multitrack = true;
    const int byte = in.u8();
    layout = byte >> 4;
    head.packet = byte & 0x0F;
  }
  head.codec = in.u32();
  if (head.multitrack) {
    in.skip(1);                   // track id
    if (layout != 0) in.skip(3);  // size of this track's data
  }
  head.ok = in.ok();
  head.data_offset = static_cast<std::uint32_t>(1 + in.position());
  return head;
}

TagClass enhanced_video(ByteView payload) {
  const int frame_type = payload[0] >> 4 & 0x07;
  const bool metadata = (payload[0] & 0x0F) == metadata_or_channels;
  const EnhancedHead head =
      enhanced_head(payload, video_multitrack, frame_type == command_frame_type && !metadata);
  if (!head.ok) return of_kind(TagKind::malformed);
  if (frame_type == command_frame_type || head.packet == metadata_or_channels || head.packet == mpeg2ts_start)
    return of_kind(TagKind::command);
  TagClass result;
  result.enhanced = true;
  result.needs_header = true;
  result.frame = frame_type == key_frame_type ? Frame::key : Frame::inter;
  result.data_offset = head.data_offset;
  bool composition_time = false;
  switch (head.codec) {
    case fourcc("avc1"):
      result.codec = Codec::avc;
      composition_time = true;
      break;
    case fourcc("hvc1"):
      result.codec = Codec::hevc;
      composition_time = true;
      break;
    case fourcc("vvc1"):
      result.codec = Codec::vvc;
      composition_time = true;
      break;
    case fourcc("av01"):
      result.codec = Codec::av1;
      break;
    case fourcc("vp09"):
      result.codec = Codec::vp9;
      break;
    case fourcc("vp08"):
      result.codec = Codec::vp8;
      break;
    default:
      return of_kind(TagKind::malformed);
  }
  switch (head.packet) {
    case sequence_start:
      result.kind = TagKind::header;
      return with_data(result, payload);
    case coded_frames:
      result.kind = TagKind::frame;
      if (composition_time) result.data_offset += composition_time_size;
      return with_data(result, payload);
    case coded_frames_x:
      result.kind = TagKind::frame;
      return with_data(result, payload);
    case sequence_end:
      result.kind = TagKind::end_of_sequence;
      return result;
    default:
      return of_kind(TagKind::malformed);
  }
}

TagClass enhanced_audio(ByteView payload) {
  const EnhancedHead head = enhanced_head(payload, audio_multitrack, false);
  if (!head.ok) return of_kind(TagKind::malformed);
  TagClass result;
  result.enhanced = true;
  result.frame = Frame::audio;
  result.data_offset = head.data_offset;
  switch (head.codec) {
    case fourcc("mp4a"):
      result.codec = Codec::aac;
      result.needs_header = true;
      break;
    case fourcc("Opus"):
      result.codec = Codec::opus;
      result.needs_header = true;
      break;
    case fourcc("fLaC"):
      result.codec = Codec::flac;
      result.needs_header = true;
      break;
    case fourcc(".mp3"):
      result.codec = Codec::mp3;
      break;
    case fourcc("ac-3"):
      result.codec = Codec::ac3;
      break;
    case fourcc("ec-3"):
      result.codec = Codec::eac3;
      break;
    default:
      return of_kind(TagKind::malformed);
  }
  switch (head.packet) {
    case sequence_start:
      result.kind = TagKind::header;
      return with_data(result, payload);
    case coded_frames:
      result.kind = TagKind::frame;
      return with_data(result, payload);
    case sequence_end:
      result.kind = TagKind::end_of_sequence;
      return result;
    case metadata_or_channels:
      return of_kind(TagKind::command);
    default:
      return of_kind(TagKind::malformed);
  }
}

TagClass classic_audio(ByteView payload) {
  TagClass result;
  result.frame = Frame::audio;
  result.kind = TagKind::frame;
  result.data_offset = 1;
  switch (payload[0] >> 4) {
    case 10:
      if (payload.size() < 2 || payload[1] > 1) return of_kind(TagKind::malformed);
      result.codec = Codec::aac;
      result.needs_header = true;
      result.data_offset = 2;
      if (payload[1] == 0) result.kind = TagKind::header;
      break;
    case 2:
    case 14:  // MP3 at 8 kHz
      result.codec = Codec::mp3;
      break;
    case 13:  // SRS' own extension, without a configuration
      result.codec = Codec::opus;
      break;
    case 12:
    case 15:
      return of_kind(TagKind::malformed);
    default:
      result.codec = Codec::other_audio;
  }
  return with_data(result, payload);
}

}  // namespace

TagClass classify(TagType type, ByteView payload) {
  if (type == TagType::script) return of_kind(TagKind::script);
  if (payload.empty()) return of_kind(TagKind::malformed);
  if (type == TagType::audio) return payload[0] >> 4 == 9 ? enhanced_audio(payload) : classic_audio(payload);
  // Bit 7 first: to an old reader 0x93 looks like screen video.
  return (payload[0] & 0x80) != 0 ? enhanced_video(payload) : classic_video(payload);
}

std::string_view to_string(Codec codec) {
  switch (codec) {
    case Codec::none:
      return "none";
    case Codec::avc:
      return "avc";
    case Codec::hevc:
      return "hevc";
    case Codec::av1:
      return "av1";
    case Codec::vp8:
      return "vp8";
    case Codec::vp9:
      return "vp9";
    case Codec::vvc:
      return "vvc";
    case Codec::other_video:
      return "other_video";
    case Codec::aac:
      return "aac";
    case Codec::mp3:
      return "mp3";
    case Codec::opus:
      return "opus";
    case Codec::flac:
      return "flac";
    case Codec::ac3:
      return "ac3";
    case Codec::eac3:
      return "eac3";
    case Codec::other_audio:
      return "other_audio";
  }
  return "unknown";
}

}  // namespace live::flv
