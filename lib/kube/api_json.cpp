// SPDX-License-Identifier: Apache-2.0
#include "kube/api_json.hpp"

#include <string>
#include <utility>

#include "base/json.hpp"
#include "kube/json_scanner.hpp"

namespace live::kube {
namespace {

class Reader {
 public:
  explicit Reader(std::string_view text) : scanner_(text) {}

  // The whole text as one value.
  Json read(const Fields& fields) {
    Json value;
    if (!read(value, fields, 0) || !scanner_.at_end()) return Json(Json::value_t::discarded);
    return value;
  }

 private:
  bool read(Json& value, const Fields& fields, std::size_t depth) {
    switch (scanner_.peek()) {
      case '{':
        return read_object(value = Json::object(), fields, depth);
      case '[':
        return read_array(value = Json::array(), fields, depth);
      case '"': {
        const auto text = scanner_.string(buffer_);
        if (text) value = *text;
        return text.has_value();
      }
      default: {
        auto literal = scanner_.literal();
        if (literal) value = std::move(*literal);
        return literal.has_value();
      }
    }
  }

  bool read_object(Json& object, const Fields& fields, std::size_t depth) {
    scanner_.take('{');
    if (scanner_.take('}')) return true;
    auto& members = object.get_ref<Json::object_t&>();
    do {
      const auto name = scanner_.string(buffer_);
      if (!name) return false;
      const Fields* const below = depth < max_json_depth ? fields.at(*name) : nullptr;
      std::string key = below ? std::string(*name) : std::string();
      if (!scanner_.take(':')) return false;
      if (below ? !read(members[std::move(key)], *below, depth + 1) : !scanner_.skip()) return false;
    } while (scanner_.take(','));
    return scanner_.take('}');
  }

  bool read_array(Json& array, const Fields& fields, std::size_t depth) {
    scanner_.take('[');
    if (scanner_.take(']')) return true;
    auto& items = array.get_ref<Json::array_t&>();
    do {
      const bool fits = depth < max_json_depth;
      if (fits ? !read(items.emplace_back(), fields, depth + 1) : !scanner_.skip()) return false;
    } while (scanner_.take(','));
    return scanner_.take(']');
  }

  JsonScanner scanner_;
  std::string buffer_;
};

std::string text_at(const Json& object, std::string_view path) {
  const Json& value = json_at(object, path);
  return value.is_string() ? value.get<std::string>() : std::string();
}

}  // namespace

Json parse_object(std::string_view text, const Fields& fields) { return Reader(text).read(fields); }

Result<ListPage> parse_list_page(std::string_view text, const Fields& item) {
  Json json = parse_object(text, list_fields(item));
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
  for (Json& listed : page.items) {
    if (!listed.is_object()) continue;
    // The server leaves these two out of the items of built-in types.
    listed.emplace("kind", item_kind);
    listed.emplace("apiVersion", api_version);
  }
  return page;
}

}  // namespace live::kube
