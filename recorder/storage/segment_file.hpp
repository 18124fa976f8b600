// SPDX-License-Identifier: Apache-2.0
// A file while it grows: NAME.flv.part, then fdatasync, rename, fsync of the directory. Never overwrites;
// what is under its final name is whole.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/asio.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "recorder/flv/sink.hpp"
#include "recorder/storage/disk_thread.hpp"
#include "recorder/storage/file_name.hpp"
#include "recorder/storage/filesystem.hpp"

namespace live::storage {

struct SegmentLimits {
  std::size_t buffer_bytes = std::size_t{512} << 10;
  // From the tick before the first byte to the tick that hands it over: what a kill -9 costs.
  Duration buffer_age = std::chrono::milliseconds(500);
  Duration sync_age = std::chrono::seconds(5);
  std::size_t sync_bytes = std::size_t{16} << 20;
  bool sync = true;
};

struct DiskFailure {
  error_code code;
  std::string operation;  // "open", "write", "fdatasync", "publish"
};

struct PublishedFile {
  std::string path;  // final, below the root
  std::string stem;  // with directory, as companions use it
  std::uint64_t size = 0;
  // Set when writing had failed and the file was cut to its last whole tag: how long it is now.
  std::optional<std::int64_t> cut_to_ms{};
};

// A .part that goes on: what of it is whole.
struct ResumedPart {
  std::string part_path;  // below the root
  std::uint64_t whole_size = 0;
};

// Everything is of the executor's thread; nothing blocks. Operations run on the disk thread in order; the
// first that fails ends them all: see failure().
class SegmentFile final : public flv::ByteSink {
 public:
  // Begins to open. `root` is the recording directory; `extension` e.g. "flv".
  SegmentFile(DiskThread& disk, FileSystem& files, std::string root, FileName name, std::string extension,
              TimePoint now, SegmentLimits limits = {});
  // Begins to open a leftover and cuts it to what is whole.
  SegmentFile(DiskThread& disk, FileSystem& files, std::string root, const ResumedPart& part, TimePoint now,
              SegmentLimits limits = {});
  // What is not published stays as .part for recovery, with all that was appended.
  ~SegmentFile() override;
  SegmentFile(const SegmentFile&) = delete;
  SegmentFile& operator=(const SegmentFile&) = delete;

  void append(ByteView bytes) override;
  void patch(std::uint64_t offset, ByteView bytes) override;
  void truncate(std::uint64_t size) override;

  // Once a second or oftener: hands old buffers over and syncs.
  void tick(TimePoint now);
  // Hands over what there is.
  void flush();

  // The journal beside the file (STEM.part.json), replaced as a whole: at open, each jump, each 60 s. It
  // helps after an unclean end; a recording does not fail for want of it.
  void write_journal(std::string json);

  // Below the root; empty until it is open.
  const std::string& part_path() const;  // "dir/STEM.flv.part"
  const std::string& stem() const;       // "dir/STEM", numbered if the name was taken

  // The stem as the disk thread knows it, for jobs that are queued after this file; empty when it could not
  // be opened.
  std::function<std::string()> stem_on_disk() const;

  std::uint64_t size() const { return size_; }  // appended
  std::uint64_t written() const;                // given to the system
  std::uint64_t synced() const;                 // on the volume
  // Waiting here (the rest waits in the disk thread's queue).
  std::size_t buffered_bytes() const { return buffer_.size(); }
  const std::optional<DiskFailure>& failure() const;

  // Waits until it is open or has failed.
  awaitable<void> opened();

  // The end: writes all, syncs, gives it its name, removes the journal. After a failure an FLV file is cut to
  // its last whole tag and published like a leftover (recovery.hpp), if the volume allows; the result then is
  // that file and failure() says what happened. A file without any media is moved to the trash: an empty
  // path.
  awaitable<Result<PublishedFile, DiskFailure>> publish();
  // The end for a file not worth keeping: moved to <root>/.liveroom/trash.
  awaitable<void> discard();

 private:
  struct State;
  struct Patch {
    std::uint64_t offset;
    Bytes bytes;
  };

  void submit();
  void submit_patches();
  void submit_sync();
  Bytes fresh_buffer();

  DiskThread& disk_;
  SegmentLimits limits_;
  std::shared_ptr<State> state_;
  Bytes buffer_;
  std::vector<Patch> patches_;  // of what was submitted
  std::uint64_t size_ = 0;
  std::uint64_t submitted_ = 0;
  std::uint64_t sync_submitted_ = 0;
  bool ended_ = false;  // published or discarded
  TimePoint now_;
  TimePoint buffer_since_;
  TimePoint last_sync_;
};

}  // namespace live::storage
