// SPDX-License-Identifier: Apache-2.0
#include "recorder/login.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <fstream>

#include "liveroom/names.hpp"
#include "support/loop.hpp"
#include "support/scripted_http.hpp"
#include "support/temp_directory.hpp"

namespace live::recorder {
namespace {

using namespace std::chrono_literals;
namespace reason = liveroom::reason;
using liveroom::ConditionType;

constexpr const char* nav_path = "/x/web-interface/nav";
constexpr const char* good = R"({"code":0,"data":{"isLogin":true,"mid":5,"uname":"n"}})";
constexpr const char* expired = R"({"code":-101,"message":"no","data":{"isLogin":false}})";
constexpr const char* cookie = "SESSDATA=hush%2C1790000000%2Cmore; bili_jct=hush2; buvid3=b";

class LoginTest : public ::testing::Test {
 protected:
  ~LoginTest() override {
    stop_.request_stop();
    loop_.poll();
    EXPECT_EQ(running_, 0);
  }
  std::string path() const { return directory_.path() + "/cookie"; }
  void write(const std::string& text) { std::ofstream(path()) << text; }
  void start(LoginSettings settings) {
    login_.emplace(loop_.executor(), loop_.clock, api_, board_, metrics_, std::move(settings));
    login_->load();
    login_->on_changed([this] { ++changes_; });
    ++running_;
    asio::co_spawn(loop_.io, login_->run(stop_.get_token()), [this](std::exception_ptr error) {
      EXPECT_FALSE(error);
      --running_;
    });
    loop_.poll();
  }
  std::string why() const {
    return liveroom::find_condition(board_.status().conditions, ConditionType::authenticated)->reason;
  }
  std::string message() const {
    return liveroom::find_condition(board_.status().conditions, ConditionType::authenticated)->message;
  }
  // The folder's watch works in real time.
  void await_reason(std::string_view wanted) {
    loop_.run_until([&] {
      loop_.poll();
      return why() == wanted;
    });
  }
  double expiry() const {
    const std::string text = registry_.text();
    const std::string name = "\nliveroom_credential_expiry_timestamp_seconds ";
    return std::stod(text.substr(text.find(name) + name.size()));
  }

  test::Loop loop_;
  test::TempDirectory directory_;
  test::ScriptedHttp http_{loop_.clock};
  Metrics registry_;
  RecorderMetrics metrics_{registry_};
  StatusBoard board_{loop_.executor(), loop_.clock, liveroom::RecorderInfo()};
  bilibili::ApiClient api_{loop_.executor(), http_, loop_.clock, bilibili::ApiOptions(), Random(2)};
  std::optional<Login> login_;
  std::stop_source stop_;
  int running_ = 0;
  int changes_ = 0;
};

TEST_F(LoginTest, WithoutAFileItIsAGuest) {
  start({});
  EXPECT_EQ(why(), reason::guest);
  EXPECT_EQ(http_.count(nav_path), 0u);
}

TEST_F(LoginTest, AGoodCookieIsTriedAndUsed) {
  write(cookie);
  http_.reply(nav_path, good);
  start({path(), ""});
  EXPECT_EQ(why(), reason::cookie_valid);
  EXPECT_EQ(message(), "");
  EXPECT_EQ(expiry(), 1'790'000'000);
  EXPECT_EQ(http_.count(nav_path), 1u);
  loop_.advance(13h);
  EXPECT_EQ(http_.count(nav_path), 3u);
  EXPECT_EQ(changes_, 0);
}

TEST_F(LoginTest, AnExpiredCookieIsLeftOutAndNotTriedAgain) {
  write(cookie);
  http_.reply(nav_path, expired);
  start({path(), ""});
  EXPECT_EQ(why(), reason::cookie_invalid);
  EXPECT_EQ(changes_, 1);
  loop_.advance(24h);
  EXPECT_EQ(http_.count(nav_path), 1u);
}

TEST_F(LoginTest, ACookieThatCouldNotBeTriedIsUsedAndTriedLater) {
  write(cookie);
  http_.reply(nav_path, "no JSON");
  start({path(), ""});
  EXPECT_EQ(why(), reason::pending);
  http_.reply(nav_path, good);
  loop_.advance(3min);
  EXPECT_EQ(why(), reason::cookie_valid);
}

TEST_F(LoginTest, AMissingSecretIsNamedAndLookedForAgain) {
  start({path(), "room-cookie"});
  EXPECT_EQ(why(), reason::secret_missing);
  EXPECT_NE(message().find("room-cookie"), std::string::npos);
  http_.reply(nav_path, good);
  write(cookie);
  await_reason(reason::cookie_valid);
  EXPECT_EQ(changes_, 1);
}

TEST_F(LoginTest, AChangedFileIsReadAgain) {
  write(cookie);
  http_.reply(nav_path, expired);
  start({path(), ""});
  EXPECT_EQ(why(), reason::cookie_invalid);
  http_.reply(nav_path, good);
  write("SESSDATA=other");
  await_reason(reason::cookie_valid);
  EXPECT_EQ(expiry(), 0);
  write("nonsense");
  await_reason(reason::cookie_invalid);
}

TEST_F(LoginTest, ShowsTheCookieNowhere) {
  write(cookie);
  ::testing::internal::CaptureStderr();
  http_.reply(nav_path, expired);
  start({path(), "s"});
  const std::string log = ::testing::internal::GetCapturedStderr();
  for (const std::string& text : {log, message(), registry_.text()}) {
    EXPECT_EQ(text.find("hush"), std::string::npos) << text;
  }
}

}  // namespace
}  // namespace live::recorder
