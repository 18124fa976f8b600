// SPDX-License-Identifier: Apache-2.0
#include "recorder/connection/connection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/error.hpp>
#include <cctype>

#include "base/log.hpp"
#include "base/stop.hpp"

namespace live::recorder {

bool is_page(std::string_view content_type) {
  std::string type(content_type);
  std::transform(type.begin(), type.end(), type.begin(), [](unsigned char c) { return std::tolower(c); });
  if (type.starts_with("text/")) return true;
  return type.find("html") != std::string::npos || type.find("json") != std::string::npos ||
         type.find("xml") != std::string::npos;
}

flv::ArrivalTime Connection::arrival() const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(clock_.now().time_since_epoch()).count();
}

awaitable<ConnectionOutcome> Connection::run(net::MediaRequest request, Duration stall,
                                             std::function<void(const std::string&)> on_media,
                                             std::stop_token stop) {
  outcome_ = {};
  reader_ = std::make_unique<flv::TagReader>(reporter_);
  try {
    net::MediaResponse response = co_await net::open_media(std::move(request), tls_, stop);
    const std::string type = response.headers.get("Content-Type").value_or("");
    if (response.status < 200 || response.status > 299) {
      outcome_.end = response.status == 404 ? ConnectionEnd::absent : ConnectionEnd::refused;
      outcome_.detail = fmt::format("{} answered with status {}", response.url.host, response.status);
    } else if (is_page(type)) {
      outcome_.end = ConnectionEnd::no_stream;
      outcome_.detail = fmt::format("{} sent {} in place of a stream", response.url.host, type);
    } else {
      log::info("Stream is open", {{"host", response.url.host}, {"status", response.status}});
      const std::string host = response.url.host;
      on_first_media_ = [&on_media, &host] { on_media(host); };
      outcome_.end = ConnectionEnd::broken;
      pipeline_.connection_started(arrival());
      body_ = response.body.get();
      co_await receive(*response.body, stall, stop);
    }
  } catch (const Stopped&) {
    outcome_.stopped = true;
    outcome_.end = ConnectionEnd::finished;
  } catch (const system_error& error) {
    outcome_.detail = error.code().message();
    if (outcome_.end == ConnectionEnd::broken && error.code() == asio::error::timed_out) {
      outcome_.end = ConnectionEnd::stalled;
    }
  }
  body_ = nullptr;
  reader_->end_of_stream();
  outcome_.media_tags += flv::drain(*reader_, pipeline_, arrival());
  reader_.reset();
  metrics_.set_buffer_bytes("reader", 0);
  co_return std::move(outcome_);
}

void Connection::look() {
  if (body_ != nullptr) body_->look();
}

awaitable<void> Connection::receive(net::MediaStream& body, Duration stall, std::stop_token stop) {
  last_media_ = clock_.now();
  while (true) {
    const std::span<std::uint8_t> room = reader_->prepare(read_size);
    const std::size_t count = co_await body.read_some(room, stop);
    if (count == 0) {
      outcome_.end = ConnectionEnd::finished;
      co_return;
    }
    const bool go_on = take(count);
    if (!go_on) co_return;
    // The server counts on us to read: it is held back only by a volume that is behind by the whole disk
    // queue.
    if (!disk_.has_room()) {
      if (held_back_) held_back_();
      const bool room_again = co_await disk_.wait_for_room(stop);
      if (!room_again) throw Stopped();
      last_media_ = clock_.now();
    }
    if (clock_.now() - last_media_ > stall) {
      outcome_.end = ConnectionEnd::stalled;
      outcome_.detail = "bytes came, but no complete tag";
      co_return;
    }
  }
}

bool Connection::take(std::size_t count) {
  outcome_.received += count;
  metrics_.received(count);
  reader_->commit(count, arrival());
  const std::size_t tags = flv::drain(*reader_, pipeline_, arrival());
  metrics_.set_buffer_bytes("reader", reader_->buffer_size());
  if (tags > 0) {
    if (outcome_.media_tags == 0) on_first_media_();
    outcome_.media_tags += tags;
    last_media_ = clock_.now();
  }
  if (reader_->not_flv()) {
    outcome_.end = ConnectionEnd::no_stream;
    outcome_.detail = "the first bytes are no FLV";
  } else if (reader_->gave_up()) {
    outcome_.end = ConnectionEnd::broken;
    outcome_.detail = "out of step, and no tag was found again";
  } else if (pipeline_.wants_reconnect()) {
    outcome_.end = ConnectionEnd::stalled;
    outcome_.detail = "the server repeats the same seconds";
  } else {
    return true;
  }
  return false;
}

}  // namespace live::recorder
