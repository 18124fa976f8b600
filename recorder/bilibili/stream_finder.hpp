// SPDX-License-Identifier: Apache-2.0
// Asks for play-infos until a stream is chosen or refused.
#pragma once
#include <cstdint>
#include <optional>
#include <stop_token>
#include <variant>

#include "base/asio.hpp"
#include "base/clock.hpp"
#include "recorder/bilibili/api_client.hpp"
#include "recorder/bilibili/play_url.hpp"

namespace live::bilibili {

struct FoundStream {
  TimePoint asked{};             // when the newest request went out
  std::optional<PlayInfo> info;  // the newest answer
  std::variant<ChosenStream, Refusal, ApiError> outcome;
};

// At most one request for each wanted quality and one more. `room_id`: the real one.
awaitable<FoundStream> find_stream(ApiClient& api, const Clock& clock, std::int64_t room_id,
                                   StreamPreferences wanted, std::stop_token stop);

}  // namespace live::bilibili
