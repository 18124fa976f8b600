// SPDX-License-Identifier: Apache-2.0
// Who leads, decided over a Lease: when to read it, when to write what, when it is lost. Pure.
//
// Clocks of other machines are never looked at: a foreign lease has expired when it has not changed for its
// duration on our own clock. Every write carries the resourceVersion last read, so of two writers one loses.
#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <variant>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "kube/lease.hpp"

namespace live::kube {

// Sound only with duration > renew_deadline > retry * (1 + spread) > 0.
struct LeaseTimes {
  std::chrono::seconds duration{15};                   // others may take the lease when it has rested so long
  Duration renew_deadline = std::chrono::seconds(10);  // without a renewal for so long we no longer lead
  Duration retry = std::chrono::seconds(2);
  double spread = 1.2;  // candidates try each retry × (1 .. 1 + spread)
};

class LeaseMachine {
 public:
  struct Read {};
  struct Create {
    LeaseRecord record;
  };
  struct Update {  // of the lease as last read or written
    LeaseRecord record;
  };
  struct Wait {
    TimePoint until;
  };
  struct Lost {};  // for good; the process is to end
  using Action = std::variant<Read, Create, Update, Wait, Lost>;

  LeaseMachine(std::string identity, LeaseTimes times, Random& random)
      : identity_(std::move(identity)), times_(times), random_(random) {}

  // What to do now. Report the outcome with one of the next four, then ask again.
  Action next(TimePoint now, WallTime wall_now);

  // The lease as read; nothing when there is none.
  void was_read(TimePoint now, std::optional<LeaseRecord> record);
  // `sent`: when the request began, since the server may have stored it just then.
  void was_written(TimePoint sent, TimePoint now, const LeaseRecord& record);
  // The write was refused: somebody else had written, or created, or deleted.
  void was_refused(TimePoint now);
  // No answer, or an error that says nothing about the lease.
  void has_failed(TimePoint now);

  bool leading() const { return leading_; }
  // While leading: after this moment we must not act as leader without a renewal.
  TimePoint deadline() const { return renewed_at_ + times_.renew_deadline; }
  TimePoint renewed_at() const { return renewed_at_; }
  const std::string& holder() const { return record_.holder; }
  // What to write on a clean end, so that another can take over at once.
  LeaseRecord released(WallTime wall_now) const;

 private:
  bool ours() const { return present_ && record_.holder == identity_; }
  bool free_to_take(TimePoint now) const;
  Duration pause();
  LeaseRecord wanted(WallTime wall_now) const;

  std::string identity_;
  LeaseTimes times_;
  Random& random_;
  bool fresh_ = false;    // record_ is what the server had when it last answered
  bool present_ = false;  // there is a lease
  LeaseRecord record_;
  TimePoint changed_at_{};  // when record_ was seen to change, on our clock
  std::optional<TimePoint> wait_until_;
  bool leading_ = false;
  bool lost_ = false;
  bool refused_before_ = false;
  TimePoint renewed_at_{};
};

}  // namespace live::kube
