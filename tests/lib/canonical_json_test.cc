// Rules of the canonical form, one by one; canonical_v8_test holds all of them
// against V8 at random.

#include "tuco/canonical_json.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>

namespace tuco {
namespace {

std::string Canonical(std::string_view text) {
  const auto canonical = CanonicalJson(text);
  EXPECT_TRUE(canonical.ok()) << text << ": " << canonical.status();
  return canonical.value_or("");
}

std::string Refusal(std::string_view text) {
  const auto canonical = CanonicalJson(text);
  EXPECT_EQ(canonical.status().code(), absl::StatusCode::kInvalidArgument)
      << text;
  return std::string(std::string_view(canonical.status().message().data(),
                                      canonical.status().message().size()));
}

bool Says(std::string_view message, std::string_view part) {
  return message.find(part) != std::string_view::npos;
}

std::string Nested(std::size_t levels) {
  return std::string(levels, '[') + std::string(levels, ']');
}

TEST(CanonicalJsonTest, HasNoBlanks) {
  EXPECT_EQ(Canonical(" { \"a\" : [ 1 ,\r\n\t2 ] , \"b\" : { } } "),
            R"({"a":[1,2],"b":{}})");
  EXPECT_EQ(Canonical(" \"x y\" "), R"("x y")");
}

TEST(CanonicalJsonTest, KeepsWhatJsonStringifyGives) {
  for (const std::string_view text :
       {R"({"event":"message.sent","data":{"n":null,"t":true,"f":false}})",
        R"([[],{},"",0,-1,1.5,1e-7,1e+21,"é🎉\u001f\ud83d"])"}) {
    EXPECT_EQ(Canonical(text), text);
  }
}

TEST(CanonicalJsonTest, PutsArrayIndicesFirst) {
  EXPECT_EQ(Canonical(R"({"b":1,"10":2,"9":3,"a":4,"0":5})"),
            R"({"0":5,"9":3,"10":2,"b":1,"a":4})");
  EXPECT_EQ(Canonical(R"({"x":{"2":0,"1":[{"4":0,"3":0}]},"0":1})"),
            R"({"0":1,"x":{"1":[{"3":0,"4":0}],"2":0}})");
}

TEST(CanonicalJsonTest, TakesOnlyCanonicalDecimalsForIndices) {
  EXPECT_EQ(Canonical(R"({"4294967295":1,"4294967294":2})"),
            R"({"4294967294":2,"4294967295":1})");
  for (const std::string_view key : {"01", "-1", "1.0", "1e1", " 1", ""}) {
    const std::string text = R"({"a":1,")" + std::string(key) + R"(":2})";
    EXPECT_EQ(Canonical(text), text);
  }
  EXPECT_EQ(Canonical("{\"a\":1,\"\\u0031\":2}"), R"({"1":2,"a":1})");
}

TEST(CanonicalJsonTest, SpellsNumbersAsEcmascript) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"1.0", "1"},
      {"-0", "0"},
      {"-0.0e9", "0"},
      {"1E2", "100"},
      {"1e21", "1e+21"},
      {"1e20", "100000000000000000000"},
      {"123e-20", "1.23e-18"},
      {"0.000001", "0.000001"},
      {"0.0000001", "1e-7"},
      {"12.50", "12.5"},
      {"-5e-324", "-5e-324"},
      {"0.30000000000000004", "0.30000000000000004"},
      {"0.1000000000000000055511151231257827", "0.1"},
      {"9007199254740992", "9007199254740992"},
      {"18446744073709552000", "18446744073709552000"},
      {"1.7976931348623157e308", "1.7976931348623157e+308"},
  };
  for (const auto& [text, spelt] : cases) EXPECT_EQ(Canonical(text), spelt);
}

TEST(CanonicalJsonTest, EscapesNoMoreThanJsonStringify) {
  EXPECT_EQ(Canonical(R"("\/\u0041\u00e9\u2028\u007f")"),
            "\"/A\u00e9\u2028\x7f\"");
  EXPECT_EQ(Canonical(R"("\u0022\u005C\u0008\u000C\u000a\u000D\u0009")"),
            R"("\"\\\b\f\n\r\t")");
  EXPECT_EQ(Canonical(R"("\u0000\u001F")"), R"("\u0000\u001f")");
  EXPECT_EQ(Canonical(R"("\uD83C\uDF89\uD83C\uDF89\uD83Cx\uDF89")"),
            "\"\U0001f389\U0001f389\\ud83cx\\udf89\"");
}

TEST(CanonicalJsonTest, RefusesWhatIsNoJson) {
  for (const std::string_view text :
       {"", " ", "{", "{}x", "{} {}", "\xef\xbb\xbf{}", "{'a':1}", "[1,]",
        "NaN", "01", "+1", "\"\x01\"", "\"\\x\"", "nul"}) {
    EXPECT_TRUE(Says(Refusal(text), "expected JSON")) << text;
  }
}

TEST(CanonicalJsonTest, RefusesWhatIsNotUtf8) {
  for (const std::string_view text :
       {"\"\xff\"", "\"\xc0\x80\"", "\"\xed\xa0\x80\"", "{\"\x80\":1}"}) {
    EXPECT_TRUE(Says(Refusal(text), "expected UTF-8")) << text;
  }
}

TEST(CanonicalJsonTest, RefusesDuplicateKeysHoweverSpelt) {
  for (const std::string_view text :
       {R"({"a":1,"a":1})", R"({"a":1,"\u0061":2})", R"([{"x":{"b":1,"b":2}}])",
        R"({"1":0,"\u0031":0})", R"({"/":1,"\/":1})",
        R"({"\ud83d":1,"\uD83D":1})", R"({"":1,"x":2,"":3})"}) {
    EXPECT_TRUE(Says(Refusal(text), "twice")) << text;
  }
}

TEST(CanonicalJsonTest, RefusesNumbersThatNoDoubleHolds) {
  for (const std::string_view text :
       {"1e400", "-1e400", "[1e-400]", "{\"a\":1.8e308}", "2e-324"}) {
    EXPECT_TRUE(Says(Refusal(text), "range of a double")) << text;
  }
  EXPECT_EQ(Canonical("0e400"), "0");
}

TEST(CanonicalJsonTest, RefusesIntegersThatLoseDigits) {
  for (const std::string_view text :
       {"9007199254740993", "-9007199254740993", "9007199254740993.0",
        "9007199254740993e0", "18446744073709551616", "9223372036854775807",
        "999999999999999999999"}) {
    EXPECT_TRUE(Says(Refusal(text), "loses digits")) << text;
  }
}

TEST(CanonicalJsonTest, TakesSixtyFourLevelsAndNotOneMore) {
  EXPECT_EQ(Canonical(Nested(64)), Nested(64));
  EXPECT_TRUE(Says(Refusal(Nested(65)), "at most 64"));
}

}  // namespace
}  // namespace tuco
