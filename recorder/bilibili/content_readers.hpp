// SPDX-License-Identifier: Apache-2.0
// Readers of messages in which viewers do something: one for each command. No I/O; never throw. The problem
// says what a message lacks without which it means nothing.
#pragma once
#include "base/json_fwd.hpp"
#include "recorder/bilibili/message.hpp"

namespace live::bilibili {

using ContentResult = Result<MessageContent>;

ContentResult read_danmaku(const Json& message);
ContentResult read_mirrored(const Json& message);
ContentResult read_gift(const Json& message);
ContentResult read_combo(const Json& message);
ContentResult read_guard(const Json& message);
ContentResult read_toast(const Json& message);
ContentResult read_toast_v2(const Json& message);
ContentResult read_super_chat(const Json& message);
ContentResult read_super_chat_jpn(const Json& message);
ContentResult read_deletion(const Json& message);
ContentResult read_interaction(const Json& message);
ContentResult read_recall(const Json& message);

// Protobuf as base64 text in the JSON.
ContentResult read_gifts_v2(const Json& message);
ContentResult read_interaction_v2(const Json& message);

}  // namespace live::bilibili
