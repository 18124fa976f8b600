// SPDX-License-Identifier: Apache-2.0
// Contract: any body of a reply is a page, an object, an error or a refusal, without an exception; and what
// is read of it is what the JSON library reads, or the fields asked for of that.
#include <algorithm>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "kube/api_json.hpp"
#include "kube/lease.hpp"

namespace {
using live::Json;
using live::kube::Fields;

const Fields& some_fields() {
  static const Fields fields = live::kube::object_fields(
      {{.name = "l"}}, {{.name = "a"}},
      {{.name = "spec", .members = {{.name = "a", .members = {{.name = "b"}}}, {.name = "c"}}},
       {.name = "status",
        .members = {{.name = "a", .left_out = true}, {.name = "b", .members = {{.name = "c"}}}},
        .others = Fields::Others::take}});
  return fields;
}

// What reading only these fields should give.
Json pruned(const Json& value, const Fields& fields) {
  Json out = value;
  if (value.is_array()) {
    for (Json& item : out) item = pruned(item, fields);
  } else if (value.is_object()) {
    out = Json::object();
    for (const auto& [name, member] : value.items()) {
      if (const Fields* below = fields.at(name)) out[name] = pruned(member, *below);
    }
  }
  return out;
}

void compare(std::string_view text) {
  // To the library a zero byte is the end of the text; to us it is a fault, as the standard has it.
  if (text.find('\0') != std::string_view::npos) return;
  // Deeper texts are cut off, and what is cut off is not checked.
  const auto brackets = std::count_if(text.begin(), text.end(), [](char c) { return c == '{' || c == '['; });
  if (brackets >= static_cast<std::ptrdiff_t>(live::kube::max_json_depth)) return;
  const Json plain = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  const Json ours = live::kube::parse_object(text);
  if (ours.is_discarded() != plain.is_discarded()) std::abort();
  if (plain.is_discarded()) return;
  if (ours != plain) std::abort();
  for (const Fields* fields : {&some_fields(), &live::kube::all_but_managed_fields}) {
    if (live::kube::parse_object(text, *fields) != pruned(plain, *fields)) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  compare(text);
  const Json object = live::kube::parse_object(text, some_fields());
  (void)live::kube::parse_meta(object);
  (void)live::kube::parse_lease(object);
  (void)live::dump_json(object);
  if (const auto page = live::kube::parse_list_page(text)) {
    for (const Json& item : page->items) (void)live::kube::key_of(item);
  }
  (void)live::kube::parse_api_error(500, text, std::string(text.substr(0, 16)));
  return 0;
}
