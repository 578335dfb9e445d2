#include "server/cli/tail_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tuco::cli {
namespace {

namespace pb = events::v1;
using testing::ElementsAre;

pb::StreamEventsRequest At(std::string_view from) {
  pb::StreamEventsRequest request;
  EXPECT_TRUE(SetPosition(from, request).ok()) << from;
  return request;
}

TEST(TailPosition, NamesTheEnds) {
  EXPECT_EQ(At("earliest").anchor(), pb::ANCHOR_EARLIEST);
  EXPECT_EQ(At("latest").anchor(), pb::ANCHOR_LATEST);
}

TEST(TailPosition, IncludesTheSequence) {
  EXPECT_EQ(At("1").after_sequence(), 0U);
  EXPECT_TRUE(At("1").has_after_sequence());
  EXPECT_EQ(At("18446744073709551615").after_sequence(), 18446744073709551614U);
}

TEST(TailPosition, ReadsATime) {
  const auto time = At("2026-04-15T14:00:00.5+02:00").from_time();
  EXPECT_EQ(time.seconds(), 1776254400);
  EXPECT_EQ(time.nanos(), 500'000'000);
  EXPECT_EQ(At("1969-12-31T23:59:59.25Z").from_time().seconds(), -1);
  EXPECT_EQ(At("1969-12-31T23:59:59.25Z").from_time().nanos(), 250'000'000);
}

TEST(TailPosition, RefusesAnythingElse) {
  for (const char* from : {"", "0", "00", "-1", "+1", "1.5", "newest",
                           "18446744073709551616", "2026-04-15", "1 "}) {
    pb::StreamEventsRequest request;
    EXPECT_TRUE(absl::IsInvalidArgument(SetPosition(from, request))) << from;
  }
}

TEST(TailRequest, ReadsNewEventsByDefault) {
  const auto request = MakeTailRequest({}).value();
  EXPECT_EQ(request.anchor(), pb::ANCHOR_LATEST);
  EXPECT_FALSE(request.stop_at_end());
  EXPECT_FALSE(request.include_body());
  EXPECT_EQ(request.filter().test(), pb::TEST_FILTER_INCLUDE);
}

TEST(TailRequest, TakesKnownNamesAsTypes) {
  const auto request =
      MakeTailRequest(
          {.filter = {.events = {"message.replied", "lead.updated"}}})
          .value();
  EXPECT_THAT(request.filter().types(),
              ElementsAre(pb::EVENT_TYPE_MESSAGE_REPLY));
  EXPECT_THAT(request.filter().type_names(), ElementsAre("lead.updated"));
}

TEST(TailRequest, FillsInTheFilter) {
  const auto filter = MakeTailRequest({.filter = {.test = "only",
                                                  .workspaces = {"w1", "w2"},
                                                  .lines = {"l"},
                                                  .campaigns = {"c"},
                                                  .message = "m",
                                                  .lead = "d",
                                                  .phone = "+1"}})
                          .value()
                          .filter();
  EXPECT_THAT(filter.workspaces(), ElementsAre("w1", "w2"));
  EXPECT_THAT(filter.lines(), ElementsAre("l"));
  EXPECT_THAT(filter.campaigns(), ElementsAre("c"));
  EXPECT_EQ(filter.message_id(), "m");
  EXPECT_EQ(filter.lead_id(), "d");
  EXPECT_EQ(filter.phone(), "+1");
  EXPECT_EQ(filter.test(), pb::TEST_FILTER_ONLY);
}

TEST(TailRequest, AsksForBodiesOnlyWhenTheyAreShown) {
  EXPECT_TRUE(MakeTailRequest({.output = "raw"}).value().include_body());
  EXPECT_FALSE(MakeTailRequest({.output = "json"}).value().include_body());
}

TEST(TailRequest, ASubscriptionHasItsOwnPlaceAndFilter) {
  const auto request =
      MakeTailRequest({.no_follow = true, .subscription = "crm"}).value();
  EXPECT_EQ(request.subscription(), "crm");
  EXPECT_FALSE(request.has_filter());
  EXPECT_TRUE(request.stop_at_end());
}

TEST(TailRequest, EndsAtTheEndWithoutFollowing) {
  EXPECT_TRUE(MakeTailRequest({.no_follow = true}).value().stop_at_end());
}

}  // namespace
}  // namespace tuco::cli
