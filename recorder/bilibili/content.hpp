// SPDX-License-Identifier: Apache-2.0
// What viewers do in a room, as the danmaku socket tells it. Texts are cut, numbers are in sane ranges. No
// I/O.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace live::bilibili {

// More in one message are left out.
constexpr std::size_t max_gifts_per_message = 64;
constexpr std::size_t max_deleted_per_message = 64;

// A viewer's comment: DANMU_MSG and DANMU_MSG_MIRROR.
struct Danmaku {
  std::string text;
  int mode = 1;  // 1 scroll, 4 bottom, 5 top, 6 reverse, 7 positioned, 8 code
  int size = 25;
  std::uint32_t color = 0xFFFFFF;
  std::int64_t time_ms = 0;  // unix; 0 when it was not sent
  std::string user_hash;     // CRC-32 of the decimal user id, 8 hex digits; never masked
  std::int64_t uid = 0;      // 0 for guests' eyes
  std::string user;          // masked with *** for guests
  int kind = 0;              // 0 text, 1 picture, 2 voice
  int guard_level = 0;       // 0 none, 1 governor, 2 admiral, 3 captain
  bool mirrored = false;     // from a linked room
  bool operator==(const Danmaku&) const = default;
};

struct Gift {
  std::int64_t gift_id = 0;
  std::string name;
  std::int64_t count = 0;
  std::int64_t price = 0;       // of one, list price; a thousandth of a yuan when `gold`
  std::int64_t total_coin = 0;  // what was paid; for a blind box of the message's gifts together
  bool gold = false;            // bought; else of the free kind
  std::string id;               // of this purchase: the same again when the message is repeated
  std::int64_t time = 0;        // unix seconds
  std::string box;              // the blind box that it came out of
  bool operator==(const Gift&) const = default;
};
// SEND_GIFT and SEND_GIFT_V2.
struct GiftsSent {
  std::int64_t uid = 0;
  std::string user;
  int guard_level = 0;
  bool shown = false;  // "switch": some recorders leave out what has it unset
  std::vector<Gift> gifts;
  bool operator==(const GiftsSent&) const = default;
};
// Sums up gifts that were told one by one before.
struct ComboSent {
  std::int64_t uid = 0;
  std::string user;
  std::int64_t gift_id = 0;
  std::string name;
  std::int64_t count = 0;
  std::int64_t total_coin = 0;
  std::string id;
  bool operator==(const ComboSent&) const = default;
};
// GUARD_BUY. The same purchase comes as one or two GuardToast, too.
struct GuardBought {
  std::int64_t uid = 0;
  std::string user;
  int level = 0;
  std::int64_t count = 0;
  std::int64_t price = 0;  // list price in gold
  std::string name;
  std::int64_t time = 0;  // unix seconds
  bool operator==(const GuardBought&) const = default;
};
// USER_TOAST_MSG and USER_TOAST_MSG_V2.
struct GuardToast {
  std::string payflow_id;
  std::int64_t uid = 0;
  std::string user;
  int level = 0;
  std::int64_t count = 0;
  std::string unit;        // "月"
  std::int64_t price = 0;  // paid, in gold
  std::string name;
  std::string text;
  bool gifted = false;  // by somebody else
  bool operator==(const GuardToast&) const = default;
};
// SUPER_CHAT_MESSAGE, and SUPER_CHAT_MESSAGE_JPN with the same id.
struct SuperChat {
  std::int64_t id = 0;
  std::int64_t uid = 0;
  std::string user;
  std::string text;
  std::string translation;   // Japanese; may be empty
  std::int64_t price = 0;    // yuan
  std::int64_t seconds = 0;  // how long it is shown
  std::int64_t time = 0;     // unix seconds
  int guard_level = 0;
  bool japanese = false;  // the second form
  bool operator==(const SuperChat&) const = default;
};
struct SuperChatsDeleted {
  std::vector<std::int64_t> ids;
  bool operator==(const SuperChatsDeleted&) const = default;
};
// INTERACT_WORD and INTERACT_WORD_V2.
struct Interaction {
  std::int64_t uid = 0;
  std::string user;
  int kind = 0;           // 1 enters, 2 follows, 3 shares, 4 follows specially, 5 mutually, 6 likes
  std::int64_t time = 0;  // unix seconds
  bool operator==(const Interaction&) const = default;
};
// A comment taken back by its sender or a moderator.
struct DanmakuRecalled {
  std::string target;
  bool operator==(const DanmakuRecalled&) const = default;
};

}  // namespace live::bilibili
