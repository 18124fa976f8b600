// SPDX-License-Identifier: Apache-2.0
// Chooses a stream and its addresses from a play-info. No I/O.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.hpp"
#include "recorder/bilibili/play_info.hpp"

namespace live::bilibili {

enum class QualityFallback { best, wait };  // what to do when no wanted quality is there

struct StreamPreferences {
  std::vector<int> qualities{10000};  // best first
  QualityFallback fallback = QualityFallback::best;
  std::vector<StreamFormat> formats{StreamFormat::flv, StreamFormat::fmp4};
  std::vector<Codec> codecs{Codec::avc, Codec::hevc};
  // Substrings of host names. Preferred hosts come first, in this order; avoided ones are used only when
  // nothing else is there.
  std::vector<std::string> prefer_hosts;
  std::vector<std::string> avoid_hosts{".mcdn."};
};

struct StreamAddress {
  std::string url;
  std::string host;                    // name only
  WallTime expires = WallTime::max();  // limits opening, not an open connection
};

// "Original" is often encoded anew by the service; the stream's name and query tell.
enum class Encoding { original, reencoded };

struct ChosenStream {
  StreamFormat format = StreamFormat::flv;
  Codec codec = Codec::avc;
  int wanted_qn = 0;  // the first of the wanted qualities
  int granted_qn = 0;
  std::string quality_name;  // as the service calls it; the number when it doesn't
  Encoding encoding = Encoding::original;
  std::vector<StreamAddress> addresses;  // at least one, best first
};
// The service has a wanted quality and did not give it: ask once more, with this number.
struct AskAgain {
  int qn = 0;
};
enum class RefusalReason {
  not_live,
  no_stream,  // live, but without addresses: not yet, or not for us
  encrypted,
  locked,
  hidden,
  paid,
  drm,
  quality_missing,  // fallback `wait`: none of the wanted qualities
  format_missing,   // streams, but none in a wanted format and codec
};
std::string_view to_string(RefusalReason reason);  // "NotLive", as reason of a condition
struct Refusal {
  RefusalReason reason{};
  std::string text;  // for a person: what was offered, what was wanted
};
using StreamChoice = std::variant<ChosenStream, AskAgain, Refusal>;

// `asked`: the qualities that were asked for in this round; no one of them is asked for again.
StreamChoice choose_stream(const PlayInfo& info, const StreamPreferences& wanted,
                           const std::vector<int>& asked);

// By what is in the path and in the query; a quality below 10000 is always encoded anew.
Encoding encoding_of(std::string_view url, int qn);

// The earliest of expires= and deadline=.
WallTime expiry_of(std::string_view url);

}  // namespace live::bilibili
