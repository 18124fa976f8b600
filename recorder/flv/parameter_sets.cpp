// SPDX-License-Identifier: Apache-2.0
// Picture size and audio format out of decoder configurations (H.264 7.3.2.1.1, H.265 7.3.2.2, ISO
// 14496-3 1.6.2).
#include <array>

#include "recorder/flv/codec.hpp"

namespace live::flv {
namespace {

// Bits of a NAL unit, with the emulation prevention bytes (00 00 03) passed over. Past the end all is 0 and
// ok() is false.
class BitReader {
 public:
  explicit BitReader(ByteView data) : data_(data) {}
  bool ok() const { return ok_; }

  std::uint32_t bits(int count) {
    std::uint32_t value = 0;
    for (int i = 0; i < count; ++i) value = value << 1 | bit();
    return value;
  }
  void skip(int count) {
    for (int i = 0; i < count; ++i) (void)bit();
  }
  bool flag() { return bit() != 0; }

  std::uint32_t exp_golomb() {
    int zeros = 0;
    while (ok_ && bit() == 0) ++zeros;
    if (zeros > 31) ok_ = false;
    return ok_ ? (std::uint32_t{1} << zeros) - 1 + bits(zeros) : 0;
  }
  std::int32_t signed_exp_golomb() {
    const std::uint32_t code = exp_golomb();
    const auto half = static_cast<std::int32_t>((code + 1) / 2);
    return code % 2 == 0 ? -half : half;
  }

 private:
  std::uint32_t bit() {
    if (left_ == 0 && !next_byte()) return 0;
    --left_;
    return current_ >> left_ & 1U;
  }
  bool next_byte() {
    if (zeros_ >= 2 && position_ < data_.size() && data_[position_] == 3) {
      ++position_;
      zeros_ = 0;
    }
    if (position_ >= data_.size()) {
      ok_ = false;
      return false;
    }
    current_ = data_[position_++];
    zeros_ = current_ == 0 ? zeros_ + 1 : 0;
    left_ = 8;
    return true;
  }

