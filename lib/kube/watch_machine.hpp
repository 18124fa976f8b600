// SPDX-License-Identifier: Apache-2.0
// When to list, from where to watch, when to wait: the life of a reflector without its I/O. Pure.
//
// A list is always "most recent" (no resourceVersion), so a new one never goes back in time, and neither an
// expired nor a future version can hold us up. A watch goes on from the last version seen.
//
// Where the server can, a list is streamed: it comes as the first events of the watch. What goes wrong before
// its end throws it away, and the next list is a plain one.
#pragma once
#include <chrono>
#include <string>
#include <variant>

#include "base/backoff.hpp"
#include "kube/errors.hpp"
#include "kube/watch_decoder.hpp"
#include "kube/watch_times.hpp"

namespace live::kube {

struct ListStep {
  int limit = 0;  // 0: everything at once
  std::string continue_token;
  bool first = true;  // of its list; what was staged before is void
};
struct WatchStep {
  std::string resource_version;
  std::chrono::seconds timeout{};
  bool initial_events = false;  // a list is to come first, and there is no resource_version
};
struct WaitStep {
  TimePoint until;
};
using WatchAction = std::variant<ListStep, WatchStep, WaitStep>;

enum class StreamEnd {
  clean,      // the server ended it, as it does at the timeout
  broken,     // connection lost, body cut short
  silent,     // not a byte, not even a bookmark, for two minutes
  overdue,    // the server did not end it at the timeout
  too_large,  // an event over the limit
  not_json,
};

enum class EventVerdict {
  stage,     // an object of the list that is being streamed; of type DELETED: one that is gone from it
  complete,  // that list is whole at resource_version()
  deliver,   // an object appeared, changed or went
  advance,   // a bookmark: only the version moved
  skip,      // nothing that we can use; counted
  close,     // close the stream and ask next()
};

class WatchMachine {
 public:
  // Pages of 100 objects keep the peak of memory low; the API's own clients take 500.
  WatchMachine(WatchTimes times, int page_size, bool streaming, Random& random)
      : times_(times),
        page_size_(page_size),
        streaming_(streaming),
        random_(random),
        backoff_(times.backoff),
        away_(times.away) {}

  // What to do now. Report how it went with one of the functions below, then ask again.
  WatchAction next(TimePoint now);

  // A page has come. True when it was the last: the list is complete at `resource_version`.
  bool listed(const std::string& resource_version, const std::string& continue_token);
  // `error` is null when there was no answer or none that could be read.
  void list_failed(TimePoint now, const ApiError* error);

  void watch_opened(TimePoint now);
  void watch_refused(TimePoint now, const ApiError* error);
  // `resource_version` of the event's object, empty when it has none or is of another kind. `initial_end`: it
  // is the bookmark that ends the initial events.
  EventVerdict event(TimePoint now, WatchEventType type, const std::string& resource_version,
                     bool initial_end = false);
  // An event of type ERROR: the stream is to be closed.
  void error_event(TimePoint now, const ApiError& error);
  void stream_ended(TimePoint now, StreamEnd end);

  // Something went wrong outside of this machine: a new list after a wait.
  void start_over(TimePoint now);

  const std::string& resource_version() const { return resource_version_; }
  // The server takes streamed lists, as far as is known.
  bool streaming() const { return streaming_; }

 private:
  enum class State { list, initial_events, watch };

  void wait(TimePoint now, const ApiError* error);
  // The same again: nobody answered (null), or somebody who can't just now.
  void wait_for_server(TimePoint now, const ApiError* error);
  void note_proven(TimePoint now);
  void initial_refused(TimePoint now, const ApiError* error);
  EventVerdict initial_event(WatchEventType type, const std::string& resource_version, bool initial_end);
  void restart_list();
  // At once after a time of progress, else after a wait.
  void relist(TimePoint now, const ApiError* error);

  WatchTimes times_;
  int page_size_;
  bool streaming_;
  bool plain_next_ = false;  // a streamed list failed: the next is a plain one
  Random& random_;
  Backoff backoff_;
  Backoff away_;
  State state_ = State::list;
  std::string continue_token_;
  bool unpaged_ = false;
  std::string resource_version_;
  std::optional<TimePoint> wait_until_;
  TimePoint opened_{};
  bool progress_ = false;         // in the stream now open
  bool relisted_freely_ = false;  // since the last progress
};

}  // namespace live::kube
