// SPDX-License-Identifier: Apache-2.0
#include "net/message_head.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <limits>

#include "net/errors.hpp"

namespace live::net {
namespace {

namespace http = boost::beast::http;

template <class Parser>
std::optional<Problem> parse(Parser& parser, ByteView head) {
  // An empty optional, which should mean no limit, makes 1.74 refuse every Content-Length.
  parser.body_limit(std::numeric_limits<std::uint64_t>::max());
  parser.header_limit(static_cast<std::uint32_t>(max_reply_head));
  error_code failed;
  parser.put(asio::const_buffer(head.data(), head.size()), failed);
  if (failed) return Problem{failed.message()};
  if (!parser.is_header_done()) return Problem{"the head is not complete"};
  return std::nullopt;
}

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

bool is_field_value(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

bool is_target(std::string_view text) {
  return text.starts_with('/') && std::all_of(text.begin(), text.end(), [](char c) {
           return static_cast<unsigned char>(c) > 0x20 && c != 0x7f;
         });
}

[[noreturn]] void refuse(std::string_view what) {
  throw system_error(NetError::bad_request, std::string(what));
}

bool has_content(const HttpRequest& request) {
  return !request.body.empty() || request.method == "POST" || request.method == "PUT" ||
         request.method == "PATCH";
}

}  // namespace

std::size_t find_head_end(ByteView bytes, std::size_t seen) {
  static constexpr std::string_view blank_line = "\r\n\r\n";
  const std::size_t from = seen < blank_line.size() ? 0 : seen - blank_line.size() + 1;
  const std::size_t at = as_text(bytes).find(blank_line, from);
  return at == std::string_view::npos ? 0 : at + blank_line.size();
}

Result<ReplyHead> parse_reply_head(ByteView head, bool bodiless) {
  http::response_parser<http::empty_body> parser;
  if (auto problem = parse(parser, head)) return Failure<Problem>{std::move(*problem)};
  ReplyHead out;
  out.status = static_cast<int>(parser.get().result_int());
  for (const auto& field : parser.get()) {
    out.headers.add(std::string(field.name_string()), std::string(field.value()));
  }
  out.keep_alive = parser.keep_alive();
  const bool none = bodiless || out.status / 100 == 1 || out.status == 204 || out.status == 304;
  if (none) {
    out.framing = BodyFraming::length(0);
  } else if (parser.chunked()) {
    out.framing = BodyFraming::chunked();
  } else if (const auto length = parser.content_length()) {
    out.framing = BodyFraming::length(*length);
  } else {
    out.framing = BodyFraming::until_close();
    out.keep_alive = false;
  }
  return out;
}

Result<RequestHead> parse_request_head(ByteView head) {
  http::request_parser<http::empty_body> parser;
  if (auto problem = parse(parser, head)) return Failure<Problem>{std::move(*problem)};
  RequestHead out;
  out.method = std::string(parser.get().method_string());
  out.target = std::string(parser.get().target());
  out.keep_alive = parser.keep_alive();
  out.has_body = parser.chunked() || parser.content_length().value_or(0) > 0;
  return out;
}

bool is_framing_header(std::string_view name) {
  const boost::beast::string_view text(name.data(), name.size());
  return boost::beast::iequals(text, "Host") || boost::beast::iequals(text, "Content-Length") ||
         boost::beast::iequals(text, "Transfer-Encoding");
}

void check_head(const HttpRequest& request) {
  if (!is_token(request.method)) refuse("method");
  if (!is_target(request.url.target)) refuse("target");
  for (const auto& [name, value] : request.headers) {
    if (!is_token(name) || !is_field_value(value)) refuse("header");
  }
}

std::string request_text(const HttpRequest& request, const std::string& user_agent) {
  check_head(request);
  std::string out = fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\n", request.method, request.url.target,
                                request.url.authority());
  if (!request.headers.get("User-Agent") && !user_agent.empty()) {
    if (!is_field_value(user_agent)) refuse("User-Agent");
    out += fmt::format("User-Agent: {}\r\n", user_agent);
  }
  for (const auto& [name, value] : request.headers) {
    if (!is_framing_header(name)) out += fmt::format("{}: {}\r\n", name, value);
  }
  if (has_content(request)) out += fmt::format("Content-Length: {}\r\n", request.body.size());
  out += "\r\n";
  out += request.body;
  return out;
}

}  // namespace live::net
