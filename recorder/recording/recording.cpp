// SPDX-License-Identifier: Apache-2.0
#include "recorder/recording/recording.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>

#include "base/log.hpp"
#include "base/stop.hpp"

namespace live::recorder {
namespace {

SideFileSettings side_file_settings(const liveroom::RecorderConfig& config, bilibili::ApiClient& api) {
  return {config.recording.danmaku, config.recording.cover, config.recording.time_zone, &api};
}

}  // namespace

std::string_view to_string(RecordingEnd end) {
  switch (end) {
    case RecordingEnd::show_over:
      return "ShowOver";
    case RecordingEnd::stopped:
      return "Stopped";
    case RecordingEnd::retries_exhausted:
      return "RetriesExhausted";
    case RecordingEnd::storage_failed:
      return "StorageFailed";
    case RecordingEnd::filtered:
      return "Filtered";
    case RecordingEnd::outside_window:
      return "OutsideWindow";
  }
  return "Stopped";
}

Recording::Recording(RecordingEnvironment environment, const liveroom::RecorderConfig& config,
                     storage::FileNameTemplate names, RecordingStart start, RecordingListener& listener)
    : environment_(std::move(environment)),
      wanted_(stream_preferences(config.stream)),
      transport_(transport_settings(config.transport)),
      listener_(listener),
      output_(environment_.executor, environment_.clock, environment_.storage, environment_.metrics, *this),
      pipeline_(pipeline_options(config.recording), output_),
      hls_(assembler_options(config.recording), output_),
      policy_(transport_, environment_.hosts),
      alarm_(environment_.clock),
      room_id_(start.facts.room.room_id),
      split_on_title_change_(config.recording.split_on_title_change),
      tail_(std::move(start.tail)),
      begun_(environment_.clock.now()),
      background_(environment_.executor) {
  output_.facts() = std::move(start.facts);
  output_.set_naming(std::move(names));
  output_.set_side_files(side_file_settings(config, environment_.api));
  output_.set_earlier(start.earlier);
  go_on_from(start);
}

void Recording::go_on_from(RecordingStart& start) {
  if (tail_.empty()) return;
  flv::Resumption from = to_resumption(tail_, environment_.clock);
  if (start.file) from.file = flv::resumed_file(start.file->leftover.scan);
  if (!tail_.tags.empty()) pipeline_.resume(from);
  hls_.assembler.resume(to_hls_resumption(tail_, environment_.clock));
  output_.resumed_from(from, std::move(start.cause));
  if (start.file) output_.go_on(*std::move(start.file));
}

awaitable<RecordingEnd> Recording::run(std::stop_token stop) {
  background_.spawn(tick(background_.token()));
  std::exception_ptr error;
  RecordingEnd end = RecordingEnd::stopped;
  try {
    end = co_await record(stop);
  } catch (const Stopped&) {
  } catch (...) {
    error = std::current_exception();
  }
  background_.request_stop();
  co_await background_.join();
  pipeline_.finish();
  hls_.assembler.finish();
  report_buffers();
  co_await output_.published();
  co_await take_tail();
  if (error) std::rethrow_exception(error);
  co_return end;
}

std::optional<RecordingEnd> Recording::ended_by(const std::stop_token& stop) const {
  if (stop.stop_requested()) return RecordingEnd::stopped;
  if (storage_failed_) return RecordingEnd::storage_failed;
  if (end_wanted_) return end_wanted_;
  if (over_) return RecordingEnd::show_over;
  return std::nullopt;
}

awaitable<RecordingEnd> Recording::record(std::stop_token stop) {
  while (true) {
    if (const std::optional<RecordingEnd> end = ended_by(stop)) co_return *end;
    const ConnectionAction action = policy_.next(environment_.clock.now(), environment_.clock.wall_now());
    if (std::holds_alternative<GiveUp>(action)) co_return RecordingEnd::retries_exhausted;
    if (std::holds_alternative<FetchPlayInfo>(action)) {
      co_await fetch_play_info(stop);
    } else if (const auto* target = std::get_if<Connect>(&action)) {
      co_await connect(target->candidate, stop);
    } else {
      // A wake, the end of the show and a failing volume end the wait early.
      co_await alarm_.wait_until(std::get<recorder::WaitUntil>(action).when, stop);
    }
  }
}

awaitable<void> Recording::fetch_play_info(std::stop_token stop) {
  bilibili::StreamPreferences wanted = preferences_at(
      wanted_, output_.facts().show, environment_.clock.wall_now(), environment_.clock.now() - begun_);
  const bilibili::FoundStream found =
      co_await bilibili::find_stream(environment_.api, environment_.clock, room_id_, std::move(wanted), stop);
  const TimePoint now = environment_.clock.now();
  if (const auto* chosen = std::get_if<bilibili::ChosenStream>(&found.outcome)) {
    stream_ = *chosen;
    output_.facts().quality = chosen->quality_name;
    policy_.play_info_arrived(stream_candidates(*chosen), now, environment_.clock.wall_now(),
                              environment_.random);
  } else {
    policy_.play_info_failed(now, environment_.random);
    const auto* refusal = std::get_if<bilibili::Refusal>(&found.outcome);
    listener_.attempt_failed(refusal != nullptr ? refusal->text
                                                : std::get<bilibili::ApiError>(found.outcome).message);
  }
  listener_.stream_found(found);
}

awaitable<void> Recording::connect(StreamCandidate candidate, std::stop_token stop) {
  const TimePoint now = environment_.clock.now();
  const Result<net::Url> url = net::parse_url(candidate.url);
  if (!url) {
    listener_.attempt_failed("the play-info holds an address that is none: " + url.error().message);
    policy_.connection_ended(ConnectionEnd::refused, std::nullopt, now, environment_.random);
    co_return;
  }
  net::MediaRequest request;
  request.url = *url;
  request.headers = bilibili::plain_headers(environment_.api.options());
  request.connect_timeout = transport_.socket_timeout;
  request.idle = transport_.socket_timeout;
  request.proxy = environment_.api.options().proxy;
  request.address_family = environment_.api.options().address_family;

  std::stop_source connection_stop;
  std::stop_callback forward(stop, [&connection_stop] { connection_stop.request_stop(); });
  connection_stop_ = &connection_stop;
  media_since_.reset();
  output_.connection_begins();
  const std::stop_token token = connection_stop.get_token();
  const ConnectionOutcome outcome = co_await receive(std::move(request), token);
  connection_stop_ = nullptr;
  output_.flush();
  output_.media_flows(false);
  listener_.media_flows(false, candidate.host);
  environment_.metrics.connection_ended(to_string(outcome.end));
  log::info("Stream has ended", {{"host", candidate.host},
                                 {"end", to_string(outcome.end)},
                                 {"media_tags", outcome.media_tags},
                                 {"bytes", outcome.received},
                                 {"detail", outcome.detail}});
  if (outcome.stopped) co_return;
  const TimePoint ended = environment_.clock.now();
  std::optional<Duration> media_for;
  if (outcome.media_tags > 0) media_for = ended - media_since_.value_or(ended);
  policy_.connection_ended(outcome.end, media_for, ended, environment_.random);
  if (outcome.media_tags == 0) listener_.attempt_failed(outcome.detail);
}

awaitable<ConnectionOutcome> Recording::receive(net::MediaRequest request, std::stop_token stop) {
  storage::DiskThread& disk = environment_.storage.disk;
  std::function<void(const std::string&)> on_media = [this](const std::string& host) {
    media_since_ = environment_.clock.now();
    output_.media_flows(true);
    listener_.media_flows(true, host);
  };
  const bool is_hls = stream_ && stream_->format == bilibili::StreamFormat::fmp4;
  // One file is open at a time: the other format's ends here.
  if (is_hls) {
    pipeline_.finish();
    HlsConnection connection(environment_.executor, environment_.clock, environment_.media_tls, disk, hls_,
                             output_, environment_.metrics);
    connection.on_held_back([this] { output_.held_back(); });
    const auto stall = std::chrono::duration_cast<std::chrono::milliseconds>(
        HlsConnection::stall_timeout(transport_.socket_timeout));
    hls_.planner.set_limits({stall.count()});
    ConnectionOutcome outcome = co_await connection.run(std::move(request), std::move(on_media), stop);
    co_return std::move(outcome);
  }
  hls_.assembler.finish();
  Connection connection(environment_.clock, environment_.media_tls, disk, pipeline_, output_,
                        environment_.metrics);
  connection.on_held_back([this] { output_.held_back(); });
  const Duration stall = transport_.socket_timeout;
  connection_ = &connection;
  ConnectionOutcome outcome = co_await connection.run(std::move(request), stall, std::move(on_media), stop);
  connection_ = nullptr;
  co_return std::move(outcome);
}

awaitable<void> Recording::tick(std::stop_token stop) {
  while (true) {
    const bool passed = co_await environment_.clock.sleep_for(tick_interval, stop);
    if (!passed) co_return;
    if (connection_ != nullptr) {
      connection_->look();
      co_await asio::post(environment_.executor, use_awaitable);  // the reading is before this
    }
    const auto milliseconds =
        std::chrono::duration_cast<std::chrono::milliseconds>(environment_.clock.now().time_since_epoch());
    pipeline_.idle(milliseconds.count());
    output_.tick();
    report_buffers();
  }
}

void Recording::report_buffers() {
  const flv::BufferUse held = pipeline_.buffers();
  environment_.metrics.set_buffer_bytes("repeats", held.repeats);
  environment_.metrics.set_buffer_bytes("merge", held.merge + held.start);
  environment_.metrics.set_buffer_bytes("split", held.split);
}

// By what the pipeline knows; by what is on the volume where that is less.
awaitable<void> Recording::take_tail() {
  if (output_.newest_file().empty()) co_return;
  tail_ = output_.tail();
  if (!output_.incomplete()) {
    tail_.tags = pipeline_.memory();
    tail_.fragments = hls_.assembler.memory().list();
    co_return;
  }
  if (output_.published_file().empty()) co_return;
  std::function<RecordingTail()> read(
      [files = &environment_.storage.files, root = environment_.storage.root,
       file = output_.published_file()] { return tail_of_file(*files, root, file); });
  RecordingTail found = co_await environment_.storage.disk.run(std::move(read));
  tail_.tags = std::move(found.tags);
  if (found.fragments.empty()) co_return;
  // What was written before that file counts, what the volume did not take does not.
  tail_.fragments = hls_.assembler.memory().list();
  const auto last = std::find(tail_.fragments.rbegin(), tail_.fragments.rend(), found.fragments.back());
  tail_.fragments.erase(last.base(), tail_.fragments.end());
}

void Recording::end_for_storage() {
  if (storage_failed_) return;
  storage_failed_ = true;
  alarm_.ring();
  if (connection_stop_ != nullptr) connection_stop_->request_stop();
}

void Recording::end_show() {
  if (over_) return;
  over_ = true;
  alarm_.ring();
  if (connection_stop_ != nullptr) background_.spawn(end_drain(background_.token()));
}

void Recording::end_now(RecordingEnd why) {
  if (end_wanted_) return;
  end_wanted_ = why;
  alarm_.ring();
  if (connection_stop_ != nullptr) connection_stop_->request_stop();
}

awaitable<void> Recording::end_drain(std::stop_token stop) {
  co_await environment_.clock.sleep_for(drain_time, stop);
  if (connection_stop_ != nullptr) connection_stop_->request_stop();
}

void Recording::wake() {
  policy_.wake();
  alarm_.ring();
}

void Recording::set_room(const bilibili::RoomInfo& room) {
  const bilibili::RoomInfo& known = output_.facts().room;
  if (split_on_title_change_ && !known.title.empty() && room.title != known.title) {
    pipeline_.request_split();
    hls_.assembler.request_split();
  }
  output_.set_room(room);
}

void Recording::configure(const liveroom::RecorderConfig& config) {
  split_on_title_change_ = config.recording.split_on_title_change;
  wanted_ = stream_preferences(config.stream);
  transport_ = transport_settings(config.transport);
  policy_.set(transport_);
  pipeline_.set_options(pipeline_options(config.recording));
  hls_.assembler.set_options(assembler_options(config.recording));
  output_.set_side_files(side_file_settings(config, environment_.api));
}

void Recording::file_opened(const std::string& part_path, WallTime time) {
  listener_.file_opened(part_path, time);
}

void Recording::file_finished(const liveroom::FinishedFile& file) { listener_.file_finished(file); }

void Recording::storage_failed(const storage::DiskFailure& failure) {
  listener_.storage_failed(failure);
  end_for_storage();
}

}  // namespace live::recorder
