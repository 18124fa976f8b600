// SPDX-License-Identifier: Apache-2.0
// Everything the simulated site knows: rooms, connections, calls, tokens, keys. One thread, no I/O but
// loading media.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "simulator/connection_log.hpp"
#include "simulator/hls_stream.hpp"
#include "simulator/request_log.hpp"
#include "simulator/room.hpp"
#include "simulator/tokens.hpp"
#include "simulator/wbi.hpp"

namespace live::simulator {

enum class DropKind {
  reset,  // RST at once
  close,  // the body or the socket ends in good order
  cut,    // FIN without the end of the body
};

struct Stall {
  TimePoint until = TimePoint::max();
  bool lose = false;     // what is due meanwhile is never sent
  bool trickle = false;  // one byte each quarter second in place of silence
};

// What is done to a stream at the next tag.
struct Spoil {
  std::size_t garbage = 0;      // so many random bytes are sent
  std::uint64_t lose_tags = 0;  // so many media tags are not
  bool headers = false;         // script and sequence headers once more
  // From now on what was sent in so much media time, from a key frame on, is sent again and again.
  std::uint64_t loop_ms = 0;
  bool restamp = false;  // with times that go on
};

// An authenticated danmaku connection, as commands see it.
class DanmakuPeer {
 public:
  virtual ~DanmakuPeer() = default;
  virtual void send(std::shared_ptr<const std::string> message) = 0;
  virtual void freeze() = 0;  // half-open: neither reads nor writes from now on
  virtual void drop(DropKind how) = 0;
};

// An open stream, as commands see it.
class MediaPeer {
 public:
  virtual ~MediaPeer() = default;
  virtual std::uint64_t id() const = 0;
  virtual void drop(DropKind how) = 0;
  virtual void stall(Stall stall) = 0;
  virtual void spoil(const Spoil& spoil) = 0;
};

// Messages made at a steady rate.
struct ChatRun {
  double per_second = 0;
  TimePoint started{}, until = TimePoint::max();
  std::uint64_t sent = 0;
  bool active = false;    // there are more to come
  std::uint64_t run = 0;  // number of the run, so that an old one notices that it was replaced
};

struct Room {
  RoomState state;
  bool gone = false;           // deleted: answers as if it had never been
  std::optional<Stall> stall;  // of connections that open from now on
  ChatRun chat;
  bool hls_seen = false;           // a playlist was asked for
  std::unique_ptr<HlsStream> hls;  // of the show, once somebody asked for it or changed it
  std::uint64_t drop_run = 0;      // number of the newest run of regular drops
  std::set<DanmakuPeer*> danmaku;
  std::set<MediaPeer*> media;
};

// The show's; the room has one.
HlsStream& hls_of(Room& room);

enum class Event { danmaku_connected, media_connected };

class World {
 public:
  using Later = std::function<void(Duration, std::function<void()>)>;
  using Listener = std::function<void(Event, Room&)>;

  // `later` runs an action after some time on this thread.
  World(Clock& clock, Random random, Later later, std::size_t max_tags = ConnectionLog::default_max_tags);

  Room* find_room(std::int64_t id);         // by real id
  Room* find_room_by_any(std::int64_t id);  // by real or short id
  std::vector<Room*> rooms();
  // Makes the room of body's roomId or changes it.
  Result<Room*> put_room(const Json& body);

  // By the name under which it was loaded: its path or its file name. Other names are loaded now.
  Result<Media> media(const std::string& name);
  void add_media(const std::string& name, Media media);
  // What plays when nobody says: the first one loaded.
  Result<Media> default_media();

  void broadcast(Room& room, std::string message);
  void listen(Listener listener) { listeners_.push_back(std::move(listener)); }
  void report(Event event, Room& room);
  void later(Duration length, std::function<void()> action) { later_(length, std::move(action)); }
  void rotate_keys();
  // Unlike any other one of this process, and longer than 2^53 as the site's are.
  std::uint64_t new_show_key();
  std::string voucher();

  TimePoint now() const { return clock.now(); }
  WallTime wall_now() const { return clock.wall_now(); }

  Clock& clock;
  Random random;
  ConnectionLog connections;
  RequestLog requests;
  Tokens tokens;
  WbiKeys keys;
  Faults faults;              // of the API, for every room
  bool session_valid = true;  // whether a SESSDATA cookie counts as logged in
  std::string url_secret;

 private:
  Later later_;
  std::vector<Listener> listeners_;
  std::map<std::int64_t, std::unique_ptr<Room>> rooms_;
  std::map<std::string, Media> media_;
  Media default_media_;
};

}  // namespace live::simulator
