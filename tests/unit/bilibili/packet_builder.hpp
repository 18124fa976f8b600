// SPDX-License-Identifier: Apache-2.0
// Server packets for tests.
#pragma once
#include <string_view>

#include "base/bytes.hpp"
#include "recorder/bilibili/packet.hpp"

namespace live::bilibili::test {

Bytes packet(Operation operation, BodyVersion version, ByteView body);
Bytes packet(Operation operation, BodyVersion version, std::string_view body);
// A message as it comes plain.
Bytes plain_message(std::string_view json);
Bytes zlib(ByteView data);
Bytes brotli(ByteView data);
Bytes joined(std::initializer_list<Bytes> parts);

}  // namespace live::bilibili::test
