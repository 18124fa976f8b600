// SPDX-License-Identifier: Apache-2.0
// D1, C6, C8: where a file begins and what time is its 0. The last rule: hands tags to the sink.
#pragma once
#include <array>
#include <memory>
#include <optional>

#include "recorder/flv/ring_queue.hpp"
#include "recorder/flv/rule.hpp"

namespace live::flv {

class FileStartRule final : public Rule {
 public:
  // A file is opened when both types have come, or after so many tags, or so much time, from its key frame
  // on.
  static constexpr std::size_t most_tags = 12;
  static constexpr std::int64_t longest_start = 500;
  // Audio without video waits so long for a key frame.
  static constexpr std::int64_t longest_wait = 5000;
  // Audio that is older than the first picture by more has nothing to be shown with.
  static constexpr std::int64_t longest_lead = 200;
  static constexpr std::size_t most_bytes = std::size_t{3} << 20;

  FileStartRule(RuleContext& context, Sink& sink) : Rule(context), sink_(sink) {}
  void apply(Action&& action) override;
  void settle() override;
  void resume(const Resumption& from) override;
  void flush() override;

  std::size_t held_bytes() const { return bytes_; }

 private:
  void on_media(Media&& media);
  void on_header(Header&& header);
  void on_new_file(const NewFile& file);
  void wait(Media&& media);
  void drop_before(const Media& key_frame);
  void drop_audio();
  bool ready() const;
  void open();
  void write(Media&& media);
  void close_hole(Media& media);
  void take_back();

  Sink& sink_;
  std::shared_ptr<const amf::Object> metadata_;
  std::array<std::optional<Header>, 2> headers_;

  RingQueue<Media> start_;
  std::size_t owned_ = 0;
  std::size_t bytes_ = 0;
  std::optional<std::int64_t> key_time_;     // of the key frame in the start buffer
  std::optional<std::int64_t> first_audio_;  // time of the first audio since the file is waited for
  std::size_t tags_since_key_ = 0;
  bool audio_seen_ = false;

  bool is_open_ = false;
  bool picture_written_ = false;
  std::int64_t base_ = 0;
  std::int64_t last_time_ = 0;

  // The timeline of the output without the holes closed here.
  struct Closing {
    std::int64_t closed = 0;
    std::optional<std::int64_t> last_any;
    std::array<std::optional<std::int64_t>, 2> last_of_type;
    std::array<std::int64_t, 2> last_step{33, 23};  // the usual ones
  };
  Closing closing_;
  Closing before_key_;  // as it was when the last key frame came
};

}  // namespace live::flv
