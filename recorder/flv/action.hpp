// SPDX-License-Identifier: Apache-2.0
// What travels through the rules. Each rule takes actions and passes on others.
#pragma once
#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <variant>

#include "recorder/flv/codec.hpp"
#include "recorder/flv/payload.hpp"
#include "recorder/flv/sink.hpp"
#include "recorder/flv/tag.hpp"

namespace live::flv {

// One tag of audio or video. What a rule finds out is written into it for the rules behind.
struct Media {
  TagType type = TagType::video;
  Frame frame = Frame::inter;
  Codec codec = Codec::none;
  bool enhanced = false;
  bool needs_header = false;
  std::uint32_t data_offset = 0;
  std::uint32_t timestamp = 0;  // as sent
  ArrivalTime arrival = 0;
  std::int64_t raw = 0;     // source time without wraps (time_base)
  std::uint32_t base = 0;   // number of the source's time base (time_base): a jump begins a new one
  std::uint64_t hash = 0;   // of the payload (repeats)
  std::int64_t out = 0;     // on the pipeline's timeline, which runs on across files (timeline)
  std::uint64_t order = 0;  // in which the merge got it
  Payload payload;

  bool is_video() const { return type == TagType::video; }
  bool is_key() const { return frame == Frame::key; }
  std::size_t index() const { return is_video() ? 0 : 1; }  // for arrays of one element a type
};

// A decoder configuration. Rare, so it has its own memory.
struct Header {
  TagType type = TagType::video;
  Codec codec = Codec::none;
  bool enhanced = false;
  std::uint32_t data_offset = 0;
  ArrivalTime arrival = 0;
  std::shared_ptr<const Bytes> body;  // the whole tag body; none for codecs that have no configuration

  bool is_video() const { return type == TagType::video; }
  std::size_t index() const { return is_video() ? 0 : 1; }
  ByteView bytes() const { return body ? ByteView(*body) : ByteView(); }
  ByteView configuration() const {
    return bytes().subspan(std::min<std::size_t>(bytes().size(), data_offset));
  }
};

struct Script {
  ArrivalTime arrival = 0;
  ByteView payload;  // borrowed: read at once
};

// The stream's newest onMetaData, for the next file.
struct Metadata {
  std::shared_ptr<const amf::Object> values;
};

// What follows may have been sent before, or may have a gap before it.
// `damage`: bytes were skipped; rule E has nothing to look for.
enum class BoundaryReason : std::uint8_t { connection, metadata, end_of_sequence, jump, damage };
struct Boundary {
  BoundaryReason reason = BoundaryReason::connection;
  ArrivalTime arrival = 0;
};

// Rule E to the timeline: this tag of time base `base` is the one that was written last.
struct Anchor {
  TagType type = TagType::video;
  std::uint32_t base = 0;
  std::int64_t raw = 0;
};

// Rule E to the timeline: media of this time base was dropped; what follows joins on without a hole.
struct Rebase {
  std::uint32_t base = 0;
};

struct NewFile {
  CloseReason reason = CloseReason::requested;
  ArrivalTime arrival = 0;
  // The stream's first picture is about to come: audio that waits for it stays for the new file.
  bool first_video = false;
};

// What the open file has from its last key frame on is taken out of it: it comes again, for the next file.
struct TakeBack {};

using Action = std::variant<Media, Header, Script, Metadata, Boundary, Anchor, Rebase, TakeBack, NewFile>;

}  // namespace live::flv
