// SPDX-License-Identifier: Apache-2.0
#include "net/url.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace live::net {
namespace {

constexpr std::size_t max_url = 8192;  // what common servers accept; addresses of streams stay under 2,000
constexpr std::size_t max_host = 253;

bool is_alpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), to_lower);
  return out;
}

std::uint16_t default_port(std::string_view scheme) {
  if (scheme == "http" || scheme == "ws") return 80;
  if (scheme == "https" || scheme == "wss") return 443;
  return 0;
}

// Empty when the text does not begin with `scheme:`.
std::string_view scheme_of(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 || !is_alpha(text[0])) return {};
  const std::string_view scheme = text.substr(0, colon);
  const bool clean = std::all_of(scheme.begin(), scheme.end(), [](char c) {
    return is_alpha(c) || is_digit(c) || c == '+' || c == '-' || c == '.';
  });
  return clean ? scheme : std::string_view();
}

std::optional<Problem> check_text(std::string_view text) {
  if (text.size() > max_url) return Problem{fmt::format("a URL is at most {} bytes long", max_url)};
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte == 0x7f) return Problem{"a URL holds no spaces or control characters"};
  }
  return std::nullopt;
}

bool is_host_name(std::string_view host) {
  if (host.empty() || host.size() > max_host || host.front() == '.') return false;
  return std::all_of(host.begin(), host.end(),
                     [](char c) { return is_alpha(c) || is_digit(c) || c == '-' || c == '.' || c == '_'; });
}

bool is_ipv6(std::string_view host) {
  in6_addr address{};
  return inet_pton(AF_INET6, std::string(host).c_str(), &address) == 1;
}

// Splits host and port of an authority into `url`, whose scheme is set.
std::optional<Problem> read_authority(std::string_view authority, Url& url) {
  if (authority.find('@') != std::string_view::npos) return Problem{"a URL with user information is refused"};
  std::string_view port;
  if (authority.starts_with('[')) {
    const std::size_t end = authority.find(']');
    if (end == std::string_view::npos) return Problem{"the URL's IPv6 address has no closing bracket"};
    const std::string_view host = authority.substr(1, end - 1);
    if (!is_ipv6(host)) return Problem{"the URL's IPv6 address is not one"};
    url.host = lower(host);
    port = authority.substr(end + 1);
    if (!port.empty() && port.front() != ':') return Problem{"the URL's host is not a host name"};
  } else {
    const std::size_t colon = authority.find(':');
    const std::string_view host = authority.substr(0, colon);
    if (!is_host_name(host)) return Problem{"the URL's host is not a host name"};
    url.host = lower(host);
    if (colon != std::string_view::npos) port = authority.substr(colon);
  }
  url.port = default_port(url.scheme);
  if (port.size() <= 1) return std::nullopt;  // none, or a lone colon
  port.remove_prefix(1);
  unsigned number = 0;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
  if (error != std::errc() || end != port.data() + port.size() || number == 0 || number > 65535) {
    return Problem{"the URL's port is not a number from 1 to 65535"};
  }
  url.port = static_cast<std::uint16_t>(number);
  return std::nullopt;
}

// Bytes beyond ASCII don't belong on a request line; servers that send them in Location mean their encoding.
std::string wire_form(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x80) {
      out += c;
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

std::string_view without_fragment(std::string_view text) { return text.substr(0, text.find('#')); }

// RFC 3986 5.2.4 for a path that begins with a slash.
std::string remove_dot_segments(std::string_view path) {
  std::string out;
  while (!path.empty()) {
    const std::size_t next = path.find('/', 1);
    const std::string_view segment = path.substr(0, next);  // with its leading slash
    const bool last = next == std::string_view::npos;
    if (segment == "/." || segment == "/..") {
      if (segment == "/..") out.erase(std::min(out.size(), out.rfind('/')));
      if (last) out += '/';
    } else {
      out += segment;
    }
    path = last ? std::string_view() : path.substr(next);
  }
  return out.empty() ? "/" : out;
}

std::string clean_target(std::string_view target) {
  const std::size_t query = target.find('?');
  std::string out = remove_dot_segments(target.substr(0, query));
  if (query != std::string_view::npos) out += target.substr(query);
  return out;
}

}  // namespace

std::string Url::authority() const {
  const bool ipv6 = host.find(':') != std::string::npos;
  std::string out = ipv6 ? fmt::format("[{}]", host) : host;
  if (port != default_port(scheme)) out += fmt::format(":{}", port);
  return out;
}

std::string Url::text() const { return fmt::format("{}://{}{}", scheme, authority(), target); }

Result<Url> parse_url(std::string_view text) {
  if (const auto problem = check_text(text)) return Failure<Problem>{*problem};
  Url url;
  url.scheme = lower(scheme_of(text));
  if (default_port(url.scheme) == 0) return failure("a URL begins with http://, https://, ws:// or wss://");
  text.remove_prefix(url.scheme.size() + 1);
  if (!text.starts_with("//")) return failure("a URL has two slashes after its scheme");
  text.remove_prefix(2);
  text = without_fragment(text);
  const std::size_t end = std::min(text.size(), text.find_first_of("/?"));
  if (const auto problem = read_authority(text.substr(0, end), url)) return Failure<Problem>{*problem};
  const std::string_view rest = text.substr(end);
  url.target = wire_form(rest);
  if (!rest.starts_with('/')) url.target.insert(0, 1, '/');
  return url;
}

Result<Url> resolve_url(const Url& base, std::string_view reference) {
  if (const auto problem = check_text(reference)) return Failure<Problem>{*problem};
  if (!scheme_of(reference).empty() || reference.starts_with("//")) {
    Result<Url> url = parse_url(reference.starts_with("//") ? fmt::format("{}:{}", base.scheme, reference)
                                                            : std::string(reference));
    if (url) url->target = clean_target(url->target);
    return url;
  }
  reference = without_fragment(reference);
  Url url = base;
  if (reference.empty()) return url;
  const std::string_view base_path = std::string_view(base.target).substr(0, base.target.find('?'));
  const std::string wire = wire_form(reference);
  if (reference.starts_with('/')) {
    url.target = clean_target(wire);
  } else if (reference.starts_with('?')) {
    url.target = fmt::format("{}{}", base_path, wire);
  } else {
    url.target = clean_target(fmt::format("{}{}", base_path.substr(0, base_path.rfind('/') + 1), wire));
  }
  return url;
}

std::string percent_encode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (is_alpha(c) || is_digit(c) || c == '-' || c == '_' || c == '.' || c == '~') {
      out += c;
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

std::string redacted(const Url& url) {
  return fmt::format("{}://{}{}", url.scheme, url.authority(), url.target.substr(0, url.target.find('?')));
}

}  // namespace live::net
