// SPDX-License-Identifier: Apache-2.0
// Contract: no reply makes a parser throw; what is chosen from a play-info is an address that can be opened,
// and asking for more ends.
#include <cstdint>
#include <cstdlib>

#include "base/bytes.hpp"
#include "net/url.hpp"
#include "recorder/bilibili/play_url.hpp"
#include "recorder/bilibili/replies.hpp"

namespace {

using namespace live::bilibili;

void check(const ChosenStream& stream) {
  if (stream.addresses.empty() || stream.addresses.size() > max_stream_hosts) std::abort();
  for (const StreamAddress& address : stream.addresses) {
    const auto url = live::net::parse_url(address.url);
    if (!url || url->host != address.host) std::abort();
  }
}

void choose(const PlayInfo& info, const StreamPreferences& wanted) {
  std::vector<int> asked = {wanted.qualities.empty() ? 10000 : wanted.qualities.front()};
  while (true) {
    const StreamChoice choice = choose_stream(info, wanted, asked);
    if (const auto* chosen = std::get_if<ChosenStream>(&choice)) check(*chosen);
    const auto* again = std::get_if<AskAgain>(&choice);
    if (!again) return;
    asked.push_back(again->qn);
    if (asked.size() > wanted.qualities.size() + 1) std::abort();
  }
}

void read_others(std::string_view text) {
  (void)replies::room_init(200, text);
  (void)replies::get_info(200, text);
  (void)replies::room_base_info(200, text, 23058);
  (void)replies::anchor(200, text);
  (void)replies::nav(200, text);
  (void)replies::finger_spi(200, text);
  (void)parse_live_time(text);
  const auto danmu = replies::danmu_info(200, text);
  if (danmu && (danmu->hosts.empty() || danmu->token.empty())) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = live::as_text(live::ByteView(data, size));
  if (const auto info = replies::play_info(200, text)) {
    choose(*info, StreamPreferences());
    StreamPreferences picky;
    picky.qualities = {30000, 400};
    picky.codecs = {Codec::hevc, Codec::avc};
    picky.prefer_hosts = {"gotcha"};
    choose(*info, picky);
    picky.fallback = QualityFallback::wait;
    choose(*info, picky);
  }
  read_others(text);
  return 0;
}
