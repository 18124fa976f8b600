// SPDX-License-Identifier: Apache-2.0
#include "kube/watch_decoder.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace live::kube {
namespace {

const std::string stream =
    R"({"type":"ADDED","object":{"metadata":{"name":"直播😀","resourceVersion":"1"}}})"
    "\n"
    R"({"type":"MODIFIED","object":{"metadata":{"name":"}{\"\\"}}})"
    "\n\n  "
    R"({"type":"DELETED","object":{}}{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"9"}}})"
    "\n"
    R"({"type":"ERROR","object":{"code":410}}{"type":"NEW"}{"object":1})";

std::vector<WatchEvent> decode(WatchDecoder& decoder, std::string_view bytes, std::size_t piece) {
  std::vector<WatchEvent> events;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    decoder.feed(bytes.substr(at, piece));
    while (std::optional<WatchEvent> event = decoder.next()) events.push_back(*std::move(event));
  }
  return events;
}

TEST(WatchDecoder, FindsTheSameEventsHoweverTheBytesAreCut) {
  for (std::size_t piece = 1; piece <= stream.size(); ++piece) {
    WatchDecoder decoder;
    const std::vector<WatchEvent> events = decode(decoder, stream, piece);
    ASSERT_EQ(decoder.fault(), WatchDecoder::Fault::none) << piece;
    ASSERT_EQ(events.size(), 7u) << piece;
    EXPECT_EQ(events[0].type, WatchEventType::added);
    EXPECT_EQ(events[0].object["metadata"]["name"], "直播😀");
    EXPECT_EQ(events[1].type, WatchEventType::modified);
    EXPECT_EQ(events[1].object["metadata"]["name"], "}{\"\\");
    EXPECT_EQ(events[2].type, WatchEventType::deleted);
    EXPECT_EQ(events[3].type, WatchEventType::bookmark);
    EXPECT_EQ(events[4].type, WatchEventType::error);
    EXPECT_EQ(events[5].type, WatchEventType::unknown);
    EXPECT_EQ(events[6].type, WatchEventType::unknown);
    EXPECT_FALSE(decoder.inside_document());
  }
}

TEST(WatchDecoder, KnowsThatADocumentIsUnfinished) {
  WatchDecoder decoder;
  EXPECT_EQ(decode(decoder, R"({"type":"ADDED")", 3).size(), 0u);
  EXPECT_TRUE(decoder.inside_document());
}

TEST(WatchDecoder, EndsAtADocumentOverTheLimit) {
  const std::string large = R"({"type":"ADDED","object":")" + std::string(200, 'x') + "\"}";
  for (const std::size_t piece : {std::size_t{1}, std::size_t{50}, std::size_t{1000}}) {
    WatchDecoder decoder(100);
    EXPECT_EQ(decode(decoder, R"({"type":"A"})" + large + R"({"type":"B"})", piece).size(), 1u);
    EXPECT_EQ(decoder.fault(), WatchDecoder::Fault::too_large);
  }
}

TEST(WatchDecoder, ManySmallDocumentsAreNotTooLarge) {
  WatchDecoder decoder(100);
  std::string many;
  for (int i = 0; i < 1000; ++i) many += R"({"type":"ADDED","object":{}})";
  EXPECT_EQ(decode(decoder, many, many.size()).size(), 1000u);
  EXPECT_EQ(decoder.fault(), WatchDecoder::Fault::none);
}

TEST(WatchDecoder, EndsAtWhatIsNotJson) {
  for (const char* text : {"<html>", "null", "{\"a\":}", "}", "[1]", "{]", "\xff\xfe"}) {
    WatchDecoder decoder;
    EXPECT_EQ(decode(decoder, text, 1).size(), 0u) << text;
    EXPECT_EQ(decoder.fault(), WatchDecoder::Fault::not_json) << text;
    decoder.feed(R"({"type":"ADDED"})");
    EXPECT_FALSE(decoder.next()) << text;
  }
}

TEST(WatchDecoder, DropsManagedFields) {
  WatchDecoder decoder;
  decoder.feed(R"({"type":"ADDED","object":{"metadata":{"name":"a","managedFields":[{"manager":"m"}]}}})");
  const std::optional<WatchEvent> event = decoder.next();
  ASSERT_TRUE(event);
  EXPECT_EQ(event->object, (Json{{"metadata", {{"name", "a"}}}}));
}

}  // namespace
}  // namespace live::kube
