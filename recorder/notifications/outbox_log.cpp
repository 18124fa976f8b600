// SPDX-License-Identifier: Apache-2.0
#include "recorder/notifications/outbox_log.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <charconv>

#include "base/json.hpp"
#include "base/time_format.hpp"

namespace live::recorder {
namespace {

constexpr std::size_t checksum_digits = 8;

std::uint32_t checksum(std::string_view text) {
  return static_cast<std::uint32_t>(::crc32_z(0, reinterpret_cast<const Bytef*>(text.data()), text.size()));
}

std::string line_of(const Json& json) {
  const std::string text = dump_json(json);
  return fmt::format("{:08x} {}\n", checksum(text), text);
}

std::optional<liveroom::NotificationEvent> event_type(std::string_view name) {
  for (const liveroom::NotificationEvent type : liveroom::every_event)
    if (liveroom::to_string(type) == name) return type;
  return std::nullopt;
}

std::optional<OutboxRecord> read_event(const Json& json, std::uint64_t sequence) {
  EventRecord record;
  record.event.sequence = sequence;
  const auto time = parse_rfc3339(json_string(json_at(json, "/time")).value_or(""));
  const auto type = event_type(json_string(json_at(json, "/type")).value_or(""));
  if (!time || !type) return std::nullopt;
  record.event.time = *time;
  record.event.type = *type;
  record.event.body = json_string(json_at(json, "/body")).value_or("");
  record.ledger = ledger_state_from_json(json_at(json, "/ledger"));
  return record;
}

std::optional<std::uint64_t> number_at(const Json& json, std::string_view path) {
  const std::optional<std::int64_t> number = json_int(json_at(json, path));
  if (!number || *number < 0) return std::nullopt;
  return static_cast<std::uint64_t>(*number);
}

std::optional<OutboxRecord> read_line(std::string_view line) {
  if (line.size() <= checksum_digits || line[checksum_digits] != ' ') return std::nullopt;
  std::uint32_t wanted = 0;
  const char* digits_end = line.data() + checksum_digits;
  const auto [end, error] = std::from_chars(line.data(), digits_end, wanted, 16);
  if (error != std::errc() || end != digits_end) return std::nullopt;
  const std::string_view text = line.substr(checksum_digits + 1);
  if (checksum(text) != wanted) return std::nullopt;
  const Json json = parse_json(text);
  if (const auto sequence = number_at(json, "/event")) return read_event(json, *sequence);
  if (const auto delivered = number_at(json, "/delivered"))
    return CursorRecord{json_string(json_at(json, "/receiver")).value_or(""), *delivered};
  if (const auto next = number_at(json, "/next"))
    return HeadRecord{*next, ledger_state_from_json(json_at(json, "/ledger"))};
  return std::nullopt;
}

}  // namespace

std::string to_line(const OutboxEvent& event, const EventLedger::State& ledger) {
  Json json = Json::object();
  json["event"] = event.sequence;
  json["time"] = format_rfc3339_micro(event.time);
  json["type"] = liveroom::to_string(event.type);
  json["body"] = event.body;
  json["ledger"] = to_json(ledger);
  return line_of(json);
}

std::string to_line(const CursorRecord& cursor) {
  Json json = Json::object();
  json["receiver"] = cursor.receiver;
  json["delivered"] = cursor.delivered;
  return line_of(json);
}

std::string to_line(const HeadRecord& head) {
  Json json = Json::object();
  json["next"] = head.next;
  json["ledger"] = to_json(head.ledger);
  return line_of(json);
}

OutboxLog read_outbox_log(std::string_view text) {
  OutboxLog log;
  log.ends_torn = !text.empty() && text.back() != '\n';
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty()) continue;
    if (std::optional<OutboxRecord> record = read_line(line)) {
      log.records.push_back(*std::move(record));
    } else {
      ++log.damaged;
    }
  }
  return log;
}

}  // namespace live::recorder
