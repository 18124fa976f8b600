// SPDX-License-Identifier: Apache-2.0
#include "recorder/repair/output.hpp"

#include "recorder/storage/segment_name.hpp"

namespace live::recorder {

RepairOutput::RepairOutput(storage::FileSystem& files, std::string folder, std::string stem, bool write,
                           RepairReport& report)
    : files_(files), folder_(std::move(folder)), stem_(std::move(stem)), write_(write), report_(report) {}

RepairOutput::~RepairOutput() {
  if (!open_ || !open_->target.file) return;
  const std::string path = path_of(open_->target.part_path);
  open_->target.file.reset();
  try {
    files_.remove(path);
  } catch (const system_error&) {
    // It stays, and its name says what it is.
  }
}

std::string RepairOutput::path_of(const std::string& name) const { return storage::join_path(folder_, name); }

void RepairOutput::open_file(const flv::FileHeaders& headers) {
  if (!write_) {
    open_ = std::make_unique<OpenFile>(nowhere_, headers);
    return;
  }
  storage::NewSegment segment = storage::open_new_segment(files_, folder_, {"", stem_}, "flv");
  Target target;
  target.file = std::move(segment.file);
  target.part_path = segment.stem + ".flv" + std::string(storage::part_suffix);
  target.bytes = std::make_unique<storage::BufferedFile>(*target.file);
  open_ = std::make_unique<OpenFile>(*target.bytes, headers);
  open_->target = std::move(target);
}

void RepairOutput::close_file(flv::CloseReason reason) {
  open_->writer.finish();
  RepairedFile done;
  done.size = open_->writer.size();
  done.duration_ms = open_->writer.duration_ms();
  done.media_tags = open_->writer.media_tags();
  done.reason = reason;
  if (write_) {
    open_->target.bytes->flush();
    open_->target.file->sync_data();
    done.path = path_of(storage::publish_part(files_, folder_, open_->target.part_path));
  } else {
    const int number = static_cast<int>(report_.files().size()) + 1;
    done.path = path_of(storage::numbered_stem(stem_, number) + ".flv");
  }
  open_ = nullptr;
  report_.add_file(std::move(done));
}

void RepairOutput::report(const flv::Finding& finding) {
  PlacedFinding placed;
  placed.finding = finding;
  placed.finding.file_time = open_ ? open_->writer.duration_ms() : 0;
  placed.input = input_;
  placed.position = position_;
  placed.file = report_.files().size();
  report_.add(placed);
}

}  // namespace live::recorder
