// SPDX-License-Identifier: Apache-2.0
// Where repaired tags go. Payloads and headers are valid during the call only.
#pragma once
#include <cstdint>
#include <string_view>

#include "recorder/flv/amf.hpp"
#include "recorder/flv/codec.hpp"
#include "recorder/flv/finding.hpp"
#include "recorder/flv/tag.hpp"

namespace live::flv {

// What every file begins with.
struct FileHeaders {
  amf::Object metadata;   // of the stream's newest onMetaData; empty when it sent none
  ByteView video_header;  // whole tag bodies; empty when there is none
  ByteView audio_header;
  Codec video_codec = Codec::none;
  Codec audio_codec = Codec::none;
  bool video_enhanced = false;
  bool audio_enhanced = false;
  ArrivalTime arrival = 0;  // of the first media tag of the file
  std::int64_t base = 0;    // time 0 of the file on the pipeline's timeline, which runs on across files
};

struct OutputTag {
  TagType type = TagType::video;
  Frame frame = Frame::inter;
  bool is_header = false;   // a configuration inside the running file
  std::int64_t time = 0;    // milliseconds since the file's start; never falls
  std::int64_t source = 0;  // the source's time without wraps; of media only
  ArrivalTime arrival = 0;
  ByteView payload;
};

enum class CloseReason : std::uint8_t {
  end,  // finish()
  codec_changed,
  duration_limit,
  size_limit,
  requested,   // request_split()
  not_joined,  // the next connection came too late to go on in this file
  time_limit,  // FLV times end at 2^31 ms
};
std::string_view to_string(CloseReason reason);

class Sink : public Reporter {
 public:
  // Calls come as open_file, write…, close_file, again and again. A file is opened with its first media tag.
  virtual void open_file(const FileHeaders& headers) = 0;
  virtual void write(const OutputTag& tag) = 0;
  // The tags from the last key frame on are not of this file after all: close_file() follows, and they come
  // again in the next one. Called at most once between two key frames, and not for the first of a file.
  virtual void take_back() = 0;
  virtual void close_file(CloseReason reason) = 0;
};

// Bytes of one file. Offsets are from the file's start; patch() and truncate() stay inside what was appended.
class ByteSink {
 public:
  virtual ~ByteSink() = default;
  virtual void append(ByteView bytes) = 0;
  virtual void patch(std::uint64_t offset, ByteView bytes) = 0;
  virtual void truncate(std::uint64_t size) = 0;
};

}  // namespace live::flv
