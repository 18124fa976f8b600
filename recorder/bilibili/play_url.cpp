// SPDX-License-Identifier: Apache-2.0
#include "recorder/bilibili/play_url.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "net/url.hpp"

namespace live::bilibili {
namespace {

constexpr int original_qn = 10000;
constexpr std::int64_t last_second = 9'000'000'000;  // WallTime ends in 2262

struct Candidate {
  const StreamEntry* entry = nullptr;
  std::vector<StreamAddress> addresses;
};

bool contains_any(std::string_view text, const std::vector<std::string>& parts) {
  return std::any_of(parts.begin(), parts.end(), [text](const std::string& part) {
    return !part.empty() && text.find(part) != std::string_view::npos;
  });
}

// The place in the list of preferred hosts; its length for a host that isn't in it.
std::size_t rank_of(std::string_view host, const std::vector<std::string>& preferred) {
  for (std::size_t i = 0; i < preferred.size(); ++i) {
    if (!preferred[i].empty() && host.find(preferred[i]) != std::string_view::npos) return i;
  }
  return preferred.size();
}

std::vector<StreamAddress> addresses_of(const StreamEntry& entry, const StreamPreferences& wanted) {
  std::vector<StreamAddress> all;
  for (const StreamHost& place : entry.hosts) {
    // The three parts belong together as they are: the signature covers them.
    StreamAddress address;
    address.url = place.host + entry.base_url + place.extra;
    const Result<net::Url> url = net::parse_url(address.url);
    if (!url || (url->scheme != "https" && url->scheme != "http")) continue;
    address.host = url->host;
    address.expires = expiry_of(address.url);
    const bool again = std::any_of(all.begin(), all.end(),
                                   [&](const StreamAddress& other) { return other.url == address.url; });
    if (!again) all.push_back(std::move(address));
  }
  std::vector<StreamAddress> welcome;
  for (const StreamAddress& address : all) {
    if (!contains_any(address.host, wanted.avoid_hosts)) welcome.push_back(address);
  }
  std::vector<StreamAddress>& kept = welcome.empty() ? all : welcome;
  std::stable_sort(kept.begin(), kept.end(), [&](const StreamAddress& a, const StreamAddress& b) {
    return rank_of(a.host, wanted.prefer_hosts) < rank_of(b.host, wanted.prefer_hosts);
  });
  return std::move(kept);
}

// The entries of wanted formats and codecs, in the order of the preferences.
std::vector<Candidate> candidates_of(const PlayInfo& info, const StreamPreferences& wanted) {
  std::vector<Candidate> candidates;
  for (const StreamFormat format : wanted.formats) {
    for (const Codec codec : wanted.codecs) {
      for (const StreamEntry& entry : info.streams) {
        if (entry.format != format || entry.codec != codec || entry.drm) continue;
        candidates.push_back(Candidate{&entry, addresses_of(entry, wanted)});
      }
    }
  }
  return candidates;
}

std::string quality_name(const PlayInfo& info, int qn) {
  for (const QualityName& quality : info.quality_names) {
    if (quality.qn == qn) return quality.name;
  }
  return std::to_string(qn);
}

ChosenStream chosen(const PlayInfo& info, const StreamPreferences& wanted, Candidate candidate) {
  ChosenStream stream;
  stream.format = candidate.entry->format;
  stream.codec = candidate.entry->codec;
  stream.wanted_qn = wanted.qualities.empty() ? 0 : wanted.qualities.front();
  stream.granted_qn = candidate.entry->current_qn;
  stream.quality_name = quality_name(info, stream.granted_qn);
  stream.encoding = encoding_of(candidate.addresses.front().url, stream.granted_qn);
  stream.addresses = std::move(candidate.addresses);
  return stream;
}

bool has(const std::vector<int>& list, int value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

Refusal refusal(RefusalReason reason, std::string text) { return Refusal{reason, std::move(text)}; }

Refusal drm_refusal() { return refusal(RefusalReason::drm, "the stream is protected by DRM"); }

std::optional<Refusal> closed_door(const PlayInfo& info) {
  if (info.access.locked) return refusal(RefusalReason::locked, "the room is locked by the service");
  if (info.access.hidden) return refusal(RefusalReason::hidden, "the room is hidden by the service");
  if (info.access.encrypted) return refusal(RefusalReason::encrypted, "the room wants a password");
  if (info.status != LiveStatus::live) return refusal(RefusalReason::not_live, "the room is not live");
  if (info.access.drm) return drm_refusal();
  return std::nullopt;
}

std::string offered(const PlayInfo& info) {
  std::vector<std::string> list;
  for (const StreamEntry& entry : info.streams) {
    list.push_back(
        fmt::format("{}/{}/{}", to_string(entry.format), to_string(entry.codec), entry.current_qn));
  }
  return fmt::format("{}", fmt::join(list, ", "));
}

// The path element live_<uid>_<number>[_<encoder>], without an extension.
std::string_view stream_name(std::string_view path) {
  const std::size_t at = path.rfind("/live_");
  if (at == std::string_view::npos) return {};
  const std::string_view name = path.substr(at + 1);
  return name.substr(0, name.find_first_of("/."));
}

bool has_encoder_mark(std::string_view name) {
  constexpr auto marks =
      std::to_array<std::string_view>({"bluray", "prohevc", "minihevc", "4000", "2500", "1500"});
  constexpr auto least_parts = 4;  // a user or stream may be numbered 1500, too
  if (std::count(name.begin(), name.end(), '_') + 1 < least_parts) return false;
  const std::string_view last = name.substr(name.rfind('_') + 1);
  return std::find(marks.begin(), marks.end(), last) != marks.end();
}

// With no wanted quality there: what is best of what this answer gives, or could give when asked.
StreamChoice fall_back(const PlayInfo& info, const StreamPreferences& wanted,
                       std::vector<Candidate> candidates, const std::vector<int>& asked) {
  if (wanted.fallback == QualityFallback::wait) {
    return refusal(
        RefusalReason::quality_missing,
        fmt::format("wanted quality {}, offered {}", fmt::join(wanted.qualities, ", "), offered(info)));
  }
  int best_offer = 0;
  Candidate* best = nullptr;
  for (Candidate& candidate : candidates) {
    for (const int qn : candidate.entry->accept_qn) best_offer = std::max(best_offer, qn);
    if (candidate.addresses.empty()) continue;
    if (!best || candidate.entry->current_qn > best->entry->current_qn) best = &candidate;
  }
  const bool may_ask = asked.size() <= wanted.qualities.size() && !has(asked, best_offer);
  if (may_ask && best_offer > (best ? best->entry->current_qn : 0)) return AskAgain{best_offer};
  if (!best) return refusal(RefusalReason::no_stream, "the streams have no addresses");
  return chosen(info, wanted, std::move(*best));
}

}  // namespace

std::string_view to_string(RefusalReason reason) {
  switch (reason) {
    case RefusalReason::not_live:
      return "NotLive";
    case RefusalReason::no_stream:
      return "NoStream";
    case RefusalReason::encrypted:
      return "Encrypted";
    case RefusalReason::locked:
      return "Locked";
    case RefusalReason::hidden:
      return "Hidden";
    case RefusalReason::paid:
      return "Paid";
    case RefusalReason::drm:
      return "Drm";
    case RefusalReason::quality_missing:
      return "QualityMissing";
    case RefusalReason::format_missing:
      return "FormatMissing";
  }
  return "NoStream";
}

StreamChoice choose_stream(const PlayInfo& info, const StreamPreferences& wanted,
                           const std::vector<int>& asked) {
  if (std::optional<Refusal> refused = closed_door(info)) return *std::move(refused);
  if (info.streams.empty()) {
    if (info.access.paid) return refusal(RefusalReason::paid, "the room is for those who have paid");
    return refusal(RefusalReason::no_stream, "live, but there is no stream yet");
  }
  std::vector<Candidate> candidates = candidates_of(info, wanted);
  if (candidates.empty()) {
    const bool protected_all = std::all_of(info.streams.begin(), info.streams.end(),
                                           [](const StreamEntry& entry) { return entry.drm; });
    if (protected_all) return drm_refusal();
    return refusal(RefusalReason::format_missing, fmt::format("only {} is offered", offered(info)));
  }
  for (const int quality : wanted.qualities) {
    for (Candidate& candidate : candidates) {
      if (candidate.entry->current_qn == quality && !candidate.addresses.empty()) {
        return chosen(info, wanted, std::move(candidate));
      }
      if (has(candidate.entry->accept_qn, quality) && !has(asked, quality)) return AskAgain{quality};
    }
  }
  return fall_back(info, wanted, std::move(candidates), asked);
}

Encoding encoding_of(std::string_view url, int qn) {
  if (qn != 0 && qn < original_qn) return Encoding::reencoded;
  const std::size_t query_at = url.find('?');
  const std::string_view path = url.substr(0, query_at);
  const std::string_view query =
      query_at == std::string_view::npos ? std::string_view() : url.substr(query_at);
  if (query.find("suffix=origin") != std::string_view::npos) return Encoding::original;
  if (query.find("suffix=") != std::string_view::npos) return Encoding::reencoded;
  return has_encoder_mark(stream_name(path)) ? Encoding::reencoded : Encoding::original;
}

WallTime expiry_of(std::string_view url) {
  WallTime earliest = WallTime::max();
  std::size_t at = url.find('?');
  while (at != std::string_view::npos) {
    const std::string_view rest = url.substr(at + 1);
    at = url.find_first_of("&?", at + 1);
    for (const std::string_view name : {std::string_view("expires="), std::string_view("deadline=")}) {
      if (rest.substr(0, name.size()) != name) continue;
      std::int64_t seconds = 0;
      const char* begin = rest.data() + name.size();
      const auto [end, ec] = std::from_chars(begin, rest.data() + rest.size(), seconds);
      const bool ends = end == rest.data() + rest.size() || *end == '&';
      if (ec == std::errc{} && ends && seconds > 0 && seconds <= last_second) {
        earliest = std::min(earliest, WallTime(std::chrono::seconds(seconds)));
      }
    }
  }
  return earliest;
}

}  // namespace live::bilibili
