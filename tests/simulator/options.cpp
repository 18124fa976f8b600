// SPDX-License-Identifier: Apache-2.0
#include "simulator/options.hpp"

#include <CLI/CLI.hpp>

#include "simulator/text.hpp"

namespace live::simulator {

std::variant<Options, Exit> parse_options(int argc, const char* const* argv) {
  Options options;
  CLI::App app("Plays Bilibili live rooms for tests and demos: interfaces, danmaku socket and streams.",
               "bilibili-simulator");
  app.add_option("--listen", options.listen, "IP:PORT of plain HTTP and WebSocket, port 0 for a free one")
      ->capture_default_str();
  auto* tls = app.add_option("--tls-listen", options.tls_listen, "IP:PORT of the same over TLS");
  auto* certificate = app.add_option("--tls-certificate", options.tls_certificate, "PEM file with the chain")
                          ->check(CLI::ExistingFile)
                          ->needs(tls);
  auto* key =
      app.add_option("--tls-key", options.tls_key, "PEM file")->check(CLI::ExistingFile)->needs(certificate);
  certificate->needs(key);
  auto* own = app.add_option("--self-signed", options.self_signed,
                             "directory to write ca.pem to, the authority of a certificate made at the start")
                  ->excludes(certificate)
                  ->needs(tls);
  app.add_option("--tls-name", options.tls_names,
                 "one more name or address in that certificate, beside localhost, 127.0.0.1 and ::1")
      ->needs(own);
  app.add_option("--control", options.control, "IP:PORT of the control API");
  app.add_option("--media", options.media, "FLV files; the first one plays when nobody says which")
      ->check(CLI::ExistingFile);
  app.add_option("--scenario", options.scenario, "JSON file with rooms and steps")->check(CLI::ExistingFile);
  app.add_option(
      "--public-host", options.public_hosts,
      "HOST[:PORT] to name in answers for plain connections; several make several hosts (default: what "
      "the client asked for)");
  app.add_option("--public-tls-host", options.public_tls_hosts, "the same for TLS");
  app.add_option("--live", options.live, "a room that is live from the start")->check(CLI::PositiveNumber);
  app.add_option("--flat-out", options.flat_out,
                 "rooms of --live send this many bytes a connection as fast as the client reads");
  app.add_option("--tag-records", options.tag_records, "sent tags to remember, 0 for none")
      ->capture_default_str();
  app.add_flag("--log", options.log, "log to standard error");
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    return Exit{0, app.help()};
  } catch (const CLI::ParseError& error) {
    return Exit{2, std::string("bilibili-simulator: ") + error.what() + "\n"};
  }
  if (!options.tls_listen.empty() && options.tls_certificate.empty() && options.self_signed.empty())
    return Exit{2,
                "bilibili-simulator: --tls-listen needs --tls-certificate and --tls-key, or --self-signed\n"};
  return options;
}

namespace {

PublicHost split_host(const std::string& text, int default_port, bool secure) {
  PublicHost host{text};
  int port = default_port;
  const std::size_t colon = text.rfind(':');
  if (colon != std::string::npos && text.find(']', colon) == std::string::npos) {
    if (const auto given = to_int(std::string_view(text).substr(colon + 1))) {
      port = static_cast<int>(*given);
      host.name = text.substr(0, colon);
    }
  }
  (secure ? host.https_port : host.http_port) = port;
  return host;
}

}  // namespace

std::vector<PublicHost> public_hosts(const Options& options, int http_port, int https_port) {
  std::vector<PublicHost> hosts;
  for (const std::string& text : options.public_hosts) {
    PublicHost host = split_host(text, http_port, false);
    host.https_port = https_port;
    hosts.push_back(std::move(host));
  }
  for (const std::string& text : options.public_tls_hosts) {
    PublicHost host = split_host(text, https_port, true);
    host.http_port = http_port;
    bool known = false;
    for (PublicHost& other : hosts) {
      if (other.name != host.name) continue;
      other.https_port = host.https_port;
      known = true;
    }
    if (!known) hosts.push_back(std::move(host));
  }
  return hosts;
}

}  // namespace live::simulator
