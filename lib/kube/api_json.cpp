// SPDX-License-Identifier: Apache-2.0
#include "kube/api_json.hpp"

#include <utility>
#include <vector>

#include "base/json.hpp"

namespace live::kube {
namespace {

// Builds the value that is being read, without what is too deep and without an object's managedFields: these
// are read over, and never held.
class PrunedBuilder {
 public:
  // `meta_depth`: how many containers are open at the key "metadata" of an object; 0 keeps managedFields.
  explicit PrunedBuilder(std::size_t meta_depth) : meta_depth_(meta_depth) {}
  Json take() && { return std::move(root_); }

  bool null() { return leaf(Json()); }
  bool boolean(bool value) { return leaf(Json(value)); }
  bool number_integer(std::int64_t value) { return leaf(Json(value)); }
  bool number_unsigned(std::uint64_t value) { return leaf(Json(value)); }
  bool number_float(double value, const std::string&) { return leaf(Json(value)); }
  bool string(std::string& value) { return leaf(Json(std::move(value))); }
  bool binary(Json::binary_t&) { return false; }
  bool start_object(std::size_t) { return open(Json::object()); }
  bool start_array(std::size_t) { return open(Json::array()); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }
  bool key(std::string& name) {
    if (skipped_ > 0) return true;
    if (open_.size() == meta_depth_) in_metadata_ = name == "metadata";
    drop_ = meta_depth_ > 0 && in_metadata_ && open_.size() == meta_depth_ + 1 && name == "managedFields";
    key_ = std::move(name);
    return true;
  }
  template <class Error>
  bool parse_error(std::size_t, const std::string&, const Error&) {
    return false;
  }

 private:
  // Where the value now is; null when it is left out.
  Json* put(Json value) {
    if (std::exchange(drop_, false) || open_.size() > max_json_depth) return nullptr;
    if (open_.empty()) return &(root_ = std::move(value));
    Json& parent = *open_.back();
    if (parent.is_array()) return &parent.get_ref<Json::array_t&>().emplace_back(std::move(value));
    return &(parent.get_ref<Json::object_t&>()[std::move(key_)] = std::move(value));
  }
  bool leaf(Json value) {
    if (skipped_ == 0) put(std::move(value));
    return true;
  }
  bool open(Json empty) {
    Json* const place = skipped_ == 0 ? put(std::move(empty)) : nullptr;
    if (place == nullptr) {
      ++skipped_;
    } else {
      open_.push_back(place);
    }
    return true;
  }
  bool close() {
    if (skipped_ > 0) {
      --skipped_;
    } else {
      open_.pop_back();
    }
    return true;
  }

  std::size_t meta_depth_;
  Json root_;
  std::vector<Json*> open_;
  std::size_t skipped_ = 0;  // containers that are open inside of what is left out
  std::string key_;
  bool drop_ = false;
  bool in_metadata_ = false;
};

Json parse_pruned(std::string_view text, std::size_t meta_depth) {
  PrunedBuilder builder(meta_depth);
  if (!Json::sax_parse(text, &builder)) return Json(Json::value_t::discarded);
  return std::move(builder).take();
}

std::string text_at(const Json& object, std::string_view path) {
  const Json& value = json_at(object, path);
  return value.is_string() ? value.get<std::string>() : std::string();
}

}  // namespace

Json parse_object(std::string_view text) { return parse_pruned(text, 0); }

Json parse_reply(std::string_view text) { return parse_pruned(text, 1); }

Json parse_watch_event(std::string_view text) { return parse_pruned(text, 2); }

Result<ListPage> parse_list_page(std::string_view text) {
  Json json = parse_pruned(text, 3);
  if (!json.is_object()) return failure("the list is not a JSON object");
  const std::string kind = text_at(json, "/kind");
  // "Table" is what a wrong Accept header gives.
  if (!kind.ends_with("List")) return failure("the reply is a \"" + kind + "\", not a list");
  ListPage page;
  page.resource_version = text_at(json, "/metadata/resourceVersion");
  // Without it there is nothing to watch from.
  if (page.resource_version.empty()) return failure("metadata.resourceVersion: missing");
  page.continue_token = text_at(json, "/metadata/continue");
  const auto items = json.find("items");
  if (items == json.end() || items->is_null()) return page;  // an empty list may be null
  if (!items->is_array()) return failure("items: not an array");
  const std::string item_kind = kind.substr(0, kind.size() - 4);
  const std::string api_version = text_at(json, "/apiVersion");
  page.items = std::move(items->get_ref<Json::array_t&>());
  for (Json& item : page.items) {
    if (!item.is_object()) continue;
    // The server leaves these two out of the items of built-in types.
    item.emplace("kind", item_kind);
    item.emplace("apiVersion", api_version);
  }
  return page;
}

}  // namespace live::kube
