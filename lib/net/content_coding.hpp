// SPDX-License-Identifier: Apache-2.0
// zlib and brotli of danmaku frames. No I/O.
#pragma once
#include "base/bytes.hpp"
#include "base/result.hpp"

namespace live::net {

// The problem says whether the data is broken, cut short or larger than `max_size` bytes when inflated.
Result<Bytes> inflate_zlib(ByteView data, std::size_t max_size);
Result<Bytes> inflate_brotli(ByteView data, std::size_t max_size);

}  // namespace live::net
