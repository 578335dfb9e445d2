#include "server/rpc/quarantine_changes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <initializer_list>
#include <string>

#include "tests/server/rpc/bad_request.h"
#include "tests/server/rpc/fake_quarantine.h"

namespace tuco::rpc {
namespace {

namespace pb = events::v1;
using ::testing::ElementsAre;
using testing::FakeQuarantine;
using ::testing::IsEmpty;
using testing::MakeEntry;
using ::testing::SizeIs;
using testing::Violation;

bool NeverCancelled() { return false; }

// One line for each result: the id and what became of it.
template <typename Response>
std::string Text(const Response& response) {
  std::string text;
  for (const pb::QuarantineResult& result : response.results()) {
    text += result.id();
    if (result.has_error()) {
      text += " " + std::to_string(result.error().code()) + " " +
              result.error().message();
    } else {
      text += " " + pb::QuarantineState_Name(result.state());
    }
    if (result.has_sequence()) text += " " + std::to_string(result.sequence());
    text += "\n";
  }
  return text;
}

template <typename Request>
Request Naming(std::initializer_list<const char*> ids) {
  Request request;
  for (const char* id : ids) request.add_ids(id);
  return request;
}

class QuarantineChangesTest : public ::testing::Test {
 protected:
  QuarantineChangesTest() {
    for (std::uint64_t id = 1; id <= 4; ++id) {
      quarantine_.entries[id] = MakeEntry(id);
    }
    quarantine_.entries[1].verified = true;
    quarantine_.entries[2].verified = true;
    quarantine_.entries[4].state = log::QuarantineState::kPurged;
  }

  FakeQuarantine quarantine_;
};

TEST_F(QuarantineChangesTest, ReleasesEachAndHidesNoneBehindAnother) {
  pb::ReleaseQuarantinedResponse response;
  ASSERT_TRUE(AnswerRelease(quarantine_,
                            Naming<pb::ReleaseQuarantinedRequest>(
                                {"q_9", "q_1", "q_3", "q_2", "q_4"}),
                            NeverCancelled, response)
                  .ok());
  EXPECT_EQ(Text(response),
            "q_9 5 there is no quarantined delivery of this id\n"
            "q_1 QUARANTINE_STATE_RELEASED 101\n"
            "q_3 9 no active secret verifies it\n"
            "q_2 QUARANTINE_STATE_DUPLICATE 102\n"
            "q_4 9 it is not held any more\n");
  EXPECT_THAT(quarantine_.calls,
              ElementsAre("release 9", "release 1", "release 3", "release 2",
                          "release 4"));
}

TEST_F(QuarantineChangesTest, HoldsBackAndLetsGo) {
  auto request = Naming<pb::HoldQuarantinedRequest>({"q_3", "q_4"});
  pb::HoldQuarantinedResponse response;
  ASSERT_TRUE(AnswerHold(quarantine_, request, NeverCancelled, response).ok());
  EXPECT_EQ(Text(response),
            "q_3 QUARANTINE_STATE_HELD\nq_4 9 it is not held any more\n");
  request.set_undo(true);
  ASSERT_TRUE(AnswerHold(quarantine_, request, NeverCancelled, response).ok());
  EXPECT_THAT(quarantine_.calls, ElementsAre("hold 3 true", "hold 4 true",
                                             "hold 3 false", "hold 4 false"));
}

TEST_F(QuarantineChangesTest, Purges) {
  pb::PurgeQuarantineResponse response;
  ASSERT_TRUE(AnswerPurge(quarantine_,
                          Naming<pb::PurgeQuarantineRequest>({"q_3", "q_9"}),
                          NeverCancelled, response)
                  .ok());
  EXPECT_EQ(Text(response),
            "q_3 QUARANTINE_STATE_PURGED\n"
            "q_9 5 there is no quarantined delivery of this id\n");
}

TEST_F(QuarantineChangesTest, DoesNothingWhenAnIdIsNone) {
  pb::PurgeQuarantineResponse response;
  EXPECT_EQ(Violation(AnswerPurge(
                quarantine_, Naming<pb::PurgeQuarantineRequest>({"q_3", "3"}),
                NeverCancelled, response)),
            "ids[1]: expected the id of a quarantined delivery, such as q_42");
  EXPECT_THAT(quarantine_.calls, IsEmpty());
}

TEST_F(QuarantineChangesTest, TakesOneToAThousandIds) {
  pb::HoldQuarantinedRequest request;
  pb::HoldQuarantinedResponse response;
  EXPECT_EQ(
      Violation(AnswerHold(quarantine_, request, NeverCancelled, response)),
      "ids: expected 1 to 1000 entries, found 0");
  for (int i = 0; i < 1000; ++i) request.add_ids("q_9");
  EXPECT_TRUE(AnswerHold(quarantine_, request, NeverCancelled, response).ok());
  EXPECT_THAT(response.results(), SizeIs(1000));
  request.add_ids("q_9");
  EXPECT_EQ(
      Violation(AnswerHold(quarantine_, request, NeverCancelled, response)),
      "ids: expected 1 to 1000 entries, found 1001");
  EXPECT_THAT(quarantine_.calls, SizeIs(1000));
}

TEST_F(QuarantineChangesTest, LeavesTheRestWhenTheClientHasGone) {
  pb::ReleaseQuarantinedRequest request;
  for (int i = 0; i < 100; ++i) request.add_ids("q_9");
  bool gone = false;
  quarantine_.on_call = [this, &gone] { gone = quarantine_.calls.size() > 32; };
  pb::ReleaseQuarantinedResponse response;
  const absl::Status status = AnswerRelease(
      quarantine_, request, [&gone] { return gone; }, response);
  EXPECT_TRUE(absl::IsCancelled(status));
  EXPECT_THAT(quarantine_.calls, SizeIs(64));
}

}  // namespace
}  // namespace tuco::rpc