  ByteView data_;
  std::size_t position_ = 0;
  int zeros_ = 0;
  int left_ = 0;
  std::uint32_t current_ = 0;
  bool ok_ = true;
};

constexpr std::uint32_t largest_side = 32768;

// Crop rectangles count in chroma samples: two luma samples for 4:2:0 (and horizontally for 4:2:2).
std::optional<PictureSize> cropped(std::uint32_t width, std::uint32_t height, std::uint32_t horizontal,
                                   std::uint32_t vertical) {
  if (width == 0 || height == 0 || width > largest_side || height > largest_side || horizontal >= width ||
      vertical >= height)
    return std::nullopt;
  return PictureSize{static_cast<int>(width - horizontal), static_cast<int>(height - vertical)};
}

bool has_chroma_format(std::uint32_t profile) {
  switch (profile) {
    case 44:
    case 83:
    case 86:
    case 100:
    case 110:
    case 118:
    case 122:
    case 128:
    case 134:
    case 135:
    case 138:
    case 139:
    case 244:
      return true;
    default:
      return false;
  }
}

void skip_scaling_list(BitReader& in, int size) {
  std::int32_t last = 8;
  std::int32_t next = 8;
  for (int i = 0; i < size && in.ok(); ++i) {
    if (next != 0) next = (last + in.signed_exp_golomb() + 256) % 256;
    if (next != 0) last = next;
  }
}

// Chroma format and bit depths of the high profiles; the rest of the world is 4:2:0.
std::uint32_t avc_chroma_format(BitReader& in) {
  const std::uint32_t chroma = in.exp_golomb();
  if (chroma == 3) in.skip(1);
  (void)in.exp_golomb();
  (void)in.exp_golomb();
  in.skip(1);
  if (in.flag()) {
    const int lists = chroma == 3 ? 12 : 8;
    for (int i = 0; i < lists && in.ok(); ++i) {
      if (in.flag()) skip_scaling_list(in, i < 6 ? 16 : 64);
    }
  }
  return chroma;
}

void skip_avc_picture_order(BitReader& in) {
  const std::uint32_t type = in.exp_golomb();
  if (type == 0) {
    (void)in.exp_golomb();
  } else if (type == 1) {
    in.skip(1);
    (void)in.signed_exp_golomb();
    (void)in.signed_exp_golomb();
    const std::uint32_t count = in.exp_golomb();
    for (std::uint32_t i = 0; i < count && i < 256 && in.ok(); ++i) (void)in.signed_exp_golomb();
  }
}

std::optional<PictureSize> avc_size(ByteView sps) {
  if (sps.size() < 4) return std::nullopt;
  BitReader in(sps.subspan(1));
  const std::uint32_t profile = in.bits(8);
  in.skip(16);
  (void)in.exp_golomb();
  const std::uint32_t chroma = has_chroma_format(profile) ? avc_chroma_format(in) : 1;
  (void)in.exp_golomb();
  skip_avc_picture_order(in);
  (void)in.exp_golomb();
  in.skip(1);
  const std::uint32_t width_units = in.exp_golomb();
  const std::uint32_t height_units = in.exp_golomb();
  const bool frames_only = in.flag();
  if (!frames_only) in.skip(1);
  in.skip(1);
  std::array<std::uint32_t, 4> crop{};
  if (in.flag()) {
    for (std::uint32_t& side : crop) side = in.exp_golomb();
  }
  if (!in.ok() || width_units >= largest_side / 16 || height_units >= largest_side / 16) return std::nullopt;
  const std::uint32_t fields = frames_only ? 1 : 2;
  const std::uint32_t unit_x = chroma == 1 || chroma == 2 ? 2 : 1;
  const std::uint32_t unit_y = (chroma == 1 ? 2 : 1) * fields;
  for (const std::uint32_t side : crop) {
    if (side > largest_side) return std::nullopt;
  }
  return cropped((width_units + 1) * 16, (height_units + 1) * 16 * fields, (crop[0] + crop[1]) * unit_x,
                 (crop[2] + crop[3]) * unit_y);
}

void skip_profile_tier_level(BitReader& in, std::uint32_t sub_layers) {
  in.skip(88 + 8);
  std::array<bool, 8> profile{};
  std::array<bool, 8> level{};
  for (std::uint32_t i = 0; i < sub_layers; ++i) {
    profile[i] = in.flag();
    level[i] = in.flag();
  }
  if (sub_layers > 0) in.skip(static_cast<int>(2 * (8 - sub_layers)));
  for (std::uint32_t i = 0; i < sub_layers; ++i) {
    if (profile[i]) in.skip(88);
    if (level[i]) in.skip(8);
  }
}

std::optional<PictureSize> hevc_size(ByteView sps) {
  if (sps.size() < 4) return std::nullopt;
  BitReader in(sps.subspan(2));
  in.skip(4);
  const std::uint32_t sub_layers = in.bits(3);
  in.skip(1);
  if (sub_layers > 6) return std::nullopt;
  skip_profile_tier_level(in, sub_layers);
  (void)in.exp_golomb();
  const std::uint32_t chroma = in.exp_golomb();
  if (chroma == 3) in.skip(1);
  const std::uint32_t width = in.exp_golomb();
  const std::uint32_t height = in.exp_golomb();
  std::array<std::uint32_t, 4> crop{};
  if (in.flag()) {
    for (std::uint32_t& side : crop) side = in.exp_golomb();
  }
  if (!in.ok()) return std::nullopt;
  for (const std::uint32_t side : crop) {
    if (side > largest_side) return std::nullopt;
  }
  const std::uint32_t unit_x = chroma == 1 || chroma == 2 ? 2 : 1;
  const std::uint32_t unit_y = chroma == 1 ? 2 : 1;
  return cropped(width, height, (crop[0] + crop[1]) * unit_x, (crop[2] + crop[3]) * unit_y);
}

ByteView avc_sps(ByteView configuration) {
  ByteReader in(configuration);
  in.skip(5);
  const int count = in.u8() & 0x1F;
  const std::size_t size = in.u16();
  const ByteView sps = in.take(size);
  return in.ok() && count > 0 ? sps : ByteView();
}

ByteView hevc_sps(ByteView configuration) {
  constexpr int sps_type = 33;
  ByteReader in(configuration);
  in.skip(22);
  const int arrays = in.u8();
  for (int i = 0; i < arrays && in.ok(); ++i) {
    const int type = in.u8() & 0x3F;
    const int units = in.u16();
    for (int k = 0; k < units && in.ok(); ++k) {
      const std::size_t size = in.u16();
      const ByteView unit = in.take(size);
      if (in.ok() && type == sps_type) return unit;
    }
  }
  return {};
}

}  // namespace

std::optional<PictureSize> sps_picture_size(Codec codec, ByteView sps_nal_unit) {
  if (codec == Codec::avc) return avc_size(sps_nal_unit);
  if (codec == Codec::hevc) return hevc_size(sps_nal_unit);
  return std::nullopt;
}

std::optional<PictureSize> picture_size(Codec codec, ByteView configuration) {
  if (codec == Codec::avc) return avc_size(avc_sps(configuration));
  if (codec == Codec::hevc) return hevc_size(hevc_sps(configuration));
  return std::nullopt;
}

std::optional<AudioFormat> audio_format(Codec codec, ByteView configuration) {
  constexpr std::array<int, 13> rates{96000, 88200, 64000, 48000, 44100, 32000, 24000,
                                      22050, 16000, 12000, 11025, 8000,  7350};
  constexpr std::array<int, 8> channels_of{0, 1, 2, 3, 4, 5, 6, 8};
  if (codec != Codec::aac) return std::nullopt;
  BitReader in(configuration);
  if (in.bits(5) == 31) in.skip(6);
  const std::uint32_t index = in.bits(4);
  int rate = 0;
  if (index == 15) {
    rate = static_cast<int>(in.bits(24));
  } else if (index < rates.size()) {
    rate = rates[index];
  }
  const std::uint32_t channels = in.bits(4);
  if (!in.ok() || rate <= 0 || rate > 192000) return std::nullopt;
  return AudioFormat{rate, channels < channels_of.size() ? channels_of[channels] : 0};
}

}  // namespace live::flv
