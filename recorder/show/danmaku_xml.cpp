// SPDX-License-Identifier: Apache-2.0
#include "recorder/show/danmaku_xml.hpp"

#include <fmt/format.h>

#include <iterator>

#include "base/version.hpp"
#include "recorder/storage/local_time.hpp"
#include "recorder/storage/xml_text.hpp"

namespace live::recorder {
namespace {

// Shows the file as tables where a browser opens it. On one line, as everything here.
constexpr std::string_view style =
    R"(<BililiveRecorderXmlStyle><x:stylesheet version="1.0" id="s" xml:id="s" xmlns:x="http://www.w3.org/1999/XSL/Transform">)"
    R"(<x:output method="html"/><x:template match="/"><html><head><title><x:value-of select="/i/BililiveRecorderRecordInfo/@title"/></title>)"
    R"(<style>body{font:14px sans-serif}td,th{padding:2px 8px;text-align:left}</style></head><body>)"
    R"(<h1><x:value-of select="/i/BililiveRecorderRecordInfo/@name"/>: <x:value-of select="/i/BililiveRecorderRecordInfo/@title"/></h1>)"
    R"(<h2>SC</h2><table><x:for-each select="/i/sc"><tr><td><x:value-of select="@ts"/></td><td><x:value-of select="@user"/></td>)"
    R"(<td><x:value-of select="@price"/></td><td><x:value-of select="."/></td></tr></x:for-each></table>)"
    R"(<h2>舰队</h2><table><x:for-each select="/i/guard"><tr><td><x:value-of select="@ts"/></td><td><x:value-of select="@user"/></td>)"
    R"(<td><x:value-of select="@level"/></td><td><x:value-of select="@count"/></td></tr></x:for-each></table>)"
    R"(<h2>礼物</h2><table><x:for-each select="/i/gift"><tr><td><x:value-of select="@ts"/></td><td><x:value-of select="@user"/></td>)"
    R"(<td><x:value-of select="@giftname"/></td><td><x:value-of select="@giftcount"/></td></tr></x:for-each></table>)"
    R"x(<h2>弹幕</h2><table><x:for-each select="/i/d"><tr><td><x:value-of select="substring-before(@p,',')"/></td>)x"
    R"(<td><x:value-of select="@user"/></td><td><x:value-of select="."/></td></tr></x:for-each></table>)"
    R"(</body></html></x:template></x:stylesheet></BililiveRecorderXmlStyle>)";

constexpr std::int64_t highest_guard = 3;

void attribute(std::string& out, std::string_view name, std::string_view value) {
  fmt::format_to(std::back_inserter(out), " {}=\"", name);
  storage::append_xml(out, value);
  out += '"';
}

void attribute(std::string& out, std::string_view name, std::int64_t value) {
  fmt::format_to(std::back_inserter(out), " {}=\"{}\"", name, value);
}

// "12.345"
void seconds(std::string& out, std::int64_t ms) {
  fmt::format_to(std::back_inserter(out), "{}.{:03}", ms / 1000, ms % 1000);
}

void begin(std::string& out, std::string_view element, std::int64_t file_ms) {
  fmt::format_to(std::back_inserter(out), "  <{} ts=\"", element);
  seconds(out, file_ms);
  out += '"';
}

std::string local_text(WallTime time, const std::string& zone) {
  const storage::LocalTime at = storage::local_time(time, zone);
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
  const int offset = at.offset_seconds / 60;
  const int size = offset < 0 ? -offset : offset;
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}{}{:02}:{:02}", at.year, at.month, at.day,
                     at.hour, at.minute, at.second, ms % 1000, offset < 0 ? '-' : '+', size / 60, size % 60);
}

class Writer {
 public:
  Writer(std::string& out, std::int64_t file_ms) : out_(out), file_ms_(file_ms) {}

  bool operator()(const bilibili::Danmaku& comment) const {
    out_ += "  <d p=\"";
    seconds(out_, file_ms_);
    fmt::format_to(std::back_inserter(out_), ",{},{},{},{},0,{},0\"", comment.mode, comment.size,
                   comment.color, comment.time_ms, comment.uid);
    attribute(out_, "user", comment.user);
    attribute(out_, "hash", comment.user_hash);
    out_ += '>';
    storage::append_xml(out_, comment.text);
    out_ += "</d>\n";
    return true;
  }

  bool operator()(const bilibili::SuperChat& chat) const {
    begin(out_, "sc", file_ms_);
    attribute(out_, "user", chat.user);
    attribute(out_, "uid", chat.uid);
    attribute(out_, "price", chat.price);
    attribute(out_, "time", chat.seconds);
    out_ += '>';
    storage::append_xml(out_, chat.text);
    out_ += "</sc>\n";
    return true;
  }

  bool operator()(const bilibili::GiftsSent& sent) const {
    for (const bilibili::Gift& gift : sent.gifts) {
      begin(out_, "gift", file_ms_);
      attribute(out_, "user", sent.user);
      attribute(out_, "uid", sent.uid);
      attribute(out_, "giftname", gift.name);
      attribute(out_, "giftcount", gift.count);
      out_ += "/>\n";
    }
    return true;
  }

  bool operator()(const bilibili::GuardBought& guard) const {
    return write_guard(guard.user, guard.uid, guard.level, guard.count);
  }
  bool operator()(const bilibili::GuardToast& toast) const {
    return write_guard(toast.user, toast.uid, toast.level, toast.count);
  }

  template <class Other>
  bool operator()(const Other&) const {
    return false;
  }

 private:
  bool write_guard(const std::string& user, std::int64_t uid, int level, std::int64_t count) const {
    if (level > highest_guard) return false;
    begin(out_, "guard", file_ms_);
    attribute(out_, "user", user);
    attribute(out_, "uid", uid);
    attribute(out_, "level", level);
    attribute(out_, "count", count);
    out_ += "/>\n";
    return true;
  }

  std::string& out_;
  std::int64_t file_ms_;
};

}  // namespace

std::string danmaku_xml_head(const ShowFacts& facts, WallTime opened, const std::string& time_zone) {
  std::string out =
      "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
      "<?xml-stylesheet type=\"text/xsl\" href=\"#s\"?>\n"
      "<i>\n"
      "  "
      "<chatserver>chat.bilibili.com</chatserver><chatid>0</chatid><mission>0</mission><maxlimit>1000</"
      "maxlimit>"
      "<state>0</state><real_name>0</real_name><source>0</source>\n"
      // By this element converters know the layout: prices of `sc` are in yuan.
      "  <BililiveRecorder";
  attribute(out, "version", fmt::format("liveroom {}", version));
  out += "/>\n  <BililiveRecorderRecordInfo";
  attribute(out, "roomid", facts.room.room_id);
  attribute(out, "shortid", facts.room.short_id);
  attribute(out, "name", facts.room.anchor);
  attribute(out, "title", facts.room.title);
  attribute(out, "areanameparent", facts.room.parent_area);
  attribute(out, "areanamechild", facts.room.area);
  attribute(out, "start_time", local_text(opened, time_zone));
  out += "/>\n  ";
  out += style;
  out += '\n';
  return out;
}

bool append_danmaku_xml(std::string& out, const bilibili::MessageContent& content, std::int64_t file_ms) {
  return std::visit(Writer(out, file_ms), content);
}

}  // namespace live::recorder
