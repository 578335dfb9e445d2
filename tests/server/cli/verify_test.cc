#include "server/cli/verify.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "server/cli/delivery_line.h"
#include "server/cli/exit_codes.h"
#include "server/cli/json_text.h"
#include "server/cli/verify_check.h"
#include "tests/server/cli/string_output.h"
#include "tuco/signature_verifier.h"

namespace tuco::cli {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* kSecret = "whsec_of_a_test";
constexpr const char* kBody =
    R"({"event":"message.reply","timestamp":"2026-04-15T12:00:00Z",)"
    R"("data":{"messageId":"m","message":"STOP"}})";

std::string Signed(const std::string& more = "",
                   const std::string& header = "X-Tuco-Signature") {
  return "{" + more + "\"headers\":{\"" + header + "\":\"" +
         Sign(kBody, kSecret).value() + "\"},\"body\":" + JsonString(kBody) +
         "}\n";
}

struct Outcome {
  int exit_code;
  std::string text;
};

Outcome Verify(const std::string& input, const std::string& secret = kSecret) {
  std::istringstream stream(input);
  StringOutput output;
  const int exit_code =
      VerifyLines(stream, {.secret = secret, .endpoint = "tuco"}, output);
  return {exit_code, output.text};
}

VerifyResult Check(const DeliveryLine& delivery) {
  return CheckDelivery(delivery,
                       SignatureVerifier::Create({{"main", kSecret}}).value());
}

TEST(VerifyLines, WritesTheKeysInOrder) {
  const Outcome run = Verify(Signed("\"name\":\"n\","));
  EXPECT_EQ(run.exit_code, kExitOk);
  EXPECT_THAT(run.text,
              StartsWith("{\"name\":\"n\",\"genuine\":true,\"verifiedForm\":"
                         "\"RAW\",\"reason\":null,\"event\":{\"eventId\":"
                         "\"evt_"));
  EXPECT_THAT(run.text, HasSubstr("\"optOut\":true"));
}

TEST(VerifyLines, SaysNoWhenOneIsNotGenuine) {
  const Outcome run =
      Verify(Signed() + "{\"headers\":{},\"body\":\"\"}\n" + Signed());
  EXPECT_EQ(run.exit_code, kExitNegative);
  EXPECT_THAT(run.text,
              HasSubstr("\n{\"name\":null,\"genuine\":false,\"verifiedForm\":"
                        "null,\"reason\":\"SIGNATURE_MISSING\",\"event\":"
                        "null}\n{"));
}

TEST(VerifyLines, TakesHeaderNamesInAnyCase) {
  EXPECT_EQ(Verify(Signed("", "x-tUCO-sIGNATURE")).exit_code, kExitOk);
}

TEST(VerifyLines, LetsTheLinesOwnSecretWin) {
  EXPECT_EQ(
      Verify(Signed("\"secret\":\"" + std::string(kSecret) + "\","), "another")
          .exit_code,
      kExitOk);
  EXPECT_EQ(Verify(Signed("\"secret\":\"another\",")).exit_code, kExitNegative);
}

TEST(VerifyLines, NeedsASecretFromSomewhere) {
  EXPECT_EQ(Verify(Signed(), "").exit_code, kExitUsage);
}

TEST(VerifyLines, StopsAtALineThatItCannotRead) {
  const Outcome run = Verify(Signed() + "nonsense\n" + Signed());
  EXPECT_EQ(run.exit_code, kExitUsage);
  EXPECT_EQ(std::count(run.text.begin(), run.text.end(), '\n'), 1);
}

TEST(VerifyLines, PassesOverBlankLinesAndTheLastLineBreak) {
  std::string line = Signed();
  line.pop_back();
  const Outcome run = Verify("\n" + Signed() + " \r\n" + line);
  EXPECT_EQ(run.exit_code, kExitOk);
  EXPECT_EQ(std::count(run.text.begin(), run.text.end(), '\n'), 2);
}

TEST(VerifyLines, EndsQuietlyWhenNobodyReads) {
  std::istringstream stream(Signed());
  StringOutput output;
  output.result = WriteResult::kClosed;
  EXPECT_EQ(VerifyLines(stream, {.secret = kSecret}, output), kExitOk);
  std::istringstream again(Signed());
  output.result = WriteResult::kFailed;
  EXPECT_EQ(VerifyLines(again, {.secret = kSecret}, output), kExitStorage);
}

TEST(DeliveryLine, CountsSignaturesInListsAndSpellings) {
  const auto count = [](const char* headers) {
    return ParseDeliveryLine(std::string("{\"headers\":") + headers +
                             ",\"body\":\"\"}")
        .value()
        .signatures;
  };
  EXPECT_EQ(count("{}"), 0U);
  EXPECT_EQ(count("{\"x-tuco-signature\":null}"), 0U);
  EXPECT_EQ(count("{\"x-tuco-signature\":[]}"), 0U);
  EXPECT_EQ(count("{\"x-tuco-signature\":[\"a\"]}"), 1U);
  EXPECT_EQ(count("{\"x-tuco-signature\":[\"a\",\"a\"]}"), 2U);
  EXPECT_EQ(count("{\"x-tuco-signature\":\"a\",\"X-Tuco-Signature\":\"a\"}"),
            2U);
}

TEST(DeliveryLine, ReadsEveryMember) {
  const auto line = ParseDeliveryLine(
      "{\"name\":\"n\",\"secret\":\"s\",\"shape\":\"S1\",\"headers\":{"
      "\"X-Tuco-Event\":\"e\",\"X-Tuco-Timestamp\":\"t\",\"Accept\":\"*\"},"
      "\"bodyBase64\":\"/wA=\"}");
  ASSERT_TRUE(line.ok());
  EXPECT_EQ(line->name, "n");
  EXPECT_EQ(line->secret, "s");
  EXPECT_EQ(line->event_header, "e");
  EXPECT_EQ(line->timestamp_header, "t");
  EXPECT_EQ(line->body, std::string("\xff\0", 2));
}

TEST(DeliveryLine, DecodesEscapesOfTheBody) {
  const auto line = ParseDeliveryLine(
      R"({"headers":{},"body":"\u0000\ud83d\ude00\/\u00e9"})");
  ASSERT_TRUE(line.ok());
  EXPECT_EQ(line->body, std::string("\0😀/é", 8));
}

TEST(DeliveryLine, RefusesWhatItCouldNotKeepOrRead) {
  for (const char* line :
       {"",
        "x",
        "[]",
        "null",
        "{}",
        "{\"headers\":{}}",
        "{\"body\":\"\"}",
        "{\"headers\":{},\"body\":\"\",\"bodyBase64\":\"\"}",
        "{\"headers\":{},\"body\":1}",
        "{\"headers\":{},\"body\":null}",
        "{\"headers\":[],\"body\":\"\"}",
        "{\"headers\":null,\"body\":\"\"}",
        "{\"headers\":{\"a\":1},\"body\":\"\"}",
        "{\"headers\":{\"a\":[1]},\"body\":\"\"}",
        "{\"headers\":{\"a\":{}},\"body\":\"\"}",
        "{\"headers\":{},\"bodyBase64\":\"%\"}",
        "{\"name\":1,\"headers\":{},\"body\":\"\"}",
        "{\"secret\":1,\"headers\":{},\"body\":\"\"}",
        "{\"headers\":{},\"body\":\"a\",\"body\":\"b\"}",
        "{\"headers\":{\"a\":\"1\",\"a\":\"2\"},\"body\":\"\"}",
        "{\"headers\":{},\"body\":\"\\ud83d\"}",
        "{\"headers\":{},\"body\":\"\xff\"}",
        "{'headers':{},'body':''}",
        "{\"headers\":{},\"body\":\"\"}x",
        "{\"headers\":{},\"body\":\"\",}"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ParseDeliveryLine(line).status()))
        << line;
  }
}

