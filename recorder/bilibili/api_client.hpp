// SPDX-License-Identifier: Apache-2.0
// The API calls over an HttpClient: signing keys, device id, circuit breaker. One thread.
#pragma once
#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>

#include "base/asio.hpp"
#include "base/clock.hpp"
#include "base/notifier.hpp"
#include "base/random.hpp"
#include "net/http.hpp"
#include "recorder/bilibili/circuit_breaker.hpp"
#include "recorder/bilibili/replies.hpp"
#include "recorder/bilibili/requests.hpp"
#include "recorder/bilibili/session_machine.hpp"

namespace live::bilibili {

// What is worth keeping between two runs; the caller keeps it.
struct ApiState {
  std::string buvid3;   // one per installation
  std::string wbi_key;  // WbiKey::text()
  WallTime wbi_time{};
  bool operator==(const ApiState&) const = default;
};

enum class ApiCall { room_init, get_info, room_base_info, anchor, play_info, danmu_info, nav, finger_spi };
constexpr std::size_t api_call_count = 8;
std::string_view to_string(ApiCall call);

struct CallStats {
  std::uint64_t sent = 0;
  std::array<std::uint64_t, error_kind_count> failed{};  // by ErrorKind
};

// Over how long the first calls, and those after a pause, are spread at random when `rooms` share an address.
Duration call_spread(std::int64_t rooms);

// Every method answers with a value, transport failures included (kind transient); Stopped is thrown.
// While the breaker is open nothing is sent and the answer is kind breaker_open.
class ApiClient {
 public:
  static constexpr Duration wbi_key_age = std::chrono::hours(2);
  // After -352 the keys are fetched anew, but not more often than this.
  static constexpr Duration wbi_refresh_spacing = std::chrono::seconds(60);

  // `http` and `clock` must outlive the client.
  ApiClient(const Executor& executor, net::HttpClient& http, const Clock& clock, ApiOptions options,
            Random random, ApiState state = {});

  void set_cookie(std::string cookie);  // empty: guest
  // From the next connection on.
  void set_network(std::optional<net::Url> proxy, net::AddressFamily family);
  // How many rooms share our address: spreads the return after a pause.
  void set_rooms(std::int64_t rooms);

  awaitable<ApiResult<RoomInit>> room_init(std::int64_t room_id, std::stop_token stop);
  awaitable<ApiResult<RoomStatus>> get_info(std::int64_t room_id, std::stop_token stop);
  awaitable<ApiResult<std::optional<RoomStatus>>> room_base_info(std::int64_t room_id, std::stop_token stop);
  awaitable<ApiResult<std::string>> anchor(std::int64_t room_id, std::stop_token stop);
  awaitable<ApiResult<PlayInfo>> play_info(std::int64_t room_id, int qn, std::stop_token stop);
  // `room_id`: the real one.
  awaitable<ApiResult<DanmuAccess>> danmu_access(std::int64_t room_id, std::stop_token stop);
  awaitable<ApiResult<NavInfo>> nav(std::stop_token stop);
  // A picture from a media host: without cookies, and of no concern to the breaker. No redirects.
  awaitable<ApiResult<std::string>> picture(std::string url, std::size_t max_bytes, std::stop_token stop);

  const ApiOptions& options() const { return options_; }
  const ApiState& state() const { return state_; }
  // Called after each change of state().
  void on_state_changed(std::function<void(const ApiState&)> callback) {
    state_changed_ = std::move(callback);
  }
  const CircuitBreaker& breaker() const { return breaker_; }
  // Called when the breaker opens or closes.
  void on_breaker_changed(std::function<void()> callback) { breaker_changed_ = std::move(callback); }
  const CallStats& stats(ApiCall call) const { return stats_[static_cast<std::size_t>(call)]; }

 private:
  struct Reply {
    int status = 0;
    std::string body;
  };
  awaitable<ApiResult<Reply>> send(ApiCall call, net::HttpRequest request, std::stop_token stop);
  template <class T>
  void conclude(ApiCall call, const ApiResult<T>& result);
  template <class T, class Parse>
  awaitable<ApiResult<T>> plain_call(ApiCall call, net::HttpRequest request, Parse parse,
                                     std::stop_token stop);
  template <class T>
  bool refused_signature(ApiResult<T>& result);
  awaitable<void> need_buvid(std::stop_token stop);
  awaitable<void> need_key(std::stop_token stop);
  Signature signature() const;

  net::HttpClient& http_;
  const Clock& clock_;
  ApiOptions options_;
  Random random_;
  ApiState state_;
  Identity identity_;
  std::optional<WbiKey> key_;
  bool fetching_key_ = false;
  bool fetching_buvid_ = false;
  Notifier fetched_;
  std::optional<TimePoint> key_dropped_;
  std::optional<TimePoint> key_failed_;
  CircuitBreaker breaker_;
  std::array<CallStats, api_call_count> stats_{};
  std::function<void(const ApiState&)> state_changed_;
  std::function<void()> breaker_changed_;
};

}  // namespace live::bilibili
