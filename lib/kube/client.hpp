// SPDX-License-Identifier: Apache-2.0
// The Kubernetes API as a seam. Answers of the server are values: what was asked, or an ApiError. Functions
// throw system_error when there is no answer (the outcome of a write is then unknown) and Stopped when
// stopped. No function retries: workers, reflectors and the leader elector do.
#pragma once
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/asio.hpp"
#include "base/clock.hpp"
#include "base/json_fwd.hpp"
#include "kube/errors.hpp"
#include "kube/fields.hpp"
#include "kube/object.hpp"
#include "net/byte_stream.hpp"

namespace live::kube {

struct ListOptions {
  std::string label_selector;
  std::string field_selector;
  int limit = 0;                                // 0: everything in one page
  std::string continue_token;                   // of the page before
  std::optional<std::string> resource_version;  // absent: most recent; "0": any; else not older than this
  const Fields* item = nullptr;                 // of each object; null: all but managedFields
};

struct ListPage {
  std::vector<Json> items;
  std::string resource_version;  // of the list, to watch from
  std::string continue_token;    // empty after the last page
};

struct WatchOptions {
  std::string label_selector;
  std::string field_selector;
  std::string resource_version;
  // The objects that there are come first, as ADDED events, then a bookmark that says so
  // (is_end_of_initial_events), then what happens after: a list and a watch in one. `resource_version` is
  // then to be empty.
  bool initial_events = false;
  std::chrono::seconds timeout{300};          // after which the server ends the stream
  Duration idle = std::chrono::seconds(120);  // silence after which a read throws error::timed_out
};

enum class FieldValidation { server_default, strict };

struct WriteOptions {
  std::string field_manager;
  std::string subresource;  // "status" or empty; replace only
  FieldValidation validation = FieldValidation::server_default;
  // Of the object in the answer; null: all but managedFields.
  const Fields* answer = nullptr;
  bool dry_run = false;  // create only: everything is checked and answered, nothing is stored
};

enum class PatchType {
  merge,      // application/merge-patch+json
  strategic,  // application/strategic-merge-patch+json; not for custom resources
  json,       // application/json-patch+json
  apply,  // application/apply-patch+yaml: server-side apply, needs apiVersion and kind and a field manager
};

struct PatchOptions {
  PatchType type = PatchType::merge;
  std::string field_manager;
  bool force = false;       // apply only: take fields from other managers
  std::string subresource;  // "status" or empty
  FieldValidation validation = FieldValidation::server_default;
  const Fields* answer = nullptr;  // as above
};

enum class Propagation { server_default, background, foreground, orphan };

struct DeleteOptions {
  // Preconditions: a mismatch is a conflict (409).
  std::optional<std::string> uid;
  std::optional<std::string> resource_version;
  std::optional<std::int64_t> grace_seconds;
  Propagation propagation = Propagation::server_default;
};

class Client {
 public:
  virtual ~Client() = default;

  virtual awaitable<ApiResult<Json>> get(Resource resource, ObjectKey key, std::stop_token stop) = 0;
  // `ns` empty: all namespaces.
  virtual awaitable<ApiResult<ListPage>> list(Resource resource, std::string ns, ListOptions options,
                                              std::stop_token stop) = 0;
  virtual awaitable<ApiResult<Json>> create(Resource resource, std::string ns, Json object,
                                            WriteOptions options, std::stop_token stop) = 0;
  // The same with the object as JSON text.
  virtual awaitable<ApiResult<Json>> create_text(Resource resource, std::string ns, std::string object,
                                                 WriteOptions options, std::stop_token stop) = 0;
  // PUT of the whole object; a metadata.resourceVersion in it is a precondition.
  virtual awaitable<ApiResult<Json>> replace(Resource resource, ObjectKey key, Json object,
                                             WriteOptions options, std::stop_token stop) = 0;
  // Answers with the whole object. A metadata.resourceVersion in the patch is a precondition.
  virtual awaitable<ApiResult<Json>> patch(Resource resource, ObjectKey key, Json patch, PatchOptions options,
                                           std::stop_token stop) = 0;
  // Answers with the object or a Status, as the server chooses.
  virtual awaitable<ApiResult<Json>> remove(Resource resource, ObjectKey key, DeleteOptions options,
                                            std::stop_token stop) = 0;
  // The body of a watch with bookmarks: one JSON document after another, see watch_decoder.hpp.
  virtual awaitable<ApiResult<std::unique_ptr<net::ByteStream>>> watch(Resource resource, std::string ns,
                                                                       WatchOptions options,
                                                                       std::stop_token stop) = 0;
};

}  // namespace live::kube
