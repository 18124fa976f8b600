// SPDX-License-Identifier: Apache-2.0
// The outbox as text on the volume: a log of lines, each with a checksum of its own, so that a torn or
// damaged one costs itself alone. Pure.
//
//   <CRC-32 of the rest, 8 hex digits> <JSON>\n
//   {"event":7,"time":"…","type":"FileClosed","body":"…","ledger":{…}}   something happened; ledger: state
//   after it
//   {"receiver":"archive","delivered":7}                                 what this receiver has, up to and
//   with 7
//   {"next":8,"ledger":{…}}                                              first line after a compaction
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.hpp"
#include "recorder/notifications/event_ledger.hpp"

namespace live::recorder {

struct OutboxEvent {
  std::uint64_t sequence = 0;  // from 1, without holes in the order of what happened
  WallTime time{};
  liveroom::NotificationEvent type = liveroom::NotificationEvent::session_started;
  std::string body;  // sent as it is, each time
};

struct EventRecord {
  OutboxEvent event;
  EventLedger::State ledger;
};
struct CursorRecord {
  std::string receiver;
  std::uint64_t delivered = 0;
};
struct HeadRecord {
  std::uint64_t next = 1;
  EventLedger::State ledger;
};
using OutboxRecord = std::variant<EventRecord, CursorRecord, HeadRecord>;

std::string to_line(const OutboxEvent& event, const EventLedger::State& ledger);
std::string to_line(const CursorRecord& cursor);
std::string to_line(const HeadRecord& head);

struct OutboxLog {
  std::vector<OutboxRecord> records;
  std::uint64_t damaged = 0;  // lines that are left out
  bool ends_torn = false;     // the last line lacks its end: begin the next one with a line break
};
OutboxLog read_outbox_log(std::string_view text);

}  // namespace live::recorder
