// SPDX-License-Identifier: Apache-2.0
#include "recorder/recording/start_up.hpp"

#include "recorder/show/leftovers.hpp"
#include "recorder/storage/segment_name.hpp"
#include "recorder/storage/trash.hpp"

namespace live::recorder {
namespace {

void take_over(LastShow& last, const Interrupted& file) {
  const ShowFacts& facts = file.journal.facts();
  if (last.session != facts.session) last = LastShow();
  last.session = facts.session;
  last.show = facts.show;
  last.next_part = facts.part + 1;
  last.tail.go_on_with(file.tail);
  last.ended = true;
}

// The name that a .part has got, unless that was taken.
std::string published_name(const std::string& part_path) {
  const storage::PartName part = storage::split_part_path(part_path);
  return part.stem.empty() ? part_path : part.stem + "." + part.extension;
}

// Killed between the publishing of a file and the note of it: the end of that file counts.
void look_for_end(storage::FileSystem& files, const std::string& root, LastShow& last) {
  for (const std::string& path : {published_name(last.file), last.file_before}) {
    if (path.empty()) continue;
    RecordingTail tail = tail_of_file(files, root, path);
    if (tail.empty()) continue;
    last.tail.go_on_with(std::move(tail));
    return;
  }
}

}  // namespace

StartUp start_up(storage::FileSystem& files, const std::string& root, WallTime now, LastShow& last) {
  StartUp result;
  result.trash_removed = storage::limit_trash(files, root, now).files;
  const std::vector<std::string> leftovers = storage::find_leftovers(files, root);
  bool ended = last.ended;
  for (const std::string& part : leftovers) {
    const storage::Leftover leftover = storage::examine(files, root, part);
    std::optional<Interrupted> file = interrupted(files, root, leftover);
    if (file && part == leftovers.back() && now < file->deadline()) {
      result.interrupted = std::move(file);
      break;
    }
    storage::RecoveredFile outcome = recover_segment(files, root, leftover).video;
    if (!file && !outcome.path.empty()) file = ended_fmp4(files, root, leftover, outcome.path);
    if (file && !outcome.path.empty()) {
      take_over(last, *file);
      ended = true;
    }
    result.recovered.push_back(std::move(outcome));
  }
  if (!ended && !result.interrupted) look_for_end(files, root, last);
  last.ended = true;
  result.chats = recover_lone_companions(files, root);
  result.records = recover_lone_records(files, root);
  return result;
}

}  // namespace live::recorder
