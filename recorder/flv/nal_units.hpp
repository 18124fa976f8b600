// SPDX-License-Identifier: Apache-2.0
// NAL units inside the coded data of AVC and HEVC frames: each behind its length.
#pragma once
#include <optional>

#include "recorder/flv/codec.hpp"

namespace live::flv {

// Of avcC or hvcC: bytes of a length field; 4 when it can't be read.
std::size_t nal_length_size(Codec codec, ByteView configuration);

struct NalUnit {
  ByteView bytes;  // with its header
  int type = 0;    // nal_unit_type of the codec
};

class NalUnits {
 public:
  NalUnits(Codec codec, ByteView coded_data, std::size_t length_size)
      : codec_(codec), data_(coded_data), length_size_(length_size) {}

  // Nothing at the end, or where the lengths make no sense: see well_formed().
  std::optional<NalUnit> next();
  // The lengths added up to the end.
  bool well_formed() const { return well_formed_; }

 private:
  Codec codec_;
  ByteView data_;
  std::size_t length_size_;
  bool well_formed_ = true;
};

enum class NalRole { parameter_sps, parameter_pps, filler, other };
NalRole nal_role(Codec codec, int type);

// SPS and PPS are both among the NAL units.
bool has_parameter_sets(Codec codec, ByteView coded_data, std::size_t length_size);

}  // namespace live::flv
