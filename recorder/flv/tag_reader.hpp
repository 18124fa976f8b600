// SPDX-License-Identifier: Apache-2.0
// Bytes to tags, with damage repaired by finding the next sure tag. No I/O; reads go straight into its
// buffer.
#pragma once
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "recorder/flv/finding.hpp"
#include "recorder/flv/tag.hpp"

namespace live::flv {

struct ReaderLimits {
  std::size_t resync_bytes = std::size_t{1} << 20;  // given up beyond; files are read with no limit
  ArrivalTime resync_ms = 3000;
};

class TagReader {
 public:
  // What the buffer holds at most: the largest tag and a read beside it. Named "reader" in the metrics.
  static constexpr std::size_t max_buffer = std::size_t{9} << 20;
  static constexpr std::size_t usual_buffer = std::size_t{640} << 10;

  explicit TagReader(Reporter& reporter, ReaderLimits limits = {});
  TagReader(const TagReader&) = delete;
  TagReader& operator=(const TagReader&) = delete;

  // Room for the next read, at least one byte and usually `wanted` or more. Ends the life of the views that
  // next() gave. Call next() until it gives nothing before asking for room again.
  std::span<std::uint8_t> prepare(std::size_t wanted);
  // `count` bytes were read into that room.
  void commit(std::size_t count, ArrivalTime arrival);

  // The next whole tag; nothing when more bytes are needed, or none will help (see failed()).
  std::optional<TagView> next();

  // No more bytes come; next() gives what is still whole. Then the incomplete rest is reported.
  void end_of_stream();

  // The first bytes are no FLV: an error page, a playlist. What follows is not looked at.
  bool not_flv() const { return state_ == State::not_flv; }
  // Out of step and no tag was found within the limits: the connection is of no more use.
  bool gave_up() const { return state_ == State::gave_up; }
  bool failed() const { return not_flv() || gave_up(); }

  // Whether bytes were skipped in front of the tag that next() gave last.
  bool take_resynced() { return std::exchange(resynced_, false); }

  std::uint64_t tags() const { return tags_; }
  // Where the tag that next() gave last begins in the stream, and the first byte behind it.
  std::uint64_t tag_begin() const { return tag_begin_; }
  std::uint64_t tag_end() const { return tag_end_; }
  std::size_t buffer_size() const { return capacity_; }

 private:
  enum class State { start, tags, resync, not_flv, gave_up };
  enum class Step { again, need_more, tag };

  const std::uint8_t* at(std::size_t position) const { return buffer_.get() + position; }
  std::size_t filled() const { return end_ - begin_; }
  void reserve(std::size_t size);
  Step read_start();
  Step read_tag(TagView& tag);
  Step take_tag(TagView& tag, std::size_t size, bool pointer_fits);
  Step search();
  bool skip_header_again();
  bool plausible_header(std::size_t position) const;
  enum class Check { good, bad, unknown };
  Check check_candidate(std::size_t position, std::size_t& proof) const;
  Check check_next(std::size_t position) const;
  void lose_sync();
  void found_sync(std::size_t position);
  bool past_limits() const;
  void report(FindingKind kind, std::uint64_t bytes = 0);

  Reporter& reporter_;
  ReaderLimits limits_;
  std::unique_ptr<std::uint8_t[]> buffer_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;  // first byte not yet taken
  std::size_t end_ = 0;
  std::size_t skip_ = 0;  // bytes still to be passed over, not yet in the buffer
  State state_ = State::start;
  bool ended_ = false;
  bool resynced_ = false;
  ArrivalTime arrival_ = 0;
  std::uint32_t stream_id_ = 0;
  std::uint64_t tags_ = 0;
  std::uint64_t buffer_offset_ = 0;  // of the buffer's first byte in the stream
  std::uint64_t tag_begin_ = 0;
  std::uint64_t tag_end_ = 0;

  std::size_t scanned_ = 0;              // while out of step: where to look on
  std::vector<std::size_t> candidates_;  // possible tags that are not wholly here yet
  std::uint64_t skipped_ = 0;            // bytes passed over since the step was lost, before begin_
  ArrivalTime lost_at_ = 0;
};

}  // namespace live::flv
