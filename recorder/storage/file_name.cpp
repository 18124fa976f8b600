// SPDX-License-Identifier: Apache-2.0
#include "recorder/storage/file_name.hpp"

#include <date/tz.h>
#include <fmt/format.h>

#include <array>

namespace live::storage {
namespace {

constexpr std::size_t max_stem_bytes = max_name_bytes - longest_suffix;

enum Field {
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
  ext
};
constexpr std::array<std::string_view, 16> field_names{
    "title", "roomId", "shortId", "uid", "anchor", "area",   "parentArea", "quality",
    "part",  "year",   "month",   "day", "hour",   "minute", "second",     "ext"};

int field_of(std::string_view name) {
  for (std::size_t i = 0; i < field_names.size(); ++i) {
    if (field_names[i] == name) return static_cast<int>(i);
  }
  return -1;
}

// Six texts, year to second, of a moment in a zone.
std::array<std::string, 6> local_parts(WallTime time, const std::string& zone_name) {
  const date::time_zone* zone = date::locate_zone(zone_name);
  const auto local = zone->to_local(date::floor<std::chrono::seconds>(time));
  const auto days = date::floor<date::days>(local);
  const date::year_month_day ymd(days);
  const date::hh_mm_ss<std::chrono::seconds> clock(local - days);
  return {fmt::format("{:04}", static_cast<int>(ymd.year())),
          fmt::format("{:02}", static_cast<unsigned>(ymd.month())),
          fmt::format("{:02}", static_cast<unsigned>(ymd.day())),
          fmt::format("{:02}", clock.hours().count()),
          fmt::format("{:02}", clock.minutes().count()),
          fmt::format("{:02}", clock.seconds().count())};
}

// A value may hold anything, but never what separates directories.
std::string without_slashes(std::string value) {
  for (char& c : value) {
    if (c == '/' || c == '\\') c = '_';
  }
  return value;
}

}  // namespace

Result<FileNameTemplate> FileNameTemplate::parse(std::string_view text, std::string_view time_zone) {
  FileNameTemplate result;
  result.time_zone_ = time_zone;
  try {
    (void)date::locate_zone(result.time_zone_);
  } catch (const std::exception&) {
    return failure(fmt::format("\"{}\" is no time zone that this machine knows", time_zone));
  }
  constexpr std::string_view extension = ".{ext}";
  if (text.ends_with(extension)) text.remove_suffix(extension.size());
  if (text.empty() || text.starts_with('/') || text.ends_with('/')) {
    return failure("the template is empty, or begins or ends with a slash");
  }
  while (!text.empty()) {
    const std::size_t brace = text.find_first_of("{}");
    if (brace != 0) {
      const std::string_view literal = text.substr(0, brace);
      result.pieces_.push_back({std::string(literal), -1});
      text.remove_prefix(literal.size());
      continue;
    }
    const std::size_t end = text.find('}');
    if (text[0] == '}' || end == std::string_view::npos) return failure("a brace has no partner");
    const std::string_view name = text.substr(1, end - 1);
    const int field = field_of(name);
    if (field < 0)
      return failure(
          fmt::format("unknown field {{{}}}; there are {{{}}}", name, fmt::join(field_names, "}, {")));
    if (field == ext) return failure("{ext} may stand only at the end, behind a dot");
    result.pieces_.push_back({{}, field});
    text.remove_prefix(end + 1);
  }
  // What a person wrote between slashes must be a name; what a streamer wrote is made one later.
  std::string shape;
  for (const Piece& piece : result.pieces_) shape += piece.field < 0 ? piece.literal : "x";
  for (std::string_view rest = shape; !rest.empty();) {
    const std::size_t slash = rest.find('/');
    const std::string_view component = rest.substr(0, slash);
    if (component.empty() || component == "." || component == "..")
      return failure("a directory in the template is empty, . or ..");
    rest = slash == std::string_view::npos ? std::string_view() : rest.substr(slash + 1);
  }
  return result;
}

FileName FileNameTemplate::expand(const FileNameFields& fields) const {
  const std::array<std::string, 6> local = local_parts(fields.time, time_zone_);
  const auto value = [&](int field) -> std::string {
    switch (field) {
      case title:
        return fields.title;
      case room_id:
        return std::to_string(fields.room_id);
      case short_id:
        return std::to_string(fields.short_id != 0 ? fields.short_id : fields.room_id);
      case uid:
        return std::to_string(fields.uid);
      case anchor:
        return fields.anchor;
      case area:
        return fields.area;
      case parent_area:
        return fields.parent_area;
      case quality:
        return fields.quality;
      case part:
        return std::to_string(fields.part);
      default:
        return local[static_cast<std::size_t>(field - year)];
    }
  };
  // A long title must not cost the date behind it: values are cut so that all that is fixed stays whole.
  std::size_t fixed = 0;
  std::size_t free_values = 0;
  const auto is_free = [](int field) {
    return field == title || field == anchor || field == area || field == parent_area || field == quality;
  };
  for (std::size_t i = pieces_.size(); i-- > 0;) {
    const Piece& piece = pieces_[i];
    const std::size_t slash = piece.literal.rfind('/');
    if (piece.field < 0) {
      fixed += slash == std::string::npos ? piece.literal.size() : piece.literal.size() - slash - 1;
      if (slash != std::string::npos) break;
    } else if (is_free(piece.field)) {
      ++free_values;
    } else {
      fixed += value(piece.field).size();
    }
  }
  const std::size_t room = fixed < max_stem_bytes ? max_stem_bytes - fixed : 1;
  const std::size_t share = free_values > 0 ? std::max<std::size_t>(room / free_values, 1) : room;
  std::string path;
  for (const Piece& piece : pieces_) {
    if (piece.field < 0) {
      path += piece.literal;
    } else if (is_free(piece.field)) {
      path += sanitize_component(without_slashes(value(piece.field)), share);
    } else {
      path += value(piece.field);
    }
  }
  FileName name;
  std::string_view rest = path;
  for (std::size_t slash = rest.find('/'); slash != std::string_view::npos; slash = rest.find('/')) {
    if (!name.directory.empty()) name.directory += '/';
    name.directory += sanitize_component(rest.substr(0, slash));
    rest.remove_prefix(slash + 1);
  }
  name.stem = sanitize_component(rest, max_stem_bytes);
  return name;
}

std::string numbered_stem(std::string_view stem, int number) {
  return number <= 1 ? std::string(stem) : fmt::format("{}_{}", stem, number);
}

}  // namespace live::storage
