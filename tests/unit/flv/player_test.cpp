// SPDX-License-Identifier: Apache-2.0
// Real media through the pipeline into a file, looked at by ffmpeg: it decodes without an error, all frames
// are there, and seeking uses the index.
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <sstream>

#include "recorder/flv/file_writer.hpp"
#include "recorder/flv/tag_reader.hpp"
#include "support/flv_recorder.hpp"
#include "support/temp_directory.hpp"

namespace live::flv {
namespace {

// Standard output of a shell command, and its end.
struct Ran {
  std::string output;
  int status = -1;
};

Ran run(const std::string& command) {
  Ran result;
  FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) return result;
  char buffer[4096];
  std::size_t count = 0;
  while ((count = std::fread(buffer, 1, sizeof buffer, pipe)) > 0) result.output.append(buffer, count);
  result.status = ::pclose(pipe);
  return result;
}

Bytes file_bytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  const std::string content = text.str();
  return {content.begin(), content.end()};
}

void write_file(const std::string& path, ByteView bytes) {
  std::ofstream(path, std::ios::binary)
      .write(as_text(bytes).data(), static_cast<std::streamsize>(bytes.size()));
}

Bytes written(const test::OutputFile& file) {
  test::MemoryBytes out;
  FileHeaders headers = file.headers;
  headers.metadata = file.metadata;
  headers.video_header = file.video_header;
  headers.audio_header = file.audio_header;
  WriterOptions options;
  options.metadata = {{"Title", amf::Value("标题")}};
  FileWriter writer(out, headers, options);
  for (const auto& tag : file.tags) {
    OutputTag output;
    output.type = tag.type;
    output.frame = classify(tag.type, tag.payload).frame;
    output.is_header = tag.is_header;
    output.time = tag.time;
    output.payload = tag.payload;
    writer.write(output);
  }
  writer.finish();
  return out.bytes;
}

// The hashes of the decoded frames, without their times.
std::string frame_hashes(const std::string& path, const std::string& stream, const std::string& before = "",
                         const std::string& after = "") {
  const Ran ran = run("ffmpeg -nostdin -v error " + before + " -i " + path + " -map 0:" + stream + " " +
                      after + " -f framemd5 - 2>&1");
  EXPECT_EQ(ran.status, 0) << ran.output;
  std::istringstream lines(ran.output);
  std::string hashes;
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with('#')) hashes += line.substr(line.rfind(',') + 1) + "\n";
  }
  return hashes;
}

class Player : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    directory_ = new test::TempDirectory;
    const Ran made =
        run("ffmpeg -nostdin -v error -f lavfi -i testsrc=size=320x180:rate=25:duration=20 -f lavfi -i "
            "sine=frequency=440:duration=20 -c:v libx264 -preset ultrafast -g 25 -pix_fmt yuv420p -c:a aac "
            "-f flv " +
            source() + " 2>&1");
    ASSERT_EQ(made.status, 0) << made.output;
    const test::CollectingSink output = test::record_bytes(file_bytes(source()));
    ASSERT_EQ(output.files.size(), 1U);
    write_file(result(), written(output.files[0]));
  }
  static void TearDownTestSuite() {
    delete directory_;
    directory_ = nullptr;
  }
  static std::string source() { return directory_->path() + "/source.flv"; }
  static std::string result() { return directory_->path() + "/result.flv"; }

  static test::TempDirectory* directory_;
};
test::TempDirectory* Player::directory_ = nullptr;

TEST_F(Player, DecodesEveryFrameWithoutAnError) {
  const Ran decoded = run("ffmpeg -nostdin -v warning -xerror -i " + result() + " -f null - 2>&1");
  EXPECT_EQ(decoded.status, 0);
  EXPECT_EQ(decoded.output, "");
  const std::string video = frame_hashes(result(), "v");
  EXPECT_EQ(std::count(video.begin(), video.end(), '\n'), 500);
  EXPECT_EQ(video, frame_hashes(source(), "v"));
  EXPECT_EQ(frame_hashes(result(), "a", "", "-c:a copy"), frame_hashes(source(), "a", "", "-c:a copy"));
}

TEST_F(Player, KnowsWhatIsInside) {
  const Ran probe =
      run("ffprobe -v warning -of default=nw=1 -show_entries "
          "format=duration,start_time:format_tags=Title:stream=codec_name,width,height,sample_rate " +
          result() + " 2>&1");
  EXPECT_EQ(probe.status, 0);
  for (const char* line : {"codec_name=h264", "width=320", "height=180", "codec_name=aac",
                           "sample_rate=44100", "start_time=0.000000", "TAG:Title=标题"})
    EXPECT_NE(probe.output.find(line), std::string::npos) << line << " in\n" << probe.output;
  const std::size_t at = probe.output.find("duration=");
  ASSERT_NE(at, std::string::npos);
  EXPECT_NEAR(std::stod(probe.output.substr(at + 9)), 20.0, 0.1);
}

std::uint64_t bytes_read_by_seek(const std::string& path) {
  const Ran ran =
      run("ffmpeg -nostdin -v verbose -ss 15 -i " + path + " -map 0:v -frames:v 1 -f null - 2>&1");
  const std::size_t at = ran.output.find("Statistics: ");
  return at == std::string::npos ? 0 : std::stoull(ran.output.substr(at + 12));
}

