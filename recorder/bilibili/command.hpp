// SPDX-License-Identifier: Apache-2.0
// The command of a danmaku message, found without parsing the message. No I/O.
#pragma once
#include <optional>
#include <string_view>

namespace live::bilibili {

// The top-level "cmd" up to its first ':' ("DANMU_MSG:4:0:2:2:2:0"), in one pass over the text; nullopt when
// there is none, or one with escapes in it. Most messages are of no interest and larger than a kilobyte: this
// spares parsing them. A text that is no JSON behind its command isn't noticed.
std::optional<std::string_view> peek_command(std::string_view json);

// Whether the command belongs to the ones met so far. More than a hundred exist and new ones come all the
// time.
bool is_known_command(std::string_view command);

// For commands that carry what viewers do, which only a danmaku file wants to know: what it is, as "gift".
// Empty for all others.
std::string_view viewer_command_kind(std::string_view command);

}  // namespace live::bilibili
