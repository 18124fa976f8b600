// SPDX-License-Identifier: Apache-2.0
// Carries the status board into the LiveRoom's status by server-side apply. The recording never waits for it.
#pragma once
#include <set>
#include <string>

#include "base/backoff.hpp"
#include "base/clock.hpp"
#include "base/json_fwd.hpp"
#include "base/random.hpp"
#include "kube/client.hpp"
#include "recorder/reporting/metrics.hpp"
#include "recorder/reporting/status_board.hpp"

namespace live::recorder {

struct ReportTarget {
  kube::ObjectKey key;
  std::string uid;  // a LiveRoom of the same name with another uid is not ours to write
};

class StatusReporter {
 public:
  // A reporter that has no answer from the API server tries again after 0.5 s to 7.5 s.
  static constexpr BackoffLimits retry_limits{std::chrono::milliseconds(500), std::chrono::seconds(5), 2.0,
                                              0.5};

  StatusReporter(kube::Client& client, Clock& clock, StatusBoard& board, RecorderMetrics& metrics,
                 Random& random, ReportTarget target)
      : client_(client),
        clock_(clock),
        board_(board),
        metrics_(metrics),
        random_(random),
        target_(std::move(target)) {}

  // Until stopped: first reads what an earlier recorder left, then writes what changes.
  awaitable<void> run(std::stop_token stop);

  // One attempt to write what is not written yet, for the end of the process. Failures are logged.
  awaitable<void> flush(std::stop_token stop);

  // The next write applies everything even if nothing changed (the controller wrote in our name meanwhile).
  void repeat() {
    written_.reset();
    board_.edit();
  }

 private:
  awaitable<bool> read_earlier(std::stop_token stop);
  awaitable<bool> write(std::stop_token stop);
  awaitable<bool> wait_until_due(std::stop_token stop);
  awaitable<bool> apply(Json status, std::stop_token stop);
  bool drop_unknown_field(const kube::ApiError& error);

  kube::Client& client_;
  Clock& clock_;
  StatusBoard& board_;
  RecorderMetrics& metrics_;
  Random& random_;
  ReportTarget target_;
  std::optional<liveroom::RecorderStatus> written_;
  TimePoint last_write_{};
  bool earlier_known_ = false;
  bool foreign_ = false;                  // the LiveRoom of our name is another one
  std::set<std::string> unknown_fields_;  // JSON pointers that the installed CRD does not have
};

}  // namespace live::recorder
