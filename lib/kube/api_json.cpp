// SPDX-License-Identifier: Apache-2.0
#include "kube/api_json.hpp"

#include "base/json.hpp"

namespace live::kube {
namespace {

// `meta_depth`: how many containers are open at the key "metadata" of an object; 0 keeps managedFields.
Json parse_pruned(std::string_view text, int meta_depth) {
  bool in_metadata = false;
  const auto keep = [&](int depth, Json::parse_event_t event, Json& value) {
    if (depth > max_json_depth) return false;
    if (event != Json::parse_event_t::key || meta_depth == 0) return true;
    if (depth == meta_depth) in_metadata = value.get_ref<const std::string&>() == "metadata";
    if (depth != meta_depth + 1 || !in_metadata) return true;
    return value.get_ref<const std::string&>() != "managedFields";
  };
  return Json::parse(text, keep, /*allow_exceptions=*/false);
}

std::string text_at(const Json& object, std::string_view path) {
  const Json& value = json_at(object, path);
  return value.is_string() ? value.get<std::string>() : std::string();
}

}  // namespace

Json parse_object(std::string_view text) { return parse_pruned(text, 0); }

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
