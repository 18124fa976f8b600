// SPDX-License-Identifier: Apache-2.0
#include "recorder/bilibili/repeat_filter.hpp"

#include <gtest/gtest.h>

namespace live::bilibili {
namespace {

using std::chrono::seconds;

class RepeatFilterTest : public ::testing::Test {
 protected:
  bool repeat(const MessageContent& content, int at = 0) {
    return filter_.is_repeat(content, TimePoint(std::chrono::hours(1)) + seconds(at));
  }
  static SuperChat chat(std::int64_t id, bool japanese = false) {
    SuperChat chat;
    chat.id = id;
    chat.japanese = japanese;
    return chat;
  }
  static GiftsSent gifts(std::vector<std::string> ids) {
    GiftsSent sent;
    for (std::string& id : ids) {
      Gift gift;
      gift.id = std::move(id);
      sent.gifts.push_back(std::move(gift));
    }
    return sent;
  }
  static GuardToast toast(std::string payflow, std::int64_t uid = 7, std::string user = "u", int level = 3) {
    GuardToast toast;
    toast.payflow_id = std::move(payflow);
    toast.uid = uid;
    toast.user = std::move(user);
    toast.level = level;
    return toast;
  }
  static GuardBought bought(std::int64_t uid = 7, std::string user = "u", int level = 3) {
    GuardBought guard;
    guard.uid = uid;
    guard.user = std::move(user);
    guard.level = level;
    return guard;
  }

  RepeatFilter filter_;
};

TEST_F(RepeatFilterTest, KnowsSuperChatsByTheirId) {
  EXPECT_FALSE(repeat(chat(5)));
  EXPECT_TRUE(repeat(chat(5), 1000));
  EXPECT_TRUE(repeat(chat(5, true), 1001));
  EXPECT_FALSE(repeat(chat(6, true)));
  EXPECT_TRUE(repeat(chat(6)));
}

TEST_F(RepeatFilterTest, KnowsGiftsByTheirPurchase) {
  EXPECT_FALSE(repeat(gifts({"a"})));
  EXPECT_TRUE(repeat(gifts({"a"})));
  EXPECT_FALSE(repeat(gifts({"a", "b"})));
  EXPECT_TRUE(repeat(gifts({"b", "a"})));
  EXPECT_FALSE(repeat(gifts({""})));
  EXPECT_FALSE(repeat(gifts({""})));  // nothing to know it by
  EXPECT_FALSE(repeat(gifts({})));
}

TEST_F(RepeatFilterTest, TakesTheThreeMessagesOfAGuardAsOneInAnyOrder) {
  EXPECT_FALSE(repeat(bought()));
  EXPECT_TRUE(repeat(toast("1")));
  EXPECT_TRUE(repeat(toast("1")));
  EXPECT_FALSE(repeat(toast("2"), 100));
  EXPECT_TRUE(repeat(toast("2"), 100));
  EXPECT_TRUE(repeat(bought(), 102));
}

TEST_F(RepeatFilterTest, TellsTwoPurchasesApart) {
  EXPECT_FALSE(repeat(bought()));
  EXPECT_FALSE(repeat(bought()));  // twice within the window
  EXPECT_TRUE(repeat(toast("1")));
  EXPECT_TRUE(repeat(toast("2")));
  EXPECT_FALSE(repeat(toast("3")));
  EXPECT_FALSE(repeat(bought(8)));
  EXPECT_FALSE(repeat(toast("4", 8, "u", 2)));  // another level
  EXPECT_FALSE(repeat(bought(), 4));            // the window has passed
}

TEST_F(RepeatFilterTest, KnowsMaskedViewersByTheirNames) {
  EXPECT_FALSE(repeat(bought(0, "a***")));
  EXPECT_FALSE(repeat(toast("1", 0, "b***")));
  EXPECT_TRUE(repeat(toast("2", 0, "a***")));
}

TEST_F(RepeatFilterTest, NeverTakesCommentsForRepeats) {
  EXPECT_FALSE(repeat(Danmaku()));
  EXPECT_FALSE(repeat(Danmaku()));
}

TEST_F(RepeatFilterTest, ForgetsTheOldest) {
  EXPECT_FALSE(repeat(chat(1)));
  for (std::int64_t id = 2; id < static_cast<std::int64_t>(RepeatFilter::max_remembered) + 2; ++id)
    repeat(chat(id));
  EXPECT_FALSE(repeat(chat(1)));
  EXPECT_TRUE(repeat(chat(100)));
}

}  // namespace
}  // namespace live::bilibili
