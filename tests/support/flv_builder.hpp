// SPDX-License-Identifier: Apache-2.0
// FLV streams as code: tags whose payload is a function of a kind and a number, so that a test can say every
// tag of what goes in and of what must come out.
//
// In text: K = key frame, P = other picture, a = AAC frame, s = a silent AAC frame (all equal), V and A =
// video and audio sequence header, M = onMetaData, X = another script, E = end of sequence, H = HEVC (codec
// 12) header, h = HEVC key frame, p = HEVC picture; of enhanced RTMP: U = hvc1 header, u = key frame, w =
// picture, O = Opus header, o = Opus frame. Then the number, and @ the time: "V1@0 A1@0 K1@40 a1@40 P2@80".
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "recorder/flv/tag.hpp"

namespace live::test {

struct FlvItem {
  char kind = 'K';
  int number = 0;
  std::int64_t time = 0;
  bool operator==(const FlvItem&) const = default;
};
using FlvItems = std::vector<FlvItem>;

FlvItems items(std::string_view text);
std::string text_of(const FlvItems& items);

flv::TagType type_of(char kind);
Bytes payload_of(char kind, int number);
// The item that a payload was made from; kind '?' when it is none.
FlvItem item_of(flv::TagType type, ByteView payload, std::int64_t time);

// Pictures every 40 ms from `start` to before `end`, a key frame each `gop` of them, and AAC frames of 20 ms,
// in the order of time. Numbers count from `first`, for pictures and audio alike.
struct FlvRun {
  std::int64_t start = 0;
  std::int64_t end = 1000;
  int first = 1;
  int gop = 10;
  bool video = true;
  bool audio = true;
};
FlvItems run_of(const FlvRun& run);

FlvItems operator+(FlvItems left, const FlvItems& right);
// All times moved.
FlvItems moved(FlvItems items, std::int64_t by);
// Only audio or video (with their headers).
FlvItems only(const FlvItems& items, flv::TagType type);

Bytes flv_header(std::uint8_t flags = 5);
Bytes flv_tag(flv::TagType type, std::int64_t time, ByteView payload);
Bytes flv_tag(const FlvItem& item);
Bytes flv_bytes(const FlvItems& items, bool with_header = true);
void append(Bytes& to, ByteView bytes);

}  // namespace live::test
