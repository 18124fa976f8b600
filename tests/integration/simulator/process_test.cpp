// SPDX-License-Identifier: Apache-2.0
// The program itself: started, asked, played by ffmpeg, stopped.
#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <set>

#include "base/json.hpp"
#include "simulator/flv_source.hpp"
#include "simulator/text.hpp"
#include "site_client.hpp"
#include "support/loop.hpp"

extern char** environ;

namespace live::simulator {
namespace {

using namespace test;

struct Outcome {
  int code;
  std::string output;
};

// Runs a shell command; standard output only.
Outcome shell(const std::string& command) {
  FILE* const pipe = popen(command.c_str(), "r");
  Outcome outcome{-1, ""};
  if (!pipe) return outcome;
  char buffer[4096];
  while (const std::size_t count = fread(buffer, 1, sizeof buffer, pipe))
    outcome.output.append(buffer, count);
  const int status = pclose(pipe);
  outcome.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return outcome;
}

class Process {
 public:
  explicit Process(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), SIMULATOR_PROGRAM);
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    if (posix_spawn(&pid_, argv[0], &actions, nullptr, argv.data(), environ) != 0) pid_ = -1;
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    FILE* const output = fdopen(ends[0], "r");
    char line[256] = "";
    if (output && fgets(line, sizeof line, output)) ready = parse_json(line);
    if (output) fclose(output);
  }
  ~Process() {
    if (pid_ > 0) (void)stop(SIGKILL);
  }

  int stop(int signal) {
    kill(pid_, signal);
    int status = 0;
    waitpid(pid_, &status, 0);
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  int port(const char* name) const {
    return static_cast<int>(json_int(json_at(ready, std::string("/") + name)).value_or(0));
  }

  Json ready;

 private:
  pid_t pid_ = -1;
};

class SimulatorProcess : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    const Outcome made = shell(fmt::format("'{}' '{}' 8", MAKE_MEDIA, MEDIA_FILE));
    ASSERT_EQ(made.code, 0);
  }

  Json control(const std::string& method, const std::string& path, const std::string& body = "") {
    const HttpAnswer answer = loop.run_real(call(process.port("control"), method, path, body));
    EXPECT_EQ(answer.status, 200) << answer.body;
    return parse_json(answer.body);
  }

  live::test::Loop loop;
  std::string directory = ::testing::TempDir() + "simulator-" + std::to_string(getpid());
  Process process{{"--media", MEDIA_FILE, "--control", "127.0.0.1:0", "--tls-listen", "127.0.0.1:0",
                   "--self-signed", directory, "--tls-name", "live.example"}};
};

TEST_F(SimulatorProcess, FfmpegPlaysAGaplessRunOfTheFile) {
  control("POST", "/rooms", R"({"roomId":23058,"shortId":3})");
  control("POST", "/rooms/3/live", "{}");
  const std::string url = fmt::format("http://127.0.0.1:{}/direct/3.flv", process.port("http"));
  const std::string hashes = "-map 0:v -f framemd5 - | grep -v '^#' | sed 's/.*, *//'";
  // Over the end of the file, so that a loop is in it.
  const Outcome played = shell(fmt::format("ffmpeg -v error -i '{}?pace=0&bytes=2000000' {}", url, hashes));
  const Outcome file = shell(fmt::format("ffmpeg -v error -i '{}' {}", MEDIA_FILE, hashes));
  ASSERT_EQ(file.output.size(), 240u * 33);
  std::set<std::string> different;
  for (std::size_t at = 0; at < file.output.size(); at += 33) different.insert(file.output.substr(at, 33));
  EXPECT_EQ(different.size(), 240u);
  ASSERT_GT(played.output.size(), 300u * 33);
  EXPECT_EQ(played.output.substr(0, file.output.size()), file.output);
  const std::string rest = played.output.substr(file.output.size());
  EXPECT_EQ(rest, file.output.substr(0, rest.size()));
}

TEST_F(SimulatorProcess, FfmpegPlaysInRealTime) {
  control("POST", "/rooms", R"({"roomId":23058,"shortId":3})");
  control("POST", "/rooms/3/live", R"({"timestampBase":5000000})");
  const HttpAnswer info = loop.run_real(call(
      process.port("http"), "GET",
      "/xlive/web-room/v2/index/getRoomPlayInfo?room_id=3&protocol=0,1&format=0,1,2&codec=0,1&qn=10000"));
  const Json codec = json_at(parse_json(info.body), "/data/playurl_info/playurl/stream/0/format/0/codec/0");
  const std::string url = json_string(json_at(codec, "/url_info/0/host")).value_or("") +
                          json_string(json_at(codec, "/base_url")).value_or("") +
                          json_string(json_at(codec, "/url_info/0/extra")).value_or("");
  const auto begin = std::chrono::steady_clock::now();
  const Outcome played =
      shell(fmt::format("ffmpeg -v error -i '{}' -t 3 -map 0:v -f framemd5 - | grep -vc '^#'", url));
  // 3 s from the first of sound and picture on.
  EXPECT_NEAR(static_cast<double>(to_int(played.output.substr(0, played.output.find('\n'))).value_or(0)), 90,
              3);
  EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(2500));
  const Json record = control("GET", "/rooms/3")["connections"].at(0);
  // A key frame, whichever was the last one when ffmpeg had started.
  const std::int64_t first = record["firstTag"]["mediaMs"].get<std::int64_t>() - 5'000'000;
  EXPECT_GE(first, 0);
  EXPECT_EQ(first % 2000, 0);
  EXPECT_EQ(record["quality"], 10000);
}

