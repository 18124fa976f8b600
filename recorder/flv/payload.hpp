// SPDX-License-Identifier: Apache-2.0
// Bytes of a tag on its way through the rules: borrowed from the reader's buffer, or copied into a slab once
// they must be kept for longer. No allocation per tag: slabs are shared and used again.
#pragma once
#include <cstddef>
#include <cstdint>
#include <utility>

#include "base/bytes.hpp"

namespace live::flv {

struct Slab;

// Of one thread. Outlives every payload that it owns bytes of.
class SlabPool {
 public:
  static constexpr std::size_t slab_size = std::size_t{64} << 10;

  SlabPool() = default;
  ~SlabPool();
  SlabPool(const SlabPool&) = delete;
  SlabPool& operator=(const SlabPool&) = delete;

  // Bytes of all slabs, in use or spare.
  std::size_t allocated() const { return allocated_; }

 private:
  friend class Payload;
  // Copies the bytes; the slab's count is raised by one.
  ByteView keep(ByteView bytes, Slab*& slab);
  void release(Slab* slab);
  Slab* make(std::size_t capacity);
  void destroy(Slab* slab);

  Slab* current_ = nullptr;
  Slab* spare_ = nullptr;  // a list
  std::size_t spares_ = 0;
  std::size_t allocated_ = 0;
};

class Payload {
 public:
  Payload() = default;
  explicit Payload(ByteView borrowed) : bytes_(borrowed) {}
  // A copy from the start.
  Payload(ByteView bytes, SlabPool& pool) : bytes_(bytes) { own(pool); }
  Payload(Payload&& other) noexcept
      : bytes_(std::exchange(other.bytes_, {})),
        slab_(std::exchange(other.slab_, nullptr)),
        pool_(other.pool_) {}
  Payload& operator=(Payload&& other) noexcept {
    std::swap(bytes_, other.bytes_);
    std::swap(slab_, other.slab_);
    std::swap(pool_, other.pool_);
    return *this;
  }
  ~Payload() {
    if (slab_ != nullptr) pool_->release(slab_);
  }

  ByteView bytes() const { return bytes_; }
  std::size_t size() const { return bytes_.size(); }

  // From now on independent of the buffer that the bytes were in.
  void own(SlabPool& pool) {
    if (slab_ != nullptr || bytes_.empty()) return;
    pool_ = &pool;
    bytes_ = pool.keep(bytes_, slab_);
  }

 private:
  ByteView bytes_;
  Slab* slab_ = nullptr;
  SlabPool* pool_ = nullptr;
};

}  // namespace live::flv
