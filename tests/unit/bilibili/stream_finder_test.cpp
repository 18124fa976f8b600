// SPDX-License-Identifier: Apache-2.0
#include "recorder/bilibili/stream_finder.hpp"

#include <gtest/gtest.h>

#include "unit/bilibili/fake_service.hpp"

namespace live::bilibili {
namespace {

using live::test::query_value;

class StreamFinderTest : public ::testing::Test {
 protected:
  FoundStream find(StreamPreferences wanted = {}) {
    return loop.run(find_stream(api, loop.clock, service.room.room_id, std::move(wanted), {}));
  }
  std::vector<std::string> asked() const {
    std::vector<std::string> list;
    for (const net::HttpRequest& request : service.http.requests) {
      if (live::test::path_of(request) == test::play_info_path) list.push_back(query_value(request, "qn"));
    }
    return list;
  }

  live::test::Loop loop;
  test::FakeService service{loop};
  ApiClient api{loop.executor(), service.http, loop.clock, ApiOptions(), Random(1)};
};

TEST_F(StreamFinderTest, FindsAStreamWithOneRequest) {
  service.room.live_status = 1;
  const FoundStream found = find();
  EXPECT_EQ(std::get<ChosenStream>(found.outcome).granted_qn, 10000);
  EXPECT_EQ(found.info->status, LiveStatus::live);
  EXPECT_EQ(found.asked, loop.clock.now());
  EXPECT_EQ(asked(), std::vector<std::string>{"10000"});
}

TEST_F(StreamFinderTest, AsksAgainForWhatIsOffered) {
  service.room.live_status = 1;
  service.room.current_qn = 250;
  StreamPreferences wanted;
  wanted.qualities = {20000, 10000, 400};
  const FoundStream found = find(wanted);
  EXPECT_EQ(std::get<ChosenStream>(found.outcome).granted_qn, 250);
  EXPECT_EQ(asked(), (std::vector<std::string>{"20000", "10000", "400"}));
}

TEST_F(StreamFinderTest, RefusesWithAReason) {
  EXPECT_EQ(std::get<Refusal>(find().outcome).reason, RefusalReason::not_live);
  service.room.live_status = 1;
  service.room.encrypted = true;
  const FoundStream found = find();
  EXPECT_EQ(std::get<Refusal>(found.outcome).reason, RefusalReason::encrypted);
  EXPECT_TRUE(found.info->access.encrypted);
}

TEST_F(StreamFinderTest, HandsErrorsOn) {
  service.http.reply(test::play_info_path, R"({"code":60005,"message":"region"})");
  const FoundStream found = find();
  EXPECT_EQ(std::get<ApiError>(found.outcome).kind, ErrorKind::region_blocked);
  EXPECT_FALSE(found.info);
}

}  // namespace
}  // namespace live::bilibili
