// SPDX-License-Identifier: Apache-2.0
// The part of a STEM.json by which files are known to be ours: what belongs to one segment, and which
// recording it is of. The rest of the document belongs to whoever writes it. Pure.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/json_fwd.hpp"
#include "base/result.hpp"

namespace live::storage {

inline constexpr std::string_view manifest_suffix = ".json";
inline constexpr std::string_view manifest_format = "liveroom.dev/segment.v1";
inline constexpr std::size_t max_manifest_files = 16;

struct RecordingManifest {
  std::string session;  // of the recording; all its parts have the same one
  int part = 1;
  WallTime start{};  // of this segment
  WallTime end{};
  // Names in the manifest's own directory, each STEM and a suffix: "STEM.flv", "STEM.xml". The manifest
  // itself is not among them.
  std::vector<std::string> files;
  bool operator==(const RecordingManifest&) const = default;
};

// Sets the members "format", "session", "part", "start", "end" and "files" of an object, whatever else it
// has.
void put_manifest(Json& document, const RecordingManifest& manifest);

// `stem`: name of the file without ".json" and without directory. A document of another format, or with a
// name that is not one of this stem's companions, is a Problem: such files are not ours to touch.
Result<RecordingManifest> read_manifest(std::string_view text, std::string_view stem);

// Whether a name is the stem and a suffix of a companion: no separator, nothing hidden, none of its own
// parts.
bool is_companion(std::string_view name, std::string_view stem);

}  // namespace live::storage
