// SPDX-License-Identifier: Apache-2.0
// HLS playlists (RFC 8216) as far as live fMP4 needs them, with what Bilibili adds. Pure.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.hpp"

namespace live::hls {

inline constexpr std::size_t max_playlist_bytes = std::size_t{1} << 20;  // longer ones are refused
inline constexpr std::int64_t max_duration_ms = 3'600'000;  // of one segment; more counts as this

struct Variant {
  std::string uri;
  std::int64_t bandwidth = 0;
  std::string codecs;
  int quality = 0;  // BILI-QN; 0 when there is none
};
struct MasterPlaylist {
  std::vector<Variant> variants;  // at least one
};

struct PlaylistSegment {
  std::uint64_t number = 0;  // media sequence number
  std::string uri;
  std::int64_t duration_ms = 0;
  std::size_t map = 0;         // in MediaPlaylist::maps
  bool discontinuity = false;  // a break before it
  bool absent = false;         // EXT-X-GAP: the server does not have it
  // Bilibili: of the whole segment, from the EXTINF title or EXT-BILI-AUX.
  std::optional<std::uint64_t> size;
  std::optional<std::uint32_t> crc32;
};
struct MediaPlaylist {
  std::int64_t target_ms = 0;
  bool ended = false;             // EXT-X-ENDLIST
  std::vector<std::string> maps;  // addresses of the initialisation segments
  std::vector<PlaylistSegment> segments;
};

using Playlist = std::variant<MasterPlaylist, MediaPlaylist>;

// The problem says what is wrong or can't be recorded: no playlist, encrypted segments, byte ranges, MPEG-TS.
Result<Playlist> parse_playlist(std::string_view text);

// The highest bandwidth; of several hosts for it, the first.
const Variant& best_variant(const MasterPlaylist& master);

}  // namespace live::hls
