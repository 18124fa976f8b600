// SPDX-License-Identifier: Apache-2.0
#include "recorder/hls/playlist.hpp"

#include <algorithm>
#include <charconv>

namespace live::hls {
namespace {

constexpr std::uint64_t max_number = std::uint64_t{1} << 62;

template <class T>
std::optional<T> whole_number(std::string_view text, int base = 10) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// "6.006" in milliseconds, cut to max_duration_ms.
std::optional<std::int64_t> seconds_in_ms(std::string_view text) {
  const std::size_t dot = text.find('.');
  const auto whole = whole_number<std::uint64_t>(text.substr(0, dot));
  if (!whole) return std::nullopt;
  if (*whole >= max_duration_ms / 1000) return max_duration_ms;
  std::int64_t milliseconds = static_cast<std::int64_t>(*whole) * 1000;
  if (dot == std::string_view::npos) return milliseconds;
  std::int64_t unit = 100;
  for (const char c : text.substr(dot + 1)) {
    if (c < '0' || c > '9') return std::nullopt;
    milliseconds += (c - '0') * unit;
    unit /= 10;
  }
  return milliseconds;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

// One value of an attribute list, without its quotes. Commas inside quotes don't separate.
std::optional<std::string_view> attribute(std::string_view list, std::string_view name) {
  while (!list.empty()) {
    const std::size_t equals = list.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    const std::string_view key = trimmed(list.substr(0, equals));
    list.remove_prefix(equals + 1);
    std::string_view value;
    if (!list.empty() && list.front() == '"') {
      const std::size_t quote = list.find('"', 1);
      if (quote == std::string_view::npos) return std::nullopt;
      value = list.substr(1, quote - 1);
      list.remove_prefix(quote + 1);
    } else {
      value = trimmed(list.substr(0, list.find(',')));
    }
    const std::size_t comma = list.find(',');
    list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
    if (key == name) return value;
  }
  return std::nullopt;
}

class Parser {
 public:
  std::optional<Problem> line(std::string_view text);
  Result<Playlist> finish();

 private:
  std::optional<Problem> tag(std::string_view name, std::string_view value);
  std::optional<Problem> media_tag(std::string_view name, std::string_view value);
  std::optional<Problem> address(std::string_view uri);
  std::optional<Problem> map(std::string_view attributes);
  void aux(std::string_view value);
  void info(std::string_view value);
  void checks(std::string_view size, std::string_view crc);

  bool begun_ = false;
  MasterPlaylist master_;
  MediaPlaylist media_;
  std::uint64_t first_ = 0;
  bool is_media_ = false;
  bool has_map_ = false;
  std::optional<Variant> variant_;  // its address is the next line
  PlaylistSegment next_;
  bool has_duration_ = false;
};

std::optional<Problem> Parser::line(std::string_view text) {
  text = trimmed(text);
  if (!begun_) {
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    if (text != "#EXTM3U") return Problem{"it does not begin with #EXTM3U"};
    begun_ = true;
    return std::nullopt;
  }
  if (text.empty()) return std::nullopt;
  if (text.front() != '#') return address(text);
  if (!text.starts_with("#EXT")) return std::nullopt;
  const std::size_t colon = text.find(':');
  const std::string_view value =
      colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1);
  return tag(text.substr(0, colon), value);
}

std::optional<Problem> Parser::tag(std::string_view name, std::string_view value) {
  if (name == "#EXT-X-STREAM-INF") {
    Variant variant;
    variant.bandwidth = whole_number<std::int64_t>(attribute(value, "BANDWIDTH").value_or("")).value_or(0);
    variant.codecs = attribute(value, "CODECS").value_or("");
    variant.quality = whole_number<int>(attribute(value, "BILI-QN").value_or("")).value_or(0);
    variant_ = std::move(variant);
    return std::nullopt;
  }
  return media_tag(name, value);
}

std::optional<Problem> Parser::media_tag(std::string_view name, std::string_view value) {
  if (name == "#EXTINF") {
    info(value);
  } else if (name == "#EXT-BILI-AUX") {
    aux(value);
  } else if (name == "#EXT-X-MAP") {
    return map(value);
  } else if (name == "#EXT-X-TARGETDURATION") {
    is_media_ = true;
    media_.target_ms = seconds_in_ms(value).value_or(0);
  } else if (name == "#EXT-X-MEDIA-SEQUENCE") {
    const auto number = whole_number<std::uint64_t>(value);
    if (!number || *number > max_number) return Problem{"EXT-X-MEDIA-SEQUENCE is no number"};
    if (!media_.segments.empty()) return Problem{"EXT-X-MEDIA-SEQUENCE comes after a segment"};
    is_media_ = true;
    first_ = *number;
  } else if (name == "#EXT-X-DISCONTINUITY") {
    next_.discontinuity = true;
  } else if (name == "#EXT-X-GAP") {
    next_.absent = true;
  } else if (name == "#EXT-X-ENDLIST") {
    is_media_ = true;
    media_.ended = true;
  } else if (name == "#EXT-X-KEY") {
    if (attribute(value, "METHOD").value_or("NONE") != "NONE") return Problem{"the segments are encrypted"};
  } else if (name == "#EXT-X-BYTERANGE") {
    return Problem{"its segments are byte ranges, which are not recorded"};
  }
  return std::nullopt;
}

std::optional<Problem> Parser::map(std::string_view attributes) {
  const auto uri = attribute(attributes, "URI");
  if (!uri || uri->empty()) return Problem{"EXT-X-MAP has no URI"};
  if (attribute(attributes, "BYTERANGE"))
    return Problem{"its EXT-X-MAP is a byte range, which is not recorded"};
  if (!has_map_ || media_.maps.back() != *uri) media_.maps.emplace_back(*uri);
  has_map_ = true;
  return std::nullopt;
}

void Parser::info(std::string_view value) {
  is_media_ = true;
  has_duration_ = true;
  const std::size_t comma = value.find(',');
  next_.duration_ms = seconds_in_ms(trimmed(value.substr(0, comma))).value_or(media_.target_ms);
  if (comma == std::string_view::npos) return;
  const std::string_view title = value.substr(comma + 1);
  const std::size_t bar = title.find('|');
  if (bar != std::string_view::npos) checks(title.substr(0, bar), title.substr(bar + 1));
}

// Time, kind of the first picture, size, CRC: all but the kind in hex.
void Parser::aux(std::string_view value) {
  const std::size_t last = value.rfind('|');
  if (last == std::string_view::npos || last == 0) return;
  const std::size_t before = value.rfind('|', last - 1);
  if (before == std::string_view::npos) return;
  checks(value.substr(before + 1, last - before - 1), value.substr(last + 1));
}

void Parser::checks(std::string_view size, std::string_view crc) {
  const auto bytes = whole_number<std::uint64_t>(size, 16);
  const auto sum = whole_number<std::uint32_t>(crc, 16);
  if (!bytes || !sum) return;
  next_.size = bytes;
  next_.crc32 = sum;
}

std::optional<Problem> Parser::address(std::string_view uri) {
  if (variant_) {
    variant_->uri = uri;
    master_.variants.push_back(*std::move(variant_));
    variant_.reset();
    return std::nullopt;
  }
  if (!has_duration_) return std::nullopt;  // an address that no tag announced
  if (!has_map_) return Problem{"its segments have no EXT-X-MAP: MPEG-TS is not recorded"};
  next_.number = first_ + media_.segments.size();
  next_.uri = uri;
  next_.map = media_.maps.size() - 1;
  media_.segments.push_back(std::move(next_));
  next_ = PlaylistSegment();
  has_duration_ = false;
  return std::nullopt;
}

Result<Playlist> Parser::finish() {
  if (!begun_) return failure("it does not begin with #EXTM3U");
  if (is_media_) return Playlist(std::move(media_));
  if (!master_.variants.empty()) return Playlist(std::move(master_));
  return failure("it has neither segments nor variants");
}

}  // namespace

Result<Playlist> parse_playlist(std::string_view text) {
  if (text.size() > max_playlist_bytes) return failure("it is too long");
  Parser parser;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (const auto problem = parser.line(text.substr(0, end))) return Failure<Problem>{*problem};
    text.remove_prefix(std::min(text.size(), end + 1));
  }
  return parser.finish();
}

const Variant& best_variant(const MasterPlaylist& master) {
  // The first of the greatest.
  return *std::max_element(master.variants.begin(), master.variants.end(),
                           [](const Variant& a, const Variant& b) { return a.bandwidth < b.bandwidth; });
}

}  // namespace live::hls
