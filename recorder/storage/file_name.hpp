// SPDX-License-Identifier: Apache-2.0
// File names from a template and whatever a streamer types as title. Pure.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace live::storage {

inline constexpr std::string_view default_file_name_template =
    "{title}_{year}-{month}-{day}-{hour}-{minute}-{second}.{ext}";

struct FileNameFields {
  std::string title;
  std::int64_t room_id = 0;
  std::int64_t short_id = 0;  // 0: none, then the room id is used
  std::int64_t uid = 0;
  std::string anchor;
  std::string area;
  std::string parent_area;
  std::string quality;
  int part = 1;
  WallTime time{};  // of the file's opening
};

// A relative path without extension: directories and a stem, each part free of what a file system, a shell
// user or another operating system trips over, and so short that the longest suffix fits 255 bytes.
struct FileName {
  std::string directory;  // "" or "a/b"
  std::string stem;
  bool operator==(const FileName&) const = default;
};

class FileNameTemplate {
 public:
  // The error names what is wrong: an unknown field, a brace without partner, an empty or escaping path.
  static Result<FileNameTemplate> parse(std::string_view text, std::string_view time_zone = "Asia/Shanghai");

  // Values are never looked at for fields again. Parts that end up empty become "_".
  FileName expand(const FileNameFields& fields) const;

 private:
  struct Piece {
    std::string literal;
    int field = -1;
  };
  std::vector<Piece> pieces_;
  std::string time_zone_;
};

// Bytes that a name may have, and the longest of what follows a stem: "_99.danmaku.jsonl.part".
inline constexpr std::size_t max_name_bytes = 255;
inline constexpr std::size_t longest_suffix = 22;

// One path component: valid UTF-8, no separators, control, zero-width or direction characters, none of
// \ : * ? " < > |, no leading or trailing blanks or dots, no device name, at most `max_bytes` bytes, never
// empty.
std::string sanitize_component(std::string_view text, std::size_t max_bytes = max_name_bytes);

// STEM, STEM_2, STEM_3 …
std::string numbered_stem(std::string_view stem, int number);

}  // namespace live::storage
