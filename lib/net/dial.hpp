// SPDX-License-Identifier: Apache-2.0
// From a URL to a connection: names, addresses, proxy, TLS.
#pragma once
#include <memory>
#include <optional>
#include <string>

#include "net/address_family.hpp"
#include "net/connection.hpp"
#include "net/url.hpp"

namespace live::net {

struct DialOptions {
  Url url;
  TlsContext tls;                              // used where the URL asks for TLS
  std::optional<std::string> tls_server_name;  // in place of the URL's host
  std::optional<Url> proxy;                    // asked by CONNECT, also for plain connections
  AddressFamily address_family = AddressFamily::any;
  bool bulk = false;  // as for Connection::start_tls
};

// All of it before `deadline`; each address of a host gets its share of the time. Keepalive after 30 s, each
// 10 s, 3 times; unacknowledged bytes for 30 s end the connection; no delay of small writes. Throws
// system_error, whose text names the host, or Stopped.
awaitable<std::unique_ptr<Connection>> dial(Executor executor, DialOptions options, TimePoint deadline,
                                            std::stop_token stop);

}  // namespace live::net
