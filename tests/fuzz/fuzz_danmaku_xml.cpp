// SPDX-License-Identifier: Apache-2.0
// Contract: whatever viewers write, the chat's file is a well-formed XML 1.0 document at the end of each
// line, once the end is added.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "recorder/show/danmaku_xml.hpp"
#include "recorder/storage/utf8.hpp"

namespace {

using namespace live;

// Takes what the writer may write and nothing else: declarations, tags with quoted attributes, texts,
// references.
class Checker {
 public:
  explicit Checker(std::string_view text) : text_(text) {}

  bool is_well_formed() {
    if (!take("<?xml ") || !skip_past("?>")) return false;
    while (at_ < text_.size()) {
      if (text_[at_] == '<' ? !markup() : !character(open_.empty() ? "\n" : "")) return false;
    }
    return open_.empty() && roots_ == 1;
  }

 private:
  bool take(std::string_view what) {
    if (!text_.substr(at_).starts_with(what)) return false;
    at_ += what.size();
    return true;
  }
  bool skip_past(std::string_view what) {
    const std::size_t found = text_.find(what, at_);
    if (found == std::string_view::npos) return false;
    at_ = found + what.size();
    return true;
  }
  std::string_view name() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && (std::isalnum(static_cast<unsigned char>(text_[at_])) || text_[at_] == ':' ||
                                  text_[at_] == '_' || text_[at_] == '-')) {
      ++at_;
    }
    return text_.substr(begin, at_ - begin);
  }
  bool markup() {
    if (take("<?")) return skip_past("?>");
    if (take("</")) {
      const std::string_view closed = name();
      if (open_.empty() || open_.back() != closed) return false;
      open_.pop_back();
      return take(">");
    }
    ++at_;
    const std::string_view opened = name();
    if (opened.empty()) return false;
    std::vector<std::string_view> seen;
    while (take(" ")) {
      const std::string_view attribute = name();
      for (const std::string_view one : seen) {
        if (one == attribute) return false;
      }
      seen.push_back(attribute);
      if (attribute.empty() || !take("=\"")) return false;
      while (at_ < text_.size() && text_[at_] != '"') {
        if (!character("")) return false;
      }
      if (!take("\"")) return false;
    }
    if (open_.empty()) ++roots_;
    if (take("/>")) return true;
    open_.push_back(opened);
    return take(">");
  }
  // One character of a text or a value; with `only`, one of these.
  bool character(std::string_view only) {
    const char first = text_[at_];
    if (!only.empty()) return ++at_, only.find(first) != std::string_view::npos;
    if (first == '<') return false;
    if (first == '&') {
      ++at_;
      for (const char* one : {"amp;", "lt;", "gt;", "quot;", "apos;", "#9;", "#10;", "#13;"}) {
        if (take(one)) return true;
      }
      return false;
    }
    std::string_view rest = text_.substr(at_);
    const char32_t c = storage::next_code_point(rest);
    at_ = text_.size() - rest.size();
    const bool control = c < 0x20 && c != '\n';
    return c != storage::invalid_code_point && !control && c != 0xFFFE && c != 0xFFFF;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<std::string_view> open_;
  int roots_ = 0;
};

void check_lines(const std::string& document, std::size_t head) {
  for (std::size_t at = document.find('\n', head == 0 ? 0 : head - 1); at != std::string::npos;
       at = document.find('\n', at + 1)) {
    const std::string cut = document.substr(0, at + 1) + "</i>\n";
    if (!Checker(cut).is_well_formed()) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = as_text(ByteView(data, size));
  recorder::ShowFacts facts;
  facts.room.title = std::string(text.substr(0, 40));
  facts.room.anchor = std::string(text.substr(text.size() / 2, 40));
  facts.room.area = std::string(text.substr(text.size() / 3, 10));
  const std::string head = recorder::danmaku_xml_head(facts, WallTime(), "Asia/Shanghai");
  std::string document = head;
  const std::size_t half = text.size() / 2;
  bilibili::Danmaku comment;
  comment.text = std::string(text.substr(0, half));
  comment.user = std::string(text.substr(half));
  comment.user_hash = std::string(text.substr(half / 2, 8));
  recorder::append_danmaku_xml(document, comment, 1234);
  bilibili::SuperChat chat;
  chat.text = std::string(text);
  chat.user = comment.user;
  recorder::append_danmaku_xml(document, chat, 0);
  bilibili::GiftsSent sent;
  sent.user = comment.text;
  sent.gifts.resize(2);
  sent.gifts[0].name = comment.user;
  sent.gifts[1].name = comment.text;
  recorder::append_danmaku_xml(document, sent, 99'999'999);
  // And whatever the socket can make of the bytes.
  if (const auto message = bilibili::parse_message(text)) {
    recorder::append_danmaku_xml(document, message->content, 5);
  }
  check_lines(document, head.size());
  return 0;
}
