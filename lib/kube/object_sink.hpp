// SPDX-License-Identifier: Apache-2.0
// What a reflector fills: the objects of one resource in one namespace, or in all.
#pragma once
#include <string>

#include "base/json_fwd.hpp"

namespace live::kube {

class ObjectSink {
 public:
  virtual ~ObjectSink() = default;

  // A list: begin, an item each, commit. Until commit nothing changes for readers; what the list did not name
  // is then gone. A begin without commit before it throws the unfinished list away.
  virtual void begin_list() = 0;
  virtual void list_item(const Json& object) = 0;
  // An item of the unfinished list is gone again, as it may happen while a list is streamed.
  virtual void list_removed(const Json& object) = 0;
  virtual void commit_list(const std::string& resource_version) = 0;

  // A change after the last committed list.
  virtual void changed(const Json& object) = 0;
  virtual void removed(const Json& object) = 0;
  // Everything up to this version has been delivered.
  virtual void advance(const std::string& resource_version) = 0;
};

}  // namespace live::kube
