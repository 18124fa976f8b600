// SPDX-License-Identifier: Apache-2.0
#include "recorder/bilibili/circuit_breaker.hpp"

#include <gtest/gtest.h>

namespace live::bilibili {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

class CircuitBreakerTest : public ::testing::Test {
 protected:
  void fail(ErrorKind kind) { breaker.failed(ApiError{0, "", kind}, now, random); }

  TimePoint now{hours(1)};
  Random random{1};
  CircuitBreaker breaker;
};

TEST_F(CircuitBreakerTest, OpensAtOnceOnThrottlingAnswers) {
  for (const ErrorKind kind : {ErrorKind::blocked, ErrorKind::rate_limited, ErrorKind::risk_control}) {
    CircuitBreaker one;
    EXPECT_TRUE(one.allow(now));
    one.failed(ApiError{0, "", kind}, now, random);
    EXPECT_TRUE(one.open());
    EXPECT_EQ(one.cause(), kind);
    EXPECT_FALSE(one.allow(now));
    EXPECT_GE(one.retry_at() - now, minutes(2));
    EXPECT_LE(one.retry_at() - now, seconds(150));
    EXPECT_FALSE(one.allow(one.retry_at() - seconds(1)));
    EXPECT_TRUE(one.allow(one.retry_at()));
  }
}

TEST_F(CircuitBreakerTest, LetsOneCallProbe) {
  fail(ErrorKind::blocked);
  now = breaker.retry_at();
  EXPECT_TRUE(breaker.allow(now));
  EXPECT_FALSE(breaker.allow(now));
  breaker.succeeded(now + seconds(1));
  EXPECT_FALSE(breaker.open());
  EXPECT_TRUE(breaker.allow(now));
}

TEST_F(CircuitBreakerTest, ProbesAgainWhenAProbeGetsLost) {
  fail(ErrorKind::blocked);
  now = breaker.retry_at();
  EXPECT_TRUE(breaker.allow(now));
  EXPECT_FALSE(breaker.allow(now + seconds(29)));
  EXPECT_TRUE(breaker.allow(now + seconds(30)));
}

TEST_F(CircuitBreakerTest, WaitsLongerEachTime) {
  fail(ErrorKind::blocked);
  Duration last = Duration::zero();
  for (int i = 0; i < 6; ++i) {
    const Duration pause = breaker.retry_at() - now;
    if (i < 4) {
      EXPECT_GT(pause, last);
    }
    EXPECT_LE(pause, seconds(2250));
    last = pause;
    now = breaker.retry_at();
    ASSERT_TRUE(breaker.allow(now));
    fail(ErrorKind::blocked);
  }
  EXPECT_GE(breaker.retry_at() - now, minutes(30));
}

TEST_F(CircuitBreakerTest, AnHourOfRefusalsIsAHandfulOfCalls) {
  int calls = 0;
  for (const TimePoint end = now + hours(1); now < end; now += seconds(1)) {
    if (!breaker.allow(now)) continue;
    ++calls;
    fail(ErrorKind::blocked);
  }
  EXPECT_LE(calls, 6);
  EXPECT_GE(calls, 4);
}

TEST_F(CircuitBreakerTest, RemembersARecentPause) {
  fail(ErrorKind::blocked);
  now = breaker.retry_at();
  ASSERT_TRUE(breaker.allow(now));
  breaker.succeeded(now);
  now += minutes(5);
  fail(ErrorKind::blocked);
  EXPECT_GE(breaker.retry_at() - now, minutes(4));
  now = breaker.retry_at();
  ASSERT_TRUE(breaker.allow(now));
  breaker.succeeded(now);
  now += minutes(11);
  fail(ErrorKind::blocked);
  EXPECT_LE(breaker.retry_at() - now, minutes(3));
}

TEST_F(CircuitBreakerTest, IgnoresLateAnswers) {
  fail(ErrorKind::blocked);
  const TimePoint retry = breaker.retry_at();
  breaker.succeeded(now);
  EXPECT_TRUE(breaker.open());
  fail(ErrorKind::blocked);
  EXPECT_EQ(breaker.retry_at(), retry);
  EXPECT_EQ(breaker.times_opened(), 1u);
}

TEST_F(CircuitBreakerTest, OpensWhenMostCallsFail) {
  for (int i = 0; i < 5; ++i) fail(ErrorKind::transient);
  EXPECT_FALSE(breaker.open());
  fail(ErrorKind::transient);
  EXPECT_TRUE(breaker.open());
  EXPECT_EQ(breaker.cause(), ErrorKind::transient);
  EXPECT_LE(breaker.retry_at() - now, seconds(75));
}

TEST_F(CircuitBreakerTest, BearsSomeFailures) {
  for (int i = 0; i < 30; ++i) {
    fail(ErrorKind::transient);
    breaker.succeeded(now);
  }
  EXPECT_FALSE(breaker.open());
  for (int i = 0; i < 30; ++i) {
    now += seconds(7);  // never six in half a minute
    fail(ErrorKind::transient);
  }
  EXPECT_FALSE(breaker.open());
}

TEST_F(CircuitBreakerTest, BadNewsAboutARoomIsNoFailure) {
  for (int i = 0; i < 30; ++i) fail(ErrorKind::not_found);
  EXPECT_FALSE(breaker.open());
  fail(ErrorKind::blocked);
  now = breaker.retry_at();
  ASSERT_TRUE(breaker.allow(now));
  fail(ErrorKind::not_found);
  EXPECT_FALSE(breaker.open());
}

TEST_F(CircuitBreakerTest, SpreadsTheReturn) {
  breaker.set_spread(minutes(5));
  Duration longest = Duration::zero();
  for (int i = 0; i < 50; ++i) {
    CircuitBreaker one(minutes(5));
    one.failed(ApiError{0, "", ErrorKind::blocked}, now, random);
    longest = std::max(longest, one.retry_at() - now);
  }
  EXPECT_GT(longest, minutes(5));
  EXPECT_LE(longest, minutes(8));
}

}  // namespace
}  // namespace live::bilibili
