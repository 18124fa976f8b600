// SPDX-License-Identifier: Apache-2.0
// One HTTP response that carries a stream: bytes into the reader, tags into the pipeline.
#pragma once
#include <cstdint>
#include <functional>
#include <string>

#include "base/clock.hpp"
#include "net/media_stream.hpp"
#include "recorder/connection/connection_policy.hpp"
#include "recorder/flv/pipeline.hpp"
#include "recorder/reporting/metrics.hpp"
#include "recorder/storage/disk_thread.hpp"

namespace live::recorder {

struct ConnectionOutcome {
  ConnectionEnd end = ConnectionEnd::refused;
  std::uint64_t media_tags = 0;
  std::uint64_t received = 0;  // bytes of the body
  bool stopped = false;        // ended because we wanted it
  std::string detail;          // for a person; without signatures
};

class Connection {
 public:
  // One read: large, since what costs is the number of reads (measured), not their size.
  static constexpr std::size_t read_size = std::size_t{512} << 10;

  Connection(Clock& clock, net::TlsContext tls, storage::DiskThread& disk, flv::Pipeline& pipeline,
             flv::Reporter& reporter, RecorderMetrics& metrics)
      : clock_(clock),
        tls_(std::move(tls)),
        disk_(disk),
        pipeline_(pipeline),
        reporter_(reporter),
        metrics_(metrics) {}

  // Told when a volume that is behind holds reading back.
  void on_held_back(std::function<void()> callback) { held_back_ = std::move(callback); }

  // Until the stream ends, breaks, brings no complete media tag for `stall`, or is stopped; what was received
  // is in the pipeline then. `on_media` is called once, with the host, when the first media tags are there.
  // Does not throw.
  awaitable<ConnectionOutcome> run(net::MediaRequest request, Duration stall,
                                   std::function<void(const std::string&)> on_media, std::stop_token stop);

  // What has come is read before what is posted to the executor afterwards; without this it waits in the
  // kernel until it is worth a wake-up.
  void look();

 private:
  awaitable<void> receive(net::MediaStream& body, Duration stall, std::stop_token stop);
  bool take(std::size_t count);
  flv::ArrivalTime arrival() const;

  Clock& clock_;
  net::TlsContext tls_;
  storage::DiskThread& disk_;
  flv::Pipeline& pipeline_;
  flv::Reporter& reporter_;
  RecorderMetrics& metrics_;
  ConnectionOutcome outcome_;
  std::unique_ptr<flv::TagReader> reader_;
  net::MediaStream* body_ = nullptr;  // while it is read
  std::function<void()> on_first_media_;
  std::function<void()> held_back_;
  TimePoint last_media_{};
};

// Content types that servers put on error pages; a stream's own is video/x-flv or something vague.
bool is_page(std::string_view content_type);

}  // namespace live::recorder
