// SPDX-License-Identifier: Apache-2.0
// The sections that a LiveRoom's spec and a recorder's configuration share, to and from JSON. Pure.
#pragma once
#include "base/json_fwd.hpp"
#include "liveroom/field_reader.hpp"
#include "liveroom/spec.hpp"

namespace live::liveroom {

// The whole spec; defined in spec.cpp.
void read_spec(FieldReader& reader, LiveRoomSpec& target);

// `base` gives the value of an enumeration whose member isn't known.
void read_stream(FieldReader& reader, StreamSpec& target, const StreamSpec& base);
void read_recording(FieldReader& reader, RecordingSpec& target, const RecordingSpec& base);
void read_transport(FieldReader& reader, TransportSpec& target, const TransportSpec& base);
void read_retention(FieldReader& reader, RetentionSpec& target);
// Replaces the whole list; what an item leaves out has its default.
void read_notifications(FieldReader& parent, std::string_view key, std::vector<NotificationSpec>& target);
void read_secret_name(FieldReader& parent, std::string_view key, std::string& target);

Json to_json(const StreamSpec& spec);
Json to_json(const RecordingSpec& spec);
Json to_json(const TransportSpec& spec);
Json to_json(const RetentionSpec& spec);
Json to_json(const std::vector<NotificationSpec>& list);

}  // namespace live::liveroom
