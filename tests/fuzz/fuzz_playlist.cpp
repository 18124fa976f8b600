// SPDX-License-Identifier: Apache-2.0
// Contract: no playlist makes the parser or the planner fail; segments come out in order, each once; what is
// held stays below its bound; a planner with nothing to do waits for a later moment.
#include <cstdint>
#include <cstdlib>
#include <optional>

#include "base/bytes.hpp"
#include "recorder/hls/planner.hpp"

namespace {

using namespace live::hls;

void require(bool good) {
  if (!good) std::abort();
}

class Server {
 public:
  explicit Server(std::string_view text) : text_(text) { planner_.connection_started(now_); }

  void run() {
    for (int turn = 0; turn < 12; ++turn) {
      for (int i = 0; i < 500; ++i) {
        std::optional<Action> action = planner_.next(now_);
        if (!action) break;
        // One connection a turn: an input that ends each at once is not read hundreds of times.
        if (std::holds_alternative<End>(*action)) {
          planner_.connection_started(++now_);
          break;
        }
        act(*action);
        require(planner_.held_bytes() <=
                Planner::max_held_bytes + 2 * Planner::max_ahead_bytes + Planner::max_segment_bytes);
      }
      now_ = std::max(now_ + 1, std::min(planner_.wake_at(), now_ + 60'000));
    }
  }

 private:
  // The text up to the next form feed is the next playlist.
  void playlist() {
    const std::size_t end = std::min(text_.find('\f'), text_.size());
    const auto parsed = parse_playlist(text_.substr(0, end));
    if (end < text_.size()) text_.remove_prefix(end + 1);
    if (!parsed) {
      planner_.playlist_unreadable(now_);
    } else if (const auto* media = std::get_if<MediaPlaylist>(&*parsed)) {
      for (const PlaylistSegment& segment : media->segments) {
        require(segment.map < media->maps.size() && segment.duration_ms >= 0);
      }
      planner_.playlist_arrived(now_, *media);
    } else {
      require(!std::get<MasterPlaylist>(*parsed).variants.empty());
      (void)best_variant(std::get<MasterPlaylist>(*parsed));
      planner_.playlist_failed(now_, FetchFailure::refused);
    }
  }

  void act(Action& action) {
    if (std::holds_alternative<FetchPlaylist>(action)) {
      playlist();
    } else if (const auto* init = std::get_if<FetchInit>(&action)) {
      planner_.init_failed(now_, init->uri);
    } else if (const auto* segment = std::get_if<FetchSegment>(&action)) {
      require(segment->max_bytes <= Planner::max_segment_bytes);
      ++fetches_;
      if (fetches_ % 3 == 0) {
        planner_.segment_failed(now_, segment->id, static_cast<FetchFailure>(fetches_ / 3 % 4));
      } else {
        (void)planner_.segment_arrived(now_, segment->id, std::string(fetches_ % 7 * 1000, 'x'));
      }
    } else if (const auto* delivery = std::get_if<Deliver>(&action)) {
      require(!last_ || *last_ < delivery->id);
      last_ = delivery->id;
    } else if (const auto* lost = std::get_if<Lost>(&action)) {
      require(lost->segments > 0 && lost->estimated_ms >= 0);
    }
  }

  std::string_view text_;
  Planner planner_;
  std::int64_t now_ = 1000;
  std::size_t fetches_ = 0;
  std::optional<SegmentId> last_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Server(live::as_text(live::ByteView(data, size))).run();
  return 0;
}
