// SPDX-License-Identifier: Apache-2.0
// A small FLV file, tag by tag.
#pragma once
#include <string>

#include "base/bytes.hpp"

namespace live::simulator::test {

class FlvFile {
 public:
  FlvFile() { out_.text(std::string_view("FLV\x01\x05\x00\x00\x00\x09\x00\x00\x00\x00", 13)); }

  FlvFile& tag(int type, std::uint32_t timestamp, std::string_view body) {
    out_.u8(static_cast<std::uint8_t>(type));
    out_.u24(static_cast<std::uint32_t>(body.size()));
    out_.u24(timestamp & 0xFFFFFF);
    out_.u8(static_cast<std::uint8_t>(timestamp >> 24));
    out_.u24(0);
    out_.text(body);
    out_.u32(static_cast<std::uint32_t>(body.size() + 11));
    return *this;
  }
  FlvFile& script() {
    return tag(18, 0, std::string_view("\x02\x00\x0AonMetaData\x08\x00\x00\x00\x00\x00\x00\x09", 21));
  }
  FlvFile& video_header(char mark = 'v') { return tag(9, 0, std::string("\x17\x00\x00\x00\x00", 5) + mark); }
  FlvFile& audio_header(char mark = 'a') { return tag(8, 0, std::string("\xAF\x00", 2) + mark); }
  FlvFile& key(std::uint32_t timestamp) {
    return tag(9, timestamp, std::string("\x17\x01\x00\x00\x00", 5) + "key" + std::to_string(timestamp));
  }
  FlvFile& inter(std::uint32_t timestamp) {
    return tag(9, timestamp, std::string("\x27\x01\x00\x00\x00", 5) + std::to_string(timestamp));
  }
  FlvFile& audio(std::uint32_t timestamp) {
    return tag(8, timestamp, std::string("\xAF\x01", 2) + std::to_string(timestamp));
  }

  const Bytes& bytes() const { return out_.data(); }

  // Two groups of pictures of 0.2 s each at 25 pictures a second with sound each 20 ms, all of 400 ms; starts
  // at 1000 ms.
  static Bytes two_groups() {
    FlvFile file;
    file.script().video_header().audio_header();
    for (std::uint32_t t = 0; t < 400; t += 20) {
      if (t % 200 == 0)
        file.key(1000 + t);
      else if (t % 40 == 0)
        file.inter(1000 + t);
      file.audio(1000 + t);
    }
    return file.bytes();
  }

 private:
  ByteWriter out_;
};

}  // namespace live::simulator::test
