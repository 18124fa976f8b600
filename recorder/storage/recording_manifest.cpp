// SPDX-License-Identifier: Apache-2.0
#include "recorder/storage/recording_manifest.hpp"

#include "base/json.hpp"
#include "base/time_format.hpp"
#include "recorder/storage/segment_name.hpp"

namespace live::storage {
namespace {

constexpr std::int64_t most_parts = 1'000'000;

std::optional<WallTime> time_at(const Json& document, std::string_view path) {
  return parse_rfc3339(json_string(json_at(document, path)).value_or(""));
}

}  // namespace

bool is_companion(std::string_view name, std::string_view stem) {
  if (stem.empty() || name.size() <= stem.size() + 1 || !name.starts_with(stem) || name[stem.size()] != '.')
    return false;
  if (name.find('/') != std::string_view::npos || name.find('\0') != std::string_view::npos) return false;
  if (name.starts_with('.')) return false;
  const std::string_view suffix = name.substr(stem.size());
  return suffix != manifest_suffix && !suffix.ends_with(part_suffix) && !suffix.ends_with(journal_suffix);
}

void put_manifest(Json& document, const RecordingManifest& manifest) {
  document["format"] = manifest_format;
  document["session"] = manifest.session;
  document["part"] = manifest.part;
  document["start"] = format_rfc3339_micro(manifest.start);
  document["end"] = format_rfc3339_micro(manifest.end);
  document["files"] = manifest.files;
}

Result<RecordingManifest> read_manifest(std::string_view text, std::string_view stem) {
  const Json document = parse_json(text);
  if (json_string(json_at(document, "/format")) != std::optional<std::string>(manifest_format))
    return failure("it is no manifest of a recording");
  RecordingManifest manifest;
  manifest.session = json_string(json_at(document, "/session")).value_or("");
  if (manifest.session.empty()) return failure("session is missing");
  const std::int64_t part = json_int(json_at(document, "/part")).value_or(0);
  if (part < 1 || part > most_parts) return failure("part is out of range");
  manifest.part = static_cast<int>(part);
  const std::optional<WallTime> start = time_at(document, "/start");
  const std::optional<WallTime> end = time_at(document, "/end");
  if (!start || !end) return failure("start and end must be times");
  manifest.start = *start;
  manifest.end = *end;
  const Json& files = json_at(document, "/files");
  if (!files.is_array() || files.size() > max_manifest_files)
    return failure("files must be a list of at most 16 names");
  for (const Json& file : files) {
    const std::string* name = file.get_ptr<const std::string*>();
    if (name == nullptr || !is_companion(*name, stem))
      return failure("files holds a name that does not belong to this manifest");
    manifest.files.push_back(*name);
  }
  return manifest;
}

}  // namespace live::storage
