// SPDX-License-Identifier: Apache-2.0
#include "base/quantity.hpp"

#include <fmt/format.h>

#include <cmath>
#include <cstdlib>
#include <string>

namespace live {
namespace {

// 0 when the suffix is unknown.
double multiplier(std::string_view suffix) {
  if (suffix.empty()) return 1;
  if (suffix == "m") return 1e-3;
  constexpr std::string_view binary = "KMGTPE";
  constexpr std::string_view decimal = "kMGTPE";
  if (suffix.size() == 2 && suffix[1] == 'i') {
    const std::size_t at = binary.find(suffix[0]);
    return at == std::string_view::npos ? 0 : std::pow(1024.0, static_cast<double>(at + 1));
  }
  if (suffix.size() == 1) {
    const std::size_t at = decimal.find(suffix[0]);
    return at == std::string_view::npos ? 0 : std::pow(1000.0, static_cast<double>(at + 1));
  }
  return 0;
}

}  // namespace

Result<std::int64_t> parse_quantity(std::string_view text) {
  const auto refuse = [&] {
    return failure(fmt::format("\"{}\" is not a quantity such as 500M or 8Gi", text));
  };
  std::size_t digits = text.find_first_not_of("0123456789.");
  if (digits == std::string_view::npos) digits = text.size();
  const std::string number(text.substr(0, digits));
  std::string_view suffix = text.substr(digits);
  if (number.empty() || number == "." || number.find('.') != number.rfind('.')) return refuse();
  double value = std::strtod(number.c_str(), nullptr);
  if (suffix.size() > 1 && (suffix[0] == 'e' || suffix[0] == 'E') && suffix[1] != 'i') {
    const std::string exponent(suffix.substr(1));
    char* end = nullptr;
    const long power = std::strtol(exponent.c_str(), &end, 10);
    if (*end != '\0' || power < -18 || power > 18) return refuse();
    value *= std::pow(10.0, static_cast<double>(power));
  } else {
    const double factor = multiplier(suffix);
    if (factor == 0) return refuse();
    value *= factor;
  }
  if (!(value >= 0) || value > 9.2e18) return refuse();
  return static_cast<std::int64_t>(std::ceil(value));
}

}  // namespace live
