// SPDX-License-Identifier: Apache-2.0
// What can be wrong with an exchange beside what the system and OpenSSL report. Thrown in system_error.
#pragma once
#include <type_traits>

#include "base/asio.hpp"

namespace live::net {

enum class NetError {
  bad_request = 1,  // a method, target or header that can't be sent
  bad_reply,        // not HTTP, or a head beyond the limit
  bad_framing,      // the chunked coding is broken
  cut_short,        // the connection ended before the message did
  body_too_large,   // more than the caller's limit
  too_many_redirects,
  bad_redirect,   // no Location, or one that is no http(s) URL
  proxy_refused,  // CONNECT was not answered with 2xx
  tls_failed,     // through cpprestsdk, which does not say why
};

const boost::system::error_category& net_category();
error_code make_error_code(NetError error);

}  // namespace live::net

template <>
struct boost::system::is_error_code_enum<live::net::NetError> : std::true_type {};
