// SPDX-License-Identifier: Apache-2.0
#include "simulator/media_session.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace live::simulator {
namespace {

constexpr auto pace_step = std::chrono::milliseconds(20);
constexpr auto trickle_step = std::chrono::milliseconds(250);
constexpr std::size_t batch_size = 256 * 1024;
constexpr auto client_idle = std::chrono::hours(24 * 365);  // clients of a stream say nothing

ConnectionRecord describe(const World& world, const Room& room, const Request& request,
                          const MediaOptions& options) {
  ConnectionRecord record;
  record.kind = ConnectionKind::media;
  record.room_id = room.state.info.id;
  record.peer = request.peer;
  record.host = clip(request.header("Host"));
  record.user_agent = clip(request.header("User-Agent"));
  record.tls = request.tls;
  record.cookie = !request.header("Cookie").empty();
  record.quality = options.quality;
  record.opened_ms = to_ms(world.wall_now());
  return record;
}

}  // namespace

MediaSession::MediaSession(World& world, Room& room, Conduit& conduit, Request request, MediaOptions options)
    : world_(world),
      room_(room),
      conduit_(conduit),
      show_(*room.state.show),
      chunked_(room.state.info.framing == "chunked"),
      cache_(options.cache),
      pace_(options.pace.value_or(show_.pace)),
      base_(options.timestamp_base.value_or(show_.timestamp_base)),
      byte_limit_(options.bytes.value_or(show_.connection_bytes)),
      record_(world.connections.open(describe(world, room, request, options))),
      stall_(room.stall) {
  room_.media.insert(this);
}

MediaSession::~MediaSession() {
  room_.media.erase(this);
  world_.connections.close(record_.id, end_.empty() ? "client" : end_, to_ms(world_.wall_now()));
}

void MediaSession::end(std::string why) {
  if (end_.empty()) end_ = std::move(why);
  if (group_) group_->request_stop();
}

void MediaSession::drop(DropKind how) {
  if (how == DropKind::close) {
    finish_ = true;
    stall_.reset();
    return;
  }
  if (how == DropKind::reset) conduit_.reset();
  if (how == DropKind::cut) conduit_.cut();
  end(how == DropKind::reset ? "reset" : "cut");
}

awaitable<void> MediaSession::run(std::stop_token stop) {
  TaskGroup group(conduit_.executor(), stop);
  group_ = &group;
  const std::stop_token token = group.token();
  std::stop_callback on_stop(token, [this] { conduit_.cut(); });
  group.spawn(watch_client());
  group.spawn(play(token));
  co_await group.join();
  group_ = nullptr;
}

// The only thing that a client sends is its end.
awaitable<void> MediaSession::watch_client() {
  std::uint8_t ignored[256];
  std::size_t count = 1;
  while (count > 0) {
    count = co_await conduit_.read_some(ignored, client_idle);
  }
  if (!finish_) end("client");
}

awaitable<void> MediaSession::play(std::stop_token stop) {
  world_.report(Event::media_connected, room_);
  const bool begun = co_await begin();
  if (!begun) co_return;
  TimePoint tick = world_.now();
  while (!stop.stop_requested()) {
    Step done = Step::waiting;
    if (stall_ && world_.now() < stall_->until) {
      if (stall_->trickle) {
        const bool sent = co_await trickle(stop);
        if (!sent) co_return;
      }
    } else {
      if (stall_ && stall_->lose) next_ = std::max(next_, due());
      stall_.reset();
      done = co_await step();
    }
    if (done == Step::over) break;
    if (done == Step::sent) continue;
    tick = std::max(tick + pace_step, world_.now());
    co_await world_.clock.sleep_until(tick, stop);
  }
  if (stop.stop_requested()) co_return;
  finish_ = true;
  if (chunked_) {
    co_await conduit_.write(as_bytes(last_chunk));
  }
  conduit_.cancel();
  co_await conduit_.finish();
  end(limit_reached() ? "byte limit" : over() ? "end of show" : "closed");
}

awaitable<bool> MediaSession::begin() {
  const std::string head = fmt::format(
      "HTTP/1.1 200 OK\r\nServer: simulator\r\nContent-Type: video/x-flv\r\nCache-Control: no-cache\r\n{}"
      "Connection: close\r\n\r\n",
      chunked_ ? "Transfer-Encoding: chunked\r\n" : "");
  const std::size_t head_written = co_await conduit_.write(as_bytes(head));
  if (head_written < head.size()) {
    end("client");
    co_return false;
  }
  const FlvSource& source = show_.timeline.source();
  FlvBatch batch(chunked_);
  batch.add_file_header(source.audio_header().has_value(), source.video_header().has_value());
  add_header(batch, source.script());
  add_header(batch, source.video_header());
  add_header(batch, source.audio_header());
  const Timeline& timeline = show_.timeline;
  if (pace_ != 0) next_ = cache_ ? timeline.cache_start(due()) : timeline.next_key(due());
  const bool sent = co_await send(batch);
  co_return sent;
}

