// SPDX-License-Identifier: Apache-2.0
#include "recorder/connection/hls_connection.hpp"

#include <fmt/format.h>

#include "base/log.hpp"
#include "base/stop.hpp"
#include "net/beast_http.hpp"
#include "net/errors.hpp"

namespace live::recorder {
namespace {

constexpr std::size_t connections = hls::Planner::parallel + 1;

constexpr std::int64_t shortest_wait_ms = 10;

net::BeastHttpOptions http_options(const net::MediaRequest& request) {
  net::BeastHttpOptions options;
  options.proxy = request.proxy;
  options.address_family = request.address_family;
  options.max_connections = connections;
  options.connect_timeout = request.connect_timeout;
  return options;
}

bool is_redirect(int status) { return status >= 301 && status <= 308 && status != 304 && status != 305; }
bool is_good(int status) { return status >= 200 && status <= 299; }

std::span<std::uint8_t> writable(std::string& text) {
  return {reinterpret_cast<std::uint8_t*>(text.data()), text.size()};
}

}  // namespace

HlsConnection::HlsConnection(const Executor& executor, Clock& clock, net::TlsContext tls,
                             storage::DiskThread& disk, HlsStream& stream, hls::Sink& findings,
                             RecorderMetrics& metrics)
    : executor_(executor),
      clock_(clock),
      disk_(disk),
      stream_(stream),
      findings_(findings),
      metrics_(metrics),
      tls_(std::move(tls)),
      alarm_(clock) {}

std::int64_t HlsConnection::now_ms() const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(clock_.now().time_since_epoch()).count();
}

awaitable<ConnectionOutcome> HlsConnection::run(net::MediaRequest request,
                                                std::function<void(const std::string&)> on_media,
                                                std::stop_token stop) {
  outcome_ = {};
  outcome_.end = ConnectionEnd::broken;
  http_ = std::make_unique<net::BeastHttpClient>(executor_, tls_, http_options(request));
  headers_ = request.headers;
  playlist_timeout_ = playlist_timeout(request.idle);
  segment_timeout_ = segment_timeout(request.idle);
  max_redirects_ = request.max_redirects;
  address_ = request.url;
  base_ = request.url;
  on_media_ = std::move(on_media);
  stream_.planner.connection_started(now_ms());
  stream_.assembler.connection_started();
  TaskGroup fetches(executor_, stop);
  try {
    co_await follow(fetches, stop);
  } catch (const Stopped&) {
    outcome_.stopped = true;
    outcome_.end = ConnectionEnd::finished;
  }
  fetches.request_stop();
  co_await fetches.join();
  write_ready(fetches);
  metrics_.set_buffer_bytes("segments", stream_.planner.held_bytes());
  co_return std::move(outcome_);
}

awaitable<void> HlsConnection::follow(TaskGroup& fetches, std::stop_token stop) {
  while (true) {
    throw_if_stopped(stop);
    std::optional<hls::Action> action = stream_.planner.next(now_ms());
    if (!action) {
      const std::int64_t at = std::max(stream_.planner.wake_at(), now_ms() + shortest_wait_ms);
      const TimePoint when{std::chrono::milliseconds(at)};
      co_await alarm_.wait_until(when, stop);
      continue;
    }
    const bool ended = perform(*action, fetches);
    if (ended) co_return;
    if (!disk_.has_room()) {
      on_held_back_();
      co_await disk_.wait_for_room(stop);
      stream_.planner.held_back(now_ms());
    }
  }
}

// What has come in order is kept, whatever ended the connection.
void HlsConnection::write_ready(TaskGroup& fetches) {
  while (std::optional<hls::Action> action = stream_.planner.ready()) perform(*action, fetches);
}

