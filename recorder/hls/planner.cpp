// SPDX-License-Identifier: Apache-2.0
#include "recorder/hls/planner.hpp"

#include <zlib.h>

#include <algorithm>

namespace live::hls {
namespace {

constexpr std::size_t most_known = 64;
constexpr std::size_t most_inits = 4;
constexpr std::int64_t never = INT64_MAX;

// What tells a segment from another with the same number; hosts and signatures don't.
std::string name_of(const std::string& uri) {
  const std::string path = uri.substr(0, uri.find('?'));
  return path.substr(path.rfind('/') + 1);
}

std::uint32_t checksum_of(const std::string& body) {
  return static_cast<std::uint32_t>(
      ::crc32_z(0, reinterpret_cast<const unsigned char*>(body.data()), body.size()));
}

}  // namespace

void Planner::connection_started(std::int64_t now) {
  for (Slot& slot : slots_) {
    if (slot.state != State::fetching) continue;
    slot.state = State::waiting;
    slot.retry_at = now;
  }
  for (Init& init : inits_) {
    init.fetching = false;
    init.tries = 0;
    init.retry_at = now;
  }
  fetching_ = 0;
  polling_ = false;
  poll_at_ = now;
  last_news_ = now;
  seen_playlist_ = false;
  ended_ = false;
  ending_.reset();
  told_end_ = false;
}

std::optional<Action> Planner::next(std::int64_t now) {
  if (told_end_) return std::nullopt;
  if (auto action = settle_head()) return action;
  if (ended_ && slots_.empty()) end(now, EndReason::finished);
  if (now - last_news_ >= stall_after()) end(now, seen_playlist_ ? EndReason::stalled : EndReason::refused);
  if (may_end(now)) {
    told_end_ = true;
    return End{*ending_};
  }
  if (!polling_ && !ended_ && !ending_ && now >= poll_at_) {
    polling_ = true;
    return FetchPlaylist{};
  }
  if (auto action = fetch_init(now)) return action;
  return fetch_segment(now);
}

void Planner::end(std::int64_t now, EndReason reason) {
  if (ending_) return;
  ending_ = reason;
  ending_since_ = now;
}

bool Planner::may_end(std::int64_t now) const {
  if (!ending_) return false;
  return slots_.empty() || *ending_ == EndReason::unreadable || now - ending_since_ >= patience_ms;
}

std::int64_t Planner::wake_at() const {
  if (told_end_) return never;
  std::int64_t at = ending_ ? ending_since_ + patience_ms : last_news_ + stall_after();
  if (!polling_ && !ended_ && !ending_) at = std::min(at, poll_at_);
  const std::size_t near = std::min<std::size_t>(slots_.size(), parallel);
  for (std::size_t i = 0; i < near; ++i) {
    const Slot& slot = slots_[i];
    if (slot.state == State::lost) continue;
    const Init* init = find_init(slot);
    if (init != nullptr && !init->parsed && !init->fetching) at = std::min(at, init->retry_at);
    // What waits for others of its kind goes on when one of them has ended.
    if (slot.state == State::waiting && fetching_ < parallel) at = std::min(at, slot.retry_at);
  }
  return at;
}

std::int64_t Planner::stall_after() const { return std::max(limits_.stall_ms, 3 * target_ms_); }

std::optional<Action> Planner::settle_head() {
  if (slots_.empty()) return std::nullopt;
  Slot& head = slots_.front();
  if (head.state == State::lost) {
    const Lost lost{head.loss, head.count, head.input.duration_ms * static_cast<std::int64_t>(head.count)};
    carried_ = carried_ || head.input.new_timeline;
    slots_.pop_front();
    return lost;
  }
  if (head.state != State::loaded) return std::nullopt;
  Init& init = init_of(head);
  return init.parsed ? deliver(init) : std::nullopt;
}

std::optional<Action> Planner::deliver(Init& init) {
  Slot& head = slots_.front();
  Deliver delivery{head.id, std::move(head.input), std::move(head.body)};
  delivery.input.init = init.parsed;
  delivery.input.new_timeline = delivery.input.new_timeline || carried_;
  carried_ = false;
  held_bytes_ -= delivery.body.size();
  slots_.pop_front();
  return delivery;
}

const Planner::Init* Planner::find_init(const Slot& slot) const {
  const auto at = std::find_if(inits_.begin(), inits_.end(), [&slot](const Init& init) {
    return init.timeline == slot.id.timeline && init.uri == slot.map;
  });
  return at == inits_.end() ? nullptr : &*at;
}

Planner::Init& Planner::init_of(const Slot& slot) {
  if (const Init* found = find_init(slot)) return inits_[static_cast<std::size_t>(found - inits_.data())];
  if (inits_.size() == most_inits) inits_.erase(inits_.begin());
  Init init;
  init.timeline = slot.id.timeline;
  init.uri = slot.map;
  inits_.push_back(std::move(init));
  return inits_.back();
}

std::optional<Action> Planner::fetch_init(std::int64_t now) {
  const std::size_t near = std::min<std::size_t>(slots_.size(), parallel);
  for (std::size_t i = 0; i < near; ++i) {
    if (slots_[i].state == State::lost) continue;
    Init& init = init_of(slots_[i]);
    if (init.parsed || init.fetching || now < init.retry_at) continue;
    init.fetching = true;
    return FetchInit{init.uri};
  }
  return std::nullopt;
}

std::optional<Action> Planner::fetch_segment(std::int64_t now) {
  if (fetching_ >= parallel) return std::nullopt;
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    Slot& slot = slots_[i];
    const bool first = i == 0;
    // What comes out of order waits here: so much and no more.
    if (!first && (held_bytes_ >= max_held_bytes || slot.alone)) return std::nullopt;
    if (slot.state != State::waiting || now < slot.retry_at) continue;
    slot.state = State::fetching;
    ++fetching_;
    return FetchSegment{slot.id, slot.uri, first ? max_segment_bytes : max_ahead_bytes};
  }
  return std::nullopt;
}

