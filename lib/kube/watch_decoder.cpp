// SPDX-License-Identifier: Apache-2.0
#include "kube/watch_decoder.hpp"

#include "kube/api_json.hpp"

namespace live::kube {
namespace {

WatchEventType type_of(const Json& event) {
  const Json& type = json_at(event, "/type");
  if (!type.is_string()) return WatchEventType::unknown;
  const auto& text = type.get_ref<const std::string&>();
  if (text == "ADDED") return WatchEventType::added;
  if (text == "MODIFIED") return WatchEventType::modified;
  if (text == "DELETED") return WatchEventType::deleted;
  if (text == "BOOKMARK") return WatchEventType::bookmark;
  if (text == "ERROR") return WatchEventType::error;
  return WatchEventType::unknown;
}

// A large event does not hold its memory for the rest of the watch.
constexpr std::size_t largest_kept_buffer = 64 * 1024;

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

}  // namespace

bool is_end_of_initial_events(const WatchEvent& event) {
  if (event.type != WatchEventType::bookmark) return false;
  const Json& annotations = json_at(event.object, "/metadata/annotations");
  const auto mark = annotations.find("k8s.io/initial-events-end");
  return mark != annotations.end() && *mark == "true";
}

void WatchDecoder::feed(std::string_view bytes) {
  if (fault_ != Fault::none) return;
  if (begin_ > 0) {
    buffer_.erase(0, begin_);
    scanned_ -= begin_;
    begin_ = 0;
  }
  buffer_.append(bytes);
}

std::optional<std::string_view> WatchDecoder::end_document(std::size_t begin, std::size_t end) {
  begin_ = scanned_ = end;
  const std::string_view document = std::string_view(buffer_).substr(begin, end - begin);
  if (document.size() <= max_event_) return document;
  fault_ = Fault::too_large;
  return std::nullopt;
}

// Only braces outside of strings count: all bytes of a multi-byte character are above 0x7f, so a character
// that is split between two chunks needs no care.
std::optional<std::string_view> WatchDecoder::next_document() {
  const char* const data = buffer_.data();
  const char* const end = data + buffer_.size();
  const char* at = data + scanned_;
  while (at != end) {
    if (in_string_) {
      at = find_string_end(at, end, string_);
      in_string_ = !string_.found;
      continue;
    }
    const char c = *at++;
    if (c == '{' || c == '[') {
      if (depth_++ == 0) begin_ = static_cast<std::size_t>(at - data) - 1;
    } else if (c == '"' && depth_ > 0) {
      in_string_ = true;
      string_ = {};
    } else if (depth_ == 0 && is_space(c)) {
      begin_ = static_cast<std::size_t>(at - data);
    } else if (depth_ == 0) {
      fault_ = Fault::not_json;
      return std::nullopt;
    } else if ((c == '}' || c == ']') && --depth_ == 0) {
      return end_document(begin_, static_cast<std::size_t>(at - data));
    }
  }
  scanned_ = buffer_.size();
  if (buffer_.size() - begin_ > max_event_) fault_ = Fault::too_large;
  return std::nullopt;
}

std::optional<WatchEvent> WatchDecoder::next() {
  if (fault_ != Fault::none) return std::nullopt;
  const std::optional<std::string_view> document = next_document();
  if (!document) {
    if (begin_ == buffer_.size() && buffer_.capacity() > largest_kept_buffer) {
      buffer_ = std::string();
      begin_ = scanned_ = 0;
    }
    return std::nullopt;
  }
  Json json = parse_object(*document, fields_);
  if (!json.is_object()) {
    fault_ = Fault::not_json;
    return std::nullopt;
  }
  WatchEvent event;
  event.type = type_of(json);
  if (const auto object = json.find("object"); object != json.end()) event.object = std::move(*object);
  return event;
}

}  // namespace live::kube