// True at the end of the connection.
bool HlsConnection::perform(hls::Action& action, TaskGroup& fetches) {
  if (std::holds_alternative<hls::FetchPlaylist>(action)) {
    fetches.spawn(fetch_playlist(fetches.token()));
  } else if (auto* init = std::get_if<hls::FetchInit>(&action)) {
    fetches.spawn(fetch_init(std::move(init->uri), fetches.token()));
  } else if (auto* segment = std::get_if<hls::FetchSegment>(&action)) {
    fetches.spawn(fetch_segment(std::move(*segment), fetches.token()));
  } else if (auto* delivery = std::get_if<hls::Deliver>(&action)) {
    deliver(*delivery);
    if (!stream_.assembler.wants_reconnect()) return false;
    outcome_.end = ConnectionEnd::stalled;
    outcome_.detail = "the server repeats the same seconds";
    return true;
  } else if (const auto* lost = std::get_if<hls::Lost>(&action)) {
    stream_.assembler.lost(lost->reason, lost->segments, lost->estimated_ms);
  } else {
    end(std::get<hls::End>(action).reason);
    return true;
  }
  return false;
}

void HlsConnection::deliver(hls::Deliver& delivery) {
  if (outcome_.media_tags == 0) on_media_(base_.host);
  ++outcome_.media_tags;
  stream_.assembler.segment(delivery.input, writable(delivery.body), now_ms());
  metrics_.set_buffer_bytes("segments", stream_.planner.held_bytes());
}

void HlsConnection::end(hls::EndReason reason) {
  switch (reason) {
    case hls::EndReason::finished:
      outcome_.end = ConnectionEnd::finished;
      outcome_.detail.clear();
      return;
    case hls::EndReason::stalled:
      outcome_.end = ConnectionEnd::stalled;
      outcome_.detail = "the playlist names no new segment";
      return;
    case hls::EndReason::refused:
      // A playlist that was there before is gone with its stream.
      outcome_.end = outcome_.media_tags == 0 ? ConnectionEnd::refused : ConnectionEnd::broken;
      return;
    case hls::EndReason::unreadable:
      outcome_.end = ConnectionEnd::no_stream;
      return;
  }
}

void HlsConnection::note(const std::string& problem) {
  outcome_.detail = problem;
  log::debug("HLS request failed", {{"host", base_.host}, {"problem", problem}});
}

void HlsConnection::report(hls::FindingKind kind, std::uint64_t bytes) {
  hls::Finding finding;
  finding.kind = kind;
  finding.bytes = bytes;
  findings_.report(finding);
}

awaitable<HlsConnection::Answer> HlsConnection::get(net::Url url, Duration timeout, std::size_t max_body,
                                                    std::stop_token stop) {
  for (int hop = 0; hop <= max_redirects_; ++hop) {
    net::HttpRequest request;
    request.url = url;
    request.headers = headers_;
    request.timeout = timeout;
    request.max_body = max_body;
    net::HttpResponse response = co_await http_->send(std::move(request), stop);
    metrics_.received(response.body.size());
    outcome_.received += response.body.size();
    if (!is_redirect(response.status)) {
      Answer answer{std::move(url), std::move(response)};
      co_return std::move(answer);
    }
    const std::string location = response.headers.get("Location").value_or("");
    Result<net::Url> to = net::resolve_url(url, location);
    const bool leads = !location.empty() && to && (to->scheme == "http" || to->scheme == "https");
    if (!leads) throw system_error(net::NetError::bad_redirect, net::redacted(url));
    url = std::move(to).value();
  }
  throw system_error(net::NetError::too_many_redirects, net::redacted(url));
}

