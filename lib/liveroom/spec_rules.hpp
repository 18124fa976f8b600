// SPDX-License-Identifier: Apache-2.0
// Rules for single values of the spec, as the schema has them. Each gives what is wrong ("must …"), or
// nothing. Pure.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace live::liveroom {

using Complaint = std::optional<std::string>;

// A name of an object: DNS label (up to 63) or subdomain (up to 253).
Complaint label_complaint(std::string_view text);
Complaint subdomain_complaint(std::string_view text);
Complaint live_room_name_complaint(std::string_view text);
// A directory below the volume's root that can't leave it.
Complaint directory_complaint(std::string_view text);
// Known variables only, ends with ".{ext}", stays below its directory.
Complaint file_name_template_complaint(std::string_view text);
// The form of an IANA name; whether the zone is known is seen when it is used.
Complaint time_zone_complaint(std::string_view text);
// "http://host:port" (without port: 80), no user info, no path.
Complaint proxy_complaint(std::string_view text);
Complaint webhook_url_complaint(std::string_view text);

// "HH:MM" as a minute of the day; "24:00" is 1440.
std::optional<int> parse_minute_of_day(std::string_view text);
std::string format_minute_of_day(int minute);

}  // namespace live::liveroom
