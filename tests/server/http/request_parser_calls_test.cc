// What a parser tells beside its verdict, and what it can be told.

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"
#include "server/http/limits.h"
#include "server/http/request_parser.h"
#include "tests/server/http/request_bytes.h"
#include "tests/server/http/request_trace.h"

namespace tuco::http {
namespace {

// Puts all of `bytes` into the parser and goes to the next event.
ParseEvent FeedAll(RequestParser& parser, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto area = parser.ReadArea();
    const std::size_t size = std::min(area.size(), bytes.size());
    std::copy_n(bytes.data(), size, area.data());
    parser.Commit(size);
    bytes.remove_prefix(size);
  }
  return parser.Parse();
}

TEST(RequestHeadTest, NamesAreInLowerCaseAndValuesTrimmed) {
  const Limits limits;
  RequestParser parser(limits);
  ASSERT_EQ(FeedAll(parser, Post("X-TUCO-Signature: \t aB c \t\r\nEMPTY:\r\n")),
            ParseEvent::kHead);
  EXPECT_EQ(parser.head().Find("x-tuco-signature"), "aB c");
  EXPECT_EQ(parser.head().Find("empty"), "");
  EXPECT_EQ(parser.head().Find("absent"), std::nullopt);
  EXPECT_EQ(parser.head().Count("host"), 1);
}

TEST(RequestHeadTest, QueryIsWhatFollowsTheFirstQuestionMark) {
  const Limits limits;
  RequestParser parser(limits);
  ASSERT_EQ(FeedAll(parser, "GET /a%20?b?c HTTP/1.1\r\nHost: h\r\n\r\n"),
            ParseEvent::kHead);
  EXPECT_EQ(parser.head().path, "/a%20");
  EXPECT_EQ(parser.head().query, "b?c");
}

TEST(RequestParserContinueTest, IsWantedUntilAByteOfTheBodyCame) {
  const Limits limits;
  const std::string head =
      Post("Expect: 100-continue\r\nContent-Length: 2\r\n");
  RequestParser without_body(limits);
  ASSERT_EQ(FeedAll(without_body, head), ParseEvent::kHead);
  EXPECT_TRUE(without_body.wants_continue());
  RequestParser with_body(limits);
  ASSERT_EQ(FeedAll(with_body, head + "h"), ParseEvent::kHead);
  EXPECT_FALSE(with_body.wants_continue());
}

TEST(RequestParserContinueTest, IsNotWantedWithoutABodyNorInHttp10) {
  const Limits limits;
  RequestParser without_body(limits);
  ASSERT_EQ(FeedAll(without_body, Post("Expect: 100-continue\r\n")),
            ParseEvent::kHead);
  EXPECT_FALSE(without_body.wants_continue());
  RequestParser old(limits);
  ASSERT_EQ(FeedAll(old,
                    "POST /a HTTP/1.0\r\nExpect: 100-continue\r\n"
                    "Content-Length: 2\r\n\r\n"),
            ParseEvent::kHead);
  EXPECT_FALSE(old.wants_continue());
}

TEST(RequestParserLimitTest, CanBeLowerForOneRequest) {
  Limits limits;
  limits.body_bytes_max = 100;
  const std::string body(50, 'x');
  RequestParser parser(limits);
  ASSERT_EQ(FeedAll(parser, Post("Content-Length: 50\r\n", body)),
            ParseEvent::kHead);
  ASSERT_TRUE(parser.LimitBody(50));
  ASSERT_EQ(parser.Parse(), ParseEvent::kRequest);
  parser.Advance();
  ASSERT_EQ(FeedAll(parser, Post("Content-Length: 100\r\n")),
            ParseEvent::kHead);
  EXPECT_TRUE(parser.LimitBody(1'000));
}

TEST(RequestParserLimitTest, RefusesWhatIsLargerThanThat) {
  const Limits limits;
  RequestParser sized(limits);
  ASSERT_EQ(FeedAll(sized, Post("Content-Length: 51\r\n")), ParseEvent::kHead);
  EXPECT_FALSE(sized.LimitBody(50));
  EXPECT_EQ(sized.refusal().status, 413);
  EXPECT_EQ(sized.Parse(), ParseEvent::kRefused);

  RequestParser chunked(limits);
  ASSERT_EQ(FeedAll(chunked, Chunked("33\r\n")), ParseEvent::kHead);
  EXPECT_TRUE(chunked.LimitBody(50));
  EXPECT_EQ(chunked.Parse(), ParseEvent::kRefused);
  EXPECT_EQ(chunked.refusal().status, 413);
}

struct KeepAliveCase {
  std::string request;
  bool keep_alive;
};

TEST(RequestParserKeepAliveTest, FollowsVersionAndConnectionField) {
  const Limits limits;
  const std::vector<KeepAliveCase> cases = {
      {Post(""), true},
      {Post("Connection: close\r\n"), false},
      {Post("Connection: CLOSE\r\n"), false},
      {Post("Connection: x, close\r\n"), false},
      {"GET / HTTP/1.0\r\n\r\n", false},
      {"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", true},
  };
  for (const auto& [request, keep_alive] : cases) {
    RequestParser parser(limits);
    ASSERT_EQ(FeedAll(parser, request), ParseEvent::kHead) << request;
    EXPECT_EQ(parser.keep_alive(), keep_alive) << request;
  }
}

TEST(RequestParserBufferTest, TakesALargeBodyInPiecesAndShrinksAgain) {
  const Limits limits;
  RequestParser parser(limits);
  const std::string body(limits.body_bytes_max, 'b');
  std::string bytes = Post("Content-Length: 262144\r\n", body);
  const RequestTrace trace =
      Trace(bytes, limits, [](std::size_t) { return 10'007; });
  EXPECT_EQ(trace.verdict, "POST /a [" + body + "]");
  ASSERT_EQ(FeedAll(parser, bytes), ParseEvent::kHead);
  ASSERT_EQ(parser.Parse(), ParseEvent::kRequest);
  parser.Advance();
  EXPECT_LE(parser.ReadArea().size(), 16 * 1024U);
}

TEST(RequestParserBufferTest, KeepsAChunkedBodyInOnePiece) {
  const Limits limits;
  std::string expected;
  std::string chunks;
  for (int i = 0; i < 1'000; ++i) {
    const std::string piece(100, static_cast<char>('a' + i % 26));
    expected += piece;
    chunks += "64\r\n" + piece + "\r\n";
  }
  const RequestTrace trace = Trace(Chunked(chunks + "0\r\n\r\n"), limits,
                                   [](std::size_t) { return 777; });
  EXPECT_EQ(trace.verdict, "POST /a [" + expected + "]");
}

}  // namespace
}  // namespace tuco::http