awaitable<void> HlsConnection::fetch_playlist(std::stop_token stop) {
  try {
    Answer answer = co_await get(address_, playlist_timeout_, hls::max_playlist_bytes, stop);
    if (is_good(answer.response.status)) {
      const bool again = read_playlist(std::move(answer));
      if (again) {
        Answer variant = co_await get(address_, playlist_timeout_, hls::max_playlist_bytes, stop);
        if (is_good(variant.response.status)) {
          read_playlist(std::move(variant));
        } else {
          note(fmt::format("{} answered with status {}", variant.url.host, variant.response.status));
          stream_.planner.playlist_failed(now_ms(), hls::FetchFailure::refused);
        }
      }
    } else {
      note(fmt::format("{} answered with status {}", answer.url.host, answer.response.status));
      const bool clear = answer.response.status / 100 == 4;
      stream_.planner.playlist_failed(now_ms(),
                                      clear ? hls::FetchFailure::refused : hls::FetchFailure::broken);
    }
  } catch (const system_error& error) {
    note(error.code().message());
    stream_.planner.playlist_failed(now_ms(), hls::FetchFailure::broken);
  }
  alarm_.ring();
}

// True when it was a master playlist, so that its variant is to be fetched in its place.
bool HlsConnection::read_playlist(Answer answer) {
  if (answer.response.body == text_) {
    stream_.planner.playlist_unchanged(now_ms());
    return false;
  }
  base_ = answer.url;
  const Result<hls::Playlist> playlist = hls::parse_playlist(answer.response.body);
  if (!playlist) {
    note(fmt::format("{} sent no playlist that can be recorded: {}", base_.host, playlist.error().message));
    stream_.planner.playlist_unreadable(now_ms());
    return false;
  }
  if (const auto* master = std::get_if<hls::MasterPlaylist>(&*playlist)) {
    const Result<net::Url> variant = net::resolve_url(base_, hls::best_variant(*master).uri);
    if (is_variant_ || !variant) {
      note("a master playlist leads nowhere");
      stream_.planner.playlist_unreadable(now_ms());
      return false;
    }
    is_variant_ = true;
    address_ = *variant;
    return true;
  }
  stream_.planner.playlist_arrived(now_ms(), std::get<hls::MediaPlaylist>(*playlist));
  text_ = std::move(answer.response.body);
  return false;
}

awaitable<void> HlsConnection::fetch_init(std::string uri, std::stop_token stop) {
  bool arrived = false;
  try {
    const Result<net::Url> url = net::resolve_url(base_, uri);
    if (!url) throw system_error(net::NetError::bad_request);
    const Answer answer = co_await get(*url, segment_timeout_, hls::max_init_bytes, stop);
    arrived = is_good(answer.response.status);
    if (arrived) {
      const bool whole = stream_.planner.init_arrived(now_ms(), uri, as_bytes(answer.response.body));
      if (!whole) report(hls::FindingKind::init_unreadable, answer.response.body.size());
      if (!whole) note("the initialisation segment can't be read");
    } else {
      note(fmt::format("the initialisation segment: status {}", answer.response.status));
    }
  } catch (const system_error& error) {
    note(error.code().message());
  }
  if (!arrived) stream_.planner.init_failed(now_ms(), uri);
  alarm_.ring();
}

awaitable<void> HlsConnection::fetch_segment(hls::FetchSegment what, std::stop_token stop) {
  std::optional<hls::FetchFailure> failed;
  try {
    const Result<net::Url> url = net::resolve_url(base_, what.uri);
    if (!url) throw system_error(net::NetError::bad_request);
    Answer answer = co_await get(*url, segment_timeout_, what.max_bytes, stop);
    if (is_good(answer.response.status)) {
      const std::size_t size = answer.response.body.size();
      const bool good = stream_.planner.segment_arrived(now_ms(), what.id, std::move(answer.response.body));
      if (!good) report(hls::FindingKind::check_failed, size);
    } else {
      failed = hls::FetchFailure::refused;
    }
  } catch (const system_error& error) {
    const bool large = error.code() == net::NetError::body_too_large;
    failed = large ? hls::FetchFailure::too_large : hls::FetchFailure::broken;
  }
  if (failed) stream_.planner.segment_failed(now_ms(), what.id, *failed);
  alarm_.ring();
}

}  // namespace live::recorder
