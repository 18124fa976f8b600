// SPDX-License-Identifier: Apache-2.0
#include "net/chunk_decoder.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace live::net {
namespace {

struct Decoded {
  std::string content;
  bool finished;
  bool broken;
  std::size_t excess;
  bool operator==(const Decoded&) const = default;
};

std::ostream& operator<<(std::ostream& out, const Decoded& d) {
  return out << '"' << d.content << "\" finished " << d.finished << " broken " << d.broken << " excess "
             << d.excess;
}

// Feeds the text in pieces as `next_size` says.
template <class NextSize>
Decoded decode(const std::string& text, NextSize next_size) {
  ChunkDecoder decoder;
  Decoded out{};
  std::size_t at = 0;
  while (at < text.size() && !decoder.finished() && !decoder.broken()) {
    const std::size_t size = std::min(text.size() - at, std::max<std::size_t>(next_size(), 1));
    std::string piece = text.substr(at, size);
    at += size;
    const std::size_t content =
        decoder.squeeze({reinterpret_cast<std::uint8_t*>(piece.data()), piece.size()});
    out.content += piece.substr(0, content);
  }
  out.finished = decoder.finished();
  out.broken = decoder.broken();
  out.excess = decoder.excess() + (decoder.finished() ? text.size() - at : 0);
  return out;
}

struct Row {
  std::string text;
  Decoded expected;
};

std::vector<Row> rows() {
  const std::string zeros(14, '0');
  return {
      {"0\r\n\r\n", {"", true, false, 0}},
      {"5\r\nhello\r\n0\r\n\r\n", {"hello", true, false, 0}},
      {"5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n", {"hello world", true, false, 0}},
      {"A\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n", {"01234567890123456789", true, false, 0}},
      {zeros + "05\r\nhello\r\n" + zeros + "\r\n\r\n", {"hello", true, false, 0}},
      {"2\r\n\r\n\r\n0\r\n\r\n", {"\r\n", true, false, 0}},
      {"3;name=value\r\nabc\r\n0;last\r\n\r\n", {"abc", true, false, 0}},
      {"3 \r\nabc\r\n0\t\r\n\r\n", {"abc", true, false, 0}},
      {"3;q=\"x;y\"\r\nabc\r\n0\r\n\r\n", {"abc", true, false, 0}},
      {"0\r\nTrailer: x\r\nOther: y\r\n\r\n", {"", true, false, 0}},
      {"0\r\n\r\nHTTP/1.1", {"", true, false, 8}},
      {"5\r\nhel", {"hel", false, false, 0}},
      {"5\r\nhello", {"hello", false, false, 0}},
      {"5", {"", false, false, 0}},
      {"ffffffffffffffff\r\nx", {"x", false, false, 0}},
      {"10000000000000000\r\nx", {"", false, true, 0}},
      {"\r\n", {"", false, true, 0}},
      {"x\r\n", {"", false, true, 0}},
      {"-5\r\nhello\r\n", {"", false, true, 0}},
      {"+5\r\nhello\r\n", {"", false, true, 0}},
      {"0x5\r\nhello\r\n", {"", false, true, 0}},
      {" 5\r\nhello\r\n", {"", false, true, 0}},
      {";5\r\nhello\r\n", {"", false, true, 0}},
      {"5\nhello\r\n", {"", false, true, 0}},
      {"5\r\rhello", {"", false, true, 0}},
      {"5\r\nhelloX\r\n", {"hello", false, true, 0}},
      {"5\r\nhello\n0\r\n\r\n", {"hello", false, true, 0}},
      {"5\r\nhello\r0\r\n\r\n", {"hello", false, true, 0}},
      {"5;a\nb\r\n", {"", false, true, 0}},
      {"0\r\nT: x\n\r\n", {"", false, true, 0}},
      {"0\r\n\rx", {"", false, true, 0}},
      {"0\r\nT: x\rx", {"", false, true, 0}},
      {"1;" + std::string(2000, 'x') + "\r\na\r\n", {"", false, true, 0}},
      {"0\r\n" + std::string(9000, 'x') + "\r\n\r\n", {"", false, true, 0}},
      {"1;" + std::string(1000, 'x') + "\r\na\r\n0\r\n\r\n", {"a", true, false, 0}},
  };
}

TEST(ChunkDecoder, DecodesWholePieces) {
  for (const Row& row : rows()) {
    EXPECT_EQ(decode(row.text, [&] { return row.text.size(); }), row.expected) << row.text;
  }
}

TEST(ChunkDecoder, DecodesSingleBytes) {
  for (const Row& row : rows()) {
    EXPECT_EQ(decode(row.text, [] { return 1; }), row.expected) << row.text;
  }
}

TEST(ChunkDecoder, DecodesTextSplitAtEveryByte) {
  for (const Row& row : rows()) {
    for (std::size_t split = 1; split < row.text.size(); ++split) {
      bool first = true;
      const auto size = [&] { return std::exchange(first, false) ? split : row.text.size(); };
      EXPECT_EQ(decode(row.text, size), row.expected) << row.text << " split at " << split;
    }
  }
}

TEST(ChunkDecoder, DecodesRandomChunksInRandomPieces) {
  std::mt19937 random(7);
  const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
  for (int round = 0; round < 300; ++round) {
    std::string content;
    std::string text;
    for (std::size_t chunks = below(6); chunks > 0; --chunks) {
      std::string chunk(1 + below(300), '\0');
      for (char& c : chunk) c = static_cast<char>(random());
      char head[40];
      std::snprintf(head, sizeof head, below(2) ? "%zx\r\n" : "%08zX;ext=1\r\n", chunk.size());
      content += chunk;
      text += head + chunk + "\r\n";
    }
    text += "0\r\n\r\n";
    EXPECT_EQ(decode(text, [&] { return 1 + below(200); }), (Decoded{content, true, false, 0}));
  }
}

TEST(ChunkDecoder, TakesAnyBytesWithoutHarm) {
  // Mostly characters that mean something to it, so that deep states are reached.
  static constexpr std::string_view alphabet = "0123456789aF;\r\n\r\n x";
  std::mt19937 random(11);
  for (int round = 0; round < 20'000; ++round) {
    std::string text(random() % 60, '\0');
    for (char& c : text) c = alphabet[random() % alphabet.size()];
    const Decoded whole = decode(text, [&] { return text.size(); });
    const Decoded bytes = decode(text, [] { return 1; });
    ASSERT_EQ(whole, bytes) << text;
    ASSERT_FALSE(whole.finished && whole.broken);
    ASSERT_LE(whole.content.size(), text.size());
  }
}

}  // namespace
}  // namespace live::net
