// SPDX-License-Identifier: Apache-2.0
// A store and the reflectors that fill it: one for all namespaces, or one for each of a list.
#pragma once
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "kube/reflector.hpp"
#include "kube/store.hpp"

namespace live::kube {

template <class T>
class Informer {
 public:
  // `options.ns` is not used; `namespaces` empty: all.
  Informer(Client& client, Clock& clock, Random& random, Metrics& metrics, ReflectorOptions options,
           std::vector<std::string> namespaces, typename Store<T>::Decode decode)
      : store_(std::move(decode)) {
    std::sort(namespaces.begin(), namespaces.end());
    namespaces.erase(std::unique(namespaces.begin(), namespaces.end()), namespaces.end());
    if (namespaces.empty()) namespaces.emplace_back();
    for (const std::string& ns : namespaces) {
      options.ns = ns;
      reflectors_.push_back(
          std::make_unique<Reflector>(client, clock, random, metrics, store_.scope(ns), options));
    }
  }

  Store<T>& store() { return store_; }
  const Store<T>& store() const { return store_; }
  const std::vector<std::unique_ptr<Reflector>>& reflectors() const { return reflectors_; }

 private:
  Store<T> store_;
  std::vector<std::unique_ptr<Reflector>> reflectors_;
};

}  // namespace live::kube
