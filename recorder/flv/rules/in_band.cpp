// SPDX-License-Identifier: Apache-2.0
#include "recorder/flv/rules/in_band.hpp"

#include <algorithm>
#include <vector>

#include "recorder/flv/nal_units.hpp"

namespace live::flv {
namespace {

constexpr std::size_t most_sets = 31;  // the count of SPS has five bits
constexpr std::size_t longest_set = 0xFFFF;

struct ParameterSets {
  std::vector<ByteView> sps;
  std::vector<ByteView> pps;
  bool well_formed = false;
};

ParameterSets parameter_sets(Codec codec, ByteView coded_data, std::size_t length_size) {
  ParameterSets sets;
  NalUnits units(codec, coded_data, length_size);
  while (const std::optional<NalUnit> unit = units.next()) {
    if (unit->bytes.size() > longest_set) continue;
    const NalRole role = nal_role(codec, unit->type);
    if (role == NalRole::parameter_sps) sets.sps.push_back(unit->bytes);
    if (role == NalRole::parameter_pps) sets.pps.push_back(unit->bytes);
  }
  sets.well_formed = units.well_formed();
  return sets;
}

void write_sets(ByteWriter& out, const std::vector<ByteView>& sets) {
  for (std::size_t i = 0; i < std::min(sets.size(), most_sets); ++i) {
    out.u16(static_cast<std::uint16_t>(sets[i].size()));
    out.bytes(sets[i]);
  }
}

// A whole header tag body in the form of the frame that it is made of.
Header header_of(const Media& media, ByteView configuration) {
  ByteWriter out;
  if (media.enhanced) {
    out.u8(0x90);
    out.text("avc1");
  } else {
    out.u16(0x1700);
    out.u24(0);
  }
  Header header;
  header.type = TagType::video;
  header.codec = media.codec;
  header.enhanced = media.enhanced;
  header.data_offset = static_cast<std::uint32_t>(out.size());
  header.arrival = media.arrival;
  out.bytes(configuration);
  header.body = std::make_shared<const Bytes>(std::move(out).take());
  return header;
}

}  // namespace

Bytes avc_configuration(ByteView coded_data, std::size_t length_size) {
  const ParameterSets sets = parameter_sets(Codec::avc, coded_data, length_size);
  if (!sets.well_formed || sets.sps.empty() || sets.pps.empty() || sets.sps[0].size() < 4) return {};
  ByteWriter out;
  out.u8(1);
  out.bytes(sets.sps[0].subspan(1, 3));  // profile, constraints, level
  out.u8(static_cast<std::uint8_t>(0xFC | (length_size - 1)));
  out.u8(static_cast<std::uint8_t>(0xE0 | std::min(sets.sps.size(), most_sets)));
  write_sets(out, sets.sps);
  out.u8(static_cast<std::uint8_t>(std::min(sets.pps.size(), most_sets)));
  write_sets(out, sets.pps);
  return std::move(out).take();
}

bool InBandRule::is_stale(const Header& header) const {
  return stale_ && std::ranges::equal(*stale_, header.bytes());
}

void InBandRule::on_key_frame(const Media& media) {
  const bool known = codec_ == media.codec;
  const ByteView coded = media.payload.bytes().subspan(media.data_offset);
  const std::size_t length_size = known ? length_size_ : 4;
  const ParameterSets sets = parameter_sets(media.codec, coded, length_size);
  if (!sets.well_formed || sets.sps.empty()) return;
  const std::optional<PictureSize> size = sps_picture_size(media.codec, sets.sps[0]);
  if (!size || (known && (!size_ || *size_ == *size))) return;
  if (known) context().report(FindingKind::picture_size_changed, media);
  if (media.codec != Codec::avc) {
    size_ = size;  // said once
    return;
  }
  const Bytes configuration = avc_configuration(coded, length_size);
  if (configuration.empty()) return;
  if (known && sent_) stale_ = sent_;
  sent_.reset();
  codec_ = media.codec;
  length_size_ = length_size;
  size_ = size;
  emit(header_of(media, configuration));
}

void InBandRule::apply(Action&& action) {
  if (const auto* header = std::get_if<Header>(&action); header != nullptr && header->is_video()) {
    if (is_stale(*header)) {
      context().reporter.report(
          context().finding(FindingKind::header_repeated, header->arrival, 1, header->bytes().size()));
      return;
    }
    codec_ = header->codec;
    length_size_ = nal_length_size(header->codec, header->configuration());
    size_ = picture_size(header->codec, header->configuration());
    sent_ = header->body;
    stale_.reset();
  } else if (const auto* media = std::get_if<Media>(&action);
             media != nullptr && media->is_video() && media->is_key() &&
             (media->codec == Codec::avc || media->codec == Codec::hevc)) {
    on_key_frame(*media);
  }
  emit(std::move(action));
}

}  // namespace live::flv
