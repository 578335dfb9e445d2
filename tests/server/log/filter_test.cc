#include "server/log/filter.h"

#include <string>

#include "gtest/gtest.h"
#include "tests/server/log/sample_records.h"

namespace tuco::log {
namespace {

// Whether `filter` matches sample record 2, a `message.sent`.
bool Matches(const Filter& filter) {
  const Record record = SampleRecord(2);
  return filter.Matches(ColumnsOf(record));
}

TEST(FilterTest, EmptyFilterMatchesAnything) {
  EXPECT_TRUE(Matches({}));
  EXPECT_TRUE(Filter().Matches(RecordColumns()));
}

TEST(FilterTest, EitherATypeOrANameWillDo) {
  EXPECT_TRUE(Matches({.types = {EventType::kMessageSent}}));
  EXPECT_FALSE(Matches({.types = {EventType::kMessageReply}}));
  EXPECT_TRUE(Matches({.type_names = {"x", "message.sent"}}));
  EXPECT_FALSE(Matches({.type_names = {"message.reply"}}));
  EXPECT_TRUE(Matches(
      {.types = {EventType::kMessageReply}, .type_names = {"message.sent"}}));
  EXPECT_FALSE(Matches(
      {.types = {EventType::kMessageReply}, .type_names = {"message"}}));
}

TEST(FilterTest, TypeCoversEveryNameItHas) {
  Record record = SampleRecord(2);
  const Filter filter{.types = {EventType::kMessageReply}};
  for (const char* name : {"message.reply", "message.replied"}) {
    record.type_name = name;
    EXPECT_TRUE(filter.Matches(ColumnsOf(record))) << name;
  }
}

TEST(FilterTest, ListMatchesWhenOneEntryDoes) {
  EXPECT_TRUE(Matches({.workspaces = {"x", "workspace 2"}}));
  EXPECT_FALSE(Matches({.workspaces = {"workspace 3"}}));
  EXPECT_TRUE(Matches({.lines = {"line 2"}}));
  EXPECT_FALSE(Matches({.lines = {"line 3"}}));
  EXPECT_TRUE(Matches({.campaigns = {"campaign 2"}}));
  EXPECT_FALSE(Matches({.campaigns = {"campaign 3"}}));
}

TEST(FilterTest, SingleValuesMustBeEqual) {
  EXPECT_TRUE(Matches({.message_id = "message 2"}));
  EXPECT_FALSE(Matches({.message_id = "message 22"}));
  EXPECT_TRUE(Matches({.lead_id = "lead 2"}));
  EXPECT_FALSE(Matches({.lead_id = "lead"}));
  EXPECT_TRUE(Matches({.phone = "+155502"}));
  EXPECT_FALSE(Matches({.phone = "+155503"}));
}

TEST(FilterTest, WhatIsAbsentMatchesNoWish) {
  const RecordColumns nothing;
  EXPECT_FALSE(Filter{.workspaces = {"workspace 2"}}.Matches(nothing));
  EXPECT_FALSE(Filter{.message_id = "message 2"}.Matches(nothing));
}

TEST(FilterTest, TestsAreIncludedLeftOutOrAllThereIs) {
  Record real = SampleRecord(2);
  real.flags = {};
  const RecordColumns columns = ColumnsOf(real);
  EXPECT_TRUE(Matches({.test = Filter::Test::kInclude}));
  EXPECT_FALSE(Matches({.test = Filter::Test::kExclude}));
  EXPECT_TRUE(Matches({.test = Filter::Test::kOnly}));
  EXPECT_TRUE(Filter{.test = Filter::Test::kInclude}.Matches(columns));
  EXPECT_TRUE(Filter{.test = Filter::Test::kExclude}.Matches(columns));
  EXPECT_FALSE(Filter{.test = Filter::Test::kOnly}.Matches(columns));
}

TEST(FilterTest, EveryFlagMustBeSet) {
  EXPECT_TRUE(Matches({.flags = {Flag::kLate}}));
  EXPECT_TRUE(Matches({.flags = {Flag::kLate, Flag::kTest}}));
  EXPECT_FALSE(Matches({.flags = {Flag::kLate, Flag::kEarly}}));
}

TEST(FilterTest, NoneOfTheOtherFlagsMayBeSet) {
  EXPECT_FALSE(Matches({.without_flags = {Flag::kLate}}));
  EXPECT_FALSE(Matches({.without_flags = {Flag::kLate, Flag::kEarly}}));
  EXPECT_TRUE(Matches({.without_flags = {Flag::kEarly}}));
}

TEST(FilterTest, NothingOutOfReachMatches) {
  const Record record = SampleRecord(2);
  const std::string endpoint(ColumnsOf(record).endpoint);
  EXPECT_TRUE(Matches({.endpoints = {"x", endpoint}}));
  EXPECT_FALSE(Matches({.endpoints = {"x"}}));
  EXPECT_TRUE(Matches({.reach = {.endpoints = {endpoint}}}));
  EXPECT_FALSE(Matches({.reach = {.endpoints = {"x"}}}));
  EXPECT_TRUE(Matches({.reach = {.workspaces = {"workspace 2"}}}));
  EXPECT_FALSE(Matches({.workspaces = {"workspace 2"},
                        .reach = {.workspaces = {"workspace 3"}}}));
}

TEST(FilterTest, AForeignWorkspaceIsOutOfReachOfThoseWithWorkspaces) {
  Record record = SampleRecord(2);
  record.flags.Add(Flag::kWorkspaceMismatch);
  const Reach workspaces{.workspaces = {"workspace 2"}};
  const Reach endpoints{.endpoints = {std::string(ColumnsOf(record).endpoint)}};
  EXPECT_FALSE(workspaces.Allows(ColumnsOf(record)));
  EXPECT_TRUE(endpoints.Allows(ColumnsOf(record)));
  EXPECT_TRUE(Reach().Allows(ColumnsOf(record)));
}

TEST(FilterTest, AnEventIdIsThatOfOneEvent) {
  const Record record = SampleRecord(2);
  const std::string id(ColumnsOf(record).event_id);
  EXPECT_TRUE(Matches({.event_id = id}));
  EXPECT_FALSE(Matches({.event_id = std::string(kEventIdBytes, 'x')}));
}

TEST(FilterTest, EveryFieldMustMatch) {
  EXPECT_FALSE(Matches({.workspaces = {"workspace 2"}, .lead_id = "x"}));
  EXPECT_FALSE(Matches({.types = {EventType::kMessageSent}, .lines = {"x"}}));
}

}  // namespace
}  // namespace tuco::log
