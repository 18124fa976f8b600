// SPDX-License-Identifier: Apache-2.0
// Events that are waiting for their receivers, and how far each receiver is. Every change gives the text that
// is to be appended to the log. Pure.
#pragma once
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "recorder/notifications/outbox_log.hpp"

namespace live::recorder {

class Outbox {
 public:
  static constexpr std::size_t max_events = 10'000;
  static constexpr Duration max_age = std::chrono::hours(24 * 7);

  struct Receiver {
    std::string name;
    std::vector<liveroom::NotificationEvent> events;  // those it wants
  };

  struct Loaded {
    EventLedger::State ledger;
    std::uint64_t damaged = 0;
    bool ends_torn = false;
  };
  // From an earlier process; before anything else.
  Loaded load(std::string_view log);

  // One that wasn't there before is told of what happens from now on; what waits for one that is gone is
  // dropped. Without receivers nothing is kept. Returns what is to be appended.
  std::string set_receivers(std::vector<Receiver> receivers);

  // What happened, and the state of the ledger after it. Nothing to append when nobody wants it.
  std::string add(liveroom::NotificationEvent type, std::string body, WallTime time,
                  const EventLedger::State& ledger);

  // The oldest event that this receiver wants and does not have; valid until the next change.
  const OutboxEvent* next(const std::string& receiver) const;
  // It has this event, or does without. Returns what is to be appended.
  std::string done(const std::string& receiver, std::uint64_t sequence);
  // Lets go of what is too old.
  void expire(WallTime now);

  // The whole log, as short as it can be.
  std::string compacted(const EventLedger::State& ledger) const;

  std::uint64_t newest() const { return next_ - 1; }  // number of the event that was added last
  std::size_t size() const { return events_.size(); }
  std::size_t bytes() const { return bytes_; }  // of the bodies that are kept
  std::size_t pending(const std::string& receiver) const;
  // Events that the limits took from this receiver since the start.
  std::uint64_t dropped(const std::string& receiver) const;

 private:
  struct Cursor {
    Receiver receiver;
    std::uint64_t done = 0;
    std::uint64_t dropped = 0;
  };
  bool wants(const Cursor& cursor, const OutboxEvent& event) const;
  void drop_oldest();
  void forget_done();

  std::deque<OutboxEvent> events_;
  std::map<std::string, Cursor> cursors_;
  std::map<std::string, std::uint64_t> loaded_cursors_;  // until set_receivers says whose they are
  std::uint64_t next_ = 1;
  std::size_t bytes_ = 0;
};

}  // namespace live::recorder
