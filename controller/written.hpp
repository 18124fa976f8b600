// SPDX-License-Identifier: Apache-2.0
// A store's objects, and over them what this process has just written: until the watch has caught up, the
// server's answer to the write is the newest that is known. Without it a reconciliation right after a write
// would see the past and write once more.
#pragma once
#include <memory>
#include <string>
#include <unordered_map>

#include "base/clock.hpp"
#include "kube/object.hpp"
#include "kube/store.hpp"

namespace live::controller {

template <class T>
class Written {
 public:
  using Pointer = std::shared_ptr<const T>;
  // A watch that doesn't catch up for so long is broken in a way that only it can mend.
  static constexpr Duration max_age = std::chrono::minutes(5);

  Written(const kube::Store<T>& store, const Clock& clock) : store_(store), clock_(clock) {}

  const kube::Store<T>& store() const { return store_; }

  void put(T object) {
    const kube::ObjectKey key = object.key;
    written_.insert_or_assign(key, Entry{std::make_shared<const T>(std::move(object)), clock_.now()});
  }
  void forget(const kube::ObjectKey& key) { written_.erase(key); }
  // The server says that there is no such object any more.
  void gone(const kube::ObjectKey& key, std::string uid) {
    written_.insert_or_assign(key, Entry{nullptr, clock_.now(), std::move(uid)});
  }

  // What was written, if it is of this version.
  Pointer known(const kube::ObjectKey& key, const std::string& resource_version) const {
    const auto entry = written_.find(key);
    const bool is_it = entry != written_.end() && entry->second.object &&
                       entry->second.object->resource_version == resource_version;
    return is_it ? entry->second.object : nullptr;
  }

  // f(object) for each that was written and that the store, though it is not behind, does not have: it came
  // and went while no watch stood, so that nothing told of its end.
  template <class F>
  void for_each_missed(F f) const {
    for (const auto& [key, entry] : written_) {
      if (!entry.object || store_.find(key)) continue;
      const std::string& version = entry.object->resource_version;
      if (kube::compare_resource_versions(store_.resource_version(key.ns), version) >= 0) f(*entry.object);
    }
  }

  // Null when the object is absent or can't be decoded.
  Pointer find(const kube::ObjectKey& key) {
    Pointer stored = store_.find(key);
    const auto entry = written_.find(key);
    if (entry == written_.end()) return stored;
    if (!entry->second.object) {
      const bool is_behind =
          stored && stored->uid == entry->second.gone && clock_.now() < entry->second.at + max_age;
      if (is_behind) return nullptr;
      written_.erase(entry);
      return stored;
    }
    const std::string& version = entry->second.object->resource_version;
    const bool is_new = clock_.now() < entry->second.at + max_age &&
                        kube::compare_resource_versions(store_.resource_version(key.ns), version) < 0 &&
                        (!stored || kube::compare_resource_versions(stored->resource_version, version) < 0);
    if (is_new) return entry->second.object;
    written_.erase(entry);
    return stored;
  }

 private:
  struct Entry {
    Pointer object;  // null: the one of this UID is gone
    TimePoint at;
    std::string gone = {};
  };
  const kube::Store<T>& store_;
  const Clock& clock_;
  std::unordered_map<kube::ObjectKey, Entry, kube::ObjectKeyHash> written_;
};

}  // namespace live::controller
