// SPDX-License-Identifier: Apache-2.0
#include "recorder/show/show_facts.hpp"

#include <fmt/format.h>

#include "base/version.hpp"

namespace live::recorder {

storage::FileNameFields file_name_fields(const ShowFacts& facts, WallTime opened) {
  storage::FileNameFields fields;
  fields.title = facts.room.title;
  fields.room_id = facts.room.room_id;
  fields.short_id = facts.room.short_id;
  fields.uid = facts.room.uid;
  fields.anchor = facts.room.anchor;
  fields.area = facts.room.area;
  fields.parent_area = facts.room.parent_area;
  fields.quality = facts.quality;
  fields.part = facts.part;
  fields.time = opened;
  return fields;
}

std::vector<flv::amf::Property> script_metadata(const ShowFacts& facts, WallTime opened) {
  using flv::amf::Value;
  const auto number = [](std::int64_t value) { return Value(std::to_string(value)); };
  const auto milliseconds =
      std::chrono::duration_cast<std::chrono::milliseconds>(opened.time_since_epoch()).count();
  flv::amf::Object own;
  own.properties = {
      {"Recorder", Value("liveroom " + std::string(version))},
      {"RoomId", number(facts.room.room_id)},
      {"ShortId", number(facts.room.short_id)},
      {"Anchor", Value(facts.room.anchor)},
      {"StreamTitle", Value(facts.room.title)},
      {"ParentArea", Value(facts.room.parent_area)},
      {"Area", Value(facts.room.area)},
      {"ShowKey", Value(facts.show.key)},
      {"Session", Value(facts.session)},
      {"Part", number(facts.part)},
      {"StartTime", Value(flv::amf::Date{static_cast<double>(milliseconds), 0})},
  };
  return {{"Title", Value(facts.room.title)},
          {"Artist", Value(fmt::format("{} ({})", facts.room.anchor, facts.room.room_id))},
          {"liveroom", Value(std::move(own))}};
}

}  // namespace live::recorder
