// SPDX-License-Identifier: Apache-2.0
#include "recorder/bilibili/signing.hpp"

#include <gtest/gtest.h>

namespace live::bilibili {
namespace {

constexpr std::string_view image = "7cd084941338484aae1ad9425b84077c";
constexpr std::string_view sub = "4932caff0ff746eab6f01bf08b70ac45";

WbiKey key() { return *WbiKey::mix(image, sub); }

TEST(SigningTest, MixesTheKeys) { EXPECT_EQ(key().text(), "ea1db124af3c7062474693fa704f4ff8"); }

TEST(SigningTest, TakesTheKeysOutOfAddresses) {
  const Result<WbiKey> from_urls =
      WbiKey::from_urls("https://i0.hdslb.com/bfs/wbi/7cd084941338484aae1ad9425b84077c.png",
                        "https://i0.hdslb.com/bfs/wbi/4932caff0ff746eab6f01bf08b70ac45.png?x=/y.z");
  ASSERT_TRUE(from_urls);
  EXPECT_EQ(*from_urls, key());
}

TEST(SigningTest, RefusesWhatIsNoKey) {
  EXPECT_FALSE(WbiKey::mix("", ""));
  EXPECT_FALSE(WbiKey::mix(image, sub.substr(0, 26)));  // 58 characters; the mix reaches the 59th
  EXPECT_TRUE(WbiKey::mix(image, sub.substr(0, 27)));
  EXPECT_FALSE(WbiKey::mix(image, "4932caff0ff746eab6f01bf08b70ac4&"));
  EXPECT_FALSE(WbiKey::from_urls("", "https://i0.hdslb.com/"));
}

TEST(SigningTest, ReadsItsOwnText) {
  EXPECT_EQ(*WbiKey::from_text(key().text()), key());
  EXPECT_FALSE(WbiKey::from_text(""));
  EXPECT_FALSE(WbiKey::from_text("ea1db124af3c7062474693fa704f4ff"));
  EXPECT_FALSE(WbiKey::from_text("ea1db124af3c7062474693fa704f4f&8"));
}

struct Vector {
  Parameters parameters;
  std::int64_t time;
  std::string query;
  std::string digest;
};

TEST(SigningTest, SignsAsTheWebClientDoes) {
  const Vector vectors[] = {
      {{{"foo", "114"}, {"bar", "514"}, {"zab", "1919810"}},
       1702204169,
       "bar=514&foo=114&wts=1702204169&zab=1919810",
       "8f6f2b5b3d485fe1886cec6a0be8c5d4"},
      {{{"foo", ")-_-( F**' 哔~!"}, {"bar", "2333"}},
       1748867128,
       "bar=2333&foo=-_-%20F%20%E5%93%94~&wts=1748867128",
       "6ba96e28a3f09b40e704f1e4b4f8e3e3"},
      {{{"web_location", "444.7"}, {"platform", "web"}},
       1743671757,
       "platform=web&web_location=444.7&wts=1743671757",
       "38f74af0c2908b42d19c87710d71e0b2"},
      {{{"type", "0"}, {"id", "5553263"}},
       1776925721,
       "id=5553263&type=0&wts=1776925721",
       "2662a4f8479c442aa069cef32d60394b"},
      // A widely copied digest for this one belongs to other keys.
      {{{"foo", "114"}, {"bar", "514"}, {"baz", "1919810"}},
       1702204169,
       "bar=514&baz=1919810&foo=114&wts=1702204169",
       "6149fdadf571698ca7e6a567265cd0ee"},
  };
  for (const Vector& vector : vectors) {
    EXPECT_EQ(sign_query(vector.parameters, key(), vector.time), vector.query + "&w_rid=" + vector.digest);
  }
}

TEST(SigningTest, SignsWhatIsSent) {
  const std::string query = sign_query({{"protocol", "0,1"}, {"a b", "c&d=e"}}, key(), 1);
  EXPECT_TRUE(query.starts_with("a%20b=c%26d%3De&protocol=0%2C1&wts=1&w_rid="));
}

TEST(SigningTest, GivesMd5) {
  EXPECT_EQ(md5_hex(""), "d41d8cd98f00b204e9800998ecf8427e");
  EXPECT_EQ(md5_hex("abc"), "900150983cd24fb0d6963f7d28e17f72");
}

}  // namespace
}  // namespace live::bilibili
