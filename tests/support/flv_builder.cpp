// SPDX-License-Identifier: Apache-2.0
#include "support/flv_builder.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <stdexcept>

#include "recorder/flv/amf.hpp"

namespace live::test {
namespace {

using flv::TagType;

constexpr std::string_view kinds = "KPasVAMXEHhpUuwOo";
constexpr std::size_t picture_size = 400;
constexpr std::size_t audio_size = 60;

// Bytes that differ in each payload and never look like a tag.
void fill(ByteWriter& out, int number, std::size_t size) {
  std::uint32_t state = static_cast<std::uint32_t>(number) * 2654435761U + 12345U;
  const std::size_t begin = out.size();
  out.data().resize(begin + size);
  for (std::size_t i = 0; i < size; ++i) {
    state = state * 1664525U + 1013904223U;
    out.data()[begin + i] = static_cast<std::uint8_t>(0x40 | (state >> 24 & 0x3F));
  }
}

void picture(ByteWriter& out, std::uint8_t nal_header, int number, bool composition_time = true) {
  if (composition_time) out.u24(0);
  out.u32(static_cast<std::uint32_t>(picture_size + 5));
  out.u8(nal_header);
  out.u32(static_cast<std::uint32_t>(number));
  fill(out, number, picture_size);
}

// Baseline 320 × 240, in other respects made up; the number is in the level.
void avc_configuration(ByteWriter& out, int number) {
  const std::array<std::uint8_t, 9> sps{0x67, 0x42, 0x00, static_cast<std::uint8_t>(10 + number), 0xF4, 0x0A,
                                        0x0F, 0xC8, 0x00};
  out.u8(1);
  out.u8(sps[1]);
  out.u8(sps[2]);
  out.u8(sps[3]);
  out.u8(0xFF);
  out.u8(0xE1);
  out.u16(static_cast<std::uint16_t>(sps.size()));
  out.bytes(sps);
  out.u8(1);
  out.u16(4);
  out.u32(0x68CE3C80);
}

void hevc_configuration(ByteWriter& out, int number) {
  out.u8(1);
  for (int i = 0; i < 20; ++i) out.u8(static_cast<std::uint8_t>(i == 11 ? 30 + number : 0));
  out.u8(3);
  out.u8(0);
}

void metadata(ByteWriter& out, int number) {
  flv::amf::write(out, flv::amf::Value("onMetaData"));
  flv::amf::Object object;
  object.is_ecma_array = true;
  object.properties = {{"encoder", flv::amf::Value(fmt::format("encoder {}", number))},
                       {"framerate", flv::amf::Value(25.0)}};
  flv::amf::write(out, flv::amf::Value(object));
}

}  // namespace

TagType type_of(char kind) {
  switch (kind) {
    case 'a':
    case 's':
    case 'A':
    case 'O':
    case 'o':
      return TagType::audio;
    case 'M':
    case 'X':
      return TagType::script;
    default:
      return TagType::video;
  }
}

Bytes payload_of(char kind, int number) {
  ByteWriter out;
  out.data().reserve(picture_size + 32);  // once, not at each growth
  switch (kind) {
    case 'K':
      out.u16(0x1701);
      picture(out, 0x65, number);
      break;
    case 'P':
      out.u16(0x2701);
      picture(out, 0x41, number);
      break;
    case 'h':
      out.u16(0x1C01);
      picture(out, 0x26, number);
      break;
    case 'p':
      out.u16(0x2C01);
      picture(out, 0x02, number);
      break;
    case 'V':
      out.u16(0x1700);
      out.u24(0);
      avc_configuration(out, number);
      break;
    case 'H':
      out.u16(0x1C00);
      out.u24(0);
      hevc_configuration(out, number);
      break;
    case 'U':
      out.u8(0x90);
      out.text("hvc1");
      hevc_configuration(out, number);
      break;
    case 'u':
      out.u8(0x91);  // CodedFrames
      out.text("hvc1");
      picture(out, 0x26, number);
      break;
    case 'w':
      out.u8(0xA3);  // CodedFramesX
      out.text("hvc1");
      picture(out, 0x02, number, false);
      break;
    case 'O':
      out.u8(0x90);
      out.text("OpusOpusHead");
      out.u8(1);
      out.u8(static_cast<std::uint8_t>(number));
      break;
    case 'o':
      out.u8(0x91);
      out.text("Opus");
      out.u32(static_cast<std::uint32_t>(number));
      fill(out, number, audio_size);
      break;
    case 'E':
      out.u16(0x1702);
      out.u24(0);
      break;
    case 'A':
      out.u16(0xAF00);
      out.u16(number % 2 == 1 ? 0x1210 : 0x1190);  // 44.1 or 48 kHz
      out.u8(static_cast<std::uint8_t>(number));
      break;
    case 'a':
      out.u16(0xAF01);
      out.u32(static_cast<std::uint32_t>(number));
      fill(out, number, audio_size);
      break;
    case 's':
      out.u16(0xAF01);
      out.u32(0x21004992);
      break;
    case 'M':
      metadata(out, number);
      break;
    case 'X':
      flv::amf::write(out, flv::amf::Value("onTextData"));
      flv::amf::write(out, flv::amf::Value(static_cast<double>(number)));
      break;
    default:
      throw std::invalid_argument("no such kind of tag");
  }
  return std::move(out).take();
}

namespace {

// Where the number of a media payload stands; 0 for kinds whose numbers are tried.
std::size_t number_offset(char kind) {
  switch (kind) {
    case 'K':
    case 'P':
    case 'h':
    case 'p':
    case 'w':
      return 10;
    case 'u':
      return 13;
    case 'a':
      return 2;
    case 'o':
      return 5;
    default:
      return 0;
  }
}

}  // namespace

FlvItem item_of(TagType type, ByteView payload, std::int64_t time) {
  for (const char kind : kinds) {
    if (type_of(kind) != type) continue;
    std::vector<int> candidates{0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
    const std::size_t offset = number_offset(kind);
    if (offset > 0 && payload.size() >= offset + 4)
      candidates = {static_cast<int>(load_u32(payload.data() + offset))};
    for (const int number : candidates) {
      const Bytes made = payload_of(kind, number);
      if (std::equal(made.begin(), made.end(), payload.begin(), payload.end())) return {kind, number, time};
    }
  }
  return {'?', static_cast<int>(payload.size()), time};
}

FlvItems items(std::string_view text) {
  FlvItems result;
  while (!text.empty()) {
    const std::size_t begin = text.find_first_not_of(" \n");
    if (begin == std::string_view::npos) break;
    text.remove_prefix(begin);
    const std::size_t end = std::min(text.find_first_of(" \n"), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(end);
    const std::size_t at = word.find('@');
    FlvItem item;
    item.kind = word[0];
    const std::string_view number = word.substr(1, at - 1);
    const std::string_view time = word.substr(at + 1);
    if (at == std::string_view::npos || kinds.find(item.kind) == std::string_view::npos ||
        std::from_chars(number.data(), number.data() + number.size(), item.number).ec != std::errc() ||
        std::from_chars(time.data(), time.data() + time.size(), item.time).ec != std::errc())
      throw std::invalid_argument("not a tag: " + std::string(word));
    result.push_back(item);
  }
  return result;
}

std::string text_of(const FlvItems& list) {
  std::string text;
  for (const FlvItem& item : list) {
    if (!text.empty()) text += ' ';
    text += fmt::format("{}{}@{}", item.kind, item.number, item.time);
  }
  return text;
}

FlvItems run_of(const FlvRun& run) {
  constexpr std::int64_t video_step = 40;
  constexpr std::int64_t audio_step = 20;
  FlvItems result;
  int picture = 0;
  int sound = 0;
  for (std::int64_t time = run.start; time < run.end; time += audio_step) {
    if (run.video && (time - run.start) % video_step == 0) {
      result.push_back({picture % run.gop == 0 ? 'K' : 'P', run.first + picture, time});
      ++picture;
    }
    if (run.audio) result.push_back({'a', run.first + sound++, time});
  }
  return result;
}

FlvItems operator+(FlvItems left, const FlvItems& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

FlvItems moved(FlvItems list, std::int64_t by) {
  for (FlvItem& item : list) item.time += by;
  return list;
}

FlvItems only(const FlvItems& list, TagType type) {
  FlvItems result;
  for (const FlvItem& item : list) {
    if (type_of(item.kind) == type) result.push_back(item);
  }
  return result;
}

Bytes flv_header(std::uint8_t flags) { return {'F', 'L', 'V', 1, flags, 0, 0, 0, 9, 0, 0, 0, 0}; }

Bytes flv_tag(TagType type, std::int64_t time, ByteView payload) {
  const auto timestamp = static_cast<std::uint32_t>(time);
  ByteWriter out;
  out.u8(static_cast<std::uint8_t>(type));
  out.u24(static_cast<std::uint32_t>(payload.size()));
  out.u24(timestamp & 0xFFFFFF);
  out.u8(static_cast<std::uint8_t>(timestamp >> 24));
  out.u24(0);
  out.bytes(payload);
  out.u32(static_cast<std::uint32_t>(payload.size() + flv::tag_header_size));
  return std::move(out).take();
}

Bytes flv_tag(const FlvItem& item) {
  return flv_tag(type_of(item.kind), item.time, payload_of(item.kind, item.number));
}

Bytes flv_bytes(const FlvItems& list, bool with_header) {
  Bytes bytes = with_header ? flv_header() : Bytes();
  for (const FlvItem& item : list) append(bytes, flv_tag(item));
  return bytes;
}

void append(Bytes& to, ByteView bytes) { to.insert(to.end(), bytes.begin(), bytes.end()); }

}  // namespace live::test
