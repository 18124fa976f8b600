// SPDX-License-Identifier: Apache-2.0
#include "recorder/flv/sink.hpp"

namespace live::flv {

std::string_view to_string(CloseReason reason) {
  switch (reason) {
    case CloseReason::end:
      return "end";
    case CloseReason::codec_changed:
      return "codec_changed";
    case CloseReason::duration_limit:
      return "duration_limit";
    case CloseReason::size_limit:
      return "size_limit";
    case CloseReason::requested:
      return "requested";
    case CloseReason::not_joined:
      return "not_joined";
    case CloseReason::time_limit:
      return "time_limit";
  }
  return "unknown";
}

}  // namespace live::flv
