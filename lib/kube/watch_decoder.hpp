// SPDX-License-Identifier: Apache-2.0
// Bytes of a watch → events. JSON documents come one after another and without regard to the borders of
// chunks. No I/O, never throws.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "kube/fields.hpp"
#include "kube/string_end.hpp"

namespace live::kube {

enum class WatchEventType { added, modified, deleted, bookmark, error, unknown };

struct WatchEvent {
  WatchEventType type = WatchEventType::unknown;
  Json object;  // of `error` a Status; null when the event had none
};

// The bookmark behind the objects that there were when the watch began. Servers also send it to watches that
// did not ask for them: heed it only there.
bool is_end_of_initial_events(const WatchEvent& event);

class WatchDecoder {
 public:
  // An object in etcd is 1.5 MiB at most; escapes and defaults make it longer.
  static constexpr std::size_t default_max_event = std::size_t{8} << 20;

  enum class Fault {
    none,
    too_large,  // one document exceeds the limit
    not_json,   // the stream is no sequence of JSON documents
  };

  // `fields` of objects are read; of an ERROR event the Status is there whatever they are.
  explicit WatchDecoder(std::size_t max_event = default_max_event,
                        const Fields& fields = all_but_managed_fields)
      : fields_(event_fields(fields)), max_event_(max_event) {}

  // Takes the next bytes. Ask next() until it gives nothing before feeding on.
  void feed(std::string_view bytes);
  // Nothing when the next event is not complete, or after a fault, from which there is no way back.
  std::optional<WatchEvent> next();
  Fault fault() const { return fault_; }
  // True when the stream ended inside a document.
  bool inside_document() const { return depth_ > 0; }

 private:
  std::optional<std::string_view> next_document();
  std::optional<std::string_view> end_document(std::size_t begin, std::size_t end);

  Fields fields_;
  std::size_t max_event_;
  std::string buffer_;
  std::size_t begin_ = 0;    // of the unfinished document
  std::size_t scanned_ = 0;  // up to here depth_ and the like are known
  std::int64_t depth_ = 0;
  bool in_string_ = false;
  StringEnd string_;
  Fault fault_ = Fault::none;
};

}  // namespace live::kube
