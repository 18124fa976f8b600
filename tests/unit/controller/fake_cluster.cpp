// SPDX-License-Identifier: Apache-2.0
#include "fake_cluster.hpp"

#include <fmt/format.h>

namespace live::controller::test {
namespace {

// Conditions are a list map by type: the items of a patch replace those of the same type.
void merge_conditions(Json& target, const Json& items) {
  for (const Json& item : items) {
    bool found = false;
    for (Json& there : target) {
      if (there["type"] != item["type"]) continue;
      there = item;
      found = true;
    }
    if (!found) target.push_back(item);
  }
}

void merge(Json& object, Json patch) {
  Json conditions = json_at(patch, "/status/conditions");
  if (conditions.is_array()) {
    patch["status"].erase("conditions");
    Json& target = object["status"]["conditions"];
    if (!target.is_array()) target = Json::array();
    merge_conditions(target, conditions);
  }
  object.merge_patch(patch);
}

}  // namespace

kube::ApiError api_error(int code, std::string reason, std::string message) {
  kube::ApiError error;
  error.code = code;
  error.reason = std::move(reason);
  error.message = std::move(message);
  return error;
}

void FakeCluster::watch_with(const kube::Resource& resource, kube::ObjectSink& sink) {
  sinks_[resource.plural] = &sink;
  sink.begin_list();
  for (const auto& [key, object] : objects_[resource.plural]) sink.list_item(object);
  sink.commit_list(std::to_string(version_));
}

void FakeCluster::release() {
  held_ = false;
  for (const auto& deliver : std::exchange(waiting_, {})) deliver();
}

void FakeCluster::drop_held() {
  held_ = false;
  waiting_.clear();
}

void FakeCluster::tell(const std::string& plural, const Json& object, bool removed) {
  const auto sink = sinks_.find(plural);
  if (sink == sinks_.end()) return;
  const std::string version = std::to_string(version_);
  const auto deliver = [to = sink->second, object, removed, version] {
    if (removed) {
      to->removed(object);
    } else {
      to->changed(object);
    }
    to->advance(version);
  };
  if (held_) {
    waiting_.push_back(deliver);
  } else {
    deliver();
  }
}

void FakeCluster::store(const kube::Resource& resource, const kube::ObjectKey& key, Json object,
                        bool spec_changed) {
  object["apiVersion"] = resource.api_version();
  object["kind"] = resource.kind;
  Json& metadata = object["metadata"];
  metadata["name"] = key.name;
  metadata["namespace"] = key.ns;
  metadata["resourceVersion"] = std::to_string(++version_);
  if (!metadata.contains("uid")) metadata["uid"] = fmt::format("uid-{}", version_);
  if (!metadata.contains("creationTimestamp")) metadata["creationTimestamp"] = "2023-11-14T22:13:20Z";
  const std::int64_t generation = json_int(json_at(metadata, "/generation")).value_or(0);
  metadata["generation"] = generation + (spec_changed ? 1 : 0);
  objects_[resource.plural][key] = object;
  tell(resource.plural, object, false);
}

void FakeCluster::put(const kube::Resource& resource, Json object) {
  const kube::ObjectKey key = kube::key_of(object);
  store(resource, key, std::move(object), true);
}

void FakeCluster::change(const kube::Resource& resource, const kube::ObjectKey& key, const Json& patch) {
  Json object = objects_[resource.plural].at(key);
  merge(object, patch);
  store(resource, key, std::move(object), patch.contains("spec"));
}

void FakeCluster::vanish(const kube::Resource& resource, const kube::ObjectKey& key) {
  Objects& objects = objects_[resource.plural];
  const auto found = objects.find(key);
  if (found == objects.end()) return;
  Json object = std::move(found->second);
  objects.erase(found);
  object["metadata"]["resourceVersion"] = std::to_string(++version_);
  tell(resource.plural, object, true);
}

const Json* FakeCluster::find(const kube::Resource& resource, const kube::ObjectKey& key) const {
  const auto objects = objects_.find(resource.plural);
  if (objects == objects_.end()) return nullptr;
  const auto found = objects->second.find(key);
  return found == objects->second.end() ? nullptr : &found->second;
}

std::optional<kube::ApiError> FakeCluster::noted(const std::string& verb, const kube::Resource& resource,
                                                 const kube::ObjectKey& key, const Json& body) {
  calls_.push_back(fmt::format("{} {} {}", verb, resource.plural, key.text()));
  return refuse_ ? refuse_(calls_.back(), body) : std::nullopt;
}

awaitable<kube::ApiResult<Json>> FakeCluster::get(kube::Resource resource, kube::ObjectKey key,
                                                  std::stop_token) {
  if (auto error = noted("get", resource, key, {})) co_return Failure{*error};
  const Json* found = find(resource, key);
  if (found == nullptr) co_return Failure{api_error(404, "NotFound", key.name + " not found")};
  co_return *found;
}

void FakeCluster::done(const std::string& call) {
  if (after_) after_(call);
}

// One page; the selector is one NAME=VALUE or nothing.
awaitable<kube::ApiResult<kube::ListPage>> FakeCluster::list(kube::Resource resource, std::string ns,
                                                             kube::ListOptions options, std::stop_token) {
  if (auto error = noted("list", resource, {ns, {}}, {})) co_return Failure{*error};
  const std::size_t equals = options.label_selector.find('=');
  const Json wanted =
      options.label_selector.empty() ? Json() : Json(options.label_selector.substr(equals + 1));
  const std::string label = options.label_selector.substr(0, equals);
  kube::ListPage page;
  for (const auto& [key, object] : objects_[resource.plural]) {
    if (!ns.empty() && key.ns != ns) continue;
    if (!wanted.is_null() &&
        object["metadata"].value("labels", Json::object()).value(label, Json()) != wanted)
      continue;
    page.items.push_back(object);
  }
  page.resource_version = std::to_string(version_);
  co_return page;
}

awaitable<kube::ApiResult<Json>> FakeCluster::create(kube::Resource resource, std::string ns, Json object,
                                                     kube::WriteOptions, std::stop_token) {
  kube::ObjectKey key = kube::key_of(object);
  key.ns = ns;
  if (auto error = noted("create", resource, key, object)) co_return Failure{*error};
  if (const Json* there = find(resource, key)) {
    const bool leaving = json_at(*there, "/metadata/deletionTimestamp").is_string();
    co_return Failure{
        api_error(409, "AlreadyExists",
                  fmt::format("{}{} \"{}\" already exists", leaving ? "object is being deleted: " : "",
                              resource.plural, key.name))};
  }
  if (resource == kube::resources::pods) object["status"]["phase"] = "Pending";
  store(resource, key, std::move(object), true);
  Json answer = *find(resource, key);
  done(calls_.back());
  co_return answer;
}

awaitable<kube::ApiResult<Json>> FakeCluster::create_text(kube::Resource resource, std::string ns,
                                                          std::string object, kube::WriteOptions options,
                                                          std::stop_token stop) {
  return create(std::move(resource), std::move(ns), parse_json(object), options, std::move(stop));
}

awaitable<kube::ApiResult<Json>> FakeCluster::replace(kube::Resource, kube::ObjectKey, Json,
                                                      kube::WriteOptions, std::stop_token) {
  co_return Failure{api_error(501, "", "replacing is not played")};
}

awaitable<kube::ApiResult<Json>> FakeCluster::patch(kube::Resource resource, kube::ObjectKey key, Json patch,
                                                    kube::PatchOptions options, std::stop_token) {
  const std::string verb =
      options.type == kube::PatchType::apply ? "apply:" + options.field_manager : "patch";
  if (auto error = noted(verb, resource, key, patch)) co_return Failure{*error};
  const Json* there = find(resource, key);
  if (there == nullptr && (options.type != kube::PatchType::apply || !options.subresource.empty()))
    co_return Failure{api_error(404, "NotFound", key.name + " not found")};
  Json object = there != nullptr ? *there : Json::object();
  const auto version = json_string(json_at(patch, "/metadata/resourceVersion"));
  if (version && there != nullptr && *version != kube::resource_version_of(object))
    co_return Failure{api_error(409, "Conflict", "the object has been modified")};
  const auto uid = json_string(json_at(patch, "/metadata/uid"));
  if (uid && there != nullptr && *uid != object["metadata"]["uid"])
    co_return Failure{api_error(422, "Invalid", "metadata.uid: field is immutable")};
  // What the controller no longer says of its status is gone.
  if (options.subresource == "status" && object.contains("status") && !patch["status"].contains("podName"))
    object["status"].erase("podName");
  merge(object, patch);
  if (there != nullptr && object == *there) co_return object;
  store(resource, key, std::move(object), options.subresource.empty() && patch.contains("spec"));
  Json answer = *find(resource, key);
  done(calls_.back());
  co_return answer;
}

awaitable<kube::ApiResult<Json>> FakeCluster::remove(kube::Resource resource, kube::ObjectKey key,
                                                     kube::DeleteOptions options, std::stop_token) {
  if (auto error = noted("delete", resource, key, {})) co_return Failure{*error};
  const Json* there = find(resource, key);
  if (there == nullptr) co_return Failure{api_error(404, "NotFound", key.name + " not found")};
  if (options.uid && *options.uid != (*there)["metadata"]["uid"])
    co_return Failure{api_error(409, "Conflict", "the UID in the precondition does not match")};
  if (options.resource_version && *options.resource_version != kube::resource_version_of(*there))
    co_return Failure{api_error(409, "Conflict", "the ResourceVersion in the precondition does not match")};
  Json object = *there;
  if (resource == kube::resources::pods) {
    object["metadata"]["deletionTimestamp"] = "2030-01-01T00:00:00Z";
    store(resource, key, std::move(object), false);
    co_return *find(resource, key);
  }
  vanish(resource, key);
  co_return object;
}

awaitable<kube::ApiResult<std::unique_ptr<net::ByteStream>>> FakeCluster::watch(kube::Resource, std::string,
                                                                                kube::WatchOptions,
                                                                                std::stop_token) {
  co_return Failure{api_error(501, "", "watches are not played")};
}

}  // namespace live::controller::test
