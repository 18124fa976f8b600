// SPDX-License-Identifier: Apache-2.0
// Text files that grow beside a video and have its name: STEM.xml, STEM.danmaku.jsonl. They are written in
// whole lines, so that after an unclean end what is whole can be told. Blocking calls, of the disk thread.
#pragma once
#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "recorder/storage/filesystem.hpp"

namespace live::storage {

struct CompanionKind {
  std::string_view extension;
  std::string_view end;        // the last line of a finished one; empty: none
  std::size_t head_lines = 0;  // fewer are no document
};
inline constexpr CompanionKind danmaku_xml{"xml", "</i>\n", 3};
inline constexpr CompanionKind danmaku_lines{"danmaku.jsonl", "", 0};
inline constexpr std::array<CompanionKind, 2> companion_kinds{danmaku_xml, danmaku_lines};

std::string companion_part_path(std::string_view stem, const CompanionKind& kind);

// What of a growing file is whole: up to the last line's end, and no further than the first zero byte (a
// block that never reached the volume). An end line doesn't count.
struct WholeLines {
  std::uint64_t size = 0;
  std::size_t lines = 0;
};
WholeLines scan_lines(File& file, const CompanionKind& kind);

// Opens STEM.<extension>.part to be appended to. One that is there is cut to its whole lines and goes on; a
// new one, or one without a whole head, begins with `head`.
std::unique_ptr<File> open_companion(FileSystem& files, const std::string& root, std::string_view stem,
                                     const CompanionKind& kind, std::string_view head);

// Appends the end line, syncs, and gives STEM.<extension>.part the name beside the video `to`. The path below
// the root.
std::string finish_companion(FileSystem& files, const std::string& root, std::string_view stem,
                             std::string_view to, const CompanionKind& kind, std::unique_ptr<File> file);

// The same for one that was left behind, after cutting it to its whole lines. Empty when there is none, or
// nothing of it is whole: such a one goes to the trash.
std::string recover_companion(FileSystem& files, const std::string& root, std::string_view stem,
                              std::string_view to, const CompanionKind& kind);

// For all kinds. What fails stays for the next start.
std::vector<std::string> recover_companions(FileSystem& files, const std::string& root, std::string_view stem,
                                            std::string_view to);
void discard_companions(FileSystem& files, const std::string& root, std::string_view stem);

// Stems below the root that have a companion in the making and no video in the making: left behind between
// the video's publication and their own.
std::vector<std::string> find_lone_companions(FileSystem& files, const std::string& root);

}  // namespace live::storage
