// SPDX-License-Identifier: Apache-2.0
#include "liveroom/spec_rules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "liveroom/names.hpp"

namespace live::liveroom {
namespace {

constexpr std::size_t max_part_bytes = 255;  // what file systems take as one name

constexpr std::array<std::string_view, 16> template_variables = {
    "title",   "year", "month",  "day",  "hour",       "minute",  "second", "roomId",
    "shortId", "uid",  "anchor", "area", "parentArea", "quality", "part",   "ext"};

bool lower(char c) { return c >= 'a' && c <= 'z'; }
bool digit(char c) { return c >= '0' && c <= '9'; }
bool alphanumeric(char c) { return lower(c) || digit(c); }

bool is_label(std::string_view text) {
  return !text.empty() && text.size() <= 63 && alphanumeric(text.front()) && alphanumeric(text.back()) &&
         std::all_of(text.begin(), text.end(), [](char c) { return alphanumeric(c) || c == '-'; });
}

// Calls f for each part between separators; stops when it gives a complaint.
template <class F>
Complaint each_part(std::string_view text, char separator, F f) {
  while (true) {
    const std::size_t end = text.find(separator);
    if (Complaint complaint = f(text.substr(0, end))) return complaint;
    if (end == std::string_view::npos) return std::nullopt;
    text.remove_prefix(end + 1);
  }
}

bool has_control_characters(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

// A path that stays where it begins.
Complaint relative_path_complaint(std::string_view text) {
  if (text.empty()) return "must not be empty";
  if (has_control_characters(text)) return "must not have control characters";
  return each_part(text, '/', [&](std::string_view part) -> Complaint {
    if (part.empty() || part == "." || part == "..")
      return fmt::format("must be a relative path without empty, \".\" or \"..\" parts, not \"{}\"", text);
    if (part.size() > max_part_bytes)
      return fmt::format("must have parts of at most {} bytes", max_part_bytes);
    return std::nullopt;
  });
}

Complaint variables_complaint(std::string_view text) {
  while (true) {
    const std::size_t brace = text.find_first_of("{}");
    if (brace == std::string_view::npos) return std::nullopt;
    const std::size_t end = text.find_first_of("{}", brace + 1);
    if (text[brace] == '}' || end == std::string_view::npos || text[end] == '{')
      return "must have its braces in pairs";
    const std::string_view name = text.substr(brace + 1, end - brace - 1);
    if (std::find(template_variables.begin(), template_variables.end(), name) == template_variables.end())
      return fmt::format("has no variable {{{}}}", name);
    text.remove_prefix(end + 1);
  }
}

}  // namespace

Complaint label_complaint(std::string_view text) {
  if (is_label(text)) return std::nullopt;
  return fmt::format("must be lower-case letters, digits and \"-\", at most 63, not \"{}\"", text);
}

Complaint subdomain_complaint(std::string_view text) {
  Complaint complaint = each_part(text, '.', [](std::string_view part) -> Complaint {
    return is_label(part) ? Complaint{} : Complaint{""};
  });
  if (!complaint && text.size() <= 253) return std::nullopt;
  return fmt::format("must be lower-case letters, digits, \"-\" and \".\", at most 253, not \"{}\"", text);
}

Complaint live_room_name_complaint(std::string_view text) {
  if (is_label(text) && text.size() <= max_name_length) return std::nullopt;
  return fmt::format("must have at most {} lower-case letters, digits and \"-\", not \"{}\"", max_name_length,
                     text);
}

Complaint directory_complaint(std::string_view text) {
  if (Complaint complaint = relative_path_complaint(text)) return complaint;
  return each_part(text, '/', [](std::string_view part) -> Complaint {
    if (part == ".liveroom") return "must not have a part \".liveroom\", where the recorder keeps its state";
    return std::nullopt;
  });
}

Complaint file_name_template_complaint(std::string_view text) {
  constexpr std::string_view ending = ".{ext}";
  if (Complaint complaint = relative_path_complaint(text)) return complaint;
  if (!text.ends_with(ending) || text.find("{ext}") != text.size() - ending.size() + 1)
    return "must end with \".{ext}\" and have it only there";
  return variables_complaint(text);
}

Complaint proxy_complaint(std::string_view text) {
  constexpr std::string_view scheme = "http://";
  const Complaint wrong = fmt::format("must be http://host:port without user info, not \"{}\"", text);
  if (!text.starts_with(scheme) || has_control_characters(text)) return wrong;
  std::string_view authority = text.substr(scheme.size());
  if (authority.ends_with('/')) authority.remove_suffix(1);
  if (authority.find_first_of("@/?# ") != std::string_view::npos) return wrong;
  const std::size_t bracket = authority.rfind(']');
  const std::size_t colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
  if (authority.empty() || colon == 0) return wrong;
  if (colon == std::string_view::npos) return std::nullopt;
  const std::string_view port = authority.substr(colon + 1);
  int number = 0;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
  if (error != std::errc{} || end != port.data() + port.size() || number < 1 || number > 65535) return wrong;
  return std::nullopt;
}

Complaint webhook_url_complaint(std::string_view text) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (text.starts_with(scheme) && text.size() > scheme.size() && text[scheme.size()] != '/' &&
        !has_control_characters(text) && text.find(' ') == std::string_view::npos)
      return std::nullopt;
  }
  return fmt::format("must be an http:// or https:// address, not \"{}\"", text);
}

Complaint time_zone_complaint(std::string_view text) {
  const auto allowed = [](char c) {
    return alphanumeric(c) || (c >= 'A' && c <= 'Z') || c == '_' || c == '+' || c == '-';
  };
  Complaint wrong = each_part(text, '/', [&](std::string_view part) -> Complaint {
    return !part.empty() && std::all_of(part.begin(), part.end(), allowed) ? Complaint{} : Complaint{""};
  });
  if (!wrong && text.size() <= 64) return std::nullopt;
  return fmt::format("must be a time zone such as Asia/Shanghai, not \"{}\"", text);
}

std::optional<int> parse_minute_of_day(std::string_view text) {
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  for (const std::size_t i : {0U, 1U, 3U, 4U})
    if (!digit(text[i])) return std::nullopt;
  const int hour = (text[0] - '0') * 10 + (text[1] - '0');
  const int minute = (text[3] - '0') * 10 + (text[4] - '0');
  if (minute > 59 || hour > 24 || (hour == 24 && minute != 0)) return std::nullopt;
  return hour * 60 + minute;
}

std::string format_minute_of_day(int minute) { return fmt::format("{:02}:{:02}", minute / 60, minute % 60); }

}  // namespace live::liveroom
