// SPDX-License-Identifier: Apache-2.0
#include "recorder/commands/repair.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <limits>

#include "recorder/flv/pipeline.hpp"
#include "recorder/repair/output.hpp"
#include "recorder/repair/progress.hpp"
#include "recorder/repair/report.hpp"
#include "recorder/storage/file_name.hpp"
#include "recorder/storage/filesystem.hpp"

namespace live::recorder {
namespace {

constexpr std::size_t read_size = std::size_t{512} << 10;
constexpr std::size_t first_look = std::size_t{64} << 10;
// Files have no clock: their bytes are all here already.
constexpr flv::ArrivalTime no_clock = 0;

class Silent final : public flv::Reporter {
 public:
  void report(const flv::Finding&) override {}
};

struct Input {
  std::string path;
  std::uint64_t size = 0;
  std::unique_ptr<storage::File> file;
};

bool begins_as_flv(storage::File& file) {
  Silent silent;
  flv::TagReader reader(silent);
  const std::span<std::uint8_t> room = reader.prepare(first_look);
  const std::size_t count = file.read_at(0, room.first(std::min(room.size(), first_look)));
  reader.commit(count, no_clock);
  if (count < first_look) reader.end_of_stream();
  while (reader.next()) {
  }
  return count > 0 && !reader.not_flv();
}

Result<Input> open_input(storage::FileSystem& files, const std::string& path) {
  try {
    const std::optional<storage::FileStat> info = files.stat(path);
    if (!info) return failure(path + ": no such file");
    if (info->is_directory) return failure(path + ": is a folder");
    Input input{path, info->size, files.open(path, storage::OpenMode::read_only)};
    if (!begins_as_flv(*input.file)) return failure(path + ": is no FLV file");
    return input;
  } catch (const system_error& error) {
    return failure(path + ": " + error.code().message());
  }
}

// STEM of "x/STEM.flv" and of "x/STEM.flv.part", short enough for what may follow it.
std::string stem_of(const std::string& path) {
  std::string stem(storage::name_of(path));
  for (const std::string_view end : {".part", ".flv"}) {
    if (stem.size() > end.size() && stem.ends_with(end)) stem.resize(stem.size() - end.size());
  }
  constexpr std::size_t longest = storage::max_name_bytes - storage::longest_suffix;
  return stem.size() <= longest ? stem : storage::sanitize_component(stem, longest);
}

int refuse(const std::string& problem) {
  std::fputs(fmt::format("liveroom-recorder: {}\n", problem).c_str(), stderr);
  return 2;
}

flv::PipelineOptions pipeline_options(const RepairOptions& options) {
  flv::PipelineOptions result;
  result.gaps = options.keep_gaps ? flv::Gaps::keep : flv::Gaps::close;
  result.has_clock = false;
  result.split_ms = options.split_seconds * 1000;
  result.split_bytes = options.split_bytes;
  return result;
}

void read_through(std::vector<Input>& inputs, const RepairOptions& options, RepairOutput& output) {
  std::uint64_t total = 0;
  for (const Input& input : inputs) total += input.size;
  ProgressBar bar(total);
  flv::Pipeline pipeline(pipeline_options(options), output);
  flv::ReaderLimits limits;
  limits.resync_bytes = std::numeric_limits<std::size_t>::max();
  std::uint64_t done = 0;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    pipeline.connection_started(no_clock);
    flv::TagReader reader(output, limits);
    std::uint64_t offset = 0;
    for (bool more = true; more;) {
      const std::span<std::uint8_t> room = reader.prepare(read_size);
      const std::size_t count = inputs[i].file->read_at(offset, room);
      more = count == room.size();
      offset += count;
      output.reading(i, offset);
      reader.commit(count, no_clock);
      if (!more) reader.end_of_stream();
      flv::drain(reader, pipeline, no_clock);
      bar.show(done + offset);
    }
    done += offset;
  }
  pipeline.finish();
}

}  // namespace

int repair_files(const RepairOptions& options) {
  storage::PosixFileSystem files;
  RepairReport report;
  std::vector<Input> inputs;
  for (const std::string& path : options.files) {
    Result<Input> input = open_input(files, path);
    if (!input) return refuse(input.error().message);
    report.add_input({path, input->size});
    inputs.push_back(std::move(*input));
  }
  const std::string folder = options.output.value_or("");
  try {
    const std::optional<storage::FileStat> info = folder.empty() ? std::nullopt : files.stat(folder);
    if (info && !info->is_directory) return refuse("--output: " + folder + " is no folder");
    RepairOutput output(files, folder, stem_of(inputs.front().path), !options.check, report);
    read_through(inputs, options, output);
  } catch (const system_error& error) {
    std::fputs(fmt::format("liveroom-recorder: {}\n", error.what()).c_str(), stderr);
    return 1;
  }
  const std::string text = options.json ? report.json(!options.check) : report.text(!options.check);
  if (std::fputs(text.c_str(), stdout) < 0 || std::fflush(stdout) != 0) return 1;
  return report.files().empty() ? 1 : 0;
}

}  // namespace live::recorder
