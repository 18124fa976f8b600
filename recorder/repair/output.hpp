// SPDX-License-Identifier: Apache-2.0
// The files that a repair writes: STEM.flv, STEM_2.flv … in one folder, each under its name only when it is
// whole; and what was found on the way. Blocking; throws what the file system throws.
#pragma once
#include <memory>
#include <string>

#include "recorder/flv/file_writer.hpp"
#include "recorder/flv/sink.hpp"
#include "recorder/repair/report.hpp"
#include "recorder/storage/buffered_file.hpp"
#include "recorder/storage/filesystem.hpp"

namespace live::recorder {

class RepairOutput final : public flv::Sink {
 public:
  // With `write` false nothing is written; sizes and times are those that the files would have.
  RepairOutput(storage::FileSystem& files, std::string folder, std::string stem, bool write,
               RepairReport& report);
  // A file that is not finished goes.
  ~RepairOutput() override;

  // Where in the input the next findings are.
  void reading(std::size_t input, std::uint64_t position) {
    input_ = input;
    position_ = position;
  }

  void open_file(const flv::FileHeaders& headers) override;
  void write(const flv::OutputTag& tag) override { open_->writer.write(tag); }
  void take_back() override { open_->writer.take_back(); }
  void close_file(flv::CloseReason reason) override;
  void report(const flv::Finding& finding) override;

 private:
  // Only counted by the writer.
  class Nowhere final : public flv::ByteSink {
   public:
    void append(ByteView) override {}
    void patch(std::uint64_t, ByteView) override {}
    void truncate(std::uint64_t) override {}
  };
  struct Target {
    std::unique_ptr<storage::File> file;
    std::string part_path;  // below the folder
    std::unique_ptr<storage::BufferedFile> bytes;
  };
  struct OpenFile {
    OpenFile(flv::ByteSink& bytes, const flv::FileHeaders& headers) : writer(bytes, headers, {}) {}
    Target target;
    flv::FileWriter writer;
  };

  std::string path_of(const std::string& name) const;

  storage::FileSystem& files_;
  std::string folder_;
  std::string stem_;
  bool write_;
  RepairReport& report_;
  Nowhere nowhere_;
  std::unique_ptr<OpenFile> open_;
  std::size_t input_ = 0;
  std::uint64_t position_ = 0;
};

}  // namespace live::recorder
