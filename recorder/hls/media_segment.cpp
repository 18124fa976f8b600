// SPDX-License-Identifier: Apache-2.0
#include "recorder/hls/media_segment.hpp"

#include <algorithm>

#include "recorder/hls/box.hpp"

namespace live::hls {
namespace {

constexpr std::uint64_t max_seconds = 100'000'000'000;     // of a decode time; a Unix time fits
constexpr std::uint64_t max_run_seconds = 3600;            // of a run
constexpr std::uint32_t sample_is_not_sync = 0x0001'0000;  // in sample flags

namespace tfhd_flag {
constexpr std::uint32_t base = 0x1, description = 0x2, duration = 0x8, size = 0x10, sample_flags = 0x20;
}
namespace trun_flag {
constexpr std::uint32_t offset = 0x1, first_flags = 0x4, duration = 0x100, size = 0x200, sample_flags = 0x400,
                        composition = 0x800;
}

struct Defaults {
  std::uint32_t duration = 0;
  std::uint32_t size = 0;
  std::uint32_t flags = 0;
};

// Parts of a fragment while it is read. The first problem ends it.
class FragmentReader {
 public:
  FragmentReader(ByteView data, const Box& moof, const Box& mdat, std::uint64_t place,
                 const InitSegment& init)
      : data_(data), moof_(moof), mdat_(mdat), place_(place), init_(init) {}

  Result<Fragment> read();

 private:
  bool read_header(const Box& box);
  bool read_track(const Box& traf);
  bool read_track_header(const Box& tfhd, TrackRun& run);
  bool read_time(const Box& tfdt, TrackRun& run);
  bool read_samples(const Box& trun, TrackRun& run);
  bool read_list(ByteReader& list, std::uint32_t flags, std::uint32_t count, TrackRun& run,
                 std::uint64_t& bytes);
  bool inside_media(std::uint32_t flags, std::int32_t offset, std::uint64_t bytes) const;
  bool refuse(std::string problem) {
    problem_ = std::move(problem);
    return false;
  }

