// SPDX-License-Identifier: Apache-2.0
#include "recorder/connection/connection.hpp"

#include <gtest/gtest.h>

namespace live::recorder {
namespace {

// A1 of docs/flv-repair.md: what servers say of error pages, and of streams.
TEST(Connection, TellsPagesFromStreams) {
  for (const char* page :
       {"text/html", "text/plain; charset=utf-8", "Text/HTML", "application/json", "application/xhtml+xml",
        "application/problem+json; charset=utf-8", "application/xml"})
    EXPECT_TRUE(is_page(page)) << page;
  for (const char* stream : {"video/x-flv", "video/flv", "application/octet-stream", "", "Video/X-FLV"})
    EXPECT_FALSE(is_page(stream)) << stream;
}

}  // namespace
}  // namespace live::recorder
