// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string_view>

namespace live::recorder {

enum class ConnectionEnd {
  finished,   // the server ended the stream in order
  broken,     // the connection failed in the middle
  stalled,    // no complete tag for the socket timeout
  absent,     // 404: the stream has not begun yet, or is over
  refused,    // no connection, or another status than 2xx
  no_stream,  // a reply that is no stream
};
std::string_view to_string(ConnectionEnd end);

}  // namespace live::recorder
