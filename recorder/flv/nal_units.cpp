// SPDX-License-Identifier: Apache-2.0
#include "recorder/flv/nal_units.hpp"

namespace live::flv {

std::size_t nal_length_size(Codec codec, ByteView configuration) {
  const std::size_t at = codec == Codec::avc ? 4 : 21;  // lengthSizeMinusOne, lowest two bits
  if ((codec != Codec::avc && codec != Codec::hevc) || configuration.size() <= at) return 4;
  return (configuration[at] & 3U) + 1;
}

std::optional<NalUnit> NalUnits::next() {
  if (data_.empty()) return std::nullopt;
  if (data_.size() < length_size_) {
    well_formed_ = false;
    data_ = {};
    return std::nullopt;
  }
  std::size_t size = 0;
  for (std::size_t i = 0; i < length_size_; ++i) size = size << 8 | data_[i];
  data_ = data_.subspan(length_size_);
  if (size == 0 || size > data_.size()) {
    well_formed_ = false;
    data_ = {};
    return std::nullopt;
  }
  NalUnit unit;
  unit.bytes = data_.first(size);
  unit.type = codec_ == Codec::avc ? unit.bytes[0] & 0x1F : unit.bytes[0] >> 1 & 0x3F;
  data_ = data_.subspan(size);
  return unit;
}

NalRole nal_role(Codec codec, int type) {
  const bool avc = codec == Codec::avc;
  if (type == (avc ? 7 : 33)) return NalRole::parameter_sps;
  if (type == (avc ? 8 : 34)) return NalRole::parameter_pps;
  if (type == (avc ? 12 : 38)) return NalRole::filler;
  return NalRole::other;
}

bool has_parameter_sets(Codec codec, ByteView coded_data, std::size_t length_size) {
  if (codec != Codec::avc && codec != Codec::hevc) return false;
  bool sps = false;
  bool pps = false;
  NalUnits units(codec, coded_data, length_size);
  while (const std::optional<NalUnit> unit = units.next()) {
    const NalRole role = nal_role(codec, unit->type);
    sps = sps || role == NalRole::parameter_sps;
    pps = pps || role == NalRole::parameter_pps;
  }
  return sps && pps;
}

}  // namespace live::flv
