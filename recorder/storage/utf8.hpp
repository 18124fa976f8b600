// SPDX-License-Identifier: Apache-2.0
// The little of UTF-8 that names need.
#pragma once
#include <string_view>

namespace live::storage {

inline constexpr char32_t invalid_code_point = 0xFFFFFFFF;

// Takes the first character off the text, which is not empty. Bytes that are no UTF-8 (overlong forms and
// surrogates too) are taken one at a time and give invalid_code_point.
char32_t next_code_point(std::string_view& text);

// Bytes of the last character of valid UTF-8, or of one byte that is none. The text is not empty.
std::size_t last_code_point_size(std::string_view text);

// The longest beginning of at most `max_bytes` that does not end inside a character.
std::string_view cut_at_code_point(std::string_view text, std::size_t max_bytes);

}  // namespace live::storage
