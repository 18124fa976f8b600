// SPDX-License-Identifier: Apache-2.0
#include "recorder/notifications/outbox.hpp"

#include <algorithm>

namespace live::recorder {

Outbox::Loaded Outbox::load(std::string_view text) {
  OutboxLog log = read_outbox_log(text);
  Loaded loaded;
  loaded.damaged = log.damaged;
  loaded.ends_torn = log.ends_torn;
  for (OutboxRecord& record : log.records) {
    if (auto* event = std::get_if<EventRecord>(&record)) {
      loaded.ledger = std::move(event->ledger);
      // A number that is not the next one was given by a process whose lines were lost; order is what counts.
      if (!events_.empty() && event->event.sequence <= events_.back().sequence) continue;
      next_ = std::max(next_, event->event.sequence + 1);
      bytes_ += event->event.body.size();
      events_.push_back(std::move(event->event));
    } else if (const auto* cursor = std::get_if<CursorRecord>(&record)) {
      std::uint64_t& done = loaded_cursors_[cursor->receiver];
      done = std::max(done, cursor->delivered);
    } else {
      const auto& head = std::get<HeadRecord>(record);
      loaded.ledger = head.ledger;
      next_ = std::max(next_, head.next);
    }
  }
  // A cursor may be ahead of events whose lines are damaged: their numbers are never given again.
  for (const auto& [name, done] : loaded_cursors_) next_ = std::max(next_, done + 1);
  return loaded;
}

std::string Outbox::set_receivers(std::vector<Receiver> receivers) {
  std::string append;
  std::map<std::string, Cursor> cursors;
  for (Receiver& receiver : receivers) {
    Cursor cursor;
    if (const auto known = cursors_.find(receiver.name); known != cursors_.end()) {
      cursor = known->second;
    } else if (const auto loaded = loaded_cursors_.find(receiver.name); loaded != loaded_cursors_.end()) {
      cursor.done = loaded->second;
    } else {
      cursor.done = next_ - 1;
      append += to_line(CursorRecord{receiver.name, cursor.done});
    }
    std::string name = receiver.name;
    cursor.receiver = std::move(receiver);
    cursors.emplace(std::move(name), std::move(cursor));
  }
  cursors_ = std::move(cursors);
  loaded_cursors_.clear();
  forget_done();
  return append;
}

bool Outbox::wants(const Cursor& cursor, const OutboxEvent& event) const {
  const auto& wanted = cursor.receiver.events;
  return event.sequence > cursor.done && std::ranges::find(wanted, event.type) != wanted.end();
}

std::string Outbox::add(liveroom::NotificationEvent type, std::string body, WallTime time,
                        const EventLedger::State& ledger) {
  if (cursors_.empty()) return {};
  OutboxEvent event;
  event.sequence = next_++;
  event.time = time;
  event.type = type;
  event.body = std::move(body);
  std::string line = to_line(event, ledger);
  bytes_ += event.body.size();
  events_.push_back(std::move(event));
  while (events_.size() > max_events) drop_oldest();
  forget_done();
  return line;
}

const OutboxEvent* Outbox::next(const std::string& receiver) const {
  const auto cursor = cursors_.find(receiver);
  if (cursor == cursors_.end()) return nullptr;
  const auto found =
      std::ranges::find_if(events_, [&](const OutboxEvent& event) { return wants(cursor->second, event); });
  return found == events_.end() ? nullptr : &*found;
}

std::string Outbox::done(const std::string& receiver, std::uint64_t sequence) {
  const auto cursor = cursors_.find(receiver);
  if (cursor == cursors_.end() || sequence <= cursor->second.done) return {};
  cursor->second.done = sequence;
  forget_done();
  return to_line(CursorRecord{receiver, sequence});
}

void Outbox::drop_oldest() {
  const OutboxEvent& oldest = events_.front();
  for (auto& [name, cursor] : cursors_)
    if (wants(cursor, oldest)) ++cursor.dropped;
  bytes_ -= oldest.body.size();
  events_.pop_front();
}

void Outbox::expire(WallTime now) {
  while (!events_.empty() && events_.front().time < now - max_age) drop_oldest();
}

void Outbox::forget_done() {
  while (!events_.empty()) {
    const bool wanted = std::ranges::any_of(
        cursors_, [&](const auto& entry) { return wants(entry.second, events_.front()); });
    if (wanted) return;
    bytes_ -= events_.front().body.size();
    events_.pop_front();
  }
}

std::string Outbox::compacted(const EventLedger::State& ledger) const {
  std::string text = to_line(HeadRecord{next_, ledger});
  for (const auto& [name, cursor] : cursors_) text += to_line(CursorRecord{name, cursor.done});
  for (const OutboxEvent& event : events_) text += to_line(event, ledger);
  return text;
}

std::size_t Outbox::pending(const std::string& receiver) const {
  const auto cursor = cursors_.find(receiver);
  if (cursor == cursors_.end()) return 0;
  return static_cast<std::size_t>(
      std::ranges::count_if(events_, [&](const OutboxEvent& event) { return wants(cursor->second, event); }));
}

std::uint64_t Outbox::dropped(const std::string& receiver) const {
  const auto cursor = cursors_.find(receiver);
  return cursor == cursors_.end() ? 0 : cursor->second.dropped;
}

}  // namespace live::recorder
