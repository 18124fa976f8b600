// SPDX-License-Identifier: Apache-2.0
// What a repair found and wrote, for a person and for a program. Pure.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "recorder/flv/finding.hpp"
#include "recorder/flv/sink.hpp"

namespace live::recorder {

struct RepairInput {
  std::string path;
  std::uint64_t size = 0;
};

struct RepairedFile {
  std::string path;  // as it was, or would be, written
  std::uint64_t size = 0;
  std::int64_t duration_ms = 0;
  std::uint64_t media_tags = 0;
  flv::CloseReason reason = flv::CloseReason::end;
};

// One that is worth a line (flv::is_notable); file_time of the finding is that of the file being written.
struct PlacedFinding {
  flv::Finding finding;
  std::size_t input = 0;       // index of the file that was being read
  std::uint64_t position = 0;  // how far it had been read
  std::size_t file = 0;        // index of the file that was being written, or would be next
};

class RepairReport {
 public:
  // Findings that are kept one by one; more are only counted.
  static constexpr std::size_t most_findings = 10'000;

  void add_input(RepairInput input) { inputs_.push_back(std::move(input)); }
  void add(const PlacedFinding& finding);
  void add_file(RepairedFile file) { files_.push_back(std::move(file)); }

  const std::vector<RepairInput>& inputs() const { return inputs_; }
  const std::vector<RepairedFile>& files() const { return files_; }
  const flv::FindingCounts& counts() const { return counts_; }
  bool found_nothing() const;

  // Several lines, the last with a line feed. `written`: false when only looked at.
  std::string text(bool written) const;
  std::string json(bool written) const;

 private:
  std::vector<RepairInput> inputs_;
  std::vector<RepairedFile> files_;
  std::vector<PlacedFinding> findings_;
  flv::FindingCounts counts_;
  std::uint64_t not_kept_ = 0;
  std::int64_t lost_ms_ = 0;
};

// "1:02:03" and "512 B", "1.2 GiB".
std::string clock_text(std::int64_t milliseconds);
std::string size_text(std::uint64_t bytes);

}  // namespace live::recorder
