// SPDX-License-Identifier: Apache-2.0
// Big-endian reading and writing over byte spans. No I/O, never throws; a short read sets a flag.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace live {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

inline ByteView as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view as_text(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline std::uint16_t load_u16(const std::uint8_t* p) { return static_cast<std::uint16_t>(p[0] << 8 | p[1]); }
inline std::uint32_t load_u24(const std::uint8_t* p) {
  return static_cast<std::uint32_t>(p[0]) << 16 | static_cast<std::uint32_t>(p[1]) << 8 | p[2];
}
inline std::uint32_t load_u32(const std::uint8_t* p) {
  return static_cast<std::uint32_t>(p[0]) << 24 | static_cast<std::uint32_t>(p[1]) << 16 |
         static_cast<std::uint32_t>(p[2]) << 8 | p[3];
}
inline std::uint64_t load_u64(const std::uint8_t* p) {
  return static_cast<std::uint64_t>(load_u32(p)) << 32 | load_u32(p + 4);
}
inline void store_u16(std::uint8_t* p, std::uint16_t v) {
  p[0] = static_cast<std::uint8_t>(v >> 8);
  p[1] = static_cast<std::uint8_t>(v);
}
inline void store_u24(std::uint8_t* p, std::uint32_t v) {
  p[0] = static_cast<std::uint8_t>(v >> 16);
  p[1] = static_cast<std::uint8_t>(v >> 8);
  p[2] = static_cast<std::uint8_t>(v);
}
inline void store_u32(std::uint8_t* p, std::uint32_t v) {
  store_u16(p, static_cast<std::uint16_t>(v >> 16));
  store_u16(p + 2, static_cast<std::uint16_t>(v));
}
inline void store_u64(std::uint8_t* p, std::uint64_t v) {
  store_u32(p, static_cast<std::uint32_t>(v >> 32));
  store_u32(p + 4, static_cast<std::uint32_t>(v));
}

// Reads on from a position; past the end every read gives 0 and ok() is false from then on.
class ByteReader {
 public:
  explicit ByteReader(ByteView data) : data_(data) {}

  bool ok() const { return ok_; }
  std::size_t left() const { return data_.size() - position_; }
  std::size_t position() const { return position_; }

  std::uint8_t u8() { return need(1) ? data_[position_++] : 0; }
  std::uint16_t u16() { return need(2) ? load_u16(advance(2)) : std::uint16_t{0}; }
  std::uint32_t u24() { return need(3) ? load_u24(advance(3)) : 0; }
  std::uint32_t u32() { return need(4) ? load_u32(advance(4)) : 0; }
  std::uint64_t u64() { return need(8) ? load_u64(advance(8)) : 0; }
  double f64() {
    const std::uint64_t bits = u64();
    double value = 0;
    std::memcpy(&value, &bits, sizeof value);
    return value;
  }
  ByteView take(std::size_t count) {
    if (!need(count)) return {};
    const ByteView part = data_.subspan(position_, count);
    position_ += count;
    return part;
  }
  void skip(std::size_t count) { (void)take(count); }

 private:
  bool need(std::size_t count) {
    if (ok_ && count <= left()) return true;
    ok_ = false;
    return false;
  }
  const std::uint8_t* advance(std::size_t count) {
    const std::uint8_t* at = data_.data() + position_;
    position_ += count;
    return at;
  }

  ByteView data_;
  std::size_t position_ = 0;
  bool ok_ = true;
};

// Appends big-endian values to a vector that it owns.
class ByteWriter {
 public:
  void u8(std::uint8_t v) { bytes_.push_back(v); }
  void u16(std::uint16_t v) { store_u16(grow(2), v); }
  void u24(std::uint32_t v) { store_u24(grow(3), v); }
  void u32(std::uint32_t v) { store_u32(grow(4), v); }
  void u64(std::uint64_t v) { store_u64(grow(8), v); }
  void f64(double v) {
    std::uint64_t bits = 0;
    std::memcpy(&bits, &v, sizeof bits);
    u64(bits);
  }
  void bytes(ByteView v) { bytes_.insert(bytes_.end(), v.begin(), v.end()); }
  void text(std::string_view v) { bytes(as_bytes(v)); }

  std::size_t size() const { return bytes_.size(); }
  Bytes& data() { return bytes_; }
  const Bytes& data() const { return bytes_; }
  Bytes take() && { return std::move(bytes_); }

 private:
  std::uint8_t* grow(std::size_t count) {
    bytes_.resize(bytes_.size() + count);
    return bytes_.data() + bytes_.size() - count;
  }
  Bytes bytes_;
};

}  // namespace live
