// SPDX-License-Identifier: Apache-2.0
#include "kube/errors.hpp"

#include <gtest/gtest.h>

#include "base/json.hpp"

namespace live::kube {
namespace {
using namespace std::chrono_literals;

TEST(ApiError, ReadsTheStatusOfARealServer) {
  const ApiError error =
      parse_api_error(422, R"({"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure",
      "message":"LiveRoom.liveroom.dev \"a\" is invalid: spec.roomId: Forbidden: roomId is immutable",
      "reason":"Invalid","details":{"name":"a","group":"liveroom.dev","kind":"LiveRoom",
      "causes":[{"reason":"FieldValueForbidden","message":"Forbidden: roomId is immutable","field":"spec.roomId"}]},
      "code":422})");
  EXPECT_TRUE(error.is_invalid());
  EXPECT_EQ(error.reason, "Invalid");
  ASSERT_EQ(error.causes.size(), 1u);
  EXPECT_EQ(error.causes[0].field, "spec.roomId");
  EXPECT_EQ(
      error.text(),
      "422 Invalid: LiveRoom.liveroom.dev \"a\" is invalid: spec.roomId: Forbidden: roomId is immutable");
  EXPECT_FALSE(error.is_transient());
}

TEST(ApiError, TellsTheKindsOf409Apart) {
  const ApiError conflict{409, "Conflict", "the object has been modified", {}, {}};
  EXPECT_TRUE(conflict.is_conflict());
  EXPECT_FALSE(conflict.is_already_exists());
  const ApiError exists{409, "AlreadyExists", "pods \"x\" already exists", {}, {}};
  EXPECT_FALSE(exists.is_conflict());
  EXPECT_TRUE(exists.is_already_exists());
  EXPECT_FALSE(exists.is_being_deleted());
  const ApiError deleted{409, "AlreadyExists", "object is being deleted: pods \"x\" already exists", {}, {}};
  EXPECT_TRUE(deleted.is_already_exists());
  EXPECT_TRUE(deleted.is_being_deleted());
}

TEST(ApiError, KnowsWhatIsWorthTryingAgain) {
  EXPECT_TRUE((ApiError{429, "TooManyRequests", "", {}, 1s}.is_transient()));
  EXPECT_TRUE((ApiError{503, "ServiceUnavailable", "", {}, {}}.is_transient()));
  EXPECT_TRUE((ApiError{500, "InternalError", "", {}, {}}.is_transient()));
  EXPECT_FALSE((ApiError{404, "NotFound", "", {}, {}}.is_transient()));
  const ApiError unknown{
      500, "", "failed to create typed patch object: .status.x: field not declared in schema", {}, {}};
  EXPECT_TRUE(unknown.is_unknown_field());
  EXPECT_FALSE(unknown.is_transient());
}

TEST(ApiError, KnowsTheFlavoursOf403And504) {
  const ApiError terminating{403, "Forbidden", "", {{"NamespaceTerminating", "", "metadata.namespace"}}, {}};
  EXPECT_TRUE(terminating.is_namespace_terminating());
  EXPECT_FALSE(terminating.is_quota_exceeded());
  const ApiError quota{
      403, "Forbidden", "pods \"x\" is forbidden: exceeded quota: q, requested: pods=1", {}, {}};
  EXPECT_TRUE(quota.is_quota_exceeded());
  EXPECT_TRUE(quota.is_forbidden());
  const ApiError future{504, "Timeout", "", {{"ResourceVersionTooLarge", "", ""}}, 1s};
  EXPECT_TRUE(future.is_version_too_large());
  EXPECT_TRUE(future.is_timeout());
}

TEST(ApiError, TakesAnyBody) {
  const ApiError page = parse_api_error(502, "<html>Bad Gateway</html>");
  EXPECT_EQ(page.code, 502);
  EXPECT_EQ(page.message, "<html>Bad Gateway</html>");
  EXPECT_EQ(parse_api_error(500, std::string(5000, 'x')).message.size(), 512u);
  EXPECT_EQ(parse_api_error(500, "").text(), "500");
  EXPECT_EQ(parse_api_error(500, R"({"kind":"Status","code":200,"message":5,"details":[1]})").code, 500);
  EXPECT_EQ(parse_api_error(500, R"({"kind":"Pod","message":"no"})").reason, "");
  EXPECT_EQ(
      parse_api_error(404, R"({"kind":"Status","details":{"causes":[1,{"reason":"A"}]}})").causes.size(), 1u);
}

TEST(ApiError, RetryAfterComesFromTheHeaderOrTheBodyAndIsBounded) {
  const char* body = R"({"kind":"Status","details":{"retryAfterSeconds":7}})";
  EXPECT_EQ(parse_api_error(429, body).retry_after, 7s);
  EXPECT_EQ(parse_api_error(429, body, "3").retry_after, 3s);
  EXPECT_EQ(parse_api_error(429, "", "86400").retry_after, 120s);
  EXPECT_EQ(parse_api_error(429, "", "Wed, 21 Oct 2026 07:28:00 GMT").retry_after, std::nullopt);
  EXPECT_EQ(parse_api_error(429, "", "-1").retry_after, std::nullopt);
}

TEST(ApiError, ComesFromAnErrorEvent) {
  const ApiError error = api_error_of(parse_json(
      R"j({"kind":"Status","message":"too old resource version: 1 (386)","reason":"Expired","code":410})j"));
  EXPECT_TRUE(error.is_gone());
  EXPECT_EQ(api_error_of(Json()), ApiError());
  EXPECT_EQ(api_error_of(parse_json(R"({"code":"x"})")).code, 0);
}

TEST(ApiException, CarriesContextAndError) {
  const ApiException exception("create pod rooms/a", ApiError{403, "Forbidden", "no", {}, {}});
  EXPECT_STREQ(exception.what(), "create pod rooms/a: 403 Forbidden: no");
  EXPECT_TRUE(exception.error().is_forbidden());
}

}  // namespace
}  // namespace live::kube
