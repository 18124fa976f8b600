// SPDX-License-Identifier: Apache-2.0
#include "simulator/http_message.hpp"

#include <fmt/format.h>

#include "base/asio.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <boost/beast/http/status.hpp>
#include <boost/beast/http/string_body.hpp>

namespace live::simulator {

namespace http = boost::beast::http;

namespace {
constexpr std::uint32_t max_header = 64 * 1024;
constexpr std::uint64_t max_body = 4 * 1024 * 1024;
}  // namespace

struct RequestReader::Impl {
  http::request_parser<http::string_body> parser;
};

RequestReader::RequestReader() : impl_(std::make_unique<Impl>()) {
  impl_->parser.eager(true);
  impl_->parser.header_limit(max_header);
  impl_->parser.body_limit(max_body);
}

RequestReader::~RequestReader() = default;

RequestReader::State RequestReader::feed(ByteView bytes, std::size_t& used) {
  error_code error;
  used = impl_->parser.put(asio::buffer(bytes.data(), bytes.size()), error);
  if (error && error != http::error::need_more) return State::broken;
  return impl_->parser.is_done() ? State::whole : State::more;
}

Request RequestReader::request() const {
  const auto& message = impl_->parser.get();
  Request request;
  request.method = std::string(message.method_string());
  request.target = std::string(message.target());
  const std::size_t mark = request.target.find('?');
  request.path = request.target.substr(0, mark);
  if (mark != std::string::npos) request.raw_query = request.target.substr(mark + 1);
  request.query = parse_query(request.raw_query);
  for (const auto& field : message)
    request.headers.add(std::string(field.name_string()), std::string(field.value()));
  request.body = message.body();
  request.keep_alive = message.keep_alive();
  request.upgrade = http::token_list(message[http::field::upgrade]).exists("websocket");
  request.host = request.header("Host");
  const std::size_t port = request.host.rfind(':');
  if (port != std::string::npos && request.host.find(']', port) == std::string::npos)
    request.host.resize(port);
  return request;
}

std::string render(const Reply& reply, bool keep_alive) {
  const auto reason = http::obsolete_reason(static_cast<http::status>(reply.status));
  std::string text =
      fmt::format("HTTP/1.1 {} {}\r\nContent-Type: {}\r\nContent-Length: {}\r\n", reply.status,
                  std::string_view(reason.data(), reason.size()), reply.content_type, reply.body.size());
  for (const auto& [name, value] : reply.headers) text += fmt::format("{}: {}\r\n", name, value);
  text += keep_alive ? "\r\n" : "Connection: close\r\n\r\n";
  return text + reply.body;
}

}  // namespace live::simulator
