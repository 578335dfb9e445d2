#include "server/cli/quarantine_commands.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "server/cli/exit_codes.h"
#include "tests/server/cli/fake_quarantine_service.h"
#include "tests/server/cli/string_output.h"

namespace tuco::cli {
namespace {

namespace pb = events::v1;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

struct Outcome {
  int exit_code;
  std::string text;
};

pb::QuarantineResult Problem(grpc::StatusCode code) {
  pb::QuarantineResult result;
  result.mutable_error()->set_code(code);
  result.mutable_error()->set_message("for a reason");
  return result;
}

class QuarantineCommandsTest : public testing::Test {
 protected:
  void Hold(int count) {
    for (int i = 1; i <= count; ++i) {
      service_.deliveries.push_back(MakeQuarantined("q_" + std::to_string(i)));
    }
  }

  template <typename Flags>
  Outcome Run(int (*run)(const Flags&, Output&, Interrupt&), Flags flags) {
    if (flags.grpc.empty()) flags.grpc = service_.address();
    StringOutput output;
    Interrupt interrupt;
    const int exit_code = run(flags, output, interrupt);
    return {exit_code, output.text};
  }
  Outcome List(const QuarantineListFlags& flags) {
    return Run(RunQuarantineList, flags);
  }
  Outcome Show(const QuarantineShowFlags& flags) {
    return Run(RunQuarantineShow, flags);
  }
  Outcome Release(const QuarantineChangeFlags& flags) {
    return Run(RunQuarantineRelease, flags);
  }
  Outcome Purge(const QuarantineChangeFlags& flags) {
    return Run(RunQuarantinePurge, flags);
  }

