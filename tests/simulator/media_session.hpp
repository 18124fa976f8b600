// SPDX-License-Identifier: Apache-2.0
// One FLV connection: head, cached pictures at once, then tags at their times until the show or somebody ends
// it.
#pragma once
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/task_group.hpp"
#include "simulator/conduit.hpp"
#include "simulator/flv_output.hpp"
#include "simulator/http_message.hpp"
#include "simulator/world.hpp"

namespace live::simulator {

struct MediaOptions {
  int quality = 0;
  bool cache = true;  // begins with what came since the last key frame; else with the next key frame
  std::optional<std::uint32_t> timestamp_base;  // in place of the show's
  std::optional<double> pace;                   // in place of the show's
  std::optional<std::uint64_t> bytes;           // in place of the show's limit
};

class MediaSession final : public MediaPeer {
 public:
  // The room has a show.
  MediaSession(World& world, Room& room, Conduit& conduit, Request request, MediaOptions options);
  ~MediaSession() override;

  awaitable<void> run(std::stop_token stop);

  std::uint64_t id() const override { return record_.id; }
  void drop(DropKind how) override;
  void stall(Stall stall) override { stall_ = stall; }
  void spoil(const Spoil& spoil) override { spoils_.push_back(spoil); }

 private:
  enum class Step { sent, waiting, over };

  awaitable<void> watch_client();
  awaitable<void> play(std::stop_token stop);
  awaitable<Step> step();
  awaitable<bool> begin();
  awaitable<bool> trickle(std::stop_token stop);
  awaitable<bool> send(FlvBatch& batch);
  void add_header(FlvBatch& batch, const std::optional<SourceTag>& tag);
  void add_media(FlvBatch& batch);
  void spoil_stream(FlvBatch& batch);
  std::uint64_t looped(std::uint64_t number) const;
  std::uint64_t due() const;
  bool limit_reached() const { return byte_limit_ != 0 && record_.bytes >= byte_limit_; }
  bool over() const;
  void end(std::string why);

  World& world_;
  Room& room_;
  Conduit& conduit_;
  const Show show_;  // a copy but for its end: a later show of the room must not change what plays here
  const bool chunked_;
  const bool cache_;
  const double pace_;
  const std::uint32_t base_;
  const std::uint64_t byte_limit_;
  ConnectionRecord& record_;
  TaskGroup* group_ = nullptr;
  std::optional<Stall> stall_;
  std::vector<Spoil> spoils_;  // still to be done
  // Tag numbers from loop_end_ on stand for those between these two, in turn.
  std::uint64_t loop_begin_ = 0;
  std::optional<std::uint64_t> loop_end_;
  bool loop_restamps_ = false;
  bool finish_ = false;
  std::uint64_t next_ = 0;
  std::string end_;
};

}  // namespace live::simulator
