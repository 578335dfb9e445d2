#include "server/base/logging.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace tuco::base {
namespace {

using testing::EndsWith;
using testing::MatchesRegex;
using testing::StartsWith;
// NOLINTNEXTLINE(misc-unused-using-decls): literals below use it.
using std::string_literals::operator""s;

TEST(JsonQuoteTest, EscapesWhatJsonAsksFor) {
  EXPECT_EQ(JsonQuote(""), R"("")");
  EXPECT_EQ(JsonQuote("plain / text"), R"("plain / text")");
  EXPECT_EQ(JsonQuote("\"\\\n\r\t"), R"("\"\\\n\r\t")");
  EXPECT_EQ(JsonQuote("\0\x1f\x7f"s), R"("\u0000\u001f\u007f")");
}

TEST(JsonQuoteTest, KeepsWellFormedUtf8) {
  const std::string text =
      "\xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80 "
      "\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf";
  EXPECT_EQ(JsonQuote(text), "\"" + text + "\"");
}

TEST(JsonQuoteTest, ReplacesIllFormedUtf8) {
  const std::string bad = "\xef\xbf\xbd";
  EXPECT_EQ(JsonQuote("a\xff"
                      "b"),
            "\"a" + bad + "b\"");
  EXPECT_EQ(JsonQuote("\xc3"), "\"" + bad + "\"");            // Cut short.
  EXPECT_EQ(JsonQuote("\xc0\x80"), "\"" + bad + bad + "\"");  // Overlong.
  EXPECT_EQ(JsonQuote("\xe0\x80\x80"), "\"" + bad + bad + bad + "\"");
  EXPECT_EQ(JsonQuote("\xed\xa0\x80"),  // A surrogate.
            "\"" + bad + bad + bad + "\"");
  EXPECT_EQ(JsonQuote("\xf4\x90\x80\x80"),  // Beyond U+10FFFF.
            "\"" + bad + bad + bad + bad + "\"");
}

TEST(LogTest, WritesOneJsonObjectALine) {
  testing::internal::CaptureStderr();
  Log(Severity::kWarning, "a \"message\"",
      {{"address", "127.0.0.1:1"}, {"error", "no\nspace"}});
  const std::string line = testing::internal::GetCapturedStderr();
  EXPECT_THAT(line, StartsWith(R"({"time":"2)"));
  EXPECT_THAT(line.substr(0, 38),
              MatchesRegex(".............[-0-9]*T[:.0-9]*Z\","));
  EXPECT_THAT(line,
              EndsWith(R"("severity":"warning","message":"a \"message\"",)"
                       R"("address":"127.0.0.1:1","error":"no\nspace"})"
                       "\n"));
}

}  // namespace
}  // namespace tuco::base
