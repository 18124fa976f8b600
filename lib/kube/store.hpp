// SPDX-License-Identifier: Apache-2.0
// Objects of one kind as the server last told us, decoded into a struct of the user's choice. One thread:
// reading is synchronous, and what was read stays valid (and frozen) as long as its pointer is held.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/json_fwd.hpp"
#include "base/result.hpp"
#include "kube/object.hpp"
#include "kube/object_sink.hpp"

namespace live::kube {

template <class T>
class Store {
 public:
  using Pointer = std::shared_ptr<const T>;
  // Called for each object that arrives. A failure keeps the object out of the store and is shown by
  // problem(); the other objects are not affected.
  using Decode = std::function<Result<T>(const Json& object)>;

  // One object appeared, changed or vanished. Absent sides are null; both are null when an object that could
  // not be decoded appeared, changed or went.
  struct Change {
    const ObjectKey& key;
    const Pointer& before;
    const Pointer& after;
    bool first_list;  // it came with the first list of its namespace: no news
  };
  using Handler = std::function<void(const Change&)>;

  // The object as it is of this very version, or null.
  using Known = std::function<Pointer(const ObjectKey&, const std::string& resource_version)>;

  explicit Store(Decode decode) : decode_(std::move(decode)) {}
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  // Before the first list. Called after the store has changed, in order of registration.
  void on_change(Handler handler) { handlers_.push_back(std::move(handler)); }

  // After a list has taken the place of what was here, and its changes were told.
  void on_list(std::function<void()> handler) { list_handlers_.push_back(std::move(handler)); }

  // Who writes objects has had them in the server's answers: what the watch then shows is not decoded again.
  void set_known(Known known) { known_ = std::move(known); }

  // Null when the object is absent, not decodable, or not yet known.
  Pointer find(const ObjectKey& key) const {
    const Scope* scope = scope_of(key.ns);
    if (!scope) return nullptr;
    const auto found = scope->objects.find(key);
    return found == scope->objects.end() ? nullptr : found->second.object;
  }
  // Why an object that exists could not be decoded; null when it could, or does not exist.
  const Problem* problem(const ObjectKey& key) const {
    const Scope* scope = scope_of(key.ns);
    if (!scope) return nullptr;
    const auto found = scope->objects.find(key);
    return found == scope->objects.end() ? nullptr : found->second.problem.get();
  }
  // f(key, object) for each decoded object, in no order. It must not change the store.
  template <class F>
  void for_each(F f) const {
    for (const auto& [ns, scope] : scopes_)
      for (const auto& [key, entry] : scope->objects)
        if (entry.object) f(key, *entry.object);
  }
  std::size_t size() const {
    std::size_t count = 0;
    for (const auto& [ns, scope] : scopes_) count += scope->objects.size();
    return count;
  }
  // True when a first list of every scope was stored.
  bool synced() const {
    for (const auto& [ns, scope] : scopes_)
      if (!scope->listed) return false;
    return !scopes_.empty();
  }
  // The same for the objects of one namespace.
  bool synced(const std::string& ns) const {
    const Scope* scope = scope_of(ns);
    return scope && scope->listed;
  }
  // Up to where the objects of a namespace are known; empty before the first list.
  std::string resource_version(const std::string& ns) const {
    const Scope* scope = scope_of(ns);
    return scope ? scope->resource_version : std::string();
  }

  // Where the reflector of this namespace writes ("" for all namespaces; not mixed with single ones). Lives
  // as long as the store.
  ObjectSink& scope(const std::string& ns) {
    auto& place = scopes_[ns];
    if (!place) place = std::make_unique<Scope>(*this);
    return *place;
  }

 private:
  struct Entry {
    Pointer object;
    std::shared_ptr<const Problem> problem;
    std::string resource_version;
  };
  using Objects = std::unordered_map<ObjectKey, Entry, ObjectKeyHash>;

  struct Scope final : ObjectSink {
    explicit Scope(Store& owner) : store(owner) {}

    void begin_list() override { staged.clear(); }
    void list_item(const Json& object) override {
      ObjectKey key = key_of(object);
      const auto known = objects.find(key);
      std::string version = resource_version_of(object);
      if (known != objects.end() && !version.empty() && known->second.resource_version == version) {
        staged.insert_or_assign(std::move(key), known->second);
        return;
      }
      staged.insert_or_assign(std::move(key), store.decoded(object, std::move(version)));
    }
    void list_removed(const Json& object) override { staged.erase(key_of(object)); }
    void commit_list(const std::string& version) override {
      const bool first = !std::exchange(listed, true);
      resource_version = version;
      objects.swap(staged);
      for (const auto& [key, entry] : objects) {
        const auto before = staged.find(key);
        if (before == staged.end()) {
          store.report(key, nullptr, entry.object, first);
        } else if (before->second.resource_version != entry.resource_version ||
                   entry.resource_version.empty()) {
          store.report(key, before->second.object, entry.object, first);
        }
      }
      for (const auto& [key, entry] : staged)
        if (!objects.contains(key)) store.report(key, entry.object, nullptr, first);
      staged = Objects();
      for (const std::function<void()>& handler : store.list_handlers_) handler();
    }
    void changed(const Json& object) override {
      const ObjectKey key = key_of(object);
      Entry after = store.known_or_decoded(key, object, resource_version_of(object));
      Entry& place = objects[key];
      const Entry before = std::exchange(place, after);
      store.report(key, before.object, after.object, false);
    }
    void removed(const Json& object) override {
      const ObjectKey key = key_of(object);
      const auto found = objects.find(key);
      if (found == objects.end()) return;
      const Entry before = std::move(found->second);
      objects.erase(found);
      store.report(key, before.object, nullptr, false);
    }
    void advance(const std::string& version) override { resource_version = version; }

    Store& store;
    Objects objects;
    Objects staged;
    std::string resource_version;
    bool listed = false;
  };

  const Scope* scope_of(const std::string& ns) const {
    auto found = scopes_.find(ns);
    if (found == scopes_.end()) found = scopes_.find(std::string());
    return found == scopes_.end() ? nullptr : found->second.get();
  }
  Entry known_or_decoded(const ObjectKey& key, const Json& object, std::string version) const {
    Pointer known = known_ && !version.empty() ? known_(key, version) : nullptr;
    if (known) return {std::move(known), nullptr, std::move(version)};
    return decoded(object, std::move(version));
  }
  Entry decoded(const Json& object, std::string version) const {
    Result<T> result = decode_guarded(object);
    if (result) return {std::make_shared<const T>(*std::move(result)), nullptr, std::move(version)};
    return {nullptr, std::make_shared<const Problem>(std::move(result.error())), std::move(version)};
  }
  // A decoder that trips over a type it did not expect must not cost us the rest of the list.
  Result<T> decode_guarded(const Json& object) const {
    try {
      return decode_(object);
    } catch (const std::exception& error) {
      return failure(error.what());
    }
  }
  void report(const ObjectKey& key, const Pointer& before, const Pointer& after, bool first_list) const {
    for (const Handler& handler : handlers_) handler(Change{key, before, after, first_list});
  }

  Decode decode_;
  Known known_;
  std::vector<Handler> handlers_;
  std::vector<std::function<void()>> list_handlers_;
  std::unordered_map<std::string, std::unique_ptr<Scope>> scopes_;
};

}  // namespace live::kube
