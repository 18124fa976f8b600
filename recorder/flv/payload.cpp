// SPDX-License-Identifier: Apache-2.0
#include "recorder/flv/payload.hpp"

#include <cstring>
#include <new>

namespace live::flv {

struct Slab {
  std::size_t references = 0;
  std::size_t capacity = 0;
  std::size_t used = 0;
  Slab* next = nullptr;

  std::uint8_t* data() { return reinterpret_cast<std::uint8_t*>(this + 1); }
};

namespace {
constexpr std::size_t most_spares = 4;
}

SlabPool::~SlabPool() {
  if (current_ != nullptr) release(current_);
  while (spare_ != nullptr) {
    Slab* slab = spare_;
    spare_ = slab->next;
    destroy(slab);
  }
}

Slab* SlabPool::make(std::size_t capacity) {
  void* memory = ::operator new(sizeof(Slab) + capacity);
  Slab* slab = new (memory) Slab;
  slab->capacity = capacity;
  allocated_ += capacity;
  return slab;
}

void SlabPool::destroy(Slab* slab) {
  allocated_ -= slab->capacity;
  slab->~Slab();
  ::operator delete(slab);
}

ByteView SlabPool::keep(ByteView bytes, Slab*& slab) {
  if (bytes.size() > slab_size / 2) {  // its own, of the right size
    slab = make(bytes.size());
  } else {
    if (current_ != nullptr && current_->capacity - current_->used < bytes.size()) {
      release(std::exchange(current_, nullptr));
    }
    if (current_ == nullptr) {
      if (spare_ != nullptr) {
        current_ = spare_;
        spare_ = current_->next;
        --spares_;
      } else {
        current_ = make(slab_size);
      }
      current_->references = 1;  // the pool's own
      current_->used = 0;
    }
    slab = current_;
  }
  std::uint8_t* to = slab->data() + slab->used;
  std::memcpy(to, bytes.data(), bytes.size());
  slab->used += bytes.size();
  ++slab->references;
  return {to, bytes.size()};
}

void SlabPool::release(Slab* slab) {
  if (--slab->references > 0) return;
  if (slab->capacity == slab_size && spares_ < most_spares) {
    slab->next = spare_;
    spare_ = slab;
    ++spares_;
  } else {
    destroy(slab);
  }
}

}  // namespace live::flv