  FakeQuarantineService service_;
};

TEST_F(QuarantineCommandsTest, ListPrintsATable) {
  Hold(2);
  const Outcome run = List({});
  EXPECT_EQ(run.exit_code, kExitOk);
  EXPECT_THAT(run.text, StartsWith("ID  "));
  EXPECT_THAT(run.text, HasSubstr("\nq_1 "));
  EXPECT_THAT(run.text, HasSubstr("\nq_2 "));
}

TEST_F(QuarantineCommandsTest, ListPrintsJson) {
  Hold(1);
  const Outcome run = List({.output = "json"});
  EXPECT_EQ(run.exit_code, kExitOk);
  EXPECT_EQ(run.text,
            R"({"id":"q_1","state":"QUARANTINE_STATE_HELD","endpoint":"tuco",)"
            R"("source":"192.0.2.7","reason":"REASON_SIGNATURE_MISMATCH",)"
            R"("receivedAt":"2026-04-15T12:00:00Z","bodyBytes":"2"})"
            "\n");
}

TEST_F(QuarantineCommandsTest, NothingToListIsANegativeAnswer) {
  const Outcome run = List({});
  EXPECT_EQ(run.exit_code, kExitNegative);
  EXPECT_EQ(run.text, "");
}

TEST_F(QuarantineCommandsTest, ListReadsPageByPage) {
  Hold(5);
  service_.page_size = 2;
  EXPECT_THAT(List({.output = "json"}).text, HasSubstr("q_5"));
  EXPECT_THAT(service_.lists, SizeIs(3));
}

TEST_F(QuarantineCommandsTest, ListShowsTheNewestUpToItsLimit) {
  Hold(5);
  service_.page_size = 2;
  const std::string text = List({.limit = 2}).text;
  EXPECT_THAT(text, Not(HasSubstr("q_3")));
  EXPECT_THAT(text, HasSubstr("q_4"));
  EXPECT_THAT(text, HasSubstr("q_5"));
}

TEST_F(QuarantineCommandsTest, ListAsksForWhatTheFlagsSay) {
  List({.filter = {.states = {"HELD", "PURGED"},
                   .reasons = {"REPLAY_BOUNDS"},
                   .source = "::1",
                   .endpoint = "eu"}});
  const pb::QuarantineFilter& filter = service_.lists.at(0).filter();
  EXPECT_THAT(filter.states(), ElementsAre(pb::QUARANTINE_STATE_HELD,
                                           pb::QUARANTINE_STATE_PURGED));
  EXPECT_THAT(filter.reasons(), ElementsAre(pb::REASON_REPLAY_BOUNDS));
  EXPECT_EQ(filter.source(), "::1");
  EXPECT_EQ(filter.endpoint(), "eu");
  EXPECT_FALSE(filter.has_verified());
  List({});
  EXPECT_EQ(service_.lists.at(1).filter().ByteSizeLong(), 0);
}

TEST_F(QuarantineCommandsTest, ShowExplains) {
  Hold(1);
  service_.deliveries[0].set_body("{}");
  service_.finding.set_text("Send it elsewhere.");
  const Outcome run = Show({.id = "q_1"});
  EXPECT_EQ(run.exit_code, kExitOk);
  EXPECT_THAT(run.text, StartsWith("id           q_1\n"));
  EXPECT_THAT(run.text, HasSubstr("Send it elsewhere."));
  const std::string json = Show({.id = "q_1", .output = "json"}).text;
  EXPECT_THAT(json, StartsWith(R"({"delivery":{"id":"q_1",)"));
  EXPECT_THAT(json, HasSubstr(R"("findings":[{"text":"Send it elsewhere."}])"));
}

TEST_F(QuarantineCommandsTest, ShowWritesTheBodyAsItIs) {
  Hold(1);
  EXPECT_EQ(Show({.id = "q_1", .output = "raw"}).exit_code, kExitNegative);
  const std::string body("\xff\0\n", 3);
  service_.deliveries[0].set_body(body);
  const Outcome run = Show({.id = "q_1", .output = "raw"});
  EXPECT_EQ(run.exit_code, kExitOk);
  EXPECT_EQ(run.text, body);
  EXPECT_FALSE(service_.gets.back().explain());
}

TEST_F(QuarantineCommandsTest, NothingToShowIsANegativeAnswer) {
  EXPECT_EQ(Show({.id = "q_1"}).exit_code, kExitNegative);
}

TEST_F(QuarantineCommandsTest, ReleaseSaysWhatBecameOfEach) {
  service_.results["q_8"].set_state(pb::QUARANTINE_STATE_DUPLICATE);
  service_.results["q_8"].set_sequence(42);
  const Outcome run = Release({.ids = {"q_7", "q_8"}});
  EXPECT_EQ(run.exit_code, kExitOk);
  EXPECT_EQ(run.text, "q_7  RELEASED\nq_8  DUPLICATE  sequence 42\n");
}

TEST_F(QuarantineCommandsTest, OneThatIsNotReleasedHidesNoOther) {
  service_.results["q_7"] = Problem(grpc::StatusCode::FAILED_PRECONDITION);
  const Outcome run = Release({.ids = {"q_7", "q_8"}});
  EXPECT_EQ(run.exit_code, kExitNegative);
  EXPECT_EQ(run.text, "q_8  RELEASED\n");
  EXPECT_EQ(Release({.ids = {"q_7", "q_8"}, .output = "json"}).text,
            R"({"id":"q_7","error":{"code":9,"message":"for a reason"}})"
            "\n"
            R"({"id":"q_8","state":"QUARANTINE_STATE_RELEASED"})"
            "\n");
}

TEST_F(QuarantineCommandsTest, StorageThatFailsIsWorse) {
  service_.results["q_7"] = Problem(grpc::StatusCode::DATA_LOSS);
  service_.results["q_8"] = Problem(grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(Release({.ids = {"q_7", "q_8"}}).exit_code, kExitStorage);
}

TEST_F(QuarantineCommandsTest, TakesMoreIdsThanACall) {
  QuarantineChangeFlags flags;
  for (int i = 1; i <= 1'001; ++i) flags.ids.emplace_back("q_1");
  EXPECT_EQ(Release(flags).exit_code, kExitOk);
  ASSERT_THAT(service_.releases, SizeIs(2));
  EXPECT_THAT(service_.releases[0].ids(), SizeIs(1'000));
  EXPECT_THAT(service_.releases[1].ids(), ElementsAre("q_1"));
}

TEST_F(QuarantineCommandsTest, HoldsAndLetsGo) {
  const Outcome run =
      Run(RunQuarantineHold, QuarantineChangeFlags{.ids = {"q_7"}});
  EXPECT_EQ(run.exit_code, kExitOk);
  EXPECT_EQ(run.text, "q_7  HELD\n");
  EXPECT_FALSE(service_.holds.at(0).undo());
  Run(RunQuarantineHold, QuarantineChangeFlags{.ids = {"q_7"}, .undo = true});
  EXPECT_TRUE(service_.holds.at(1).undo());
}

TEST_F(QuarantineCommandsTest, PurgesWhatItIsTold) {
  const Outcome run = Purge({.ids = {"q_7"}});
  EXPECT_EQ(run.exit_code, kExitOk);
  EXPECT_EQ(run.text, "q_7  PURGED\n");
  EXPECT_EQ(Purge({}).exit_code, kExitUsage);
}

TEST_F(QuarantineCommandsTest, PurgesAllOnlyWhenItIsMeant) {
  Hold(2);
  EXPECT_EQ(Purge({.all = true}).exit_code, kExitUsage);
  EXPECT_THAT(service_.purges, IsEmpty());
  const Outcome run =
      Purge({.all = true, .filter = {.source = "192.0.2.7"}, .yes = true});
  EXPECT_EQ(run.exit_code, kExitOk);
  EXPECT_EQ(run.text, "2 purged\n");
  EXPECT_THAT(service_.purges.at(0).ids(), ElementsAre("q_1", "q_2"));
  const pb::QuarantineFilter& filter = service_.lists.back().filter();
  EXPECT_THAT(filter.states(), ElementsAre(pb::QUARANTINE_STATE_HELD));
  EXPECT_EQ(filter.source(), "192.0.2.7");
}

TEST_F(QuarantineCommandsTest, NothingToPurgeIsANegativeAnswer) {
  EXPECT_EQ(Purge({.all = true}).exit_code, kExitNegative);
  EXPECT_EQ(Purge({.all = true, .yes = true}).exit_code, kExitNegative);
}

TEST_F(QuarantineCommandsTest, WhatIsGoneMeanwhileNeedsNoPurge) {
  Hold(3);
  service_.results["q_1"] = Problem(grpc::StatusCode::NOT_FOUND);
  service_.results["q_2"] = Problem(grpc::StatusCode::FAILED_PRECONDITION);
  const Outcome run = Purge({.all = true, .yes = true});
  EXPECT_EQ(run.exit_code, kExitOk);
  EXPECT_EQ(run.text, "1 purged\n");
  EXPECT_EQ(Purge({.all = true, .yes = true, .output = "json"}).text,
            R"({"id":"q_3","state":"QUARANTINE_STATE_PURGED"})"
            "\n");
}

TEST_F(QuarantineCommandsTest, AFailedCallHasItsExitCode) {
  const auto exit_code = [this](grpc::StatusCode code) {
    service_.status = {code, "for a reason"};
    return List({}).exit_code;
  };
  EXPECT_EQ(exit_code(grpc::StatusCode::DATA_LOSS), kExitStorage);
  EXPECT_EQ(exit_code(grpc::StatusCode::INVALID_ARGUMENT), kExitUsage);
  EXPECT_EQ(exit_code(grpc::StatusCode::UNIMPLEMENTED), kExitConnect);
  EXPECT_EQ(exit_code(grpc::StatusCode::UNAVAILABLE), kExitConnect);
  EXPECT_EQ(Release({.ids = {"q_7"}}).exit_code, kExitConnect);
}

TEST_F(QuarantineCommandsTest, AnInterruptIsNoError) {
  StringOutput output;
  Interrupt interrupt;
  interrupt.Raise();
  EXPECT_EQ(RunQuarantineList({.grpc = service_.address()}, output, interrupt),
            kExitInterrupted);
}

TEST_F(QuarantineCommandsTest, SaysWhenItCannotConnect) {
  std::string address;
  {
    const FakeQuarantineService gone;
    address = gone.address();
  }
  EXPECT_EQ(List({.grpc = address}).exit_code, kExitConnect);
  EXPECT_EQ(Show({.grpc = "nonsense"}).exit_code, kExitUsage);
  EXPECT_EQ(Release({.grpc = "off"}).exit_code, kExitUsage);
}

}  // namespace
}  // namespace tuco::cli
