// SPDX-License-Identifier: Apache-2.0
#include "recorder/flv/rules/script.hpp"

namespace live::flv {

std::optional<amf::Object> metadata_of(ByteView script) {
  Result<std::vector<amf::Value>> parsed = amf::parse(script);
  if (!parsed) return std::nullopt;
  std::vector<amf::Value>& values = *parsed;
  std::size_t at = 0;
  if (values[at].text() != nullptr && *values[at].text() == "@setDataFrame") ++at;
  if (at >= values.size() || values[at].text() == nullptr || *values[at].text() != "onMetaData")
    return std::nullopt;
  for (++at; at < values.size(); ++at) {
    if (auto* object = std::get_if<amf::Object>(&values[at].data)) return std::move(*object);
  }
  return amf::Object();  // onMetaData without values
}

void ScriptRule::apply(Action&& action) {
  if (std::holds_alternative<Media>(action)) {
    media_seen_ = true;
    emit(std::move(action));
    return;
  }
  if (const auto* boundary = std::get_if<Boundary>(&action);
      boundary != nullptr && boundary->reason == BoundaryReason::connection) {
    media_seen_ = false;
  }
  const auto* script = std::get_if<Script>(&action);
  if (script == nullptr) {
    emit(std::move(action));
    return;
  }
  std::optional<amf::Object> values = metadata_of(script->payload);
  if (!values) {
    context().reporter.report(
        context().finding(FindingKind::script_dropped, script->arrival, 1, script->payload.size()));
    return;
  }
  const ArrivalTime arrival = script->arrival;
  emit(Metadata{std::make_shared<const amf::Object>(std::move(*values))});
  if (media_seen_) {
    context().reporter.report(context().finding(FindingKind::metadata_again, arrival, 1));
    emit(Boundary{BoundaryReason::metadata, arrival});
  }
}

}  // namespace live::flv
