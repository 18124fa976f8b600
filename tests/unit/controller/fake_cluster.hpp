// SPDX-License-Identifier: Apache-2.0
// An API server in memory, as far as a reconciler can tell: names, versions, preconditions, deletion with
// grace, and a watch that the test may hold back. Server-side apply is a merge; what real field managers do
// is tested on a real server.
#pragma once
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "kube/client.hpp"
#include "kube/object_sink.hpp"

namespace live::controller::test {

class FakeCluster final : public kube::Client {
 public:
  // One call: "create pods rooms/a-recorder".
  using Refuse = std::function<std::optional<kube::ApiError>(const std::string& call, const Json& body)>;

  // Everything that happens to objects of this kind goes to the sink, with an empty first list.
  void watch_with(const kube::Resource& resource, kube::ObjectSink& sink);
  // While held back, changes gather; release() delivers them.
  void hold_back() { held_ = true; }
  void release();
  // As if no watch had stood: what was held back is never told.
  void drop_held();

  void refuse(Refuse refuse) { refuse_ = std::move(refuse); }
  // Called when something was created or patched, before that is answered.
  void after(std::function<void(const std::string& call)> call) { after_ = std::move(call); }
  const std::vector<std::string>& calls() const { return calls_; }
  void forget_calls() { calls_.clear(); }

  // The hands of others: no call is recorded, nothing is refused.
  void put(const kube::Resource& resource, Json object);
  void change(const kube::Resource& resource, const kube::ObjectKey& key, const Json& merge);
  void vanish(const kube::Resource& resource, const kube::ObjectKey& key);
  // Null when there is none.
  const Json* find(const kube::Resource& resource, const kube::ObjectKey& key) const;

  awaitable<kube::ApiResult<Json>> get(kube::Resource resource, kube::ObjectKey key,
                                       std::stop_token stop) override;
  awaitable<kube::ApiResult<kube::ListPage>> list(kube::Resource resource, std::string ns,
                                                  kube::ListOptions options, std::stop_token stop) override;
  awaitable<kube::ApiResult<Json>> create(kube::Resource resource, std::string ns, Json object,
                                          kube::WriteOptions options, std::stop_token stop) override;
  awaitable<kube::ApiResult<Json>> create_text(kube::Resource resource, std::string ns, std::string object,
                                               kube::WriteOptions options, std::stop_token stop) override;
  awaitable<kube::ApiResult<Json>> replace(kube::Resource resource, kube::ObjectKey key, Json object,
                                           kube::WriteOptions options, std::stop_token stop) override;
  awaitable<kube::ApiResult<Json>> patch(kube::Resource resource, kube::ObjectKey key, Json patch,
                                         kube::PatchOptions options, std::stop_token stop) override;
  awaitable<kube::ApiResult<Json>> remove(kube::Resource resource, kube::ObjectKey key,
                                          kube::DeleteOptions options, std::stop_token stop) override;
  awaitable<kube::ApiResult<std::unique_ptr<net::ByteStream>>> watch(kube::Resource resource, std::string ns,
                                                                     kube::WatchOptions options,
                                                                     std::stop_token stop) override;

 private:
  using Objects = std::map<kube::ObjectKey, Json>;

  std::optional<kube::ApiError> noted(const std::string& verb, const kube::Resource& resource,
                                      const kube::ObjectKey& key, const Json& body);
  void done(const std::string& call);
  void store(const kube::Resource& resource, const kube::ObjectKey& key, Json object, bool spec_changed);
  void tell(const std::string& plural, const Json& object, bool removed);

  std::map<std::string, Objects> objects_;
  std::map<std::string, kube::ObjectSink*> sinks_;
  std::vector<std::function<void()>> waiting_;
  std::vector<std::string> calls_;
  Refuse refuse_;
  std::function<void(const std::string&)> after_;
  bool held_ = false;
  int version_ = 100;
};

kube::ApiError api_error(int code, std::string reason, std::string message);

}  // namespace live::controller::test
