// SPDX-License-Identifier: Apache-2.0
#include "recorder/options.hpp"

#include <CLI/CLI.hpp>
#include <map>
#include <sstream>

#include "base/command_line.hpp"
#include "base/quantity.hpp"
#include "base/version.hpp"
#include "liveroom/names.hpp"
#include "recorder/recording/recording_settings.hpp"

namespace live::recorder {
namespace {

constexpr std::int64_t smallest_split = std::int64_t{1} << 20;

const std::map<std::string, log::Format> formats{{"text", log::Format::text}, {"json", log::Format::json}};
const std::map<std::string, log::Level> levels{{"debug", log::Level::debug},
                                               {"info", log::Level::info},
                                               {"warning", log::Level::warning},
                                               {"error", log::Level::error}};

CLI::Option* take_url(CLI::App& app, const std::string& name, net::Url& target, const std::string& help) {
  return app.add_option_function<std::string>(
      name,
      [&target, name](const std::string& text) {
        if (!text.starts_with("http://") && !text.starts_with("https://"))
          throw CLI::ValidationError(name, "must be an http or https address");
        const auto url = net::parse_url(text);
        if (!url) throw CLI::ValidationError(name, url.error().message);
        target = *url;
      },
      help);
}

void add_url(CLI::App& app, const std::string& name, const std::string& env, net::Url& target,
             const std::string& help) {
  take_url(app, name, target, help)->envname(env)->type_name("URL")->default_str(target.text());
}

void add_proxy(CLI::App& app, std::optional<net::Url>& target) {
  app.add_option_function<std::string>(
         "--proxy",
         [&target](const std::string& text) {
           Result<net::Url> url = parse_proxy(text);
           if (!url) throw CLI::ValidationError("--proxy", url.error().message);
           target = *std::move(url);
         },
         "HTTP proxy for API, danmaku socket and stream, as http://host:port; CONNECT is used for all of "
         "them")
      ->envname("LIVEROOM_PROXY")
      ->type_name("URL");
}

// One of a few words.
template <class Value>
void add_choice(CLI::App& app, const std::string& name, const std::string& env,
                const std::map<std::string, Value>& words, Value& target, const std::string& help) {
  std::vector<std::string> names;
  std::string now;
  for (const auto& [word, value] : words) {
    names.push_back(word);
    if (value == target) now = word;
  }
  app.add_option_function<std::string>(
         name, [&target, &words](const std::string& text) { target = words.at(text); }, help)
      ->envname(env)
      ->check(CLI::IsMember(names))
      ->type_name("WORD")
      ->default_str(now);
}

void add_common(CLI::App& app, CommonOptions& options) {
  add_url(app, "--live-api", "LIVEROOM_LIVE_API", options.live_api, "Base address of the live API");
  add_url(app, "--api", "LIVEROOM_API", options.api,
          "Base address of the main API (signing keys, device id)");
  app.add_option("--ca-file", options.ca_file, "Certificate authorities to trust beside the system's, PEM")
      ->envname("LIVEROOM_CA_FILE")
      ->check(CLI::ExistingFile)
      ->type_name("PEM");
  add_proxy(app, options.proxy);
  app.add_option("--cookie-file", options.cookie_file,
                 "File with the cookie of a Bilibili account; read again when it changes")
      ->envname("LIVEROOM_COOKIE_FILE")
      ->type_name("FILE");
  add_choice(app, "--log-format", "LIVEROOM_LOG_FORMAT", formats, options.log_format,
             "Form of the log lines");
  add_choice(app, "--log-level", "LIVEROOM_LOG_LEVEL", levels, options.log_level,
             "The least important lines that are written");
}

// For commands that keep recordings of a room.
void add_keeping(CLI::App& app, CommonOptions& options) {
  app.add_option("--notification-keys", options.notification_keys,
                 "Folder with the keys that sign notifications, as NOTIFICATION/KEY")
      ->envname("LIVEROOM_NOTIFICATION_KEYS")
      ->type_name("DIR")
      ->default_val(std::string(liveroom::path::notification_directory));
  app.add_flag("--retention-dry-run", options.retention_dry_run,
               "Say which recordings the retention would delete, and delete none")
      ->envname("LIVEROOM_RETENTION_DRY_RUN");
}

void add_run(CLI::App& app, RunOptions& options) {
  add_common(app, options.common);
  add_keeping(app, options.common);
  app.add_option("--config", options.config_file,
                 "Configuration file that the controller provides; read again when it changes")
      ->envname("LIVEROOM_CONFIG")
      ->type_name("FILE")
      ->default_val("/etc/liveroom/config.json");
  app.add_option("--output", options.output, "Root of the volume; the recording directory is below it")
      ->envname("LIVEROOM_OUTPUT")
      ->type_name("DIR")
      ->default_val("/recordings");
  app.add_option("--listen", options.listen, "Address of /healthz, /readyz and /metrics")
      ->envname("LIVEROOM_LISTEN")
      ->type_name("HOST:PORT")
      ->default_val("0.0.0.0:8080");
  app.add_option("--pod-uid", options.pod_uid, "UID of the pod, for the status")
      ->envname("LIVEROOM_POD_UID")
      ->type_name("UID");
}

void add_record(CLI::App& app, RecordOptions& options) {
  add_common(app, options.common);
  add_keeping(app, options.common);
  app.add_option("target", options.target,
                 "Room number, address of a room, or a LiveRoom manifest (.yaml, .json)")
      ->required()
      ->type_name("ROOM|MANIFEST");
  app.add_option("-o,--output", options.output, "Folder to record into")
      ->envname("LIVEROOM_OUTPUT")
      ->required()
      ->type_name("DIR");
  app.add_option("--listen", options.listen, "Serve /healthz, /readyz and /metrics at this address")
      ->envname("LIVEROOM_LISTEN")
      ->type_name("HOST:PORT");
}

void add_repair(CLI::App& app, RepairOptions& options) {
  app.add_option("files", options.files,
                 "FLV files, in order: the successive connections of one recording (one file is one, too)")
      ->required()
      ->type_name("FILE");
  app.add_option(
         "-o,--output", options.output,
         "Folder for what is written: NAME.flv, NAME_2.flv and so on, after the first FILE; nothing is "
         "overwritten")
      ->type_name("DIR");
  app.add_flag("--check", options.check, "Write nothing; only say what there is to repair");
  app.add_flag("--json", options.json, "Print the report as one JSON object");
  app.add_option_function<std::string>(
         "--gaps", [&options](const std::string& text) { options.keep_gaps = text == "keep"; },
         "close: times go on without a hole where media is missing; keep: holes up to a minute stay")
      ->check(CLI::IsMember({"close", "keep"}))
      ->default_str("close");
  app.add_option("--split-seconds", options.split_seconds,
                 "Begin a new file at a key frame, each at most so long")
      ->check(CLI::Range(std::int64_t{10}, std::int64_t{604'800}))
      ->type_name("SECONDS");
  app.add_option_function<std::string>(
         "--split-size",
         [&options](const std::string& text) {
           const Result<std::int64_t> size = parse_quantity(text);
           if (!size) throw CLI::ValidationError("--split-size", size.error().message);
           if (*size < smallest_split) throw CLI::ValidationError("--split-size", "the least is 1Mi");
           options.split_bytes = static_cast<std::uint64_t>(*size);
         },
         "Begin a new file at a key frame, each at most so large, for example 4Gi")
      ->type_name("SIZE");
  app.footer(
      "Times that jump, step back or wrap, repeated and overlapping parts, damaged bytes, changed headers: "
      "what a\n"
      "recording repairs on the way is repaired here; docs/flv-repair.md says how. The input is never "
      "changed.\n"
      "Prints what was found. Exit codes: 0 done, 1 a file could not be read or written or holds no media, 2 "
      "bad "
      "input.");
}

void require_output(const RepairOptions& options) {
  if (!options.check && !options.output) throw CLI::RequiredError("--output (or --check)");
}

void add_probe(CLI::App& app, ProbeOptions& options) {
  options.common.log_level = log::Level::warning;  // the answer is what it prints
  add_common(app, options.common);
  app.add_option("room", options.room, "Room number or address of a room")->required()->type_name("ROOM");
  app.add_flag("--json", options.json, "Print a JSON object");
}

void add_capture(CLI::App& app, CaptureOptions& options) {
  add_common(app, options.common);
  take_url(app, "url", options.url,
           "Address of an FLV stream, or of an HLS playlist (….m3u8) with fMP4 segments; http or https")
      ->required()
      ->type_name("URL");
  app.add_option("-o,--output", options.output, "Folder to record into")
      ->envname("LIVEROOM_OUTPUT")
      ->required()
      ->type_name("DIR");
  app.add_option("--socket-timeout", options.socket_timeout_seconds,
                 "Seconds without a byte, or without a whole tag, after which the stream counts as broken")
      ->envname("LIVEROOM_SOCKET_TIMEOUT")
      ->check(CLI::Range(1, 300))
      ->type_name("SECONDS")
      ->capture_default_str();
  app.footer(
      "Repairs the stream on the way, as a recording does, and ends with it. The file is NAME_TIME.flv or "
      ".mp4, NAME\n"
      "the last part of the address. Exit codes: 0 the stream has ended, or a signal ended it; 1 it could "
      "not be\n"
      "opened, it broke off (what came is kept), or the folder can't be written; 2 bad input; 3 it is no "
      "stream.");
}

}  // namespace

std::variant<Command, EarlyExit> parse_command_line(int argc, const char* const* argv) {
  RunOptions run;
  RecordOptions record;
  RepairOptions repair;
  ProbeOptions probe;
  CaptureOptions capture;
  CLI::App app("Records a Bilibili live room: repairs the stream on the way and writes files that play.",
               "liveroom-recorder");
  app.footer(
      "Exit codes: 0 done, 1 failed, 2 bad input, 3 not recordable.\n"
      "Every option is also read from the environment, e.g. --live-api from LIVEROOM_LIVE_API.");
  app.set_version_flag("--version", std::string(version));
  app.require_subcommand(1);
  CLI::App* run_command =
      app.add_subcommand("run", "In a pod: record the room of the configuration file until stopped");
  CLI::App* record_command =
      app.add_subcommand("record", "Without Kubernetes: record one room until interrupted");
  CLI::App* capture_command =
      app.add_subcommand("capture", "Record one stream address until the stream ends");
  add_run(*run_command, run);
  add_record(*record_command, record);
  CLI::App* repair_command = app.add_subcommand("repair", "Repair FLV files, or join those of one recording");
  add_repair(*repair_command, repair);
  CLI::App* probe_command =
      app.add_subcommand("probe", "Say whether a room can be recorded, what it offers, and why not");
  add_probe(*probe_command, probe);
  add_capture(*capture_command, capture);
  try {
    app.parse(argc, argv);
    if (repair_command->parsed()) require_output(repair);
  } catch (const CLI::Success& success) {
    std::ostringstream out;
    app.exit(success, out, out);
    return EarlyExit{0, out.str()};
  } catch (const CLI::ParseError& error) {
    return EarlyExit{2, command_line_complaint(app, error) + "\n"};
  }
  if (run_command->parsed()) return Command(run);
  if (repair_command->parsed()) return Command(repair);
  if (probe_command->parsed()) return Command(probe);
  if (capture_command->parsed()) return Command(capture);
  return Command(record);
}

}  // namespace live::recorder
