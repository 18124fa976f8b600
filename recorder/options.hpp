// SPDX-License-Identifier: Apache-2.0
// The command line of liveroom-recorder. Every option is also read from LIVEROOM_<OPTION>.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/log.hpp"
#include "net/url.hpp"

namespace live::recorder {

struct CommonOptions {
  net::Url live_api{"https", "api.live.bilibili.com", 443, "/"};
  net::Url api{"https", "api.bilibili.com", 443, "/"};
  std::optional<std::string> ca_file;  // authorities beside the system's
  std::optional<net::Url> proxy;       // comes before the configuration's
  std::string cookie_file;             // of a Bilibili account; empty: guest
  std::string notification_keys;       // directory of the keys that sign notifications
  bool retention_dry_run = false;
  log::Format log_format = log::Format::text;
  log::Level log_level = log::Level::info;
};

// `run`: in a pod.
struct RunOptions {
  CommonOptions common;
  std::string config_file;
  std::string output;
  std::string listen;
  std::string pod_uid;
};

// `record`: on a machine without Kubernetes.
struct RecordOptions {
  CommonOptions common;
  std::string target;  // a room's number, its address, or a manifest (.yaml, .yml, .json)
  std::string output;
  std::optional<std::string> listen;
};

// `repair`: files that exist already.
struct RepairOptions {
  CommonOptions common;
  std::vector<std::string> files;     // the successive connections of one recording
  std::optional<std::string> output;  // always set unless `check`
  bool check = false;                 // only look
  bool json = false;
  bool keep_gaps = false;
  std::int64_t split_seconds = 0;  // 0: no limit
  std::uint64_t split_bytes = 0;   // 0: no limit
};

// `probe`: what stands between us and a room.
struct ProbeOptions {
  CommonOptions common;
  std::string room;  // its number or address
  bool json = false;
};

// `capture`: one stream address.
struct CaptureOptions {
  CommonOptions common;
  net::Url url;  // http or https
  std::string output;
  int socket_timeout_seconds = 10;
};

using Command = std::variant<RunOptions, RecordOptions, RepairOptions, ProbeOptions, CaptureOptions>;

// What to print and the exit code, when the command line itself is the answer (--help) or is wrong (code 2).
struct EarlyExit {
  int code = 0;
  std::string text;
};

std::variant<Command, EarlyExit> parse_command_line(int argc, const char* const* argv);

}  // namespace live::recorder
