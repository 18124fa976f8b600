// SPDX-License-Identifier: Apache-2.0
#include "kube/watch_machine.hpp"

#include <algorithm>

#include "kube/object.hpp"

namespace live::kube {
namespace {

// The server is there but can't serve a watch just now: go on from the same version later. A list instead
// would make a server that has just started work harder still.
bool only_unavailable(const ApiError& error) {
  return error.code == 429 || error.code == 502 || error.code == 503 || error.code == 504;
}

bool version_expired(const ApiError& error) {
  return error.is_gone() || error.reason == "Expired" || error.reason == "Gone";
}

}  // namespace

WatchAction WatchMachine::next(TimePoint now) {
  if (wait_until_) {
    if (now < *wait_until_) return WaitStep{*wait_until_};
    wait_until_.reset();
  }
  const bool streams = state_ == State::list && streaming_ && !plain_next_;
  if (state_ == State::list && !streams)
    return ListStep{unpaged_ ? 0 : page_size_, continue_token_, continue_token_.empty()};
  if (streams) state_ = State::initial_events;
  const auto seconds = random_.between(static_cast<std::uint64_t>(times_.shortest.count()),
                                       static_cast<std::uint64_t>(times_.longest.count()));
  const bool initial = state_ == State::initial_events;
  return WatchStep{initial ? std::string() : resource_version_, std::chrono::seconds(seconds), initial};
}

void WatchMachine::wait(TimePoint now, const ApiError* error) {
  Duration length = backoff_.next(now, random_);
  if (error && error->retry_after) length = std::max<Duration>(length, *error->retry_after);
  wait_until_ = now + length;
}

void WatchMachine::wait_for_server(TimePoint now, const ApiError* error) {
  if (error) {
    wait(now, error);
  } else {
    wait_until_ = now + away_.next(now, random_);
  }
}

void WatchMachine::restart_list() {
  state_ = State::list;
  continue_token_.clear();
  unpaged_ = false;
}

void WatchMachine::relist(TimePoint now, const ApiError* error) {
  restart_list();
  if (relisted_freely_) wait(now, error);
  relisted_freely_ = true;
}

bool WatchMachine::listed(const std::string& resource_version, const std::string& continue_token) {
  continue_token_ = continue_token;
  if (!continue_token.empty()) return false;
  resource_version_ = resource_version;
  unpaged_ = false;
  plain_next_ = false;
  state_ = State::watch;
  return true;
}

void WatchMachine::list_failed(TimePoint now, const ApiError* error) {
  const bool on_later_page = !continue_token_.empty();
  if (error && version_expired(*error) && on_later_page) {
    // Listing took longer than the server keeps a snapshot: everything in one page can't expire.
    restart_list();
    unpaged_ = true;
    return;
  }
  // A page that failed for want of an answer is asked for again; its token lives for minutes.
  if (!error || only_unavailable(*error)) {
    wait_for_server(now, error);
    return;
  }
  restart_list();
  wait(now, error);
}

void WatchMachine::watch_opened(TimePoint now) {
  opened_ = now;
  progress_ = false;
}

// The server is away or busy: the same again later. Anything else is left to a plain list to find out.
void WatchMachine::initial_refused(TimePoint now, const ApiError* error) {
  restart_list();
  if (!error || only_unavailable(*error)) {
    wait_for_server(now, error);
    return;
  }
  plain_next_ = true;
  // The feature is off, or unknown: asking again is of no use.
  if (error->code == 400 || error->is_invalid()) streaming_ = false;
}

void WatchMachine::watch_refused(TimePoint now, const ApiError* error) {
  if (state_ == State::initial_events) {
    initial_refused(now, error);
    return;
  }
  if (error && (version_expired(*error) || error->is_version_too_large())) {
    relist(now, error);
  } else if (!error || only_unavailable(*error)) {
    wait_for_server(now, error);
  } else {
    restart_list();
    wait(now, error);
  }
}

// Initial events come in no order.
EventVerdict WatchMachine::initial_event(WatchEventType type, const std::string& resource_version,
                                         bool initial_end) {
  if (type != WatchEventType::bookmark) return EventVerdict::stage;
  if (!initial_end) return EventVerdict::skip;
  resource_version_ = resource_version;
  state_ = State::watch;
  progress_ = true;
  relisted_freely_ = false;
  return EventVerdict::complete;
}

EventVerdict WatchMachine::event(TimePoint now, WatchEventType type, const std::string& resource_version,
                                 bool initial_end) {
  if (type == WatchEventType::unknown || type == WatchEventType::error || resource_version.empty())
    return EventVerdict::skip;
  if (state_ == State::initial_events) return initial_event(type, resource_version, initial_end);
  if (compare_resource_versions(resource_version, resource_version_) == std::partial_ordering::less) {
    // Events come in order. Where they do not, a later one may already have been overtaken.
    start_over(now);
    return EventVerdict::close;
  }
  resource_version_ = resource_version;
  progress_ = true;
  relisted_freely_ = false;
  return type == WatchEventType::bookmark ? EventVerdict::advance : EventVerdict::deliver;
}

void WatchMachine::note_proven(TimePoint now) {
  if (now - opened_ < times_.proven) return;
  backoff_.reset();
  away_.reset();
}

void WatchMachine::error_event(TimePoint now, const ApiError& error) {
  note_proven(now);
  if (state_ == State::initial_events) {
    initial_refused(now, &error);
    return;
  }
  if (version_expired(error) || error.is_version_too_large()) {
    relist(now, &error);
  } else if (error.is_too_many_requests()) {
    wait(now, &error);
  } else {
    restart_list();
    wait(now, &error);
  }
}

void WatchMachine::stream_ended(TimePoint now, StreamEnd end) {
  const bool too_short = now - opened_ < times_.short_watch;
  if (!too_short) relisted_freely_ = false;
  note_proven(now);
  if (state_ == State::initial_events) {
    restart_list();
    plain_next_ = true;
    return;
  }
  switch (end) {
    case StreamEnd::clean:
      if (too_short && !progress_) wait(now, nullptr);
      return;
    case StreamEnd::broken:
      if (too_short) wait(now, nullptr);
      return;
    case StreamEnd::overdue:
      return;
    case StreamEnd::silent:
      // Either the connection is dead, or the version lies in the future of a server restored from a backup,
      // which answers such a watch with silence.
      relist(now, nullptr);
      return;
    case StreamEnd::too_large:
    case StreamEnd::not_json:
      start_over(now);
      return;
  }
}

void WatchMachine::start_over(TimePoint now) {
  if (state_ == State::initial_events) plain_next_ = true;
  restart_list();
  wait(now, nullptr);
}

}  // namespace live::kube
