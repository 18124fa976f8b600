// SPDX-License-Identifier: Apache-2.0
// The chat as XML in the layout of BililiveRecorder, which converters and players of the VOD format read. One
// element a line; after its third line the document is whole at the end of each, once the end is added. Pure.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "recorder/bilibili/message.hpp"
#include "recorder/show/show_facts.hpp"

namespace live::recorder {

// `time_zone`: IANA name for the start's date.
std::string danmaku_xml_head(const ShowFacts& facts, WallTime opened, const std::string& time_zone);

// Appends the elements of a message at `file_ms`: `d` for comments, `sc`, `gift`, `guard`. False when it has
// none.
bool append_danmaku_xml(std::string& out, const bilibili::MessageContent& content, std::int64_t file_ms);

}  // namespace live::recorder