void Planner::playlist_arrived(std::int64_t now, const MediaPlaylist& playlist) {
  seen_playlist_ = true;
  if (playlist.target_ms > 0) target_ms_ = playlist.target_ms;
  if (begins_anew(playlist)) {
    for (Slot& slot : slots_) slot.listed = false;
    ++timeline_;
    last_number_.reset();
    restarted_ = true;
  }
  mark_listed(playlist);
  const std::size_t added = add_segments(playlist);
  if (!playlist.segments.empty()) last_duration_ms_ = playlist.segments.back().duration_ms;
  ended_ = playlist.ended;
  if (added > 0) last_news_ = now;
  polled(now, added > 0);
}

void Planner::playlist_unchanged(std::int64_t now) {
  seen_playlist_ = true;
  polled(now, false);
}

void Planner::polled(std::int64_t now, bool news) {
  polling_ = false;
  const std::int64_t usual = std::min(target_ms_, last_duration_ms_);
  poll_at_ = now + std::max(least_poll_ms, news ? usual : usual / 2);
}

void Planner::playlist_failed(std::int64_t now, FetchFailure failure) {
  polling_ = false;
  poll_at_ = now + retry_ms;
  // A first one that fails is the next address' turn; later on only a clear answer is.
  if (!seen_playlist_ || failure == FetchFailure::refused) end(now, EndReason::refused);
}

void Planner::playlist_unreadable(std::int64_t now) {
  polling_ = false;
  end(now, EndReason::unreadable);
}

bool Planner::contradicts(const PlaylistSegment& segment) const {
  for (const Known& known : known_) {
    if (known.id != SegmentId{timeline_, segment.number}) continue;
    if (known.name != name_of(segment.uri)) return true;
    return known.crc32 && segment.crc32 && known.crc32 != segment.crc32;
  }
  return false;
}

// The numbers went back by more than a window, jumped out of reach, or stand for other segments than before.
bool Planner::begins_anew(const MediaPlaylist& playlist) const {
  if (!last_number_ || playlist.segments.empty()) return false;
  const std::uint64_t first = playlist.segments.front().number;
  const std::uint64_t last = playlist.segments.back().number;
  if (last + playlist.segments.size() < *last_number_) return true;
  if (first > *last_number_ && first - *last_number_ > largest_gap) return true;
  return std::any_of(playlist.segments.begin(), playlist.segments.end(),
                     [this](const PlaylistSegment& segment) { return contradicts(segment); });
}

void Planner::mark_listed(const MediaPlaylist& playlist) {
  if (playlist.segments.empty()) return;
  const std::uint64_t first = playlist.segments.front().number;
  for (Slot& slot : slots_) {
    if (slot.id.timeline == timeline_ && slot.id.number < first) slot.listed = false;
    // The address may have another signature now.
    if (slot.id.timeline != timeline_ || slot.id.number < first) continue;
    const std::uint64_t place = slot.id.number - first;
    if (place < playlist.segments.size()) slot.uri = playlist.segments[place].uri;
  }
}

