// SPDX-License-Identifier: Apache-2.0
#include "controller/program.hpp"

#include "base/asio.hpp"

#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <memory>
#include <optional>

#include "base/log.hpp"
#include "base/metrics.hpp"
#include "base/process_memory.hpp"
#include "base/version.hpp"
#include "controller/namespace_reconciler.hpp"
#include "controller/room_events.hpp"
#include "controller/room_reconciler.hpp"
#include "controller/state_metrics.hpp"
#include "controller/watches.hpp"
#include "kube/config.hpp"
#include "kube/connection.hpp"
#include "kube/event_recorder.hpp"
#include "kube/leader_elector.hpp"
#include "kube/manager.hpp"
#include "net/http_server.hpp"

namespace live::controller {
namespace {

constexpr std::string_view program = "liveroom-controller";
constexpr Duration trim_interval = std::chrono::seconds(30);
constexpr int worth_trimming = 500;  // changes of LiveRooms, pods and claims

std::string host_name() {
  char name[256] = {};
  return gethostname(name, sizeof name - 1) == 0 ? name : "unknown";
}

kube::ControllerOptions controller_options(std::string name, int workers) {
  kube::ControllerOptions options;
  options.name = std::move(name);
  options.workers = workers;
  return options;
}

std::unique_ptr<kube::Connection> connect_to(const Executor& executor, Clock& clock, Metrics& metrics,
                                             const kube::ClusterConfig& cluster,
                                             kube::ConnectionOptions options) {
  auto connection = kube::Connection::make(executor, clock, metrics, cluster, std::move(options));
  if (!connection) throw std::runtime_error(connection.error().message);
  return std::move(*connection);
}

class Program {
 public:
  Program(const RunOptions& options, const kube::ClusterConfig& cluster)
      : options_(options),
        server_(executor_, options.listen),
        connection_(
            connect_to(executor_, clock_, metrics_, cluster,
                       {.user_agent = kube::make_user_agent(std::string(program), std::string(version))})),
        watches_(connection_->client(), clock_, random_, metrics_, options.namespaces),
        events_(executor_, connection_->client(), clock_, random_, metrics_,
                {.controller = "liveroom.dev/controller", .instance = host_name()}) {
    make_reconcilers();
    if (options.leader_elect) make_elector(cluster);
    wire();
    serve();
    metrics_.gauge("liveroom_build_info", "Version of the program", {{"version", std::string(version)}})
        .Set(1);
  }

  int run() {
    std::optional<std::exception_ptr> ended;
    asio::signal_set signals(io_, SIGTERM, SIGINT);
    signals.async_wait([this](const error_code& error, int) {
      if (!error) stop_.request_stop();
    });
    asio::co_spawn(io_, manager_.run(stop_.get_token()), [&](std::exception_ptr error) {
      ended = error;
      signals.cancel();
    });
    log::info("started", {{"version", version}, {"recorder_image", options_.settings.recorder_image}});
    io_.run();
    if (ended && *ended) std::rethrow_exception(*ended);
    log::info("stopped");
    return 0;
  }

 private:
  void make_reconcilers() {
    kube::Client& client = connection_->client();
    const auto& rooms = watches_.rooms.store();
    const auto& pods = watches_.pods.store();
    if (watches_.has_namespace_objects()) {
      namespaces_.emplace(
          client, clock_, rooms, pods, watches_.index,
          NamespaceReconciler::ObjectStores{&watches_.objects[0]->store(), &watches_.objects[1]->store(),
                                            &watches_.objects[2]->store()});
      namespace_controller_.emplace(executor_, clock_, random_, metrics_, *namespaces_,
                                    controller_options("namespace", 2));
    }
    rooms_.emplace(client, clock_, random_, rooms, pods, watches_.claims.store(), watches_.index,
                   namespaces_ ? &*namespaces_ : nullptr, options_.settings);
    const RoomView& written = rooms_->written();
    watches_.rooms.store().set_known(
        [&written](const auto& key, const auto& version) { return written.rooms.known(key, version); });
    watches_.pods.store().set_known(
        [&written](const auto& key, const auto& version) { return written.pods.known(key, version); });
    watches_.claims.store().set_known(
        [&written](const auto& key, const auto& version) { return written.claims.known(key, version); });
    room_controller_.emplace(executor_, clock_, random_, metrics_, *rooms_,
                             controller_options("liveroom", options_.workers));
  }

  void make_elector(const kube::ClusterConfig& cluster) {
    // Its own connections: neither a slow list nor a full pool may cost the lease.
    lease_connection_ = connect_to(
        executor_, clock_, metrics_, cluster,
        {.user_agent = kube::make_user_agent(std::string(program), std::string(version), "leader-election"),
         .max_connections = 2,
         .timeout = kube::LeaderElector::request_timeout});
    const std::string ns = options_.lease_namespace.empty() ? cluster.ns : options_.lease_namespace;
    // Client-go lets a standby try each 2 to 4.4 s; up to 3 s keeps a clean hand-over within 5 s on a busy
    // machine.
    kube::LeaseTimes times;
    times.spread = 0.5;
    elector_.emplace(executor_, lease_connection_->client(), clock_, random_, metrics_,
                     kube::LeaderElectorOptions{.lease = {ns, options_.lease_name},
                                                .identity = kube::make_identity(host_name(), random_),
                                                .field_manager = std::string(program),
                                                .times = times});
  }

  // Of what came and went while no watch stood no change is told.
  template <class T>
  void wake_missed(const Written<T>& written) {
    written.for_each_missed([this](const T& object) { room_controller_->enqueue(room_key_of(object)); });
  }

