// SPDX-License-Identifier: Apache-2.0
#include "net/url.hpp"

#include <gtest/gtest.h>

namespace live::net {
namespace {

struct Good {
  const char* text;
  const char* scheme;
  const char* host;
  std::uint16_t port;
  const char* target;
  const char* authority;
};

TEST(Url, ReadsWhatWeSpeak) {
  const Good table[] = {
      {"http://a", "http", "a", 80, "/", "a"},
      {"HTTPS://Api.Example.COM/x?y=Z#frag", "https", "api.example.com", 443, "/x?y=Z", "api.example.com"},
      {"ws://a:81/sub", "ws", "a", 81, "/sub", "a:81"},
      {"wss://a:443/sub", "wss", "a", 443, "/sub", "a"},
      {"http://a?q=1", "http", "a", 80, "/?q=1", "a"},
      {"http://a#f", "http", "a", 80, "/", "a"},
      {"http://a:/b", "http", "a", 80, "/b", "a"},
      {"http://[::1]:8080/x", "http", "::1", 8080, "/x", "[::1]:8080"},
      {"https://[2001:DB8::1]/", "https", "2001:db8::1", 443, "/", "[2001:db8::1]"},
      {"http://127.0.0.1:65535/", "http", "127.0.0.1", 65535, "/", "127.0.0.1:65535"},
      {"http://d1--cn_x.example.com/a.flv?e=1&s=%2B/", "http", "d1--cn_x.example.com", 80,
       "/a.flv?e=1&s=%2B/", "d1--cn_x.example.com"},
      {"http://a/\xe7\x9b\xb4", "http", "a", 80, "/%E7%9B%B4", "a"},
      {"http://a/b@c:d", "http", "a", 80, "/b@c:d", "a"},
  };
  for (const Good& row : table) {
    const Result<Url> url = parse_url(row.text);
    ASSERT_TRUE(url) << row.text;
    EXPECT_EQ(*url, (Url{row.scheme, row.host, row.port, row.target})) << row.text;
    EXPECT_EQ(url->authority(), row.authority) << row.text;
    EXPECT_EQ(parse_url(url->text()).value_or(Url{}), *url) << row.text;
  }
}

TEST(Url, RefusesTheRest) {
  const std::string too_long = "http://a/" + std::string(9000, 'x');
  const std::string long_host = "http://" + std::string(300, 'x') + "/";
  const char* table[] = {"",
                         "a",
                         "/a",
                         "//a/b",
                         "ftp://a/",
                         "http:",
                         "http:/a",
                         "http://",
                         "http:///path",
                         "http://user@a/",
                         "http://user:pw@a/",
                         "http://a b/",
                         "http://a/b c",
                         "http://a/\r\nX: y",
                         "http://a/\x7f",
                         "http://a:0/",
                         "http://a:65536/",
                         "http://a:99999999999/",
                         "http://a:x/",
                         "http://a:-1/",
                         "http://a:80x/",
                         "http://[::1/",
                         "http://[zz]/",
                         "http://[::1]x/",
                         "http://[fe80::1%25eth0]/",
                         "http://\xe7\x9b\xb4.com/",
                         "http://.a/",
                         "http://a\\b/",
                         "1http://a/",
                         too_long.c_str(),
                         long_host.c_str()};
  for (const char* text : table) {
    const Result<Url> url = parse_url(text);
    ASSERT_FALSE(url) << text;
    EXPECT_FALSE(url.error().message.empty());
  }
}

TEST(Url, ResolvesReferences) {
  // RFC 3986 5.4, those that make sense for http, with its base.
  const Url base = parse_url("http://a/b/c/d;p?q").value();
  const std::pair<const char*, const char*> table[] = {
      {"g", "http://a/b/c/g"},
      {"./g", "http://a/b/c/g"},
      {"g/", "http://a/b/c/g/"},
      {"/g", "http://a/g"},
      {"//g", "http://g/"},
      {"//g:8080/h?i", "http://g:8080/h?i"},
      {"?y", "http://a/b/c/d;p?y"},
      {"g?y", "http://a/b/c/g?y"},
      {"#s", "http://a/b/c/d;p?q"},
      {"g#s", "http://a/b/c/g"},
      {"g?y#s", "http://a/b/c/g?y"},
      {";x", "http://a/b/c/;x"},
      {"", "http://a/b/c/d;p?q"},
      {".", "http://a/b/c/"},
      {"./", "http://a/b/c/"},
      {"..", "http://a/b/"},
      {"../g", "http://a/b/g"},
      {"../..", "http://a/"},
      {"../../g", "http://a/g"},
      {"../../../g", "http://a/g"},
      {"/./g", "http://a/g"},
      {"/../g", "http://a/g"},
      {"g.", "http://a/b/c/g."},
      {"..g", "http://a/b/c/..g"},
      {"./g/.", "http://a/b/c/g/"},
      {"g/../h", "http://a/b/c/h"},
      {"g?y/../x", "http://a/b/c/g?y/../x"},
      {"https://h/x/../y", "https://h/y"},
      {"live/\xe7\x9b\xb4.m4s?a=b", "http://a/b/c/live/%E7%9B%B4.m4s?a=b"},
  };
  for (const auto& [reference, expected] : table) {
    const Result<Url> url = resolve_url(base, reference);
    ASSERT_TRUE(url) << reference;
    EXPECT_EQ(url->text(), expected) << reference;
  }
  for (const char* bad : {"mailto:a@b", "http:g", "a b", "//user@h/", "\n", "javascript:x"}) {
    EXPECT_FALSE(resolve_url(base, bad)) << bad;
  }
  EXPECT_EQ(resolve_url(parse_url("http://a").value(), "g")->text(), "http://a/g");
  EXPECT_EQ(resolve_url(parse_url("http://a/x?u=/y/z").value(), "g")->text(), "http://a/g");
}

TEST(Url, EncodesAsBrowsersDo) {
  EXPECT_EQ(percent_encode("AZaz09-_.~"), "AZaz09-_.~");
  EXPECT_EQ(percent_encode(" /?&=+%"), "%20%2F%3F%26%3D%2B%25");
  EXPECT_EQ(percent_encode("\xe7\x9b\xb4"), "%E7%9B%B4");
}

TEST(Url, LogsWithoutTheQuery) {
  EXPECT_EQ(redacted(parse_url("https://h:8443/a.flv?sign=secret&x=/").value()), "https://h:8443/a.flv");
}

}  // namespace
}  // namespace live::net
