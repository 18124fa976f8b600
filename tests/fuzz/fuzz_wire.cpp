// SPDX-License-Identifier: Apache-2.0
// Contract: the binary bodies of messages are read or dropped, whatever the bytes are, within named bounds.
#include <openssl/evp.h>

#include <cstdint>
#include <cstdlib>
#include <string>

#include "recorder/bilibili/fields.hpp"
#include "recorder/bilibili/message.hpp"
#include "recorder/bilibili/repeat_filter.hpp"

namespace {

using namespace live::bilibili;

std::string to_base64(const std::uint8_t* data, std::size_t size) {
  std::string text((size + 2) / 3 * 4 + 1, '\0');
  const int length =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), data, static_cast<int>(size));
  text.resize(static_cast<std::size_t>(length));
  return text;
}

void check(const std::string& text) {
  if (text.size() > max_text_bytes) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string pb = to_base64(data, size);
  RepeatFilter repeats;
  for (const char* command : {"SEND_GIFT_V2", "INTERACT_WORD_V2"}) {
    const auto message =
        parse_message(std::string(R"({"cmd":")") + command + R"(","data":{"pb":")" + pb + R"("}})");
    if (!message) continue;
    repeats.is_repeat(message->content, live::TimePoint());
    if (const auto* sent = std::get_if<GiftsSent>(&message->content)) {
      if (sent->gifts.empty() || sent->gifts.size() > max_gifts_per_message) std::abort();
      check(sent->user);
      for (const Gift& gift : sent->gifts) {
        check(gift.name);
        check(gift.id);
        if (gift.count < 0 || gift.price < 0 || gift.total_coin < 0) std::abort();
      }
    }
    if (const auto* seen = std::get_if<Interaction>(&message->content)) check(seen->user);
  }
  return 0;
}
