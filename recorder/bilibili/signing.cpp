// SPDX-License-Identifier: Apache-2.0
#include "recorder/bilibili/signing.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "net/url.hpp"

namespace live::bilibili {
namespace {

constexpr std::size_t mixed_length = 32;
// Where each character of the mixed key stands in image + sub.
constexpr std::array<std::uint8_t, mixed_length> order = {46, 47, 18, 2,  53, 8,  23, 32, 15, 50, 10,
                                                          31, 58, 3,  45, 35, 27, 43, 5,  49, 33, 9,
                                                          42, 19, 29, 28, 14, 39, 12, 38, 41, 13};

bool is_key_text(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  });
}

// The last path element without its extension.
std::string_view file_stem(std::string_view url) {
  url = url.substr(0, url.find_first_of("?#"));
  const std::size_t slash = url.rfind('/');
  if (slash != std::string_view::npos) url.remove_prefix(slash + 1);
  return url.substr(0, url.find('.'));
}

void remove_unsigned_characters(std::string& value) {
  value.erase(
      std::remove_if(value.begin(), value.end(),
                     [](char c) { return c == '!' || c == '\'' || c == '(' || c == ')' || c == '*'; }),
      value.end());
}

}  // namespace

Result<WbiKey> WbiKey::mix(std::string_view image, std::string_view sub) {
  const std::string raw = std::string(image) + std::string(sub);
  if (raw.size() <= *std::max_element(order.begin(), order.end())) {
    return failure("the signing keys are shorter than they are mixed from");
  }
  if (!is_key_text(raw)) return failure("the signing keys hold other characters than letters and digits");
  std::string mixed;
  mixed.reserve(mixed_length);
  for (const std::uint8_t at : order) mixed.push_back(raw[at]);
  return WbiKey(std::move(mixed));
}

Result<WbiKey> WbiKey::from_urls(std::string_view image_url, std::string_view sub_url) {
  return mix(file_stem(image_url), file_stem(sub_url));
}

Result<WbiKey> WbiKey::from_text(std::string_view text) {
  if (text.size() != mixed_length || !is_key_text(text)) return failure("not a mixed signing key");
  return WbiKey(std::string(text));
}

std::string encode_query(const Parameters& parameters) {
  std::string query;
  for (const auto& [name, value] : parameters) {
    if (!query.empty()) query.push_back('&');
    query += net::percent_encode(name);
    query.push_back('=');
    query += net::percent_encode(value);
  }
  return query;
}

std::string sign_query(Parameters parameters, const WbiKey& key, std::int64_t unix_seconds) {
  for (auto& [name, value] : parameters) remove_unsigned_characters(value);
  parameters.emplace_back("wts", std::to_string(unix_seconds));
  std::stable_sort(parameters.begin(), parameters.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::string query = encode_query(parameters);
  const std::string digest = md5_hex(query + key.text());
  query += "&w_rid=";
  query += digest;
  return query;
}

std::string md5_hex(std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  if (EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_md5(), nullptr) != 1) {
    throw std::runtime_error("OpenSSL does not give MD5");  // a FIPS-only installation
  }
  constexpr std::string_view digits = "0123456789abcdef";
  std::string hex;
  hex.reserve(std::size_t{2} * size);
  for (unsigned int i = 0; i < size; ++i) {
    hex.push_back(digits[digest[i] >> 4]);
    hex.push_back(digits[digest[i] & 15]);
  }
  return hex;
}

}  // namespace live::bilibili