TEST_F(Player, SeeksByTheIndex) {
  const std::string expected = frame_hashes(source(), "v", "", "-vf select='eq(n\\,375)' -vsync 0");
  EXPECT_EQ(frame_hashes(result(), "v", "-ss 15", "-frames:v 1"), expected);
  // The same file with an index of no use: more of it must be read.
  Bytes bytes = file_bytes(result());
  const std::string key = "filepositions";
  const auto place = std::search(bytes.begin(), bytes.end(), key.begin(), key.end());
  ASSERT_NE(place, bytes.end());
  *place = 'x';
  const std::string without = directory_->path() + "/without.flv";
  write_file(without, bytes);
  const std::uint64_t by_index = bytes_read_by_seek(result());
  ASSERT_GT(by_index, 0U);
  EXPECT_LT(by_index + 50'000, bytes_read_by_seek(without));
}

struct SourceTag {
  TagType type;
  std::int64_t time;
  Bytes payload;
  bool is_header;
};

std::vector<SourceTag> tags_of(ByteView bytes) {
  test::CollectingSink ignored;
  TagReader reader(ignored);
  std::vector<SourceTag> tags;
  while (!bytes.empty()) {
    const std::span<std::uint8_t> room = reader.prepare(bytes.size());
    const std::size_t count = std::min(room.size(), bytes.size());
    std::copy_n(bytes.begin(), count, room.begin());
    bytes = bytes.subspan(count);
    reader.commit(count, 0);
    while (const std::optional<TagView> tag = reader.next()) {
      const bool is_header = classify(tag->type, tag->payload).kind == TagKind::header;
      tags.push_back({tag->type, tag->timestamp, Bytes(tag->payload.begin(), tag->payload.end()), is_header});
    }
  }
  return tags;
}

// Real media with what servers do to it: a jump inside a GOP, seconds that are sent again, an overlap behind
// a new connection, limits. Every picture and every sound is there once, and all of it decodes.
TEST_F(Player, DecodesWhatWasRepaired) {
  const std::vector<SourceTag> tags = tags_of(file_bytes(source()));
  PipelineOptions options;
  options.split_ms = 6000;
  for (const bool splits : {false, true}) {
    test::FlvRecorder recorder(splits ? options : PipelineOptions());
    Bytes first = test::flv_header();
    Bytes second = test::flv_header();
    for (const SourceTag& tag : tags) {
      const std::int64_t jump = tag.time >= 3500 ? 40'000 : 0;
      if (tag.time < 12'300 || tag.is_header)
        test::append(first, test::flv_tag(tag.type, tag.time + jump, tag.payload));
    }
    for (const SourceTag& tag :
         tags) {  // the server sends what it has of the second before, with other times
      if (tag.time >= 11'000 || tag.is_header)
        test::append(second, test::flv_tag(tag.type, tag.time - 9000, tag.payload));
    }
    recorder.connection(first);
    recorder.connection(second);
    recorder.finish();
    ASSERT_EQ(recorder.files().size(), splits ? 4U : 1U);
    std::string video;
    std::string audio;
    for (std::size_t i = 0; i < recorder.files().size(); ++i) {
      const std::string path = directory_->path() + "/repaired" + std::to_string(i) + ".flv";
      write_file(path, written(recorder.files()[i]));
      const Ran decoded = run("ffmpeg -nostdin -v warning -xerror -i " + path + " -f null - 2>&1");
      EXPECT_EQ(decoded.status, 0);
      EXPECT_EQ(decoded.output, "");
      video += frame_hashes(path, "v");
      audio += frame_hashes(path, "a", "", "-c:a copy");
    }
    EXPECT_EQ(video, frame_hashes(source(), "v"));
    EXPECT_EQ(audio, frame_hashes(source(), "a", "", "-c:a copy"));
  }
}

// A file that was never finished: what update() wrote is enough.
TEST_F(Player, PlaysAFileThatIsStillOpen) {
  const test::CollectingSink output = test::record_bytes(file_bytes(source()));
  test::MemoryBytes out;
  FileHeaders headers = output.files[0].headers;
  headers.video_header = output.files[0].video_header;
  headers.audio_header = output.files[0].audio_header;
  FileWriter writer(out, headers, {});
  for (const auto& tag : output.files[0].tags) {
    if (tag.time > 10'000) break;
    OutputTag one;
    one.type = tag.type;
    one.frame = classify(tag.type, tag.payload).frame;
    one.time = tag.time;
    one.payload = tag.payload;
    writer.write(one);
  }
  writer.update();
  const std::string path = directory_->path() + "/open.flv";
  write_file(path, out.bytes);
  const Ran decoded = run("ffmpeg -nostdin -v error -xerror -i " + path + " -f null - 2>&1");
  EXPECT_EQ(decoded.status, 0);
  EXPECT_EQ(decoded.output, "");
  const Ran probe = run("ffprobe -v error -of csv=p=0 -show_entries format=duration " + path);
  EXPECT_NEAR(std::stod(probe.output), 10.0, 0.1);
}

}  // namespace
}  // namespace live::flv
