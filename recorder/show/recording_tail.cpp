// SPDX-License-Identifier: Apache-2.0
#include "recorder/show/recording_tail.hpp"

#include <algorithm>

#include "base/json.hpp"
#include "base/time_format.hpp"
#include "recorder/flv/repeat_memory.hpp"
#include "recorder/hls/repeat_memory.hpp"
#include "recorder/storage/recovery.hpp"

namespace live::recorder {
namespace {

using std::chrono::milliseconds;

// A tag in text: hash, size, kind of frame.
constexpr std::size_t hash_digits = 16;
constexpr std::size_t size_digits = 6;
constexpr std::size_t tag_digits = hash_digits + size_digits + 1;
constexpr std::string_view digits = "0123456789abcdef";
constexpr std::string_view frames = "kia";  // in the order of flv::Frame

void put_hex(std::string& text, std::uint64_t value, std::size_t count) {
  for (std::size_t i = count; i-- > 0;) text += digits[(value >> (4 * i)) & 0xF];
}

std::optional<std::uint64_t> take_hex(std::string_view text) {
  std::uint64_t value = 0;
  for (const char c : text) {
    const std::size_t digit = digits.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    value = value << 4 | digit;
  }
  return value;
}

std::string text_of(const std::vector<flv::RememberedTag>& tags) {
  std::string text;
  text.reserve(tags.size() * tag_digits);
  for (const flv::RememberedTag& tag : tags) {
    put_hex(text, tag.hash, hash_digits);
    put_hex(text, tag.size, size_digits);
    text += frames[static_cast<std::size_t>(tag.frame)];
  }
  return text;
}

std::string text_of(const std::vector<std::uint64_t>& hashes) {
  std::string text;
  text.reserve(hashes.size() * hash_digits);
  for (const std::uint64_t hash : hashes) put_hex(text, hash, hash_digits);
  return text;
}

std::vector<std::uint64_t> hashes_of(std::string_view text) {
  std::vector<std::uint64_t> hashes;
  for (; text.size() >= hash_digits && hashes.size() < hls::RepeatMemory::capacity;
       text.remove_prefix(hash_digits)) {
    const auto hash = take_hex(text.substr(0, hash_digits));
    if (!hash) break;
    hashes.push_back(*hash);
  }
  return hashes;
}

std::vector<flv::RememberedTag> tags_of(std::string_view text) {
  std::vector<flv::RememberedTag> tags;
  tags.reserve(std::min(text.size() / tag_digits, flv::RepeatMemory::tag_count));
  for (; text.size() >= tag_digits && tags.size() < flv::RepeatMemory::tag_count;
       text.remove_prefix(tag_digits)) {
    const auto hash = take_hex(text.substr(0, hash_digits));
    const auto size = take_hex(text.substr(hash_digits, size_digits));
    const std::size_t frame = frames.find(text[tag_digits - 1]);
    if (!hash || !size || frame == std::string_view::npos) break;
    tags.push_back({*hash, static_cast<std::uint32_t>(*size), static_cast<flv::Frame>(frame)});
  }
  return tags;
}

}  // namespace

std::int64_t unix_ms(WallTime time) {
  return std::chrono::duration_cast<milliseconds>(time.time_since_epoch()).count();
}

namespace {

struct Clocks {
  explicit Clocks(const Clock& clock)
      : now(std::chrono::duration_cast<milliseconds>(clock.now().time_since_epoch()).count()),
        arrival_of_wall(now - unix_ms(clock.wall_now())) {}
  std::int64_t arrival_of(WallTime wall) const { return std::min(now, unix_ms(wall) + arrival_of_wall); }
  std::int64_t now;
  std::int64_t arrival_of_wall;  // add it to a Unix time
};

}  // namespace

flv::Resumption to_resumption(const RecordingTail& tail, const Clock& clock) {
  const Clocks clocks(clock);
  flv::Resumption from;
  from.tags = tail.tags;
  from.last_time = tail.last_time;
  from.source_offset = tail.source_offset;
  if (tail.zero_wall_ms) from.lag = *tail.zero_wall_ms + clocks.arrival_of_wall;
  from.last_arrival = clocks.arrival_of(tail.written);
  return from;
}

hls::Resumption to_hls_resumption(const RecordingTail& tail, const Clock& clock) {
  hls::Resumption from;
  from.hashes = tail.fragments;
  if (tail.fragments_end) from.source_end_ms = *tail.fragments_end + tail.source_offset;
  from.arrival_ms = Clocks(clock).arrival_of(tail.written);
  from.tell_gap = tail.fragments_end && tail.zero_wall_ms;
  return from;
}

void RecordingTail::go_on_with(RecordingTail later) {
  later.fragments.insert(later.fragments.begin(), fragments.begin(), fragments.end());
  if (later.fragments.size() > hls::RepeatMemory::capacity)
    later.fragments.erase(later.fragments.begin(), later.fragments.end() - hls::RepeatMemory::capacity);
  *this = std::move(later);
}

RecordingTail tail_of_file(storage::FileSystem& files, const std::string& root, const std::string& path) {
  RecordingTail tail;
  const std::optional<storage::FileStat> info = files.stat(storage::join_path(root, path));
  if (!info) return tail;
  tail.written = info->modified;
  if (storage::is_mp4(path)) {
    hls::FileTail end = storage::fragment_tail_of(files, root, path);
    if (end.hashes.empty()) return tail;
    tail.fragments = std::move(end.hashes);
    tail.fragments_end = end.last_ms;
    tail.zero_wall_ms = unix_ms(tail.written) - end.last_ms;
    return tail;
  }
  flv::FileTail found = storage::tail_of(files, root, path);
  tail.tags = std::move(found.tags);
  tail.last_time = found.last_time;
  if (!tail.tags.empty()) {
    tail.zero_wall_ms = unix_ms(tail.written) - std::max(tail.last_time[0].value_or(INT64_MIN),
                                                         tail.last_time[1].value_or(INT64_MIN));
  }
  return tail;
}

Json to_json(const RecordingTail& tail) {
  Json json = Json::object();
  json["tags"] = text_of(tail.tags);
  if (tail.last_time[0]) json["videoMs"] = *tail.last_time[0];
  if (tail.last_time[1]) json["audioMs"] = *tail.last_time[1];
  if (!tail.fragments.empty()) json["fragments"] = text_of(tail.fragments);
  if (tail.fragments_end) json["fragmentsEndMs"] = *tail.fragments_end;
  json["sourceOffsetMs"] = tail.source_offset;
  if (tail.zero_wall_ms) json["zeroWallMs"] = *tail.zero_wall_ms;
  json["written"] = format_rfc3339_micro(tail.written);
  return json;
}

RecordingTail recording_tail_from_json(const Json& json) {
  RecordingTail tail;
  const Json& tags = json_at(json, "/tags");
  if (tags.is_string()) tail.tags = tags_of(tags.get_ref<const std::string&>());
  const Json& fragments = json_at(json, "/fragments");
  if (fragments.is_string()) tail.fragments = hashes_of(fragments.get_ref<const std::string&>());
  tail.fragments_end = json_int(json_at(json, "/fragmentsEndMs"));
  tail.last_time = {json_int(json_at(json, "/videoMs")), json_int(json_at(json, "/audioMs"))};
  tail.source_offset = json_int(json_at(json, "/sourceOffsetMs")).value_or(0);
  tail.zero_wall_ms = json_int(json_at(json, "/zeroWallMs"));
  tail.written = parse_rfc3339(json_string(json_at(json, "/written")).value_or("")).value_or(WallTime());
  return tail;
}

}  // namespace live::recorder
