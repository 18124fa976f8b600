// SPDX-License-Identifier: Apache-2.0
#include "simulator/hls_source.hpp"

#include <algorithm>
#include <array>

#include "support/mp4_builder.hpp"

namespace live::simulator {
namespace {

constexpr std::size_t video_head = 5, sound_head = 2;  // in front of what a decoder gets
constexpr std::uint32_t video_scale = 90'000;
constexpr std::uint32_t video_id = 1, sound_id = 2;

// From the AudioSpecificConfig: five bits of object type, four of the rate.
std::uint32_t rate_of(ByteView config) {
  constexpr std::array<std::uint32_t, 13> rates = {96'000, 88'200, 64'000, 48'000, 44'100, 32'000, 24'000,
                                                   22'050, 16'000, 12'000, 11'025, 8'000,  7'350};
  if (config.size() < 2) return rates[4];
  const unsigned index = (config[0] & 7u) << 1 | config[1] >> 7;
  return index < rates.size() ? rates[index] : rates[4];
}

std::int32_t composition_ms(ByteView body) {
  const std::uint32_t value = load_u24(body.data() + 2);
  return value & 0x80'0000 ? static_cast<std::int32_t>(value) - 0x100'0000 : static_cast<std::int32_t>(value);
}

}  // namespace

HlsSource::HlsSource(Timeline timeline) : timeline_(std::move(timeline)) {
  const FlvSource& source = timeline_.source();
  const auto& tags = source.media();
  std::uint32_t begin_ms = 0;
  for (std::size_t i = 0; i < tags.size(); ++i) {
    const bool video = tags[i].type == TagType::video;
    const bool due = tags[i].timestamp - begin_ms >= longest_piece_ms;
    if (!begins_.empty() && !(video && (tags[i].key || due))) continue;
    begins_.push_back(i);
    begin_ms = tags[i].timestamp;
  }
  if (source.audio_header()) sample_rate_ = rate_of(source.body(*source.audio_header()).subspan(sound_head));
}

Piece HlsSource::piece(std::uint64_t number) const {
  const auto place = [this](std::uint64_t n) {
    return n / begins_.size() * timeline_.source().media().size() + begins_[n % begins_.size()];
  };
  Piece piece;
  piece.first = place(number);
  piece.end = place(number + 1);
  piece.begin_ms = timeline_.tag(piece.first).time_ms;
  piece.duration_ms = timeline_.tag(piece.end).time_ms - piece.begin_ms;
  const auto& tags = timeline_.source().media();
  for (std::uint64_t i = piece.first; i < piece.end; ++i) {
    const SourceTag& tag = tags[timeline_.tag(i).index];
    if (tag.type != TagType::video) continue;
    piece.key = tag.key;
    break;
  }
  return piece;
}

std::uint64_t HlsSource::whole(std::uint64_t due) const {
  if (due == 0) return 0;
  const std::uint64_t size = timeline_.source().media().size();
  const std::uint64_t loop = (due - 1) / size;
  const std::size_t rest = (due - 1) % size;  // index of the newest tag
  // The piece that this tag belongs to is not whole yet.
  const auto after = std::upper_bound(begins_.begin(), begins_.end(), rest);
  return loop * begins_.size() + static_cast<std::uint64_t>(after - begins_.begin()) - 1;
}

Bytes HlsSource::init(std::uint16_t width, std::uint32_t note) const {
  const FlvSource& source = timeline_.source();
  std::vector<live::test::Mp4Track> tracks;
  if (source.video_header()) {
    const ByteView config = source.body(*source.video_header()).subspan(video_head);
    live::test::Mp4Track video;
    video.id = video_id;
    video.timescale = video_scale;
    video.config.assign(config.begin(), config.end());
    video.width = width;
    tracks.push_back(std::move(video));
  }
  if (source.audio_header()) {
    const ByteView config = source.body(*source.audio_header()).subspan(sound_head);
    live::test::Mp4Track sound;
    sound.id = sound_id;
    sound.video = false;
    sound.timescale = sample_rate_;
    sound.config.assign(config.begin(), config.end());
    tracks.push_back(std::move(sound));
  }
  return live::test::mp4_init(tracks, note);
}

Bytes HlsSource::segment(std::uint64_t number, std::uint64_t base_ms) const {
  const FlvSource& source = timeline_.source();
  const Piece cut = piece(number);
  live::test::Mp4Run video{video_id, 0, {}}, sound{sound_id, 0, {}};
  const auto ticks = [&](std::uint64_t tag, bool is_video) {
    const std::uint64_t scale = is_video ? video_scale : sample_rate_;
    return (timeline_.tag(tag).time_ms + base_ms) * scale / 1000;
  };
  const auto tag_at = [&](std::uint64_t tag) -> const SourceTag& {
    return source.media()[timeline_.tag(tag).index];
  };
  for (std::uint64_t i = cut.first; i < cut.end; ++i) {
    const SourceTag& tag = tag_at(i);
    const bool is_video = tag.type == TagType::video;
    // Until the next one of its kind.
    std::uint64_t next = i + 1;
    while (tag_at(next).type != tag.type) ++next;
    const ByteView body = source.body(tag);
    live::test::Mp4Sample sample;
    sample.data = body.subspan(is_video ? video_head : sound_head);
    sample.duration = static_cast<std::uint32_t>(ticks(next, is_video) - ticks(i, is_video));
    sample.composition = is_video ? composition_ms(body) * static_cast<std::int32_t>(video_scale / 1000) : 0;
    sample.sync = !is_video || tag.key;
    live::test::Mp4Run& run = is_video ? video : sound;
    if (run.samples.empty()) run.decode_time = ticks(i, is_video);
    run.samples.push_back(sample);
  }
  std::vector<live::test::Mp4Run> runs;
  if (!video.samples.empty()) runs.push_back(std::move(video));
  if (!sound.samples.empty()) runs.push_back(std::move(sound));
  return live::test::mp4_fragment(static_cast<std::uint32_t>(number), runs);
}

}  // namespace live::simulator
