// SPDX-License-Identifier: Apache-2.0
// One playlist address of an HLS stream: fetches what the planner wants and gives segments in order to the
// assembler. The counterpart of Connection for streams that are no single response.
#pragma once
#include <functional>
#include <memory>
#include <string>

#include "base/alarm.hpp"
#include "base/task_group.hpp"
#include "net/http.hpp"
#include "net/media_stream.hpp"
#include "recorder/connection/connection.hpp"
#include "recorder/hls/planner.hpp"

namespace live::recorder {

// What a stream keeps over its connections.
struct HlsStream {
  hls::Planner planner;
  hls::Assembler assembler;

  HlsStream(hls::AssemblerOptions options, hls::Sink& sink) : assembler(options, sink) {}
};

class HlsConnection {
 public:
  // Of the socket timeout (MediaRequest::idle, 10 s unless said): how long one request may take, and how long
  // no new segment may come. 3 s, 5 s and 5 s.
  static Duration playlist_timeout(Duration socket_timeout) { return socket_timeout * 3 / 10; }
  static Duration segment_timeout(Duration socket_timeout) { return socket_timeout / 2; }
  static Duration stall_timeout(Duration socket_timeout) { return socket_timeout / 2; }

  HlsConnection(const Executor& executor, Clock& clock, net::TlsContext tls, storage::DiskThread& disk,
                HlsStream& stream, hls::Sink& findings, RecorderMetrics& metrics);

  // Until the playlist ends, stops giving segments, is refused, or we are stopped; what came in order is in
  // the assembler then, also of what had come when we were stopped. `on_media` is called once, with the host,
  // when the first segment is there. Does not throw. The outcome counts segments as media tags.
  // `on_held_back` is called each time the volume's backlog holds the stream back.
  void on_held_back(std::function<void()> callback) { on_held_back_ = std::move(callback); }
  awaitable<ConnectionOutcome> run(net::MediaRequest request,
                                   std::function<void(const std::string&)> on_media, std::stop_token stop);

 private:
  struct Answer {
    net::Url url;  // after redirects
    net::HttpResponse response;
  };

  awaitable<void> follow(TaskGroup& fetches, std::stop_token stop);
  bool perform(hls::Action& action, TaskGroup& fetches);
  void write_ready(TaskGroup& fetches);
  void deliver(hls::Deliver& delivery);
  void end(hls::EndReason reason);
  awaitable<void> fetch_playlist(std::stop_token stop);
  awaitable<void> fetch_init(std::string uri, std::stop_token stop);
  awaitable<void> fetch_segment(hls::FetchSegment what, std::stop_token stop);
  awaitable<Answer> get(net::Url url, Duration timeout, std::size_t max_body, std::stop_token stop);
  bool read_playlist(Answer answer);
  void report(hls::FindingKind kind, std::uint64_t bytes);
  void note(const std::string& problem);
  std::int64_t now_ms() const;

  Executor executor_;
  Clock& clock_;
  storage::DiskThread& disk_;
  HlsStream& stream_;
  hls::Sink& findings_;
  RecorderMetrics& metrics_;
  net::TlsContext tls_;
  std::unique_ptr<net::HttpClient> http_;
  Alarm alarm_;
  net::Headers headers_;
  net::Url address_;  // of the playlist; a variant's once a master playlist named it
  net::Url base_;     // what addresses in it are relative to
  std::string text_;  // the newest playlist, to know it again
  bool is_variant_ = false;
  std::function<void(const std::string&)> on_media_;
  std::function<void()> on_held_back_ = [] {};
  Duration playlist_timeout_{};
  Duration segment_timeout_{};
  int max_redirects_ = 0;
  ConnectionOutcome outcome_;
};

}  // namespace live::recorder