TEST(DeliveryLine, RepeatsNothingOfTheLineInItsMessages) {
  const auto line = ParseDeliveryLine(
      "{\"secret\":\"whsec_private\",\"headers\":{},\"body\":1}");
  EXPECT_EQ(line.status().message().find("private"), absl::string_view::npos);
}

TEST(VerifyCheck, SaysWhyADeliveryIsNotGenuine) {
  EXPECT_EQ(Check({}).reason, Reason::kSignatureMissing);
  EXPECT_EQ(Check({.signatures = 2}).reason, Reason::kSignatureRepeated);
  EXPECT_EQ(Check({.signatures = 1, .signature = "x"}).reason,
            Reason::kSignatureMalformed);
  EXPECT_EQ(Check({.signatures = 1, .signature = std::string(64, '0')}).reason,
            Reason::kSignatureMismatch);
}

TEST(VerifyCheck, ExplainsWithWhatTheLineHas) {
  const auto kind = [](const DeliveryLine& line) {
    return ExplainDelivery(line, {{"main", kSecret}}).at(0).kind;
  };
  EXPECT_EQ(kind({}), FindingKind::kSignatureMissing);
  EXPECT_EQ(kind({.signatures = 2, .signature = std::string(64, '0')}),
            FindingKind::kSignatureRepeated);
  EXPECT_EQ(kind({.signatures = 1,
                  .signature = Sign("noon.text", kSecret).value(),
                  .timestamp_header = "noon",
                  .body = "text"}),
            FindingKind::kTimestampSigned);
}

TEST(VerifyCheck, WritesAFindingOnALine) {
  EXPECT_EQ(FindingLines({}).size(), 1U);
  const auto lines = FindingLines(
      {CertainFinding({}, "main"), HintFinding(FindingKind::kBodyEmpty)});
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_THAT(lines[0],
              StartsWith("certain SIGNATURE_MATCHES (secret main): It "));
  EXPECT_THAT(lines[1], StartsWith("hint BODY_EMPTY: The body "));
}

TEST(VerifyCheck, FlagsHeadersThatDifferFromTheBody) {
  DeliveryLine line{.signatures = 1,
                    .signature = Sign(kBody, kSecret).value(),
                    .event_header = "message.reply",
                    .timestamp_header = "2026-04-15T12:00:00.000Z",
                    .body = kBody};
  EXPECT_FALSE(Check(line).event.value().flags.Has(Flag::kHeaderMismatch));
  line.timestamp_header = "2026-04-15T12:00:01Z";
  EXPECT_TRUE(Check(line).event.value().flags.Has(Flag::kHeaderMismatch));
  line.timestamp_header.reset();
  line.event_header = "message.sent";
  EXPECT_TRUE(Check(line).event.value().flags.Has(Flag::kHeaderMismatch));
}

TEST(VerifyCheck, WritesOneJsonObject) {
  EXPECT_EQ(ResultJson(Check({})),
            "{\"genuine\":false,\"verifiedForm\":null,\"reason\":"
            "\"SIGNATURE_MISSING\",\"event\":null}\n");
}

TEST(VerifyCheck, EscapesTheSummary) {
  const std::string body =
      R"({"event":"message.reply","data":{"message":"\u001b[2J"}})";
  const std::string text =
      ResultText(Check({.signatures = 1,
                        .signature = Sign(body, kSecret).value(),
                        .body = body}));
  EXPECT_THAT(text, HasSubstr("\"\\x1b[2J\""));
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace tuco::cli
