// SPDX-License-Identifier: Apache-2.0
// Which Event is a new object and which only counts up one that exists. Pure.
#pragma once
#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "base/json_fwd.hpp"
#include "base/random.hpp"
#include "kube/event_recorder.hpp"

namespace live::kube {

// What is to be sent about an event.
struct EventWrite {
  ObjectKey key;  // of the Event object
  bool create = true;
  Event event;             // when create
  WallTime time{};         // when it happened, last of the series
  std::int64_t count = 1;  // when not create: how often in the series
};

class EventSeries {
 public:
  // The same again within this time since the last is counted in the existing object; and such counts are
  // written at most this often.
  static constexpr Duration window = EventRecorder::series_window;
  // Series remembered; beyond, the one that was quiet for longest is forgotten.
  static constexpr std::size_t max_series = 4096;

  // Nothing when it is only counted.
  std::optional<EventWrite> add(Event event, TimePoint now, WallTime wall_now, Random& random);
  // Counts that have waited for their turn. Forgets series that are over.
  std::vector<EventWrite> due(TimePoint now);
  // When due() has something to do; TimePoint::max() when nothing is waiting.
  TimePoint next_due() const;
  // The object is not there (expired, or never written): the next event makes a new one.
  void forget(const ObjectKey& event_key);
  std::size_t size() const { return series_.size(); }

 private:
  struct Series {
    std::string identity;
    ObjectKey key;
    TimePoint last{};
    WallTime last_wall{};
    TimePoint written{};
    std::int64_t count = 1;
    bool unwritten = false;
  };
  using Place = std::list<Series>::iterator;

  EventWrite count_of(Series& series, TimePoint now);
  void erase(Place place);

  std::list<Series> series_;  // quiet for longest first
  std::unordered_map<std::string, Place> by_identity_;
};

// Bodies of the two requests: a create, and a merge patch.
Json event_json(const EventWrite& write, const EventRecorderOptions& options);
Json series_json(const EventWrite& write);

}  // namespace live::kube
