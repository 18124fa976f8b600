// SPDX-License-Identifier: Apache-2.0
// The streams inside a Conduit, for the two .cpp files that need their types.
#pragma once
#include <optional>

#include "base/asio.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

#include "simulator/conduit.hpp"

namespace live::simulator {

using PlainStream = asio::ip::tcp::socket;
using TlsStream = asio::ssl::stream<PlainStream&>;

struct Conduit::Streams {
  PlainStream socket;
  net::TlsContext context;
  std::optional<TlsStream> tls;

  Streams(PlainStream accepted, net::TlsContext tls_context)
      : socket(std::move(accepted)), context(std::move(tls_context)) {
    if (context) tls.emplace(socket, *context);
  }
};

}  // namespace live::simulator
