// SPDX-License-Identifier: Apache-2.0
#include "controller/watches.hpp"

#include <fmt/format.h>

#include "liveroom/names.hpp"

namespace live::controller {
namespace {
using namespace liveroom;

kube::ReflectorOptions watch_of(const kube::Resource& resource, std::string selector = {},
                                const kube::Fields* fields = nullptr, std::function<void()> on_return = {}) {
  kube::ReflectorOptions options;
  options.on_return = std::move(on_return);
  options.fields = fields;
  options.resource = resource;
  options.label_selector = std::move(selector);
  return options;
}

std::string component_selector(std::string_view component) {
  return fmt::format("{},{}={}", managed_selector(), label::component, component);
}

kube::Priority priority_of(bool first_list) {
  return first_list ? kube::Priority::low : kube::Priority::normal;
}

// A pod or claim wakes the LiveRoom of its label, before and after the change.
template <class T>
void wake_by_label(kube::Store<T>& store, const Wakeups& wakeups) {
  store.on_change([wakeups](const typename kube::Store<T>::Change& change) {
    for (const auto& object : {change.before, change.after}) {
      if (!object || object->room.empty()) continue;
      wakeups.room(room_key_of(*object), priority_of(change.first_list));
      if (change.before && change.after && change.before->room == change.after->room) return;
    }
  });
}

void connect_rooms(Watches& watches, const Wakeups& wakeups) {
  watches.rooms.store().on_change([&watches, wakeups](const kube::Store<LiveRoom>::Change& change) {
    for (const kube::ObjectKey& other : watches.index.update(change.key, change.after.get()))
      wakeups.room(other, priority_of(change.first_list));
    wakeups.room(change.key, priority_of(change.first_list));
    if (wakeups.name_space && (change.before == nullptr) != (change.after == nullptr))
      wakeups.name_space(change.key.ns);
    if (change.before && change.after && !change.first_list) wakeups.changed(*change.before, *change.after);
  });
}

// kubectl drain says nothing to the pod, its owner or the budget: that the node is cordoned is all there is
// to see.
void connect_nodes(Watches& watches, const Wakeups& wakeups) {
  auto& cordoned = watches.cordoned->store();
  cordoned.on_change([&watches, wakeups](const kube::Store<CordonedNode>::Change& change) {
    if (!change.after || change.before || change.first_list) return;
    watches.pods.store().for_each([&](const kube::ObjectKey&, const RecorderPod& pod) {
      if (pod.marked_recording && pod.node == change.key.name) wakeups.drain_waits(pod);
    });
  });
  watches.pods.store().on_change([&cordoned, wakeups](const kube::Store<RecorderPod>::Change& change) {
    if (!change.after || !change.after->marked_recording || change.first_list) return;
    if (change.before && change.before->marked_recording) return;
    if (cordoned.find({"", change.after->node})) wakeups.drain_waits(*change.after);
  });
}

}  // namespace

Watches::Watches(kube::Client& client, Clock& clock, Random& random, Metrics& metrics,
                 const std::vector<std::string>& namespaces)
    : rooms(client, clock, random, metrics,
            watch_of(live_rooms, {}, &live_room_fields(), [this] { returned(); }), namespaces,
            decode_live_room),
      pods(client, clock, random, metrics,
           watch_of(kube::resources::pods, component_selector(label::recorder_component),
                    &recorder_pod_fields(), [this] { returned(); }),
           namespaces, decode_recorder_pod),
      claims(client, clock, random, metrics,
             watch_of(kube::resources::claims, component_selector(label::recordings_component),
                      &recordings_claim_fields(), [this] { returned(); }),
             namespaces, decode_recordings_claim) {
  if (!namespaces.empty()) return;
  kube::ReflectorOptions cordoned_nodes = watch_of(nodes);
  cordoned_nodes.field_selector = cordoned_selector;
  cordoned = std::make_unique<kube::Informer<CordonedNode>>(client, clock, random, metrics, cordoned_nodes,
                                                            std::vector<std::string>{}, decode_cordoned_node);
  for (const NamespaceObjectKind kind : namespace_object_kinds) {
    objects[static_cast<std::size_t>(kind)] = std::make_unique<kube::Informer<NamespaceObject>>(
        client, clock, random, metrics, watch_of(resource_of(kind), managed_selector()),
        std::vector<std::string>{},
        [kind](const Json& object) { return decode_namespace_object(kind, object); });
  }
}

void connect(Watches& watches, Wakeups wakeups) {
  if (wakeups.server_returned) watches.returned = wakeups.server_returned;
  connect_rooms(watches, wakeups);
  wake_by_label(watches.pods.store(), wakeups);
  wake_by_label(watches.claims.store(), wakeups);
  if (watches.cordoned && wakeups.drain_waits) connect_nodes(watches, wakeups);
  if (!wakeups.name_space || !watches.has_namespace_objects()) return;
  // Its recorder gone, a namespace whose last LiveRoom went before can be cleared.
  watches.pods.store().on_change([&watches, wakeups](const kube::Store<RecorderPod>::Change& change) {
    if (!change.after && watches.index.in_namespace(change.key.ns) == 0) wakeups.name_space(change.key.ns);
  });
  for (const auto& informer : watches.objects) {
    informer->store().on_change(
        [wakeups](const kube::Store<NamespaceObject>::Change& change) { wakeups.name_space(change.key.ns); });
  }
}

}  // namespace live::controller
