// SPDX-License-Identifier: Apache-2.0
#include "recorder/yaml_json.hpp"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include "base/json.hpp"

namespace live::recorder {
namespace {

constexpr int max_depth = 64;
constexpr int max_values = 100'000;

class Converter {
 public:
  // False when a limit was reached.
  bool convert(const YAML::Node& node, int depth, Json& out) {
    if (depth > max_depth || ++values_ > max_values) return false;
    if (node.IsSequence()) {
      out = Json::array();
      for (const YAML::Node& item : node) {
        Json value;
        if (!convert(item, depth + 1, value)) return false;
        out.push_back(std::move(value));
      }
    } else if (node.IsMap()) {
      out = Json::object();
      for (const auto& pair : node) {
        Json value;
        if (!convert(pair.second, depth + 1, value)) return false;
        out[pair.first.as<std::string>()] = std::move(value);
      }
    } else if (node.IsScalar()) {
      out = scalar(node);
    } else {
      out = nullptr;
    }
    return true;
  }

 private:
  static Json scalar(const YAML::Node& node) {
    const std::string& text = node.Scalar();
    const bool quoted = node.Tag() == "!";
    if (quoted) return text;
    if (text == "true" || text == "True" || text == "TRUE") return true;
    if (text == "false" || text == "False" || text == "FALSE") return false;
    if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") return nullptr;
    // A plain scalar that reads as a JSON number is one.
    if (const Json number = parse_json(text); number.is_number()) return number;
    return text;
  }

  int values_ = 0;
};

}  // namespace

Result<Json> yaml_to_json(const std::string& text) {
  try {
    Json json;
    Converter converter;
    if (!converter.convert(YAML::Load(text), 0, json))
      return failure("the document is nested too deeply or too large");
    return json;
  } catch (const YAML::Exception& error) {
    return failure(
        fmt::format("line {}, column {}: {}", error.mark.line + 1, error.mark.column + 1, error.msg));
  }
}

}  // namespace live::recorder
