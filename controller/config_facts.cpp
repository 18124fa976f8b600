// SPDX-License-Identifier: Apache-2.0
#include "controller/config_facts.hpp"

#include <unordered_map>
#include <vector>

#include "controller/template_hash.hpp"

namespace live::controller {
namespace {
using namespace liveroom;

constexpr std::size_t max_remembered = 256;

// By the hash of the text; emptied when it is full.
std::unordered_map<std::uint64_t, ConfigFacts>& remembered() {
  thread_local std::unordered_map<std::uint64_t, ConfigFacts> facts;
  if (facts.size() >= max_remembered) facts.clear();
  return facts;
}

// The bytes of a configuration, each text and each list behind its length. Structured bindings name all
// members: a new one doesn't compile until it is here.
class Image {
 public:
  template <class... T>
  Image& add(const T&... values) {
    (one(values), ...);
    return *this;
  }
  std::uint64_t hash() const { return text_hash(bytes_); }

 private:
  void one(std::int64_t value) { bytes_.append(reinterpret_cast<const char*>(&value), sizeof value); }
  void one(const std::string& text) {
    one(static_cast<std::int64_t>(text.size()));
    bytes_ += text;
  }
  template <class T>
  requires std::is_enum_v<T>
  void one(T value) { one(static_cast<std::int64_t>(value)); }
  template <class T>
  void one(const std::vector<T>& list) {
    one(static_cast<std::int64_t>(list.size()));
    for (const T& item : list) one(item);
  }
  void one(const StreamSpec& stream) {
    const auto& [qualities, fallback, formats, codecs, avoid_hosts, prefer_hosts] = stream;
    add(qualities, fallback, formats, codecs, avoid_hosts, prefer_hosts);
  }
  void one(const RecordingWindow& window) {
    const auto& [days, from, to] = window;
    add(days, from, to);
  }
  void one(const RecordingSpec& recording) {
    const auto& [directory, name_template, zone, seconds, size, on_title, danmaku, cover, titles, areas,
                 windows, gaps] = recording;
    add(directory, name_template, zone, seconds, size, on_title, danmaku, cover, titles, areas, windows,
        gaps);
  }
  void one(const TransportSpec& transport) {
    const auto& [timeout, retry, retries, poll, proxy, family] = transport;
    add(timeout, retry, retries, poll, proxy, family);
  }
  void one(const RetentionSpec& retention) {
    const auto& [age, size, free] = retention;
    add(age, size, free);
  }
  void one(const NotificationSpec& notification) {
    const auto& [name, url, events, secret, key] = notification;
    add(name, url, events, secret, key);
  }

  std::string bytes_;
};

ConfigFacts facts_of(const RecorderConfig& config) {
  return {config_hash(config), config.generation, config.report_sequence, config.rooms, config.drain};
}

}  // namespace

std::uint64_t config_hash(const RecorderConfig& config) {
  const auto& [version, name_space, name, uid, generation, sequence, rooms, drain, room_id, stream, recording,
               transport, retention, credentials, notifications] = config;
  static_cast<void>(rooms);
  return Image()
      .add(version, name_space, name, uid, generation, sequence, drain, room_id, stream, recording, transport,
           retention, credentials, notifications)
      .hash();
}

ConfigFacts config_facts(std::string_view text) {
  const std::uint64_t key = text_hash(text);
  auto& known = remembered();
  if (const auto found = known.find(key); found != known.end()) return found->second;
  const auto config = parse_recorder_config(text);
  if (!config) return {};
  return known.emplace(key, facts_of(config->value)).first->second;
}

std::string config_text(const RecorderConfig& config) {
  std::string text = to_text(config);
  remembered().insert_or_assign(text_hash(text), facts_of(config));
  return text;
}

}  // namespace live::controller