// Sends what is due, at most one batch of it.
awaitable<MediaSession::Step> MediaSession::step() {
  if (finish_ || limit_reached()) co_return Step::over;
  FlvBatch batch(chunked_);
  add_media(batch);
  if (batch.empty()) co_return over() ? Step::over : Step::waiting;
  const bool sent = co_await send(batch);
  co_return sent ? Step::sent : Step::over;
}

// The next tag byte by byte while the stall lasts, the rest of it at once afterwards.
awaitable<bool> MediaSession::trickle(std::stop_token stop) {
  if (next_ >= due()) co_return true;
  FlvBatch whole(false);
  const TimelineTag at = show_.timeline.tag(next_++);
  const SourceTag& tag = show_.timeline.source().media()[at.index];
  SentTag note;
  note.timestamp = static_cast<std::uint32_t>(base_ + at.time_ms);
  whole.add(tag, show_.timeline.source().body(tag), note);
  const ByteView bytes = whole.finish();
  std::size_t sent = 0;
  while (sent < bytes.size() && !stop.stop_requested()) {
    const bool slow = stall_ && world_.now() < stall_->until && !finish_;
    const std::size_t count = slow ? 1 : bytes.size() - sent;
    FlvBatch piece(chunked_);
    piece.add_raw(bytes.subspan(sent, count));
    const bool written = co_await send(piece);
    if (!written) co_return false;
    sent += count;
    if (slow) {
      co_await world_.clock.sleep_for(trickle_step, stop);
    }
  }
  note = whole.marks().front().tag;
  note.loop = at.loop;
  note.index = static_cast<std::int64_t>(at.index);
  note.source_timestamp = tag.timestamp;
  if (sent == bytes.size()) world_.connections.sent(record_, note, to_ms(world_.wall_now()));
  co_return true;
}

awaitable<bool> MediaSession::send(FlvBatch& batch) {
  const ByteView bytes = batch.finish();
  const std::size_t written = co_await conduit_.write(bytes);
  record_.bytes += written;
  const std::int64_t wall_ms = to_ms(world_.wall_now());
  for (const TagMark& mark : batch.marks())
    if (mark.end <= written) world_.connections.sent(record_, mark.tag, wall_ms);
  if (written < bytes.size()) end("client");
  co_return written == bytes.size();
}

void MediaSession::add_header(FlvBatch& batch, const std::optional<SourceTag>& tag) {
  if (!tag) return;
  SentTag note;
  note.header = true;
  batch.add(*tag, show_.timeline.source().body(*tag), note);
}

std::uint64_t MediaSession::looped(std::uint64_t number) const {
  if (!loop_end_ || number < *loop_end_) return number;
  return loop_begin_ + (number - *loop_end_) % (*loop_end_ - loop_begin_);
}

void MediaSession::spoil_stream(FlvBatch& batch) {
  for (const Spoil& spoil : spoils_) {
    Bytes garbage(spoil.garbage);
    for (std::uint8_t& byte : garbage) byte = static_cast<std::uint8_t>(world_.random.between(0, 255));
    if (!garbage.empty()) garbage.front() = 0xFF;  // no tag's type: else it may stand for one of megabytes
    batch.add_raw(garbage);
    next_ += spoil.lose_tags;
    if (spoil.headers) {
      add_header(batch, show_.timeline.source().script());
      add_header(batch, show_.timeline.source().video_header());
      add_header(batch, show_.timeline.source().audio_header());
    }
    if (spoil.loop_ms == 0 || next_ == 0) continue;
    const std::uint64_t end_ms = show_.timeline.tag(next_).time_ms;
    std::uint64_t begin = next_;
    while (begin > 0 && show_.timeline.tag(begin).time_ms + spoil.loop_ms > end_ms) --begin;
    loop_begin_ = show_.timeline.cache_start(begin + 1);
    loop_end_ = next_;
    loop_restamps_ = spoil.restamp;
  }
  spoils_.clear();
}

void MediaSession::add_media(FlvBatch& batch) {
  const FlvSource& source = show_.timeline.source();
  spoil_stream(batch);
  const std::uint64_t until = due();
  while (next_ < until && batch.payload_size() < batch_size) {
    if (byte_limit_ != 0 && record_.bytes + batch.payload_size() >= byte_limit_) break;
    const std::uint64_t number = next_++;
    const TimelineTag at = show_.timeline.tag(looped(number));
    const SourceTag& tag = source.media()[at.index];
    const std::uint64_t time = loop_restamps_ ? show_.timeline.tag(number).time_ms : at.time_ms;
    SentTag note;
    note.timestamp = static_cast<std::uint32_t>(base_ + time);
    note.source_timestamp = tag.timestamp;
    note.loop = at.loop;
    note.index = static_cast<std::int64_t>(at.index);
    batch.add(tag, source.body(tag), note);
  }
}

std::uint64_t MediaSession::due() const {
  if (pace_ == 0) return over() ? 0 : UINT64_MAX;
  const Show& current = *room_.state.show;
  return current.key == show_.key && current.push_begins == show_.push_begins ? current.due(world_.now())
                                                                              : next_;
}

bool MediaSession::over() const {
  const Show& current = *room_.state.show;
  if (current.key != show_.key || current.push_begins != show_.push_begins) return true;
  return current.push_ends && world_.now() >= *current.push_ends;
}

}  // namespace live::simulator
