// SPDX-License-Identifier: Apache-2.0
#include "recorder/bilibili/api_client.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.hpp"
#include "base/stop.hpp"

namespace live::bilibili {
namespace {

constexpr Duration longest_spread = std::chrono::seconds(300);
constexpr Duration spread_per_room = std::chrono::milliseconds(200);

// The shape that the service gives out itself.
std::string make_buvid3(Random& random) {
  std::string id = random.uuid();
  std::transform(id.begin(), id.end(), id.begin(),
                 [](char c) { return c >= 'a' && c <= 'f' ? static_cast<char>(c - 'a' + 'A') : c; });
  return fmt::format("{}{:05}infoc", id, random.between(0, 99999));
}

std::int64_t unix_seconds(WallTime time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

Failure<ApiError> failed(ErrorKind kind, std::string message) {
  return Failure<ApiError>{ApiError{0, std::move(message), kind}};
}

template <class T>
Failure<ApiError> failed(const ApiResult<T>& result) {
  return Failure<ApiError>{result.error()};
}

// Marks a fetch as running; others wait for its end, however it ends.
class Flight {
 public:
  Flight(bool& flag, Notifier& ended) : flag_(flag), ended_(ended) { flag_ = true; }
  ~Flight() {
    flag_ = false;
    ended_.notify();
  }
  Flight(const Flight&) = delete;
  Flight& operator=(const Flight&) = delete;

 private:
  bool& flag_;
  Notifier& ended_;
};

}  // namespace

std::string_view to_string(ApiCall call) {
  switch (call) {
    case ApiCall::room_init:
      return "room_init";
    case ApiCall::get_info:
      return "get_info";
    case ApiCall::room_base_info:
      return "room_base_info";
    case ApiCall::anchor:
      return "anchor";
    case ApiCall::play_info:
      return "play_info";
    case ApiCall::danmu_info:
      return "danmu_info";
    case ApiCall::nav:
      return "nav";
    case ApiCall::finger_spi:
      return "finger_spi";
  }
  return "room_init";
}

Duration call_spread(std::int64_t rooms) {
  const std::int64_t counted = std::clamp<std::int64_t>(rooms, 0, longest_spread / spread_per_room);
  return rooms <= 1 ? Duration::zero() : spread_per_room * counted;
}

ApiClient::ApiClient(const Executor& executor, net::HttpClient& http, const Clock& clock, ApiOptions options,
                     Random random, ApiState state)
    : http_(http),
      clock_(clock),
      options_(std::move(options)),
      random_(std::move(random)),
      state_(std::move(state)),
      fetched_(executor) {
  identity_.buvid3 = state_.buvid3;
  const Result<WbiKey> key = WbiKey::from_text(state_.wbi_key);
  if (key) key_ = *key;
}

void ApiClient::set_cookie(std::string cookie) { identity_.cookie = std::move(cookie); }

void ApiClient::set_network(std::optional<net::Url> proxy, net::AddressFamily family) {
  options_.proxy = std::move(proxy);
  options_.address_family = family;
}

void ApiClient::set_rooms(std::int64_t rooms) { breaker_.set_spread(call_spread(rooms)); }

awaitable<ApiResult<ApiClient::Reply>> ApiClient::send(ApiCall call, net::HttpRequest request,
                                                       std::stop_token stop) {
  CallStats& stats = stats_[static_cast<std::size_t>(call)];
  if (!breaker_.allow(clock_.now())) {
    ++stats.failed[static_cast<std::size_t>(ErrorKind::breaker_open)];
    const std::string text = fmt::format("calls pause after: {}", to_string(breaker_.cause()));
    co_return ApiResult<Reply>(failed(ErrorKind::breaker_open, text));
  }
  ++stats.sent;
  std::string problem;
  Reply reply;
  bool answered = false;
  try {
    net::HttpResponse response = co_await http_.send(std::move(request), stop);
    reply.status = response.status;
    reply.body = std::move(response.body);
    answered = true;
  } catch (const system_error& error) {
    problem = error.code().message();
  }
  if (!answered) co_return ApiResult<Reply>(failed(ErrorKind::transient, problem));
  co_return ApiResult<Reply>(std::move(reply));
}

// Counts an outcome and lets the breaker know of it.
template <class T>
void ApiClient::conclude(ApiCall call, const ApiResult<T>& result) {
  if (!result && result.error().kind == ErrorKind::breaker_open) return;  // never went out
  const bool was_open = breaker_.open();
  if (result) {
    breaker_.succeeded(clock_.now());
  } else {
    ++stats_[static_cast<std::size_t>(call)].failed[static_cast<std::size_t>(result.error().kind)];
    breaker_.failed(result.error(), clock_.now(), random_);
  }
  if (breaker_.open() == was_open) return;
  if (breaker_.open()) {
    log::warning("API calls pause", {{"cause", to_string(breaker_.cause())}, {"call", to_string(call)}});
  } else {
    log::info("API calls go on", {{"call", to_string(call)}});
  }
  if (breaker_changed_) breaker_changed_();
}

template <class T, class Parse>
awaitable<ApiResult<T>> ApiClient::plain_call(ApiCall call, net::HttpRequest request, Parse parse,
                                              std::stop_token stop) {
  const ApiResult<Reply> reply = co_await send(call, std::move(request), stop);
  ApiResult<T> result = reply ? parse(reply->status, reply->body) : ApiResult<T>(failed(reply));
  conclude(call, result);
  co_return std::move(result);
}

awaitable<ApiResult<RoomInit>> ApiClient::room_init(std::int64_t room_id, std::stop_token stop) {
  co_await need_buvid(stop);
  net::HttpRequest request = requests::room_init(options_, identity_, room_id);
  co_return co_await plain_call<RoomInit>(ApiCall::room_init, std::move(request), &replies::room_init, stop);
}

awaitable<ApiResult<RoomStatus>> ApiClient::get_info(std::int64_t room_id, std::stop_token stop) {
  co_await need_buvid(stop);
  net::HttpRequest request = requests::get_info(options_, identity_, room_id);
  co_return co_await plain_call<RoomStatus>(ApiCall::get_info, std::move(request), &replies::get_info, stop);
}

awaitable<ApiResult<std::optional<RoomStatus>>> ApiClient::room_base_info(std::int64_t room_id,
                                                                          std::stop_token stop) {
  co_await need_buvid(stop);
  net::HttpRequest request = requests::room_base_info(options_, identity_, room_id);
  const auto parse = [room_id](int status, std::string_view body) {
    return replies::room_base_info(status, body, room_id);
  };
  co_return co_await plain_call<std::optional<RoomStatus>>(ApiCall::room_base_info, std::move(request), parse,
                                                           stop);
}

awaitable<ApiResult<std::string>> ApiClient::anchor(std::int64_t room_id, std::stop_token stop) {
  co_await need_buvid(stop);
  net::HttpRequest request = requests::anchor(options_, identity_, room_id);
  co_return co_await plain_call<std::string>(ApiCall::anchor, std::move(request), &replies::anchor, stop);
}

awaitable<ApiResult<PlayInfo>> ApiClient::play_info(std::int64_t room_id, int qn, std::stop_token stop) {
  co_await need_buvid(stop);
  while (true) {
    co_await need_key(stop);
    net::HttpRequest request = requests::play_info(options_, identity_, room_id, qn, signature());
    const ApiResult<Reply> reply = co_await send(ApiCall::play_info, std::move(request), stop);
    ApiResult<PlayInfo> result =
        reply ? replies::play_info(reply->status, reply->body) : ApiResult<PlayInfo>(failed(reply));
    if (refused_signature(result)) continue;
    conclude(ApiCall::play_info, result);
    co_return std::move(result);
  }
}

awaitable<ApiResult<DanmuAccess>> ApiClient::danmu_access(std::int64_t room_id, std::stop_token stop) {
  co_await need_buvid(stop);
  while (true) {
    co_await need_key(stop);
    // Without a signature the answer is -352 for certain, which would only open the breaker.
    if (!key_) co_return ApiResult<DanmuAccess>(failed(ErrorKind::transient, "no signing key"));
    const Identity asked_as = identity_;
    net::HttpRequest request = requests::danmu_info(options_, asked_as, room_id, signature());
    const ApiResult<Reply> reply = co_await send(ApiCall::danmu_info, std::move(request), stop);
    ApiResult<DanmuInfo> result =
        reply ? replies::danmu_info(reply->status, reply->body) : ApiResult<DanmuInfo>(failed(reply));
    if (refused_signature(result)) continue;
    conclude(ApiCall::danmu_info, result);
    if (!result) co_return ApiResult<DanmuAccess>(failed(result));
    DanmuAccess access = {*std::move(result), asked_as.uid(), asked_as.effective_buvid3()};
    co_return ApiResult<DanmuAccess>(std::move(access));
  }
}

awaitable<ApiResult<NavInfo>> ApiClient::nav(std::stop_token stop) {
  co_await need_buvid(stop);
  net::HttpRequest request = requests::nav(options_, identity_);
  ApiResult<NavInfo> result =
      co_await plain_call<NavInfo>(ApiCall::nav, std::move(request), &replies::nav, stop);
  if (result && result->key) {
    key_ = result->key;
    state_.wbi_key = key_->text();
    state_.wbi_time = clock_.wall_now();
    if (state_changed_) state_changed_(state_);
  }
  co_return std::move(result);
}

awaitable<ApiResult<std::string>> ApiClient::picture(std::string url, std::size_t max_bytes,
                                                     std::stop_token stop) {
  if (url.starts_with("//")) url = options_.live_api.scheme + ":" + url;
  const Result<net::Url> target = net::parse_url(url);
  if (!target) co_return ApiResult<std::string>(failed(ErrorKind::bad_request, target.error().message));
  net::HttpRequest request;
  request.url = *target;
  request.headers = plain_headers(options_);
  request.timeout = options_.timeout;
  request.max_body = max_bytes;
  net::HttpResponse response;
  std::string problem;
  try {
    response = co_await http_.send(std::move(request), stop);
    if (response.status != 200) problem = fmt::format("HTTP {}", response.status);
  } catch (const system_error& error) {
    problem = error.code().message();
  }
  if (!problem.empty()) co_return ApiResult<std::string>(failed(ErrorKind::transient, problem));
  co_return ApiResult<std::string>(std::move(response.body));
}

awaitable<void> ApiClient::need_buvid(std::stop_token stop) {
  while (fetching_buvid_) {
    const bool ended = co_await fetched_.wait(stop);
    if (!ended) throw Stopped();
  }
  if (!identity_.effective_buvid3().empty()) co_return;
  const Flight flight(fetching_buvid_, fetched_);
  net::HttpRequest request = requests::finger_spi(options_, identity_);
  const ApiResult<std::string> given =
      co_await plain_call<std::string>(ApiCall::finger_spi, std::move(request), &replies::finger_spi, stop);
  if (!given) {
    log::info("device id made here", {{"error", given.error().message}});
  }
  identity_.buvid3 = given ? *given : make_buvid3(random_);
  state_.buvid3 = identity_.buvid3;
  if (state_changed_) state_changed_(state_);
}

awaitable<void> ApiClient::need_key(std::stop_token stop) {
  while (fetching_key_) {
    const bool ended = co_await fetched_.wait(stop);
    if (!ended) throw Stopped();
  }
  const Duration age = clock_.wall_now() - state_.wbi_time;
  if (key_ && age >= Duration::zero() && age < wbi_key_age) co_return;
  if (key_failed_ && clock_.now() - *key_failed_ < wbi_refresh_spacing) co_return;
  const Flight flight(fetching_key_, fetched_);
  const ApiResult<NavInfo> answer = co_await nav(stop);
  const bool got_key = answer && answer->key;
  key_failed_.reset();
  if (got_key) co_return;
  key_failed_ = clock_.now();
  log::warning("no signing keys", {{"error", answer ? "the reply has none" : answer.error().message}});
}

// -352 may mean that the keys have changed: true when it is worth asking once more with new ones.
template <class T>
bool ApiClient::refused_signature(ApiResult<T>& result) {
  if (result || result.error().kind != ErrorKind::risk_control) return false;
  if (!key_) {
    // Nothing is known about our address by this: what wasn't signed was refused.
    result.error().kind = ErrorKind::transient;
    return false;
  }
  const TimePoint now = clock_.now();
  if (key_dropped_ && now - *key_dropped_ < wbi_refresh_spacing) return false;
  key_dropped_ = now;
  key_.reset();
  return true;
}

Signature ApiClient::signature() const { return {key_ ? &*key_ : nullptr, unix_seconds(clock_.wall_now())}; }

}  // namespace live::bilibili
