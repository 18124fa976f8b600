// SPDX-License-Identifier: Apache-2.0
#include "simulator/hls_stream.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>

#include "simulator/fields.hpp"
#include "simulator/stream_url.hpp"

namespace live::simulator {
namespace {

constexpr auto after_end = std::chrono::seconds(30);  // the playlist stays so long

std::uint32_t checksum(ByteView bytes) {
  return static_cast<std::uint32_t>(::crc32_z(0, bytes.data(), bytes.size()));
}

Reply reply(int status, std::string type = "text/plain", std::string body = "") {
  Reply answer;
  answer.status = status;
  answer.content_type = std::move(type);
  answer.body = std::move(body);
  return answer;
}

}  // namespace

std::string_view hls_name(std::string_view path) {
  if (!path.starts_with(stream_path_prefix)) return {};
  const std::size_t slash = path.rfind('/');
  const std::string_view name = path.substr(slash + 1);
  return name.ends_with(".m3u8") || name.ends_with(".m4s") ? name : std::string_view();
}

HlsStream::HlsStream(const Show& show) : source_(show.timeline) {
  Epoch first;
  first.number = 323'066'244 + show.timestamp_base % 1000;
  first.base_ms = show.timestamp_base;
  first.map = new_map();
  epochs_.push_back(std::move(first));
}

std::optional<Problem> HlsStream::change(const Json& body, const Show& show, TimePoint now) {
  std::int64_t missing = 0, damaged = 0, cut = 0, window = static_cast<std::int64_t>(window_);
  int half_maps = half_maps_;
  bool restart = false;
  std::string other_map;
  Milliseconds refuse{0};
  Fields fields(body);
  fields.read("missing", missing);
  fields.read("damaged", damaged);
  fields.read("cut", cut);
  fields.read("halfMaps", half_maps);
  fields.read("restart", restart);
  fields.read("map", other_map);
  fields.read("window", window);
  fields.read("checks", checks_);
  fields.read("endList", end_list_);
  fields.read_seconds("refuseSeconds", refuse);
  if (auto problem = fields.problem()) return problem;
  if (!other_map.empty() && other_map != "same" && other_map != "other")
    return Problem{"map: same or other (configuration) is wanted"};
  if (window < 1 || missing < 0 || damaged < 0 || cut < 0) return Problem{"numbers from 1 on are wanted"};
  // All of these begin with the next piece that is published and begins with a key frame.
  std::uint64_t next = source_.whole(show.due(now));
  while (!source_.piece(next).key) ++next;
  for (std::int64_t i = 0; i < missing; ++i) missing_.insert(next + static_cast<std::uint64_t>(i));
  for (std::int64_t i = 0; i < damaged; ++i) damaged_.insert(next + static_cast<std::uint64_t>(i));
  for (std::int64_t i = 0; i < cut; ++i) cut_.insert(next + static_cast<std::uint64_t>(i));
  if (restart || !other_map.empty()) {
    Epoch epoch = epochs_.back();
    epoch.number = restart ? 0 : number_of(next);
    epoch.from = next;
    epoch.restart = restart;
    epoch.map = new_map();
    ++epoch.note;
    if (restart) {
      epoch.base_ms = 0;
      epoch.time_from_ms = source_.piece(next).begin_ms;
    }
    if (other_map == "other") epoch.width = static_cast<std::uint16_t>(epoch.width + 16);
    epochs_.push_back(std::move(epoch));
  }
  half_maps_ = half_maps;
  window_ = static_cast<std::uint64_t>(window);
  if (refuse.count() > 0) refuse_until_ = now + refuse;
  return std::nullopt;
}

const HlsStream::Epoch& HlsStream::epoch_of(std::uint64_t piece) const {
  for (auto at = epochs_.rbegin(); at != epochs_.rend(); ++at)
    if (at->from <= piece) return *at;
  return epochs_.front();
}

std::uint64_t HlsStream::number_of(std::uint64_t piece) const {
  const Epoch& epoch = epoch_of(piece);
  return epoch.number + (piece - epoch.from);
}

// The newest piece that has the number.
std::optional<std::uint64_t> HlsStream::piece_of(std::uint64_t number, std::uint64_t whole) const {
  const std::uint64_t oldest = whole - std::min(whole, window_ + kept);
  for (std::uint64_t piece = whole; piece > oldest; --piece)
    if (number_of(piece - 1) == number) return piece - 1;
  return std::nullopt;
}

Bytes HlsStream::content(std::uint64_t piece) const {
  const Epoch& epoch = epoch_of(piece);
  // Unsigned arithmetic gives the difference, however the two compare.
  return source_.segment(piece, epoch.base_ms - epoch.time_from_ms);
}

std::string HlsStream::playlist(const Show& show, TimePoint now) const {
  const std::uint64_t whole = source_.whole(show.due(now));
  std::uint64_t first = whole - std::min(whole, window_);
  for (const Epoch& epoch : epochs_)
    if (epoch.restart && epoch.from < whole) first = std::max(first, epoch.from);
  std::string text = fmt::format(
      "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-START:TIME-OFFSET=0\n#EXT-X-MEDIA-SEQUENCE:{}\n#EXT-X-"
      "TARGETDURATION:1\n",
      number_of(first));
  std::string map;
  for (std::uint64_t number = first; number < whole; ++number) {
    const Piece piece = source_.piece(number);
    const Epoch& epoch = epoch_of(number);
    if (epoch.map != map) text += fmt::format("#EXT-X-MAP:URI=\"{}\"\n", epoch.map);
    map = epoch.map;
    const double seconds = static_cast<double>(piece.duration_ms) / 1000;
    if (checks_) {
      const Bytes bytes = content(number);
      const std::string check = fmt::format("{:x}|{:x}", bytes.size(), checksum(bytes));
      text += fmt::format("#EXT-BILI-AUX:{:x}|{}|{}\n#EXTINF:{:.2f},{}\n", piece.begin_ms,
                          piece.key ? 'K' : 'N', check, seconds, check);
    } else {
      text += fmt::format("#EXTINF:{:.2f},\n", seconds);
    }
    text += fmt::format("{}.m4s\n", number_of(number));
  }
  if (end_list_ && show.push_ends && now >= *show.push_ends) text += "#EXT-X-ENDLIST\n";
  return text;
}

Reply HlsStream::segment(std::uint64_t number, std::uint64_t whole) {
  const std::optional<std::uint64_t> piece = piece_of(number, whole);
  if (!piece || missing_.contains(*piece)) return reply(404);
  Bytes bytes = content(*piece);
  if (damaged_.contains(*piece)) bytes[bytes.size() / 2] ^= 0xFF;
  if (cut_.contains(*piece)) bytes.resize(bytes.size() / 2);
  return reply(200, "video/mp4", std::string(as_text(bytes)));
}

Reply HlsStream::map(const std::string& name) {
  for (const Epoch& epoch : epochs_) {
    if (epoch.map != name) continue;
    Bytes bytes = source_.init(epoch.width, epoch.note);
    if (half_maps_ > 0) {
      --half_maps_;
      bytes.resize(bytes.size() / 2);
    }
    return reply(200, "video/mp4", std::string(as_text(bytes)));
  }
  return reply(404);
}

Reply HlsStream::answer(const std::string& name, const Show& show, TimePoint now) {
  ++requests_;
  if (now < refuse_until_) return reply(503);
  if (now < show.push_begins || (show.push_ends && now >= *show.push_ends + after_end)) return reply(404);
  const std::uint64_t whole = source_.whole(show.due(now));
  if (name == "index.m3u8") {
    if (whole == 0) return reply(404);
    return reply(200, "application/vnd.apple.mpegurl", playlist(show, now));
  }
  if (name.starts_with('h')) return map(name);
  const auto number = to_int(std::string_view(name).substr(0, name.find('.')));
  return number ? segment(static_cast<std::uint64_t>(*number), whole) : reply(404);
}

}  // namespace live::simulator
