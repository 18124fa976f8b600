// SPDX-License-Identifier: Apache-2.0
#include "base/alarm.hpp"

#include <gtest/gtest.h>

#include "support/loop.hpp"

namespace live {
namespace {

using std::chrono::seconds;

awaitable<void> wait_and_note(Alarm* alarm, TimePoint when, std::stop_token stop,
                              std::optional<bool>* result) {
  const bool reached = co_await alarm->wait_until(when, stop);
  *result = reached;
}

class AlarmTest : public ::testing::Test {
 protected:
  void wait(Duration length) {
    result.reset();
    asio::co_spawn(loop.io, wait_and_note(&alarm, loop.clock.now() + length, stop.get_token(), &result),
                   [](std::exception_ptr) {});
    loop.poll();
  }

  test::Loop loop;
  Alarm alarm{loop.clock};
  std::stop_source stop;
  std::optional<bool> result;
};

TEST_F(AlarmTest, EndsAtItsTime) {
  wait(seconds(10));
  loop.advance(seconds(9));
  EXPECT_FALSE(result.has_value());
  loop.advance(seconds(1));
  EXPECT_EQ(result, true);
}

TEST_F(AlarmTest, EndsWhenRung) {
  wait(seconds(10));
  alarm.ring();
  loop.poll();
  EXPECT_EQ(result, true);
  wait(seconds(10));  // the ring is used up
  EXPECT_FALSE(result.has_value());
  loop.advance(seconds(10));
}

TEST_F(AlarmTest, RemembersARing) {
  alarm.ring();
  wait(seconds(10));
  EXPECT_EQ(result, true);
}

TEST_F(AlarmTest, EndsWhenStopped) {
  wait(seconds(10));
  stop.request_stop();
  loop.poll();
  EXPECT_EQ(result, false);
  wait(seconds(10));
  EXPECT_EQ(result, false);
}

}  // namespace
}  // namespace live
