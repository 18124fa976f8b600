// SPDX-License-Identifier: Apache-2.0
#include "net/errors.hpp"

#include <string>

namespace live::net {
namespace {

// Boost's categories are never deleted through their base; its destructor is protected and not virtual.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wnon-virtual-dtor"
class NetCategory final : public boost::system::error_category {
 public:
  const char* name() const noexcept override { return "net"; }
  std::string message(int value) const override {
    switch (static_cast<NetError>(value)) {
      case NetError::bad_request:
        return "the request can't be sent";
      case NetError::bad_reply:
        return "the reply is not valid HTTP";
      case NetError::bad_framing:
        return "the chunked coding is broken";
      case NetError::cut_short:
        return "the connection ended before the message did";
      case NetError::body_too_large:
        return "the body is larger than allowed";
      case NetError::too_many_redirects:
        return "too many redirects";
      case NetError::bad_redirect:
        return "a redirect leads nowhere";
      case NetError::proxy_refused:
        return "the proxy refused to connect";
      case NetError::tls_failed:
        return "no TLS connection could be made";
    }
    return "unknown";
  }
};
#pragma GCC diagnostic pop

}  // namespace

const boost::system::error_category& net_category() {
  static const NetCategory category;
  return category;
}

error_code make_error_code(NetError error) { return {static_cast<int>(error), net_category()}; }

}  // namespace live::net
