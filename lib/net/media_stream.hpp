// SPDX-License-Identifier: Apache-2.0
// The media connection: few wake-ups, few copies, large reads (measured in the project's performance notes).
// Plain and TLS alike over a non-blocking socket; framing until close, Content-Length or chunked.
#pragma once
#include <memory>
#include <span>

#include "net/address_family.hpp"
#include "net/byte_stream.hpp"
#include "net/http.hpp"
#include "net/tls.hpp"

namespace live::net {

struct MediaRequest {
  Url url = {};
  Headers headers = {};                                 // no cookies: media hosts get none
  Duration connect_timeout = std::chrono::seconds(10);  // resolve, connect, TLS and head of each hop
  Duration idle = std::chrono::seconds(10);  // silence of the body before read_some throws timed_out
  int max_redirects = 10;
  using AddressFamily = net::AddressFamily;
  AddressFamily address_family = AddressFamily::any;
  std::optional<Url> proxy = {};  // http:// with CONNECT
};

class MediaStream : public ByteStream {
 public:
  // read_some: fills `to` with all that waits. The wake-up threshold (SO_RCVLOWAT) follows the measured rate:
  // half a second of stream, 16 to 512 KiB, and 1 byte when nothing came for a second. After a stop it
  // gives once what had come, then throws Stopped.

  // A read_some that waits takes what has come, whatever the threshold; it goes on waiting when that is
  // nothing. The bytes are read before what is posted to the executor afterwards. Who calls this regularly
  // bounds how long bytes wait in the kernel; the threshold alone does not, when the rate falls.
  virtual void look() = 0;
  virtual std::uint64_t received_bytes() const = 0;  // from the wire, framing included
};

struct MediaResponse {
  int status = 0;
  Headers headers;
  Url url;  // after redirects
  std::unique_ptr<MediaStream> body;
};

// Opens the URL and follows redirects by hand (301, 302, 303, 307, 308; relative Location accepted). Throws
// system_error when there is no reply head in time, too many redirects, or a redirect target that is no
// http(s) URL. A status other than 2xx is returned, not thrown. Cookie and Authorization are not sent.
awaitable<MediaResponse> open_media(MediaRequest request, TlsContext tls, std::stop_token stop);

}  // namespace live::net
