// SPDX-License-Identifier: Apache-2.0
#include "kube/request.hpp"

#include "base/json.hpp"

namespace live::kube {
namespace {

class Target {
 public:
  explicit Target(std::string path) : text_(std::move(path)) {}

  void add(std::string_view name, std::string_view value) {
    text_ += first_ ? '?' : '&';
    first_ = false;
    text_.append(name).append("=").append(net::percent_encode(value));
  }
  void add_unless_empty(std::string_view name, std::string_view value) {
    if (!value.empty()) add(name, value);
  }
  std::string take() && { return std::move(text_); }

 private:
  std::string text_;
  bool first_ = true;
};

net::HttpRequest request_of(std::string method, Target target) {
  net::HttpRequest request;
  request.method = std::move(method);
  request.url.target = std::move(target).take();
  request.headers.add("Accept", "application/json");
  return request;
}

void set_body(net::HttpRequest& request, std::string body, const char* content_type) {
  request.headers.add("Content-Type", content_type);
  request.body = std::move(body);
}

// Raw UTF-8: an apply patch is read as YAML, which knows no surrogate pairs in escapes.
void set_body(net::HttpRequest& request, const Json& body, const char* content_type) {
  set_body(request, dump_json(body), content_type);
}

void add_validation(Target& target, FieldValidation validation) {
  if (validation == FieldValidation::strict) target.add("fieldValidation", "Strict");
}

const char* content_type_of(PatchType type) {
  switch (type) {
    case PatchType::merge:
      return "application/merge-patch+json";
    case PatchType::strategic:
      return "application/strategic-merge-patch+json";
    case PatchType::json:
      return "application/json-patch+json";
    case PatchType::apply:
      return "application/apply-patch+yaml";
  }
  return "";
}

const char* policy_of(Propagation propagation) {
  switch (propagation) {
    case Propagation::server_default:
      return "";
    case Propagation::background:
      return "Background";
    case Propagation::foreground:
      return "Foreground";
    case Propagation::orphan:
      return "Orphan";
  }
  return "";
}

}  // namespace

std::string resource_path(const Resource& resource, const ObjectKey& key, const std::string& subresource) {
  std::string path = resource.group.empty() ? "/api/" : "/apis/" + net::percent_encode(resource.group) + "/";
  path += net::percent_encode(resource.version);
  if (!key.ns.empty()) path += "/namespaces/" + net::percent_encode(key.ns);
  path += "/" + net::percent_encode(resource.plural);
  if (!key.name.empty()) path += "/" + net::percent_encode(key.name);
  if (!subresource.empty()) path += "/" + net::percent_encode(subresource);
  return path;
}

net::HttpRequest get_request(const Resource& resource, const ObjectKey& key) {
  return request_of("GET", Target(resource_path(resource, key)));
}

net::HttpRequest list_request(const Resource& resource, const std::string& ns, const ListOptions& options) {
  Target target(resource_path(resource, {ns, {}}));
  target.add_unless_empty("labelSelector", options.label_selector);
  target.add_unless_empty("fieldSelector", options.field_selector);
  if (options.limit > 0) target.add("limit", std::to_string(options.limit));
  // A continue token carries its own version; the server refuses both together.
  if (!options.continue_token.empty()) {
    target.add("continue", options.continue_token);
  } else if (options.resource_version) {
    target.add("resourceVersion", *options.resource_version);
  }
  return request_of("GET", std::move(target));
}

net::HttpRequest watch_request(const Resource& resource, const std::string& ns, const WatchOptions& options) {
  Target target(resource_path(resource, {ns, {}}));
  target.add("watch", "1");
  target.add("allowWatchBookmarks", "true");
  target.add_unless_empty("labelSelector", options.label_selector);
  target.add_unless_empty("fieldSelector", options.field_selector);
  target.add_unless_empty("resourceVersion", options.resource_version);
  if (options.initial_events) {
    target.add("sendInitialEvents", "true");
    target.add("resourceVersionMatch", "NotOlderThan");
  }
  target.add("timeoutSeconds", std::to_string(options.timeout.count()));
  return request_of("GET", std::move(target));
}

net::HttpRequest create_request(const Resource& resource, const std::string& ns, std::string object,
                                const WriteOptions& options) {
  Target target(resource_path(resource, {ns, {}}));
  target.add_unless_empty("fieldManager", options.field_manager);
  add_validation(target, options.validation);
  if (options.dry_run) target.add("dryRun", "All");
  net::HttpRequest request = request_of("POST", std::move(target));
  set_body(request, std::move(object), "application/json");
  return request;
}

net::HttpRequest replace_request(const Resource& resource, const ObjectKey& key, const Json& object,
                                 const WriteOptions& options) {
  Target target(resource_path(resource, key, options.subresource));
  target.add_unless_empty("fieldManager", options.field_manager);
  add_validation(target, options.validation);
  net::HttpRequest request = request_of("PUT", std::move(target));
  set_body(request, object, "application/json");
  return request;
}

net::HttpRequest patch_request(const Resource& resource, const ObjectKey& key, const Json& patch,
                               const PatchOptions& options) {
  Target target(resource_path(resource, key, options.subresource));
  target.add_unless_empty("fieldManager", options.field_manager);
  if (options.type == PatchType::apply && options.force) target.add("force", "true");
  add_validation(target, options.validation);
  net::HttpRequest request = request_of("PATCH", std::move(target));
  set_body(request, patch, content_type_of(options.type));
  return request;
}

net::HttpRequest delete_request(const Resource& resource, const ObjectKey& key,
                                const DeleteOptions& options) {
  net::HttpRequest request = request_of("DELETE", Target(resource_path(resource, key)));
  Json body = Json::object();
  if (options.uid) body["preconditions"]["uid"] = *options.uid;
  if (options.resource_version) body["preconditions"]["resourceVersion"] = *options.resource_version;
  if (options.grace_seconds) body["gracePeriodSeconds"] = *options.grace_seconds;
  if (options.propagation != Propagation::server_default)
    body["propagationPolicy"] = policy_of(options.propagation);
  if (body.empty()) return request;
  body["apiVersion"] = "v1";
  body["kind"] = "DeleteOptions";
  set_body(request, body, "application/json");
  return request;
}

}  // namespace live::kube