std::size_t Planner::add_segments(const MediaPlaylist& playlist) {
  std::size_t added = 0;
  for (const PlaylistSegment& segment : playlist.segments) {
    if (last_number_ && segment.number <= *last_number_) continue;
    const std::uint64_t expected = last_number_ ? *last_number_ + 1 : segment.number;
    if (segment.number > expected) {
      Slot hole;
      hole.id = {timeline_, expected};
      hole.count = segment.number - expected;
      hole.input.duration_ms = std::min(target_ms_, last_duration_ms_);
      give_up(hole, LossReason::window);
      slots_.push_back(std::move(hole));
    }
    add_segment(playlist, segment);
    last_number_ = segment.number;
    ++added;
  }
  return added;
}

void Planner::add_segment(const MediaPlaylist& playlist, const PlaylistSegment& segment) {
  Slot slot;
  slot.id = {timeline_, segment.number};
  slot.uri = segment.uri;
  slot.map = playlist.maps[segment.map];
  slot.input.duration_ms = segment.duration_ms;
  slot.input.discontinuity = segment.discontinuity;
  slot.input.new_timeline = restarted_;
  restarted_ = false;
  slot.size = segment.size;
  slot.crc32 = segment.crc32;
  if (segment.absent) give_up(slot, LossReason::missing);
  known_.push_back({slot.id, name_of(slot.uri), slot.crc32});
  if (known_.size() > most_known) known_.pop_front();
  slots_.push_back(std::move(slot));
}

bool Planner::init_arrived(std::int64_t now, const std::string& uri, ByteView bytes) {
  Result<InitSegment> parsed = parse_init(bytes);
  if (!parsed) {
    init_failed(now, uri);
    return false;
  }
  const auto shared = std::make_shared<const InitSegment>(std::move(parsed).value());
  for (Init& init : inits_) {
    if (init.uri != uri || !init.fetching) continue;
    init.parsed = shared;
    init.fetching = false;
  }
  return true;
}

void Planner::init_failed(std::int64_t now, const std::string& uri) {
  for (Init& init : inits_) {
    if (init.uri != uri || !init.fetching) continue;
    init.fetching = false;
    init.retry_at = now + init_retry_ms;
    if (++init.tries >= init_tries) end(now, EndReason::unreadable);
  }
}

Planner::Slot* Planner::find(const SegmentId& id) {
  const auto at = std::find_if(slots_.begin(), slots_.end(),
                               [&id](const Slot& s) { return s.id == id && s.state == State::fetching; });
  return at == slots_.end() ? nullptr : &*at;
}

bool Planner::segment_arrived(std::int64_t now, const SegmentId& id, std::string body) {
  Slot* slot = find(id);
  if (slot == nullptr) return true;
  const bool good =
      (!slot->size || *slot->size == body.size()) && (!slot->crc32 || *slot->crc32 == checksum_of(body));
  if (!good) {
    segment_failed(now, id, FetchFailure::damaged);
    return false;
  }
  --fetching_;
  slot->state = State::loaded;
  slot->body = std::move(body);
  held_bytes_ += slot->body.size();
  return true;
}

void Planner::segment_failed(std::int64_t now, const SegmentId& id, FetchFailure failure) {
  Slot* slot = find(id);
  if (slot == nullptr) return;
  --fetching_;
  slot->state = State::waiting;
  const bool first = slot == &slots_.front();
  if (failure == FetchFailure::too_large && !first && !slot->alone) {
    slot->alone = true;  // again, when nothing else is held
    return;
  }
  slot->retry_at = now + retry_ms;
  if (!slot->failing_since) slot->failing_since = now;
  const bool damaged = failure == FetchFailure::damaged;
  if (damaged) ++slot->damaged;
  const bool hopeless = failure == FetchFailure::too_large || slot->damaged >= damaged_tries;
  if (hopeless || !slot->listed || now + retry_ms - *slot->failing_since > patience_ms) {
    give_up(*slot, damaged ? LossReason::damaged : LossReason::missing);
  }
}

void Planner::give_up(Slot& slot, LossReason reason) {
  slot.state = State::lost;
  slot.loss = reason;
}

}  // namespace live::hls
