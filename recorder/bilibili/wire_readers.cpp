// SPDX-License-Identifier: Apache-2.0
#include <openssl/evp.h>
#include <wire.pb.h>

#include <algorithm>

#include "base/json.hpp"
#include "recorder/bilibili/content_readers.hpp"
#include "recorder/bilibili/fields.hpp"

namespace live::bilibili {
namespace {

// Of the base64 text. Captured ones have up to 3 KiB for each gift; the limit also bounds what the smallest
// possible gifts unfold to.
constexpr std::size_t max_wire_text = std::size_t{64} << 10;

std::optional<std::string> from_base64(const std::string& text) {
  if (text.empty() || text.size() > max_wire_text || text.size() % 4 != 0) return std::nullopt;
  std::string bytes(text.size() / 4 * 3, '\0');
  const int size =
      EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                      reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
  const int padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  if (size < padding) return std::nullopt;
  bytes.resize(static_cast<std::size_t>(size - padding));
  return bytes;
}

// Whether the message carries one, and it is of the wire format. Text behind the limit counts as absent.
template <class T>
bool take(const Json& message, T& into) {
  const Json* field = &json_at(message, "/data/pb");
  if (!field->is_string()) field = &json_at(message, "/data/data/pb");
  const std::string* text = field->get_ptr<const std::string*>();
  if (text == nullptr) return false;
  const std::optional<std::string> bytes = from_base64(*text);
  return bytes && into.ParseFromArray(bytes->data(), static_cast<int>(bytes->size()));
}

std::string text_of(const std::string& bytes) { return cut_text(bytes); }

std::int64_t amount(std::int64_t value) { return std::max<std::int64_t>(value, 0); }
int small(std::int64_t value) { return static_cast<int>(std::clamp<std::int64_t>(value, 0, 255)); }

Gift gift_of(const wire::SentGift& sent, const std::string& box) {
  Gift gift;
  gift.gift_id = sent.gift_id();
  gift.name = text_of(sent.name());
  gift.count = amount(sent.count());
  gift.price = amount(sent.price());
  gift.total_coin = amount(sent.total_coin());
  gift.gold = sent.coin_type() == "gold";
  gift.id = text_of(sent.id());
  gift.time = amount(sent.time());
  gift.box = box;
  return gift;
}

}  // namespace

ContentResult read_gifts_v2(const Json& message) {
  wire::GiftBroadcast broadcast;
  if (!take(message, broadcast)) return failure("SEND_GIFT_V2 without a readable body");
  GiftsSent sent;
  sent.uid = broadcast.uid();
  sent.user = text_of(broadcast.name().empty() ? broadcast.sender().base().name() : broadcast.name());
  sent.guard_level = small(broadcast.guard_level());
  sent.shown = broadcast.shown();
  const std::string box = text_of(broadcast.box().name());
  for (const wire::SentGift& gift : broadcast.gifts()) {
    if (sent.gifts.size() < max_gifts_per_message) sent.gifts.push_back(gift_of(gift, box));
  }
  if (sent.gifts.empty()) return failure("SEND_GIFT_V2 without a gift");
  return MessageContent(std::move(sent));
}

ContentResult read_interaction_v2(const Json& message) {
  wire::InteractionBroadcast broadcast;
  if (!take(message, broadcast)) return failure("INTERACT_WORD_V2 without a readable body");
  Interaction interaction;
  interaction.uid = broadcast.uid();
  interaction.user = text_of(broadcast.name().empty() ? broadcast.user().base().name() : broadcast.name());
  interaction.kind = small(broadcast.kind());
  if (interaction.kind == 0) return failure("INTERACT_WORD_V2 without a kind");
  interaction.time = amount(broadcast.time());
  return MessageContent(std::move(interaction));
}

}  // namespace live::bilibili
