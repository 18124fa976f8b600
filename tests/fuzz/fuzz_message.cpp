// SPDX-License-Identifier: Apache-2.0
// Contract: reading a message never throws, the quick look at its command agrees with the full one, and a
// room monitor that gets it stays in a state that makes sense.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "base/bytes.hpp"
#include "base/json.hpp"
#include "recorder/bilibili/command.hpp"
#include "recorder/bilibili/message.hpp"
#include "recorder/bilibili/repeat_filter.hpp"
#include "recorder/bilibili/room_monitor.hpp"

namespace {

using namespace live::bilibili;

// Where the text is JSON and has one "cmd" (of two, each look takes another).
void compare_looks(std::string_view text) {
  const std::optional<std::string_view> quick = peek_command(text);
  const live::Json full = live::parse_json(text);
  if (!quick || full.is_discarded()) return;
  if (!full.is_object() || !full.contains("cmd") || !full["cmd"].is_string()) {
    const std::size_t first = text.find("\"cmd\"");
    if (first == std::string_view::npos || text.find("\"cmd\"", first + 1) == std::string_view::npos)
      std::abort();
    return;
  }
  const std::string command = full["cmd"].get<std::string>();
  if (command.substr(0, command.find(':')) == *quick) return;
  const std::size_t first = text.find("cmd");
  if (text.find("cmd", first + 1) == std::string_view::npos && text.find('\\') == std::string_view::npos)
    std::abort();
}

void feed_monitor(const Message& message) {
  const live::TimePoint now{std::chrono::hours(1)};
  RoomMonitor monitor(MonitorSettings(), now, live::Random(1));
  monitor.next(now);
  RoomStatus status;
  status.room.room_id = message.room_id;
  monitor.polled({now, std::nullopt, status, std::nullopt, std::nullopt}, now);
  monitor.pushed(message, now);
  monitor.pushed(message, now);
  const RoomView& view = monitor.view();
  if (view.state == RoomState::live && !view.show) std::abort();
  if (view.state == RoomState::offline && view.show) std::abort();
  monitor.next(now + std::chrono::hours(2));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = live::as_text(live::ByteView(data, size));
  compare_looks(text);
  const live::Result<Message> message = parse_message(text);
  if (!message) return 0;
  feed_monitor(*message);
  RepeatFilter repeats;
  const bool first = repeats.is_repeat(message->content, live::TimePoint());
  // The same again is a repeat if it has anything to be known by; nothing is one at first sight unless it
  // names a thing twice.
  if (first && !std::holds_alternative<GiftsSent>(message->content)) std::abort();
  repeats.is_repeat(message->content, live::TimePoint());
  return 0;
}
