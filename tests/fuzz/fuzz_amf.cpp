// SPDX-License-Identifier: Apache-2.0
// Contract: any body is values or a refusal; what was read can be written and read again as the same; passing
// over values and finding places stays inside the body.
#include <cstdlib>

#include "recorder/flv/amf.hpp"
#include "recorder/flv/own_metadata.hpp"
#include "recorder/flv/rules/script.hpp"

namespace {

using namespace live::flv;

live::Bytes written(const std::vector<amf::Value>& values) {
  live::ByteWriter out;
  for (const amf::Value& value : values) amf::write(out, value);
  return std::move(out).take();
}

void check(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const live::ByteView body(data, size);
  if (const auto values = amf::parse(body)) {
    const live::Bytes once = written(*values);
    const auto again = amf::parse(once);
    check(again.has_value());
    check(written(*again) == once);  // bytes, for NaN is not equal to itself
    live::ByteReader in(once);
    for (std::size_t i = 0; i < values->size(); ++i) check(amf::skip(in));
    check(in.left() == 0);
  }
  live::ByteReader in(body);
  while (in.left() > 0 && amf::skip(in)) {
  }
  check(in.position() <= size);
  (void)metadata_of(body);
  if (const auto places = find_places(body)) {
    for (const auto& place : {places->duration, places->file_size, places->last_timestamp,
                              places->last_key_timestamp, places->last_key_location})
      check(!place || *place + 8 <= size);
    check(!places->index || *places->index + places->index_size <= size);
  }
  return 0;
}