  void wire_missed() {
    watches_.pods.store().on_list([this] { wake_missed(rooms_->written().pods); });
    watches_.claims.store().on_list([this] { wake_missed(rooms_->written().claims); });
    if (!namespaces_) return;
    for (const NamespaceObjectKind kind : namespace_object_kinds) {
      watches_.objects[static_cast<std::size_t>(kind)]->store().on_list([this, kind] {
        namespaces_->written(kind).for_each_missed([this](const NamespaceObject& object) {
          namespace_controller_->enqueue({"", object.key.ns});
        });
      });
    }
  }

  void wire() {
    Wakeups wakeups;
    wakeups.room = [this](const kube::ObjectKey& key, kube::Priority priority) {
      ++changes_;
      room_controller_->enqueue(key, priority);
    };
    wakeups.changed = [this](const LiveRoom& before, const LiveRoom& after) {
      if (!manager_.leading()) return;
      for (kube::Event& event : events_of(before, after)) events_.record(std::move(event));
    };
    wakeups.server_returned = [this] {
      room_controller_->hasten();
      if (namespace_controller_) namespace_controller_->hasten();
    };
    wakeups.drain_waits = [this](const RecorderPod& pod) {
      const auto room = watches_.rooms.store().find(room_key_of(pod));
      if (room && manager_.leading()) events_.record(drain_waits_event(*room, pod.key.name, pod.node));
    };
    if (namespaces_) {
      wakeups.name_space = [this](const std::string& ns) { namespace_controller_->enqueue({"", ns}); };
      namespaces_->on_needed(wakeups.name_space);
      namespaces_->on_prepared([this](const kube::ObjectKey& room) { room_controller_->enqueue(room); });
    }
    rooms_->on_turn([this](const kube::ObjectKey& room) { room_controller_->enqueue(room); });
    connect(watches_, std::move(wakeups));
    wire_missed();

    manager_.add(watches_.rooms);
    manager_.add(watches_.pods);
    manager_.add(watches_.claims);
    if (watches_.cordoned) manager_.add(*watches_.cordoned);
    if (namespaces_) {
      for (const auto& informer : watches_.objects) manager_.add(*informer);
      manager_.add(*namespace_controller_);
    }
    manager_.add(*room_controller_);
    manager_.add_service([this](std::stop_token stop) { return server_.run(std::move(stop)); });
    manager_.add_service([this](std::stop_token stop) { return events_.run(std::move(stop)); });
    manager_.add_service([this](std::stop_token stop) { return give_memory_back(std::move(stop)); });
    if (elector_) manager_.set_elector(*elector_);
    manager_.on_settled([] {
      malloc_trim(0);
      give_back_text();
    });
  }

  // What a burst of changes took in replies and decoded events lies about in small free pieces afterwards.
  awaitable<void> give_memory_back(std::stop_token stop) {
    while (true) {
      const bool goes_on = co_await clock_.sleep_for(trim_interval, stop);
      if (!goes_on) co_return;
      if (changes_ < worth_trimming || !room_controller_->idle()) continue;
      changes_ = 0;
      malloc_trim(0);
      give_back_text();
    }
  }

  void serve() {
    // That it answers at all shows that the loop turns.
    server_.handle("/healthz", [this] {
      if (manager_.healthy()) return net::ServerReply{.body = "ok\n"};
      return net::ServerReply{.status = 500, .body = "the lease could not be renewed in time\n"};
    });
    server_.handle("/readyz", [this] {
      if (manager_.settled() && sees_live_rooms()) return net::ServerReply{.body = "ok\n"};
      return net::ServerReply{.status = 503, .body = "the first lists are not complete\n"};
    });
    server_.handle("/metrics", [this] {
      manager_.refresh_metrics();
      return net::ServerReply{.content_type = "text/plain; version=0.0.4; charset=utf-8",
                              .body = metrics_.text() + state_metrics(watches_.rooms.store())};
    });
    log::info("listening", {{"port", server_.port()}});
  }

  // In one namespace at least: one that refuses us must not make the others unready.
  bool sees_live_rooms() const {
    const auto& reflectors = watches_.rooms.reflectors();
    return std::any_of(reflectors.begin(), reflectors.end(),
                       [](const auto& reflector) { return reflector->has_synced(); });
  }

  const RunOptions& options_;
  asio::io_context io_{1};
  Executor executor_ = io_.get_executor();
  SystemClock clock_;
  Random random_ = Random::from_system();
  Metrics metrics_;
  std::stop_source stop_;
  net::HttpServer server_;
  std::unique_ptr<kube::Connection> connection_;
  std::unique_ptr<kube::Connection> lease_connection_;
  Watches watches_;
  kube::EventRecorder events_;
  std::optional<NamespaceReconciler> namespaces_;
  std::optional<RoomReconciler> rooms_;
  std::optional<kube::Controller> namespace_controller_;
  std::optional<kube::Controller> room_controller_;
  std::optional<kube::LeaderElector> elector_;
  int changes_ = 0;  // since memory was given back
  kube::Manager manager_{executor_, clock_};
};

}  // namespace

int run_program(const RunOptions& options) {
  try {
    const auto cluster =
        kube::find_config(kube::ConfigEnvironment::from_process(), options.kubeconfig, options.context);
    if (!cluster) {
      log::error("no usable configuration of the cluster", {{"why", cluster.error().message}});
      return 2;
    }
    log::info("configuration found", {{"source", cluster->source}});
    Program running(options, *cluster);
    return running.run();
  } catch (const std::exception& error) {
    log::error("ended", {{"why", error.what()}});
    return 1;
  }
}

}  // namespace live::controller
