// SPDX-License-Identifier: Apache-2.0
#include "recorder/hls/init_segment.hpp"

#include <algorithm>

#include "recorder/hls/box.hpp"

namespace live::hls {
namespace {

constexpr std::uint32_t max_timescale = 10'000'000;

struct FullBox {
  std::uint8_t version;
  ByteReader rest;
};
FullBox open_full(ByteView data, const Box& box) {
  ByteReader reader(body_of(data, box));
  const std::uint8_t version = reader.u8();
  reader.skip(3);
  return {version, reader};
}

std::optional<Box> find_path(ByteView data, Box box, std::initializer_list<std::uint32_t> path) {
  for (const std::uint32_t type : path) {
    const std::optional<Box> child = find_box(data, box, type);
    if (!child) return std::nullopt;
    box = *child;
  }
  return box;
}

TrackKind kind_of(std::uint32_t handler) {
  if (handler == box_type("vide")) return TrackKind::video;
  if (handler == box_type("soun")) return TrackKind::audio;
  return TrackKind::other;
}

// tkhd: the id; the picture's size is its last eight bytes.
bool read_header(ByteView data, const Box& trak, Track& track, ByteWriter& configuration) {
  const std::optional<Box> tkhd = find_box(data, trak, box_type("tkhd"));
  if (!tkhd) return false;
  auto [version, reader] = open_full(data, *tkhd);
  reader.skip(version == 1 ? 16 : 8);
  track.id = reader.u32();
  if (!reader.ok() || reader.left() < 8) return false;
  configuration.u32(track.id);
  configuration.bytes(data.subspan(tkhd->end - 8, 8));
  return track.id != 0;
}

bool read_media(ByteView data, const Box& trak, Track& track, ByteWriter& configuration) {
  const std::optional<Box> mdia = find_box(data, trak, box_type("mdia"));
  if (!mdia) return false;
  const std::optional<Box> mdhd = find_box(data, *mdia, box_type("mdhd"));
  const std::optional<Box> hdlr = find_box(data, *mdia, box_type("hdlr"));
  const std::optional<Box> stsd =
      find_path(data, *mdia, {box_type("minf"), box_type("stbl"), box_type("stsd")});
  if (!mdhd || !hdlr || !stsd) return false;
  auto [version, time] = open_full(data, *mdhd);
  time.skip(version == 1 ? 16 : 8);
  track.timescale = time.u32();
  auto [ignored, handler] = open_full(data, *hdlr);
  handler.skip(4);
  track.kind = kind_of(handler.u32());
  auto [also_ignored, entries] = open_full(data, *stsd);
  const std::uint32_t count = entries.u32();
  entries.skip(4);
  track.sample_entry = entries.u32();
  if (!time.ok() || !handler.ok() || !entries.ok() || count == 0) return false;
  if (track.timescale == 0 || track.timescale > max_timescale) return false;
  configuration.u32(track.timescale);
  configuration.u32(static_cast<std::uint32_t>(stsd->end - stsd->begin));
  configuration.bytes(data.subspan(stsd->begin, stsd->end - stsd->begin));
  return true;
}

void read_defaults(ByteView data, const Box& mvex, std::vector<Track>& tracks) {
  BoxWalker children(data, mvex);
  while (const std::optional<Box> trex = children.next()) {
    if (trex->type != box_type("trex")) continue;
    auto [version, reader] = open_full(data, *trex);
    const std::uint32_t id = reader.u32();
    reader.skip(4);
    const std::uint32_t duration = reader.u32(), size = reader.u32(), flags = reader.u32();
    if (!reader.ok()) continue;
    for (Track& track : tracks) {
      if (track.id != id) continue;
      track.default_duration = duration;
      track.default_size = size;
      track.default_flags = flags;
    }
  }
}

Result<Box> find_movie(ByteView bytes) {
  std::optional<Box> movie;
  bool has_type = false;
  BoxWalker boxes(bytes);
  while (const std::optional<Box> box = boxes.next()) {
    if (box->type == box_type("ftyp")) has_type = true;
    if (box->type == box_type("moov")) movie = *box;
    if (box->type == box_type("moof") || box->type == box_type("mdat")) {
      return failure("the initialisation segment holds media");
    }
  }
  if (!boxes.whole()) return failure("the initialisation segment is not whole");
  if (!has_type || !movie) return failure("the initialisation segment has no ftyp or no moov");
  return *movie;
}

}  // namespace

const Track* InitSegment::video() const {
  const auto at =
      std::find_if(tracks.begin(), tracks.end(), [](const Track& t) { return t.kind == TrackKind::video; });
  return at == tracks.end() ? nullptr : &*at;
}

Result<InitSegment> parse_init(ByteView bytes) {
  if (bytes.size() > max_init_bytes) return failure("the initialisation segment is too long");
  const Result<Box> movie = find_movie(bytes);
  if (!movie) return Failure<Problem>{movie.error()};
  InitSegment init;
  ByteWriter configuration;
  BoxWalker children(bytes, *movie);
  std::optional<Box> mvex;
  while (const std::optional<Box> child = children.next()) {
    if (child->type == box_type("mvex")) mvex = child;
    if (child->type != box_type("trak")) continue;
    Track track;
    if (init.tracks.size() == max_tracks) return failure("there are too many tracks");
    if (!read_header(bytes, *child, track, configuration) ||
        !read_media(bytes, *child, track, configuration)) {
      return failure("a track has no description");
    }
    if (track.sample_entry == box_type("encv") || track.sample_entry == box_type("enca")) {
      return failure("the stream is encrypted");
    }
    const bool again = std::any_of(init.tracks.begin(), init.tracks.end(),
                                   [&](const Track& other) { return other.id == track.id; });
    if (again) return failure("two tracks have one number");
    init.tracks.push_back(track);
  }
  if (!children.whole()) return failure("the initialisation segment is not whole");
  if (init.tracks.empty()) return failure("there is no track");
  if (!mvex) return failure("it is no fragmented MP4");
  read_defaults(bytes, *mvex, init.tracks);
  init.bytes.assign(bytes.begin(), bytes.end());
  init.configuration = std::move(configuration).take();
  return init;
}

}  // namespace live::hls