  ByteView data_;
  const Box& moof_;
  const Box& mdat_;
  std::uint64_t place_;  // of the moof in its stream
  const InitSegment& init_;
  Fragment fragment_;
  Defaults defaults_;
  bool first_of_track_ = true;  // the next sample is the track's first
  std::string problem_;
};

Result<Fragment> FragmentReader::read() {
  fragment_.begin = moof_.begin;
  fragment_.media = mdat_.body;
  fragment_.end = mdat_.end;
  BoxWalker children(data_, moof_);
  bool good = true;
  while (const std::optional<Box> child = children.next()) {
    if (child->type == box_type("mfhd")) good = read_header(*child);
    if (child->type == box_type("traf")) good = read_track(*child);
    if (!good) return failure(problem_);
  }
  if (!children.whole()) return failure("a moof is broken");
  if (fragment_.sequence_at == 0) return failure("a moof has no mfhd");
  if (fragment_.runs.empty()) return failure("a moof has no samples");
  return std::move(fragment_);
}

bool FragmentReader::read_header(const Box& box) {
  if (box.end - box.body < 8) return refuse("an mfhd is too short");
  fragment_.sequence_at = box.body + 4;
  return true;
}

bool FragmentReader::read_track(const Box& traf) {
  TrackRun run;
  first_of_track_ = true;
  bool has_header = false, has_time = false;
  BoxWalker children(data_, traf);
  while (const std::optional<Box> child = children.next()) {
    bool good = true;
    if (child->type == box_type("tfhd")) {
      good = has_header ? refuse("a traf has two headers") : read_track_header(*child, run);
      has_header = true;
    } else if (child->type == box_type("tfdt")) {
      has_time = good = has_header ? read_time(*child, run) : refuse("a tfdt comes before its tfhd");
    } else if (child->type == box_type("trun")) {
      good = has_header ? read_samples(*child, run) : refuse("a trun comes before its tfhd");
    }
    if (!good) return false;
  }
  if (!children.whole() || !has_header) return refuse("a traf is broken");
  if (run.samples == 0) return true;
  if (!has_time) return refuse("a traf has no tfdt");
  if (fragment_.runs.size() == max_runs) return refuse("a moof has too many tracks");
  fragment_.runs.push_back(run);
  return true;
}

bool FragmentReader::read_track_header(const Box& tfhd, TrackRun& run) {
  ByteReader reader(body_of(data_, tfhd));
  const std::uint32_t flags = reader.u32() & 0xFF'FFFF;
  const std::uint32_t id = reader.u32();
  const auto track =
      std::find_if(init_.tracks.begin(), init_.tracks.end(), [id](const Track& one) { return one.id == id; });
  if (!reader.ok() || track == init_.tracks.end()) return refuse("a traf is of no known track");
  run.track = static_cast<std::size_t>(track - init_.tracks.begin());
  defaults_ = {track->default_duration, track->default_size, track->default_flags};
  if (flags & tfhd_flag::base) {
    const std::size_t at = tfhd.body + reader.position();
    if (reader.u64() != place_) return refuse("a traf's data is elsewhere");
    fragment_.bases_at.push_back(at);
  }
  if (flags & tfhd_flag::description) reader.skip(4);
  if (flags & tfhd_flag::duration) defaults_.duration = reader.u32();
  if (flags & tfhd_flag::size) defaults_.size = reader.u32();
  if (flags & tfhd_flag::sample_flags) defaults_.flags = reader.u32();
  return reader.ok() || refuse("a tfhd is too short");
}

bool FragmentReader::read_time(const Box& tfdt, TrackRun& run) {
  ByteReader reader(body_of(data_, tfdt));
  run.wide_time = reader.u8() == 1;
  reader.skip(3);
  run.time_at = tfdt.body + reader.position();
  run.decode_time = run.wide_time ? reader.u64() : reader.u32();
  if (!reader.ok()) return refuse("a tfdt is too short");
  return run.decode_time / init_.tracks[run.track].timescale <= max_seconds ||
         refuse("a tfdt is out of reach");
}

bool FragmentReader::read_samples(const Box& trun, TrackRun& run) {
  ByteReader reader(body_of(data_, trun));
  const std::uint32_t flags = reader.u32() & 0xFF'FFFF;
  const std::uint32_t count = reader.u32();
  const auto offset = static_cast<std::int32_t>(flags & trun_flag::offset ? reader.u32() : 0);
  std::uint32_t first_flags = defaults_.flags;
  if (flags & trun_flag::first_flags) first_flags = reader.u32();
  if (!reader.ok()) return refuse("a trun is too short");
  if (count == 0) return true;
  if ((flags & trun_flag::sample_flags) && !(flags & trun_flag::first_flags)) {
    ByteReader peek = reader;
    peek.skip((flags & trun_flag::duration ? 4u : 0u) + (flags & trun_flag::size ? 4u : 0u));
    first_flags = peek.u32();
  }
  if (first_of_track_) run.starts_with_sync = !(first_flags & sample_is_not_sync);
  first_of_track_ = false;
  std::uint64_t bytes = 0;
  if (!read_list(reader, flags, count, run, bytes)) return refuse("a trun is too short");
  run.samples += count;
  if (run.duration / init_.tracks[run.track].timescale > max_run_seconds) return refuse("a traf is too long");
  return inside_media(flags, offset, bytes) || refuse("samples are outside of their mdat");
}

bool FragmentReader::read_list(ByteReader& list, std::uint32_t flags, std::uint32_t count, TrackRun& run,
                               std::uint64_t& bytes) {
  run.last_duration = defaults_.duration;
  const std::size_t each = (flags & trun_flag::duration ? 4u : 0u) + (flags & trun_flag::size ? 4u : 0u) +
                           (flags & trun_flag::sample_flags ? 4u : 0u) +
                           (flags & trun_flag::composition ? 4u : 0u);
  if (each == 0) {  // nothing of them is listed, so that nothing bounds their number but what they say
    bytes = std::uint64_t{defaults_.size} * count;
    run.duration += std::uint64_t{defaults_.duration} * count;
    return true;
  }
  if (list.left() / each < count) return false;
  for (std::uint32_t i = 0; i < count; ++i) {
    run.last_duration = flags & trun_flag::duration ? list.u32() : defaults_.duration;
    run.duration += run.last_duration;
    bytes += flags & trun_flag::size ? list.u32() : defaults_.size;
    if (flags & trun_flag::sample_flags) list.skip(4);
    if (flags & trun_flag::composition) list.skip(4);
  }
  return true;
}

bool FragmentReader::inside_media(std::uint32_t flags, std::int32_t offset, std::uint64_t bytes) const {
  const std::uint64_t room = mdat_.end - mdat_.body;
  if (!(flags & trun_flag::offset)) return bytes <= room;  // behind what came before it
  const std::int64_t begin = static_cast<std::int64_t>(moof_.begin) + offset;
  if (begin < static_cast<std::int64_t>(mdat_.body) || begin > static_cast<std::int64_t>(mdat_.end))
    return false;
  return bytes <= mdat_.end - static_cast<std::uint64_t>(begin);
}

bool is_filler(std::uint32_t type) {
  return type == box_type("styp") || type == box_type("sidx") || type == box_type("emsg") ||
         type == box_type("prft") || type == box_type("free") || type == box_type("skip") ||
         type == box_type("uuid");
}

}  // namespace

Result<MediaSegment> parse_segment(ByteView bytes, const InitSegment& init) {
  MediaSegment segment;
  BoxWalker boxes(bytes);
  while (const std::optional<Box> box = boxes.next()) {
    if (is_filler(box->type)) continue;
    if (box->type != box_type("moof")) return failure("it holds a box that belongs elsewhere");
    const std::optional<Box> mdat = boxes.next();
    if (!mdat || mdat->type != box_type("mdat")) return failure("a moof has no mdat behind it");
    if (segment.fragments.size() == max_fragments) return failure("it has too many fragments");
    Result<Fragment> fragment = FragmentReader(bytes, *box, *mdat, box->begin, init).read();
    if (!fragment) return Failure<Problem>{fragment.error()};
    segment.fragments.push_back(*std::move(fragment));
  }
  if (!boxes.whole()) return failure("it is not whole");
  if (segment.fragments.empty()) return failure("it has no media");
  return segment;
}

Result<Fragment> parse_fragment(ByteView moof, std::size_t mdat_bytes, std::uint64_t place,
                                const InitSegment& init) {
  const std::optional<Box> box = BoxWalker(moof).next();
  if (!box || box->type != box_type("moof") || box->end != moof.size()) return failure("it is no moof");
  Box mdat;
  mdat.type = box_type("mdat");
  mdat.begin = box->end;
  mdat.body = box->end + 8;
  mdat.end = box->end + std::max<std::size_t>(mdat_bytes, 8);
  return FragmentReader(moof, *box, mdat, place, init).read();
}

bool set_decode_time(std::span<std::uint8_t> segment, const TrackRun& run, std::uint64_t time) {
  if (run.wide_time) {
    store_u64(segment.data() + run.time_at, time);
    return true;
  }
  if (time > UINT32_MAX) return false;
  store_u32(segment.data() + run.time_at, static_cast<std::uint32_t>(time));
  return true;
}

void place_fragment(std::span<std::uint8_t> segment, const Fragment& fragment, std::uint32_t number,
                    std::uint64_t file_offset) {
  store_u32(segment.data() + fragment.sequence_at, number);
  for (const std::size_t at : fragment.bases_at) store_u64(segment.data() + at, file_offset);
}

}  // namespace live::hls
