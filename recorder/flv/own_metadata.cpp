// SPDX-License-Identifier: Apache-2.0
#include "recorder/flv/own_metadata.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>

namespace live::flv {
namespace {

constexpr std::uint8_t ecma_array_marker = 0x08;
constexpr std::uint8_t object_marker = 0x03;
constexpr std::uint8_t number_marker = 0x00;
constexpr std::string_view index_key = "keyframes";
constexpr std::size_t key_length_size = 2;

// Computed here or wrong in a new file; never taken over from the source.
constexpr std::array<std::string_view, 16> own_keys{"duration",
                                                    "filesize",
                                                    "lasttimestamp",
                                                    "lastkeyframetimestamp",
                                                    "lastkeyframelocation",
                                                    "hasKeyframes",
                                                    "hasVideo",
                                                    "hasAudio",
                                                    "hasMetadata",
                                                    "canSeekToEnd",
                                                    "videocodecid",
                                                    "audiocodecid",
                                                    "keyframes",
                                                    "datasize",
                                                    "videosize",
                                                    "audiosize"};

constexpr std::uint32_t fourcc(const char (&name)[5]) {
  return static_cast<std::uint32_t>(name[0]) << 24 | static_cast<std::uint32_t>(name[1]) << 16 |
         static_cast<std::uint32_t>(name[2]) << 8 | static_cast<std::uint32_t>(name[3]);
}

std::optional<double> codec_number(Codec codec, bool enhanced) {
  switch (codec) {
    case Codec::avc:
      return enhanced ? fourcc("avc1") : 7;
    case Codec::hevc:
      return enhanced ? fourcc("hvc1") : 12;
    case Codec::av1:
      return enhanced ? fourcc("av01") : 13;
    case Codec::vp8:
      return fourcc("vp08");
    case Codec::vp9:
      return fourcc("vp09");
    case Codec::vvc:
      return fourcc("vvc1");
    case Codec::aac:
      return enhanced ? fourcc("mp4a") : 10;
    case Codec::mp3:
      return enhanced ? fourcc(".mp3") : 2;
    case Codec::opus:
      return enhanced ? fourcc("Opus") : 13;
    case Codec::flac:
      return fourcc("fLaC");
    case Codec::ac3:
      return fourcc("ac-3");
    case Codec::eac3:
      return fourcc("ec-3");
    case Codec::none:
    case Codec::other_video:
    case Codec::other_audio:
      break;
  }
  return std::nullopt;
}

ByteView configuration(ByteView header, TagType type) {
  const TagClass kind = classify(type, header);
  return kind.kind == TagKind::header ? header.subspan(kind.data_offset) : ByteView();
}

std::string cut_text(std::string_view text) {
  if (text.size() <= longest_text) return std::string(text);
  std::size_t size = longest_text;
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) --size;
  return std::string(text.substr(0, size));
}

class Body {
 public:
  void add(std::string_view key, const amf::Value& value) {
    if (std::ranges::find(keys_, key) != keys_.end()) return;
    keys_.emplace_back(key);
    amf::write_key(properties_, key);
    amf::write(properties_, value);
  }
  bool has(std::string_view key) const { return std::ranges::find(keys_, key) != keys_.end(); }
  void add_raw(std::string_view key, ByteView value) {
    keys_.emplace_back(key);
    amf::write_key(properties_, key);
    properties_.bytes(value);
  }
  Bytes take() {
    ByteWriter out;
    out.data().reserve(properties_.size() + 32);
    amf::write(out, amf::Value("onMetaData"));
    out.u8(ecma_array_marker);
    out.u32(static_cast<std::uint32_t>(keys_.size()));
    out.bytes(properties_.data());
    out.u24(0x000009);
    return std::move(out).take();
  }

