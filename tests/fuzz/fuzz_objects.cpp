// SPDX-License-Identifier: Apache-2.0
// Contract: whatever an API server sends as a LiveRoom, a pod or a claim is decoded or refused without an
// exception; and of the fields that are read nothing is missing: the whole object gives the same.
#include <cstdlib>
#include <string_view>

#include "base/json.hpp"
#include "controller/live_room.hpp"
#include "controller/recorder_pod.hpp"
#include "controller/recordings_claim.hpp"
#include "kube/api_json.hpp"

namespace {

template <class T>
void check(std::string_view text, const live::kube::Fields& fields,
           live::Result<T> (*decode)(const live::Json&)) {
  const live::Json whole = live::kube::parse_object(text);
  const live::Json read = live::kube::parse_object(text, fields);
  if (whole.is_discarded()) {
    (void)decode(read);
    return;
  }
  const live::Result<T> expected = decode(whole);
  const live::Result<T> got = decode(read);
  if (expected.has_value() != got.has_value()) std::abort();
  if (expected && !(*expected == *got)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace live::controller;
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  check(text, live_room_fields(), decode_live_room);
  check(text, recorder_pod_fields(), decode_recorder_pod);
  check(text, recordings_claim_fields(), decode_recordings_claim);
  return 0;
}
