// SPDX-License-Identifier: Apache-2.0
#include "net/content_coding.hpp"

#include <brotli/decode.h>
#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <limits>
#include <memory>

namespace live::net {
namespace {

constexpr std::size_t first_guess = 4096;
constexpr std::size_t guess_factor =
    4;  // of the compressed size; frames of a busy room inflate about so much

enum class Progress { more, finished, starved, broken };

// Inflates with `step(to, produced)`, which fills `to` as far as it can. One byte more than the cap is asked
// for, so that data of exactly the cap's size is told from longer data.
template <class Step>
Result<Bytes> inflate(const char* coding, std::size_t packed, std::size_t max_size, Step step) {
  const std::size_t cap = max_size + 1;
  Bytes out(std::min(cap, std::max(first_guess, packed * guess_factor)));
  std::size_t size = 0;
  while (true) {
    if (size == out.size()) {
      if (size == cap)
        return failure(fmt::format("{} data inflates to more than {} bytes", coding, max_size));
      out.resize(std::min(cap, out.size() * 2));
    }
    std::size_t produced = 0;
    const Progress progress = step(std::span<std::uint8_t>(out).subspan(size), produced);
    size += produced;
    if (size > max_size)
      return failure(fmt::format("{} data inflates to more than {} bytes", coding, max_size));
    if (progress == Progress::broken) return failure(fmt::format("{} data is broken", coding));
    if (progress == Progress::starved) return failure(fmt::format("{} data is cut short", coding));
    if (progress == Progress::finished) break;
  }
  out.resize(size);
  return out;
}

constexpr std::size_t max_input = std::numeric_limits<uInt>::max() / guess_factor;

}  // namespace

Result<Bytes> inflate_zlib(ByteView data, std::size_t max_size) {
  if (data.size() > max_input) return failure("zlib data is too long");
  z_stream stream{};
  stream.next_in = const_cast<Bytef*>(data.data());  // zlib does not write there
  stream.avail_in = static_cast<uInt>(data.size());
  if (inflateInit(&stream) != Z_OK) return failure("zlib data can't be inflated: out of memory");
  const std::unique_ptr<z_stream, int (*)(z_stream*)> end(&stream, inflateEnd);
  return inflate("zlib", data.size(), max_size, [&stream](std::span<std::uint8_t> to, std::size_t& produced) {
    const std::size_t room = std::min(to.size(), max_input);
    stream.next_out = to.data();
    stream.avail_out = static_cast<uInt>(room);
    const int result = ::inflate(&stream, Z_NO_FLUSH);
    produced = room - stream.avail_out;
    if (result == Z_STREAM_END) return Progress::finished;
    if (result != Z_OK && result != Z_BUF_ERROR) return Progress::broken;
    return stream.avail_out == 0 ? Progress::more : Progress::starved;
  });
}

Result<Bytes> inflate_brotli(ByteView data, std::size_t max_size) {
  if (data.size() > max_input) return failure("brotli data is too long");
  const std::unique_ptr<BrotliDecoderState, void (*)(BrotliDecoderState*)> state(
      BrotliDecoderCreateInstance(nullptr, nullptr, nullptr), BrotliDecoderDestroyInstance);
  if (!state) return failure("brotli data can't be inflated: out of memory");
  const std::uint8_t* in = data.data();
  std::size_t in_left = data.size();
  return inflate("brotli", data.size(), max_size, [&](std::span<std::uint8_t> to, std::size_t& produced) {
    std::uint8_t* out = to.data();
    std::size_t room = to.size();
    const BrotliDecoderResult result =
        BrotliDecoderDecompressStream(state.get(), &in_left, &in, &room, &out, nullptr);
    produced = to.size() - room;
    if (result == BROTLI_DECODER_RESULT_SUCCESS) return Progress::finished;
    if (result == BROTLI_DECODER_RESULT_ERROR) return Progress::broken;
    return result == BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT ? Progress::more : Progress::starved;
  });
}

}  // namespace live::net
