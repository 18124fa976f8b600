// SPDX-License-Identifier: Apache-2.0
#include "recorder/flv/rules/filler.hpp"

#include "recorder/flv/nal_units.hpp"

namespace live::flv {
namespace {

bool has_filler(Codec codec, ByteView coded_data, std::size_t length_size) {
  NalUnits units(codec, coded_data, length_size);
  bool found = false;
  while (const std::optional<NalUnit> unit = units.next()) {
    found = found || nal_role(codec, unit->type) == NalRole::filler;
  }
  return found && units.well_formed();
}

}  // namespace

void FillerRule::apply(Action&& action) {
  if (const auto* header = std::get_if<Header>(&action); header != nullptr && header->is_video()) {
    codec_ = header->codec;
    length_size_ = nal_length_size(header->codec, header->configuration());
  } else if (auto* media = std::get_if<Media>(&action); media != nullptr && media->is_video() &&
                                                        media->codec == codec_ &&
                                                        (codec_ == Codec::avc || codec_ == Codec::hevc)) {
    strip(*media);
    if (media->payload.size() <= media->data_offset) return;  // there was nothing else in it
  }
  emit(std::move(action));
}

void FillerRule::strip(Media& media) {
  const ByteView body = media.payload.bytes();
  const ByteView coded = body.subspan(media.data_offset);
  if (!has_filler(codec_, coded, length_size_)) return;
  kept_.assign(body.begin(), body.begin() + media.data_offset);
  NalUnits units(codec_, coded, length_size_);
  while (const std::optional<NalUnit> unit = units.next()) {
    if (nal_role(codec_, unit->type) == NalRole::filler) continue;
    const std::uint8_t* from = unit->bytes.data() - length_size_;
    kept_.insert(kept_.end(), from, from + length_size_ + unit->bytes.size());
  }
  context().reporter.report(
      context().finding(FindingKind::filler_removed, media.arrival, 1, body.size() - kept_.size()));
  media.payload = Payload(ByteView(kept_), context().pool);
}

}  // namespace live::flv
