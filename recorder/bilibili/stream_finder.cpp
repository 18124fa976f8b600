// SPDX-License-Identifier: Apache-2.0
#include "recorder/bilibili/stream_finder.hpp"

namespace live::bilibili {

awaitable<FoundStream> find_stream(ApiClient& api, const Clock& clock, std::int64_t room_id,
                                   StreamPreferences wanted, std::stop_token stop) {
  constexpr int ask_for_original = 10000;
  std::vector<int> asked;
  int qn = wanted.qualities.empty() ? ask_for_original : wanted.qualities.front();
  FoundStream found;
  while (true) {
    found.asked = clock.now();
    ApiResult<PlayInfo> info = co_await api.play_info(room_id, qn, stop);
    if (!info) {
      found.outcome = std::move(info.error());
      co_return std::move(found);
    }
    found.info = *std::move(info);
    asked.push_back(qn);
    StreamChoice choice = choose_stream(*found.info, wanted, asked);
    if (const auto* again = std::get_if<AskAgain>(&choice)) {
      qn = again->qn;  // never one that was asked for, so this ends
      continue;
    }
    if (auto* chosen = std::get_if<ChosenStream>(&choice)) {
      found.outcome = std::move(*chosen);
    } else {
      found.outcome = std::move(std::get<Refusal>(choice));
    }
    co_return std::move(found);
  }
}

}  // namespace live::bilibili