 private:
  std::vector<std::string> keys_;
  ByteWriter properties_;
};

void add_known(Body& body, const FileHeaders& headers) {
  body.add("duration", 0.0);
  body.add("filesize", 0.0);
  const bool has_video = headers.video_codec != Codec::none;
  const bool has_audio = headers.audio_codec != Codec::none;
  const auto size = picture_size(headers.video_codec, configuration(headers.video_header, TagType::video));
  if (size) {
    body.add("width", static_cast<double>(size->width));
    body.add("height", static_cast<double>(size->height));
  }
  if (const auto number = codec_number(headers.video_codec, headers.video_enhanced))
    body.add("videocodecid", *number);
  if (const auto number = codec_number(headers.audio_codec, headers.audio_enhanced))
    body.add("audiocodecid", *number);
  const auto format = audio_format(headers.audio_codec, configuration(headers.audio_header, TagType::audio));
  if (format) {
    body.add("audiosamplerate", static_cast<double>(format->sample_rate));
    body.add("stereo", format->channels == 2);
  }
  body.add("hasVideo", has_video);
  body.add("hasAudio", has_audio);
  body.add("hasMetadata", true);
  body.add("hasKeyframes", true);
  body.add("canSeekToEnd", true);
  body.add("lasttimestamp", 0.0);
  body.add("lastkeyframetimestamp", 0.0);
  body.add("lastkeyframelocation", 0.0);
}

void add_source(Body& body, const amf::Object& metadata) {
  std::size_t total = 0;
  for (const auto& [key, value] : metadata.properties) {
    if (key.empty() || std::ranges::find(own_keys, std::string_view(key)) != own_keys.end()) continue;
    ByteWriter encoded;
    amf::write(encoded, value);
    if (encoded.size() > largest_source_value) continue;
    total += encoded.size() + key.size() + key_length_size;
    if (total > largest_source_metadata) break;
    body.add(key, value);
  }
}

void add_own(Body& body, const std::vector<amf::Property>& own) {
  std::size_t total = 0;
  for (const auto& [key, value] : own) {
    if (std::ranges::find(own_keys, std::string_view(key)) != own_keys.end()) continue;
    const amf::Value cut = value.text() != nullptr ? amf::Value(cut_text(*value.text())) : value;
    ByteWriter encoded;
    amf::write(encoded, cut);
    total += encoded.size() + key.size() + key_length_size;
    if (total > largest_own_metadata) break;
    body.add(key, cut);
  }
}

void patch_number(ByteSink& bytes, std::uint64_t body_offset, std::optional<std::size_t> place,
                  double value) {
  if (!place) return;
  std::uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof bits);
  std::array<std::uint8_t, 8> encoded{};
  store_u64(encoded.data(), bits);
  bytes.patch(body_offset + *place, encoded);
}

}  // namespace

Bytes make_metadata_body(const FileHeaders& headers, const std::vector<amf::Property>& own,
                         const KeyframeIndex& index) {
  Body body;
  add_known(body, headers);
  amf::Object source = headers.metadata;
  // The caller's word counts more than the source's.
  std::erase_if(source.properties, [&](const amf::Property& property) {
    return std::ranges::any_of(own,
                               [&](const amf::Property& other) { return other.first == property.first; });
  });
  add_source(body, source);
  add_own(body, own);
  body.add_raw(index_key, index.encode());
  return body.take();
}

std::optional<MetadataPlaces> find_places(ByteView body) {
  ByteReader in(body);
  constexpr std::uint8_t string_marker = 0x02;
  if (in.u8() != string_marker) return std::nullopt;
  const std::size_t name_size = in.u16();
  if (as_text(in.take(name_size)) != "onMetaData") return std::nullopt;
  const std::uint8_t marker = in.u8();
  if (marker == ecma_array_marker) in.skip(4);
  if (marker != ecma_array_marker && marker != object_marker) return std::nullopt;
  MetadataPlaces places;
  while (in.ok() && in.left() > 3) {
    const std::size_t size = in.u16();
    const std::string_view key = as_text(in.take(size));
    const std::size_t place = in.position();
    ByteReader ahead = in;
    const std::uint8_t type = ahead.u8();
    if (!amf::skip(in)) break;
    if (type == number_marker) {
      if (key == "duration") places.duration = place + 1;
      if (key == "filesize") places.file_size = place + 1;
      if (key == "lasttimestamp") places.last_timestamp = place + 1;
      if (key == "lastkeyframetimestamp") places.last_key_timestamp = place + 1;
      if (key == "lastkeyframelocation") places.last_key_location = place + 1;
    }
    if (key == index_key && type == object_marker) {
      places.index = place;
      places.index_size = in.position() - place;
    }
  }
  return places;
}

void patch_metadata(ByteSink& bytes, std::uint64_t body_offset, const MetadataPlaces& places,
                    const MetadataNumbers& numbers, const KeyframeIndex* index) {
  patch_number(bytes, body_offset, places.duration, static_cast<double>(numbers.duration_ms) / 1000.0);
  patch_number(bytes, body_offset, places.file_size, static_cast<double>(numbers.file_size));
  patch_number(bytes, body_offset, places.last_timestamp, static_cast<double>(numbers.last_ms) / 1000.0);
  patch_number(bytes, body_offset, places.last_key_timestamp,
               static_cast<double>(numbers.last_key.time) / 1000.0);
  patch_number(bytes, body_offset, places.last_key_location, static_cast<double>(numbers.last_key.position));
  if (index == nullptr || !places.index) return;
  const Bytes encoded = index->encode();
  if (encoded.size() == places.index_size) bytes.patch(body_offset + *places.index, encoded);
}

}  // namespace live::flv
