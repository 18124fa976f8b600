// SPDX-License-Identifier: Apache-2.0
// Faults that wait for their next call or connection. Pure.
#pragma once
#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "base/json_fwd.hpp"
#include "base/result.hpp"

namespace live::simulator {

using Milliseconds = std::chrono::milliseconds;

struct ApiFault {
  std::int64_t count = 1;  // negative: for ever
  std::string endpoint;    // last part of the path; empty: every endpoint
  std::optional<std::int64_t> code, http_status;
  std::optional<std::string> body;  // in place of the answer
  Milliseconds delay{0};
  bool drop = false;  // the connection is reset in place of an answer
};

struct MediaFault {
  std::int64_t count = 1;
  std::string host;  // only of requests to this host (without port); empty: any
  std::optional<std::int64_t> status;
  bool html = false;      // 200 with a web page
  bool redirect = false;  // 302 to the same stream under another path
  bool reset = false;
  bool hang = false;  // no answer, connection open
  Milliseconds delay{0};
  std::optional<std::int64_t> timestamp_base;  // ms, of this connection only
  bool random_base = false;                    // each connection its own
  bool no_cache = false;                       // begins at the next key frame, so that nothing overlaps
};

struct DanmakuFault {
  std::int64_t count = 1;
  std::optional<std::int64_t> refuse;     // HTTP status in place of the upgrade
  std::optional<std::int64_t> auth_code;  // in the auth reply, then close
  bool close = false;                     // close in place of the auth reply
  bool silent = false;                    // never answers, connection open
  Milliseconds delay{0};                  // before the auth reply
};

template <class Fault>
class FaultQueue {
 public:
  void add(Fault fault) { faults_.push_back(std::move(fault)); }
  void clear() { faults_.clear(); }
  std::size_t size() const { return faults_.size(); }

  // The first fault that matches; it is used up by one.
  template <class Matches>
  std::optional<Fault> take(Matches matches) {
    for (auto at = faults_.begin(); at != faults_.end(); ++at) {
      if (!matches(*at)) continue;
      Fault fault = *at;
      if (at->count > 0 && --at->count == 0) faults_.erase(at);
      return fault;
    }
    return std::nullopt;
  }
  std::optional<Fault> take() {
    return take([](const Fault&) { return true; });
  }

 private:
  std::deque<Fault> faults_;
};

struct Faults {
  FaultQueue<ApiFault> api;
  FaultQueue<MediaFault> media;
  FaultQueue<DanmakuFault> danmaku;

  // {"api": [...], "media": [...], "danmaku": [...]}: adds to what waits; an empty list takes all of that
  // kind away. The problem names the wrong field; then nothing is added.
  std::optional<Problem> add(const Json& body);
};

}  // namespace live::simulator
