// SPDX-License-Identifier: Apache-2.0
// A room and its show as the site keeps them. Pure.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/json_fwd.hpp"
#include "base/result.hpp"
#include "simulator/faults.hpp"
#include "simulator/timeline.hpp"

namespace live::simulator {

enum class LiveStatus { idle = 0, live = 1, rotation = 2 };

struct Area {
  int id = 371;
  std::string name = "虚拟日常";
  int parent_id = 9;
  std::string parent_name = "虚拟主播";
};

struct RoomInfo {
  std::int64_t id = 0;
  std::int64_t short_id = 0;
  std::int64_t uid = 0;
  std::string title, anchor, cover, description, tags;
  Area area;
  bool hidden = false, locked = false, encrypted = false, portrait = false;
  std::int64_t hidden_till = 0, lock_till = 0;
  int special_type = 0;
  std::vector<int> all_special_types;
  std::vector<int> qualities = {10000, 250, 150};  // best first
  int guest_quality = 0;                           // best one without a SESSDATA cookie; 0: no limit
  Milliseconds url_lifetime{3'600'000};
  Milliseconds status_lag{0};  // for so long answers still show the status from before a change
  std::vector<std::string> formats = {"flv"};  // of flv, fmp4
  Milliseconds fmp4_delay{0};                  // from the start of the push until answers name fmp4
  std::string framing = "chunked";             // or "close": the body ends with the connection

  // Members of `body` over what is there; see README.md. The problem names the wrong field.
  std::optional<Problem> update(const Json& body);
};

// One broadcast.
struct Show {
  std::uint64_t key = 0;
  WallTime started{};       // start pressed
  TimePoint push_begins{};  // before that the stream answers 404
  std::optional<TimePoint> push_ends;
  Timeline timeline;
  std::uint32_t timestamp_base = 0;
  double pace = 1;  // media seconds a second; 0: as fast as the client reads, each from the start
  std::uint64_t connection_bytes = 0;  // a connection ends after so many; 0: no limit

  explicit Show(Media media) : timeline(std::move(media)) {}
  std::string key_text() const;
  std::string sub_session_key() const;
  bool pushing(TimePoint now) const { return now >= push_begins && (!push_ends || now < *push_ends); }
  // Media tags that the server has by now.
  std::uint64_t due(TimePoint now) const;
};

struct RoomState {
  RoomInfo info;
  LiveStatus status = LiveStatus::idle;
  std::optional<Show> show;  // the current one, or the last
  Faults faults;

  void set_status(LiveStatus to, TimePoint now);
  // What the APIs answer: late by info.status_lag.
  LiveStatus shown_status(TimePoint now) const;
  // Unix seconds of the show's start while `shown_status` says live, else 0.
  std::int64_t live_seconds(TimePoint now) const;

 private:
  LiveStatus previous_ = LiveStatus::idle;
  std::optional<TimePoint> changed_;
};

}  // namespace live::simulator
