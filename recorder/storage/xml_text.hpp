// SPDX-License-Identifier: Apache-2.0
// Text from anywhere as text of an XML 1.0 document. Pure.
#pragma once
#include <string>
#include <string_view>

namespace live::storage {

// Appends the text so that it may stand between tags and between quotes: the five special characters, tabs
// and line breaks as references (so an element stays on one line), what XML 1.0 has no place for left out,
// broken UTF-8 as U+FFFD.
void append_xml(std::string& out, std::string_view text);

}  // namespace live::storage
