// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace live::net {

// Which addresses of a host a connection may use.
enum class AddressFamily { any, ipv4, ipv6 };

}  // namespace live::net
