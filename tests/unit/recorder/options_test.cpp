// SPDX-License-Identifier: Apache-2.0
#include "recorder/options.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

namespace live::recorder {
namespace {

std::variant<Command, EarlyExit> parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "liveroom-recorder");
  return parse_command_line(static_cast<int>(arguments.size()), arguments.data());
}

TEST(Options, RunHasTheDefaultsOfAPod) {
  const auto parsed = parse({"run"});
  const auto& run = std::get<RunOptions>(std::get<Command>(parsed));
  EXPECT_EQ(run.config_file, "/etc/liveroom/config.json");
  EXPECT_EQ(run.output, "/recordings");
  EXPECT_EQ(run.listen, "0.0.0.0:8080");
  EXPECT_EQ(run.common.live_api.text(), "https://api.live.bilibili.com/");
}

TEST(Options, RecordTakesARoomAndAFolder) {
  const auto parsed = parse(
      {"record", "23058", "-o", "/tmp/x", "--live-api", "http://127.0.0.1:8080", "--log-format", "json"});
  const auto& record = std::get<RecordOptions>(std::get<Command>(parsed));
  EXPECT_EQ(record.target, "23058");
  EXPECT_EQ(record.output, "/tmp/x");
  EXPECT_EQ(record.common.live_api.port, 8080);
  EXPECT_EQ(record.common.log_format, log::Format::json);
}

TEST(Options, RepairTakesFilesAndAFolder) {
  const auto parsed = parse({"repair", "a.flv", "b.flv", "-o", "out", "--gaps", "keep", "--split-size", "4Gi",
                             "--split-seconds", "3600", "--json"});
  const auto& repair = std::get<RepairOptions>(std::get<Command>(parsed));
  EXPECT_EQ(repair.files, (std::vector<std::string>{"a.flv", "b.flv"}));
  EXPECT_EQ(repair.output, "out");
  EXPECT_TRUE(repair.keep_gaps);
  EXPECT_TRUE(repair.json);
  EXPECT_FALSE(repair.check);
  EXPECT_EQ(repair.split_bytes, std::uint64_t{4} << 30);
  EXPECT_EQ(repair.split_seconds, 3600);
  const auto only_looks = parse({"repair", "a.flv", "--check"});
  EXPECT_TRUE(std::get<RepairOptions>(std::get<Command>(only_looks)).check);
}

TEST(Options, CaptureTakesAnAddressAndAFolder) {
  const auto parsed = parse({"capture", "https://cdn.example/live/a.flv?sign=1", "-o", "/tmp/x"});
  const auto& capture = std::get<CaptureOptions>(std::get<Command>(parsed));
  EXPECT_EQ(capture.url.text(), "https://cdn.example/live/a.flv?sign=1");
  EXPECT_EQ(capture.output, "/tmp/x");
  EXPECT_EQ(capture.socket_timeout_seconds, 10);
}

TEST(Options, TheEnvironmentCountsWhereTheCommandLineIsSilent) {
  ::setenv("LIVEROOM_LIVE_API", "http://10.0.0.1:81/base", 1);
  const auto parsed = parse({"run"});
  ::unsetenv("LIVEROOM_LIVE_API");
  EXPECT_EQ(std::get<RunOptions>(std::get<Command>(parsed)).common.live_api.text(),
            "http://10.0.0.1:81/base");
}

TEST(Options, ProbeTakesARoom) {
  const auto parsed = parse(
      {"probe", "live.bilibili.com/6", "--json", "--proxy", "http://10.0.0.1:3128", "--cookie-file", "c"});
  const auto& probe = std::get<ProbeOptions>(std::get<Command>(parsed));
  EXPECT_EQ(probe.room, "live.bilibili.com/6");
  EXPECT_TRUE(probe.json);
  EXPECT_EQ(probe.common.proxy->port, 3128);
  EXPECT_EQ(probe.common.cookie_file, "c");
}

TEST(Options, HelpIsNoError) {
  const auto parsed = parse({"record", "--help"});
  const auto& early = std::get<EarlyExit>(parsed);
  EXPECT_EQ(early.code, 0);
  EXPECT_NE(early.text.find("--live-api"), std::string::npos);
}

TEST(Options, BadOnesAreOneLineThatNamesTheOptionAndExitCode2) {
  const std::pair<std::vector<const char*>, const char*> cases[] = {
      {{}, "a command is needed; see liveroom-recorder --help"},
      {{"recrod", "1"}, "there is no command recrod; see liveroom-recorder --help"},
      {{"record", "1", "--ouput", "x"}, "there is no option --ouput; see liveroom-recorder record --help"},
      {{"probe", "1", "2"}, "2 is one argument too many"},
      {{"run", "--bogus"}, "--bogus"},
      {{"record", "1"}, "--output"},
      {{"record", "1", "-o", "x", "--live-api", "ftp://x"}, "--live-api"},
      {{"record", "1", "-o", "x", "--log-level", "loud"},
       "--log-level: loud not in {debug,error,info,warning}"},
      {{"probe", "1", "--proxy", "https://x"}, "--proxy: must be http://host:port"},
      {{"probe", "1", "--proxy", "http://user:word@x"}, "--proxy"},
      {{"probe", "1", "--proxy", "http://x/path"}, "--proxy"},
      {{"probe"}, "room"},
      {{"capture", "rtmp://x/y", "-o", "x"}, "url: must be an http or https address"},
      {{"capture", "http://x/y.flv", "-o", "x", "--retention-dry-run"}, "--retention-dry-run"},
      {{"capture", "http://x/y.flv"}, "--output"},
      {{"capture", "http://x/y.flv", "-o", "x", "--socket-timeout", "0"}, "--socket-timeout"},
      {{"run", "--ca-file", "/nonexistent.pem"}, "--ca-file"},
      {{"repair", "a.flv"}, "--output"},
      {{"repair", "-o", "x"}, "files"},
      {{"repair", "a.flv", "-o", "x", "--gaps", "open"}, "--gaps"},
      {{"repair", "a.flv", "-o", "x", "--split-size", "1Ki"}, "--split-size"},
      {{"repair", "a.flv", "-o", "x", "--split-seconds", "9"}, "--split-seconds"},
  };
  for (const auto& [arguments, name] : cases) {
    const auto parsed = parse(arguments);
    const auto* early = std::get_if<EarlyExit>(&parsed);
    ASSERT_NE(early, nullptr) << name;
    EXPECT_EQ(early->code, 2) << name;
    EXPECT_NE(early->text.find(name), std::string::npos) << early->text;
    EXPECT_EQ(std::count(early->text.begin(), early->text.end(), '\n'), 1) << early->text;
  }
}

}  // namespace
}  // namespace live::recorder