TEST_F(SimulatorProcess, TheSocketTakesOnlyItsTokens) {
  control("POST", "/rooms", R"({"roomId":23058})");
  const std::int64_t now = to_seconds(std::chrono::system_clock::now());
  const HttpAnswer info =
      loop.run_real(call(process.port("http"), "GET",
                         "/xlive/web-room/v1/index/getDanmuInfo?" + sign_query("id=23058&type=0", now), "",
                         "Cookie: buvid3=X\r\nUser-Agent: Mozilla/5.0 Chrome/147.0.0.0\r\n"));
  const Json answer = parse_json(info.body);
  EXPECT_EQ(json_at(answer, "/data/host_list/0/ws_port"), process.port("http"));
  EXPECT_EQ(json_at(answer, "/data/host_list/0/wss_port"), process.port("https"));
  const std::string token = json_string(json_at(answer, "/data/token")).value_or("");
  for (const bool tls : {false, true})
    for (const auto& [key, expected] :
         {std::pair(token, "{\"code\":0}"), std::pair(token + "x", "{\"code\":-101}")}) {
      DanmakuClient client;
      const std::string authority = tls ? directory + "/ca.pem" : "";
      ASSERT_TRUE(loop.run_real(client.open(process.port(tls ? "https" : "http"), authority)));
      loop.run_real(client.send(
          client_packet(7, dump_json({{"uid", 0}, {"roomid", 23058}, {"protover", 3}, {"key", key}}))));
      const Bytes frame = loop.run_real(client.read());
      const std::vector<Packet> packets = decode_frame(frame);
      ASSERT_EQ(packets.size(), 1u);
      EXPECT_EQ(packets[0].operation, 8u);
      EXPECT_EQ(packets[0].body, expected);
    }
}

TEST_F(SimulatorProcess, TlsIsVerifiedByTheAuthorityItWrites) {
  const std::string names[] = {"localhost", "127.0.0.1", "live.example"};
  for (const std::string& name : names) {
    const Outcome got =
        shell(fmt::format("curl -sS --max-time 20 --cacert '{}/ca.pem' --resolve live.example:{}:127.0.0.1 "
                          "https://{}:{}/x/web-interface/nav",
                          directory, process.port("https"), name, process.port("https")));
    EXPECT_EQ(got.code, 0) << name;
    EXPECT_EQ(parse_json(got.output)["code"], -101);
  }
  control("POST", "/rooms", R"({"roomId":3})");
  control("POST", "/rooms/3/live", "{}");
  const Outcome stream =
      shell(fmt::format("curl -sS --max-time 20 --cacert '{}/ca.pem' "
                        "'https://localhost:{}/direct/3.flv?pace=0&bytes=3000000' | ffmpeg "
                        "-v error -i - -map 0:v -f framemd5 - | grep -vc '^#'",
                        directory, process.port("https")));
  EXPECT_GT(to_int(stream.output.substr(0, stream.output.find('\n'))).value_or(0), 500);
}

TEST_F(SimulatorProcess, SigtermEndsItWithConnectionsOpen) {
  control("POST", "/rooms", R"({"roomId":3})");
  control("POST", "/rooms/3/live", "{}");
  StreamClient stream;
  ASSERT_EQ(loop.run_real(stream.open(process.port("http"), "/direct/3.flv")), 200);
  EXPECT_EQ(process.stop(SIGTERM), 0);
  loop.run_real(stream.read_all());
  EXPECT_TRUE(stream.ended());
}

TEST(SimulatorOptions, MistakesAreOneLineAndExitTwo) {
  for (const char* arguments : {"--nothing", "--listen nowhere", "--listen 127.0.0.1:99999",
                                "--media /etc/passwd", "--scenario /etc/passwd", "--media /nowhere"}) {
    const Outcome ran = shell(fmt::format("'{}' {} 2>&1", SIMULATOR_PROGRAM, arguments));
    EXPECT_EQ(ran.code, 2) << arguments;
    EXPECT_EQ(std::count(ran.output.begin(), ran.output.end(), '\n'), 1) << ran.output;
    EXPECT_EQ(ran.output.substr(0, 20), "bilibili-simulator: ");
  }
}

}  // namespace
}  // namespace live::simulator
