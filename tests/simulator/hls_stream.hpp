// SPDX-License-Identifier: Apache-2.0
// A show as HLS: rolling playlist, initialisation segments, segments, and the ways in which they go wrong.
// Pure.
#pragma once
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_fwd.hpp"
#include "simulator/hls_source.hpp"
#include "simulator/http_message.hpp"
#include "simulator/room.hpp"

namespace live::simulator {

class HlsStream {
 public:
  static constexpr std::uint64_t usual_window = 7;  // pieces in the playlist
  static constexpr std::uint64_t kept = 4;          // so many more are still given

  explicit HlsStream(const Show& show);

  // The knobs of `POST /rooms/ROOM/hls`; see README.md.
  std::optional<Problem> change(const Json& body, const Show& show, TimePoint now);

  // The answer to a request for `name`, the last part of the path.
  Reply answer(const std::string& name, const Show& show, TimePoint now);

  // Report of what was asked for and refused.
  std::uint64_t requests() const { return requests_; }

 private:
  // From one piece on: what they are numbered from, what they begin with and what their times are.
  struct Epoch {
    std::uint64_t from = 0;
    std::uint64_t number = 0;
    std::uint64_t base_ms = 0;
    std::uint64_t time_from_ms = 0;  // times count from here
    std::string map;
    std::uint16_t width = 640;
    std::uint32_t note = 0;
    bool restart = false;  // nothing from before it is in the playlist
  };

  const Epoch& epoch_of(std::uint64_t piece) const;
  std::uint64_t number_of(std::uint64_t piece) const;
  std::optional<std::uint64_t> piece_of(std::uint64_t number, std::uint64_t whole) const;
  Bytes content(std::uint64_t piece) const;
  std::string playlist(const Show& show, TimePoint now) const;
  Reply segment(std::uint64_t number, std::uint64_t whole);
  Reply map(const std::string& name);
  std::string new_map() { return "h" + std::to_string(1'758'715'459 + epochs_.size()) + ".m4s"; }

  HlsSource source_;
  std::vector<Epoch> epochs_;
  std::set<std::uint64_t> missing_, damaged_, cut_;  // pieces
  int half_maps_ = 0;                                // the next so many answers are half
  std::uint64_t window_ = usual_window;
  bool checks_ = true;
  bool end_list_ = false;
  TimePoint refuse_until_{};
  std::uint64_t requests_ = 0;
};

// What follows /live_UID_ROOM/ in an address of HLS: "index.m3u8", "h1.m4s", "17.m4s"; empty for others.
std::string_view hls_name(std::string_view path);

}  // namespace live::simulator
