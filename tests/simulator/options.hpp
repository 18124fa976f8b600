// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "simulator/answers.hpp"

namespace live::simulator {

struct Options {
  std::string listen = "127.0.0.1:0";
  std::string tls_listen, tls_certificate, tls_key, self_signed;
  std::vector<std::string> tls_names;
  std::string control;
  std::vector<std::string> media;
  std::string scenario;
  std::vector<std::string> public_hosts, public_tls_hosts;
  std::vector<std::int64_t> live;  // rooms that are live from the start
  std::uint64_t flat_out = 0;
  std::size_t tag_records = 200'000;
  bool log = false;
};

// What to do in place of running: the text for standard output, or the line for standard error and the exit
// code.
struct Exit {
  int code;
  std::string text;
};

std::variant<Options, Exit> parse_options(int argc, const char* const* argv);

// Joins "HOST[:PORT]" of both lists in order; a name in both is one host with both ports. Ports that are not
// given are ours.
std::vector<PublicHost> public_hosts(const Options& options, int http_port, int https_port);

}  // namespace live::simulator
