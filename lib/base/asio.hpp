// SPDX-License-Identifier: Apache-2.0
// The only way to Asio. libcpprest exports Asio symbols of Boost 1.74; another version in the same process
// crashes.
#pragma once
#include <utility>  // boost/asio/awaitable.hpp 1.74 needs it and does not include it

#include <boost/version.hpp>
static_assert(BOOST_VERSION == 107400, "libcpprest of Debian 12 is built with Boost 1.74: do not mix");

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/error_code.hpp>
#include <boost/system/system_error.hpp>

namespace live {
namespace asio = boost::asio;
using asio::awaitable;
using asio::use_awaitable;
using boost::system::error_code;
using boost::system::system_error;
using Executor = asio::any_io_executor;
}  // namespace live
