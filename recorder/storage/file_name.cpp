// SPDX-License-Identifier: Apache-2.0
#include "recorder/storage/file_name.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "recorder/storage/local_time.hpp"
#include "recorder/storage/utf8.hpp"

namespace live::storage {
namespace {

constexpr std::size_t longest_template = 1024;
constexpr std::size_t most_directories = 8;
constexpr std::string_view extension_end = ".{ext}";

enum Field : int {
  title,
  room_id,
  short_id,
  uid,
  anchor,
  area,
  parent_area,
  quality,
  part,
  year,
  month,
  day,
  hour,
  minute,
  second,
  field_count
};

constexpr std::array<std::string_view, field_count> field_names{
    "title", "roomId", "shortId", "uid", "anchor", "area",   "parentArea", "quality",
    "part",  "year",   "month",   "day", "hour",   "minute", "second"};

std::optional<int> field_of(std::string_view name) {
  const auto found = std::ranges::find(field_names, name);
  if (found == field_names.end()) return std::nullopt;
  return static_cast<int>(found - field_names.begin());
}

// Of a person or a list, of any length.
bool is_text(int field) {
  return field == title || field == anchor || field == area || field == parent_area || field == quality;
}

std::string value_of(int field, const FileNameFields& fields, const LocalTime& time) {
  switch (field) {
    case title:
      return fields.title;
    case room_id:
      return fmt::format("{}", fields.room_id);
    case short_id:
      return fmt::format("{}", fields.short_id != 0 ? fields.short_id : fields.room_id);
    case uid:
      return fmt::format("{}", fields.uid);
    case anchor:
      return fields.anchor;
    case area:
      return fields.area;
    case parent_area:
      return fields.parent_area;
    case quality:
      return fields.quality;
    case part:
      return fmt::format("{}", fields.part);
    case year:
      return fmt::format("{:04}", time.year);
    case month:
      return fmt::format("{:02}", time.month);
    case day:
      return fmt::format("{:02}", time.day);
    case hour:
      return fmt::format("{:02}", time.hour);
    case minute:
      return fmt::format("{:02}", time.minute);
    case second:
      return fmt::format("{:02}", time.second);
    default:
      return {};
  }
}

// One component before it is put together: its pieces, and which of them may be shortened.
struct Component {
  struct Part {
    std::string text;
    bool may_shrink = false;
  };
  std::vector<Part> parts;

  std::size_t size() const {
    std::size_t total = 0;
    for (const Part& p : parts) total += p.text.size();
    return total;
  }
  // Shortens the longest free texts, so that the date behind a title stays.
  std::string fit(std::size_t max_bytes) {
    while (size() > max_bytes) {
      Part* longest = nullptr;
      for (Part& p : parts) {
        if (p.may_shrink && (longest == nullptr || p.text.size() > longest->text.size())) longest = &p;
      }
      if (longest == nullptr || longest->text.empty()) break;
      const std::size_t surplus = size() - max_bytes;
      const std::size_t left =
          longest->text.size() - std::min(longest->text.size(), std::max<std::size_t>(surplus, 1));
      longest->text = std::string(cut_at_code_point(longest->text, left));
    }
    std::string all;
    for (const Part& p : parts) all += p.text;
    return sanitize_component(all, max_bytes);
  }
};

std::optional<Problem> bad_path(std::string_view text) {
  if (text.starts_with('/')) return Problem{"fileNameTemplate: may not begin with /"};
  std::size_t directories = 0;
  while (true) {
    const std::size_t slash = text.find('/');
    const std::string_view component = text.substr(0, slash);
    if (component.empty()) return Problem{"fileNameTemplate: an empty part between slashes"};
    if (component == "." || component == "..")
      return Problem{fmt::format("fileNameTemplate: \"{}\" is no name", component)};
    if (slash == std::string_view::npos) break;
    if (++directories > most_directories)
      return Problem{fmt::format("fileNameTemplate: more than {} directories", most_directories)};
    text.remove_prefix(slash + 1);
  }
  return std::nullopt;
}

}  // namespace

Result<FileNameTemplate> FileNameTemplate::parse(std::string_view text, std::string_view time_zone) {
  if (text.size() > longest_template)
    return failure(fmt::format("fileNameTemplate: longer than {} bytes", longest_template));
  FileNameTemplate result;
  result.time_zone_ = std::string(time_zone);
  if (!is_time_zone(result.time_zone_)) return failure(fmt::format("timeZone: \"{}\" is unknown", time_zone));
  if (text.ends_with(extension_end)) text.remove_suffix(extension_end.size());
  if (text.empty()) return failure("fileNameTemplate: is empty");
  if (std::optional<Problem> problem = bad_path(text)) return Failure<Problem>{std::move(*problem)};
  while (!text.empty()) {
    const std::size_t brace = text.find_first_of("{}");
    if (brace > 0) result.pieces_.push_back({std::string(text.substr(0, brace)), -1});
    if (brace == std::string_view::npos) break;
    const std::size_t end = text.find('}', brace);
    if (text[brace] == '}' || end == std::string_view::npos)
      return failure("fileNameTemplate: a brace without its partner");
    const std::string_view name = text.substr(brace + 1, end - brace - 1);
    const std::optional<int> field = field_of(name);
    if (!field && name == "ext")
      return failure("fileNameTemplate: {ext} may only stand at the end, as .{ext}");
    if (!field)
      return failure(fmt::format("fileNameTemplate: unknown field {{{}}}; there are {{{}}}", name,
                                 fmt::join(field_names, "}, {")));
    result.pieces_.push_back({"", *field});
    text.remove_prefix(end + 1);
  }
  return result;
}

FileName FileNameTemplate::expand(const FileNameFields& fields) const {
  const LocalTime time = local_time(fields.time, time_zone_);
  std::vector<Component> components(1);
  for (const Piece& piece : pieces_) {
    if (piece.field >= 0) {
      // Its slashes are part of the name; the template's alone make directories.
      std::string value = value_of(piece.field, fields, time);
      if (!value.empty()) value = sanitize_component(value, std::string::npos);
      components.back().parts.push_back({std::move(value), is_text(piece.field)});
      continue;
    }
    std::string_view literal = piece.literal;
    while (true) {
      const std::size_t slash = literal.find('/');
      components.back().parts.push_back({std::string(literal.substr(0, slash)), false});
      if (slash == std::string_view::npos) break;
      components.emplace_back();
      literal.remove_prefix(slash + 1);
    }
  }
  FileName name;
  for (std::size_t i = 0; i + 1 < components.size(); ++i) {
    if (i > 0) name.directory += '/';
    name.directory += components[i].fit(max_name_bytes);
  }
  name.stem = components.back().fit(max_name_bytes - longest_suffix);
  return name;
}

std::string numbered_stem(std::string_view stem, int number) {
  return number <= 1 ? std::string(stem) : fmt::format("{}_{}", stem, number);
}

}  // namespace live::storage
