// SPDX-License-Identifier: Apache-2.0
// Proof to a receiver that a request comes from who has the key. Pure.
#pragma once
#include <string>
#include <string_view>

namespace live::recorder {

inline constexpr std::string_view signature_header = "X-Liveroom-Signature";

// "sha256=" and the HMAC-SHA256 of the body in lower-case hex.
std::string webhook_signature(std::string_view key, std::string_view body);

}  // namespace live::recorder
