// SPDX-License-Identifier: Apache-2.0
// Requests to the Kubernetes API as values. No I/O. Of the URL only the target is set (absolute path and
// query); server, credentials and times are the transport's part.
#pragma once
#include <string>

#include "kube/client.hpp"
#include "net/http.hpp"

namespace live::kube {

// "/api/v1/namespaces/ns/pods/name/status"; parts that are empty are left out.
std::string resource_path(const Resource& resource, const ObjectKey& key,
                          const std::string& subresource = std::string());

net::HttpRequest get_request(const Resource& resource, const ObjectKey& key);
net::HttpRequest list_request(const Resource& resource, const std::string& ns, const ListOptions& options);
net::HttpRequest watch_request(const Resource& resource, const std::string& ns, const WatchOptions& options);
net::HttpRequest create_request(const Resource& resource, const std::string& ns, std::string object,
                                const WriteOptions& options);
net::HttpRequest replace_request(const Resource& resource, const ObjectKey& key, const Json& object,
                                 const WriteOptions& options);
net::HttpRequest patch_request(const Resource& resource, const ObjectKey& key, const Json& patch,
                               const PatchOptions& options);
net::HttpRequest delete_request(const Resource& resource, const ObjectKey& key, const DeleteOptions& options);

}  // namespace live::kube
