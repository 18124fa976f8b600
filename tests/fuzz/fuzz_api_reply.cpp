// SPDX-License-Identifier: Apache-2.0
// Contract: any body of a reply is a page, an object, an error or a refusal, without an exception.
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "kube/api_json.hpp"
#include "kube/lease.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  const live::Json object = live::kube::parse_object(text);
  (void)live::kube::parse_meta(object);
  (void)live::kube::parse_lease(object);
  (void)live::dump_json(object);
  if (const auto page = live::kube::parse_list_page(text)) {
    for (const live::Json& item : page->items) (void)live::kube::key_of(item);
  }
  (void)live::kube::parse_api_error(500, text, std::string(text.substr(0, 16)));
  return 0;
}
