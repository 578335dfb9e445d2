#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/cli/exit_codes.h"
#include "server/cli/send_report.h"
#include "server/cli/sender.h"
#include "tests/server/cli/scripted_server.h"
#include "tests/server/cli/string_output.h"
#include "tuco/event_parser.h"
#include "tuco/signature_verifier.h"

namespace tuco::cli {
namespace {

using Answers = ScriptedServer::Answers;
using std::chrono::milliseconds;
using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* kSecret = "whsec_of_a_test";

SendPlan PlanFor(const std::string& url) {
  return {.url = ParseHttpUrl(url).value(),
          .kinds = ChooseKinds("", "").value(),
          .secret = kSecret};
}

// What a request says, read the way a receiver does.
struct Request {
  explicit Request(const std::string& text)
      : body(text.substr(text.find("\r\n\r\n") + 4)), text_(text) {}

  std::string Header(const std::string& name) const {
    const std::size_t at = text_.find("\r\n" + name + ": ");
    if (at == std::string::npos) return "";
    const std::size_t from = at + name.size() + 4;
    return text_.substr(from, text_.find("\r\n", from) - from);
  }

  std::string body;

 private:
  std::string text_;
};

TEST(Send, SendsWhatTucoSends) {
  ScriptedServer server({Answers{Respond("200 OK", "{}")}});
  StringOutput output;
  Interrupt interrupt;
  EXPECT_EQ(RunSend(PlanFor(server.url()), output, interrupt), kExitOk);

  const Request request(server.Requests().at(0));
  const auto verifier = SignatureVerifier::Create({{"main", kSecret}}).value();
  const Verdict verdict =
      verifier.Verify(request.body, request.Header("X-Tuco-Signature"));
  ASSERT_TRUE(verdict.genuine());
  const Event event = ParseEvent(verdict.delivery());
  EXPECT_EQ(request.Header("Content-Type"), "application/json");
  EXPECT_EQ(request.Header("X-Tuco-Event"), event.type_name);
  EXPECT_EQ(ParseTimestamp(request.Header("X-Tuco-Timestamp")),
            event.occurred_at);
}

TEST(Send, ReportsEveryDelivery) {
  ScriptedServer server({Answers{Respond("200 OK", "{\"status\":\"accepted\"}"),
                                 Respond("200 OK", "\x1b[2J")}});
  SendPlan plan = PlanFor(server.url());
  plan.count = 2;
  StringOutput output;
  Interrupt interrupt;
  EXPECT_EQ(RunSend(plan, output, interrupt), kExitOk);
  EXPECT_THAT(output.text, StartsWith("200  message.reply  "));
  EXPECT_THAT(output.text, HasSubstr("ms  {\"status\":\"accepted\"}\n"));
  EXPECT_THAT(output.text, HasSubstr("ms  \\x1b[2J\n"));
}

TEST(Send, SaysNoWhenOneIsNotAccepted) {
  ScriptedServer server(
      {Answers{Respond("200 OK", ""),
               Respond("401 Unauthorized", "", "Connection: close\r\n")}});
  SendPlan plan = PlanFor(server.url());
  plan.count = 2;
  StringOutput output;
  Interrupt interrupt;
  EXPECT_EQ(RunSend(plan, output, interrupt), kExitNegative);
}

TEST(Send, SaysNoWhenThereIsNoResponse) {
  ScriptedServer server({Answers{""}});
  StringOutput output;
  Interrupt interrupt;
  EXPECT_EQ(RunSend(PlanFor(server.url()), output, interrupt), kExitNegative);
  EXPECT_THAT(output.text, StartsWith("---  message.reply  "));
}

TEST(Send, SaysWhenItCannotConnect) {
  std::string url;
  {
    ScriptedServer gone(std::vector<Answers>{});
    url = gone.url();
  }
  StringOutput output;
  Interrupt interrupt;
  EXPECT_EQ(RunSend(PlanFor(url), output, interrupt), kExitConnect);
  EXPECT_EQ(output.text, "");
}

TEST(Send, SumsUpMany) {
  ScriptedServer server({Answers(11, Respond("200 OK", "{}"))});
  SendPlan plan = PlanFor(server.url());
  plan.count = 11;
  plan.rate = 1'000'000;
  StringOutput output;
  Interrupt interrupt;
  EXPECT_EQ(RunSend(plan, output, interrupt), kExitOk);
  EXPECT_THAT(output.text, StartsWith("sent 11: 200 x 11, "));
}

TEST(Send, StopsWhenInterrupted) {
  ScriptedServer server(std::vector<Answers>{});
  SendPlan plan = PlanFor(server.url());
  plan.rate = 1;
  StringOutput output;
  Interrupt interrupt;
  interrupt.Raise();
  EXPECT_EQ(RunSend(plan, output, interrupt), kExitInterrupted);
}

TEST(Send, RefusesFieldsThatCannotBeSet) {
  ScriptedServer server(std::vector<Answers>{});
  SendPlan plan = PlanFor(server.url());
  plan.fields = {ParseFieldSetting("data.message.x=1").value()};
  StringOutput output;
  Interrupt interrupt;
  EXPECT_EQ(RunSend(plan, output, interrupt), kExitUsage);
}

TEST(SendReport, WritesJson) {
  EXPECT_EQ(AttemptJson({.event = "message.reply",
                         .status = 200,
                         .answer = "{\"a\":1}",
                         .latency = milliseconds(2)}),
            "{\"event\":\"message.reply\",\"latencyMs\":2.000,\"status\":200,"
            "\"answer\":\"{\\\"a\\\":1}\"}\n");
  EXPECT_EQ(AttemptJson({.event = "x", .problem = "no answer in time"}),
            "{\"event\":\"x\",\"latencyMs\":0.000,\"status\":null,"
            "\"problem\":\"no answer in time\"}\n");
}

TEST(SendReport, LeavesOutAnswersThatAreNoText) {
  EXPECT_THAT(AttemptJson({.event = "x", .status = 200, .answer = "\xff"}),
              HasSubstr("\"answer\":\"\""));
}

TEST(SendReport, TakesPercentilesByNearestRank) {
  SendSummary summary;
  for (int i = 100; i >= 1; --i) {
    summary.Add({.status = i == 1 ? 401 : 200, .latency = milliseconds(i)});
  }
  EXPECT_FALSE(summary.all_accepted());
  EXPECT_EQ(summary.Json(milliseconds(250)),
            "{\"sent\":100,\"accepted\":99,\"statuses\":{\"200\":99,\"401\":1},"
            "\"perSecond\":400.0,"
            "\"latencyMs\":{\"min\":1.000,\"p50\":50.000,\"p90\":90.000,"
            "\"p99\":99.000,\"p999\":100.000,\"max\":100.000}}\n");
  EXPECT_EQ(summary.Text(milliseconds(250)),
            "sent 100: 200 x 99, 401 x 1, 400.0 a second\nlatency: min 1.000, "
            "p50 50.000, p90 90.000, p99 99.000, p99.9 100.000, max 100.000 "
            "ms\n");
}

}  // namespace
}  // namespace tuco::cli
