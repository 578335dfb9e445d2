#include "server/http/response_writer.h"

#include <string>

#include "gtest/gtest.h"

namespace tuco::http {
namespace {

TEST(AppendResponseTest, WritesOneResponseBehindWhatIsThere) {
  Response response;
  response.status = 503;
  response.body = "{}";
  response.headers.push_back({"Retry-After", "1"});
  std::string out = "before ";
  AppendResponse(response, ConnectionField::kClose, false, out);
  EXPECT_EQ(out,
            "before HTTP/1.1 503 Service Unavailable\r\n"
            "Content-Type: application/json\r\n"
            "Content-Length: 2\r\n"
            "Retry-After: 1\r\n"
            "Connection: close\r\n"
            "\r\n"
            "{}");
}

TEST(AppendResponseTest, LeavesTheBodyOutButNotItsLength) {
  Response response;
  response.body = "{}";
  std::string out;
  AppendResponse(response, ConnectionField::kNone, true, out);
  EXPECT_EQ(out,
            "HTTP/1.1 200 OK\r\n"
            "Content-Type: application/json\r\n"
            "Content-Length: 2\r\n"
            "\r\n");
}

TEST(AppendResponseTest, NoContentHasNoLength) {
  Response response;
  response.status = 204;
  std::string out;
  AppendResponse(response, ConnectionField::kKeepAlive, false, out);
  EXPECT_EQ(out, "HTTP/1.1 204 No Content\r\nConnection: keep-alive\r\n\r\n");
}

TEST(ProblemTest, IsJsonWhateverTheDetail) {
  const Response response = Problem(413, "a \"large\" body\n");
  EXPECT_EQ(response.status, 413);
  EXPECT_EQ(response.content_type, "application/problem+json");
  EXPECT_EQ(response.body,
            R"({"type":"about:blank","title":"Content Too Large",)"
            R"("status":413,"detail":"a \"large\" body\n"})");
}

}  // namespace
}  // namespace tuco::http
