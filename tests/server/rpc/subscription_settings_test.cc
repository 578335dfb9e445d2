#include "server/rpc/subscription_settings.h"

#include <google/protobuf/util/time_util.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <string>

#include "tests/server/rpc/bad_request.h"

namespace tuco::rpc {
namespace {

namespace pb = events::v1;
using google::protobuf::util::TimeUtil;
using testing::Violation;

pb::Subscription Cursor() {
  pb::Subscription subscription;
  subscription.set_name("crm");
  subscription.set_mode(pb::SUBSCRIPTION_MODE_CURSOR);
  return subscription;
}

pb::Subscription Shared() {
  pb::Subscription subscription;
  subscription.set_name("crm");
  subscription.set_mode(pb::SUBSCRIPTION_MODE_SHARED);
  return subscription;
}

google::protobuf::FieldMask Mask(const std::string& path) {
  google::protobuf::FieldMask mask;
  mask.add_paths(path);
  return mask;
}

// What is wrong with `base` after a change.
std::string Fault(pb::Subscription base,
                  const std::function<void(pb::Subscription&)>& change) {
  change(base);
  return Violation(ToSettings(base).status());
}

pb::Subscription StoredOf(const stream::SubscriptionSettings& settings) {
  pb::Subscription stored;
  EXPECT_TRUE(stored.ParseFromString(settings.stored));
  return stored;
}

TEST(SubscriptionSettingsTest, SpellsDefaultsOut) {
  const auto settings = ToSettings(Shared());
  ASSERT_TRUE(settings.ok()) << settings.status();
  EXPECT_EQ(settings->ack_deadline, std::chrono::seconds(30));
  EXPECT_EQ(settings->deliveries_max, 20);
  EXPECT_EQ(settings->backoff_min, std::chrono::seconds(1));
  EXPECT_EQ(settings->backoff_max, std::chrono::seconds(3600));
  EXPECT_EQ(settings->ordering_key, stream::OrderingKey::kNone);
  EXPECT_FALSE(settings->expires_after.has_value());
  const pb::Subscription stored = StoredOf(*settings);
  EXPECT_EQ(stored.ack_deadline().seconds(), 30);
  EXPECT_EQ(stored.max_deliveries(), 20);
  EXPECT_EQ(stored.backoff_min().seconds(), 1);
  EXPECT_EQ(stored.backoff_max().seconds(), 3600);
}

TEST(SubscriptionSettingsTest, StoresNeitherNameNorProgress) {
  pb::Subscription subscription = Cursor();
  subscription.mutable_progress()->set_parked(7);
  const auto settings = ToSettings(subscription);
  ASSERT_TRUE(settings.ok()) << settings.status();
  EXPECT_EQ(StoredOf(*settings).name(), "");
  EXPECT_FALSE(StoredOf(*settings).has_progress());
}

TEST(SubscriptionSettingsTest, ReadsWhatItStored) {
  pb::Subscription subscription = Shared();
  subscription.mutable_filter()->add_lines("line_1");
  *subscription.mutable_ack_deadline() = TimeUtil::SecondsToDuration(600);
  subscription.set_max_deliveries(1000);
  *subscription.mutable_backoff_min() =
      TimeUtil::MicrosecondsToDuration(1'500'000);
  *subscription.mutable_backoff_max() = TimeUtil::SecondsToDuration(2);
  subscription.set_ordering_key(pb::ORDERING_KEY_PHONE);
  *subscription.mutable_expires_after() = TimeUtil::SecondsToDuration(60);
  const auto settings = ToSettings(subscription);
  ASSERT_TRUE(settings.ok()) << settings.status();
  const auto read = ReadSettings(settings->stored);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->mode, stream::SubscriptionMode::kShared);
  EXPECT_EQ(read->filter.lines, std::vector<std::string>{"line_1"});
  EXPECT_EQ(read->ack_deadline, std::chrono::seconds(600));
  EXPECT_EQ(read->deliveries_max, 1000);
  EXPECT_EQ(read->backoff_min, std::chrono::microseconds(1'500'000));
  EXPECT_EQ(read->backoff_max, std::chrono::seconds(2));
  EXPECT_EQ(read->ordering_key, stream::OrderingKey::kPhone);
  EXPECT_EQ(read->expires_after, std::chrono::seconds(60));
  EXPECT_EQ(read->stored, settings->stored);
}

TEST(SubscriptionSettingsTest, WhatIsStoredAndIsNoneIsDataLoss) {
  EXPECT_EQ(ReadSettings("\xff").status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(ReadSettings("").status().code(), absl::StatusCode::kDataLoss);
}

TEST(SubscriptionSettingsTest, NamesTheSettingAtFault) {
  const auto seconds = [](std::int64_t count) {
    return TimeUtil::SecondsToDuration(count);
  };
  EXPECT_EQ(Fault(Cursor(), [](auto& s) { s.clear_mode(); }),
            "subscription.mode: expected SUBSCRIPTION_MODE_CURSOR or "
            "SUBSCRIPTION_MODE_SHARED");
  EXPECT_EQ(Fault(Shared(), [](auto& s) { s.set_max_deliveries(0); }),
            "subscription.max_deliveries: expected 1 to 1000, found 0");
  EXPECT_EQ(Fault(Shared(), [](auto& s) { s.set_max_deliveries(1001); }),
            "subscription.max_deliveries: expected 1 to 1000, found 1001");
  EXPECT_EQ(
      Fault(Shared(), [&](auto& s) { *s.mutable_ack_deadline() = seconds(0); }),
      "subscription.ack_deadline: expected 1 s to 600 s, found 0 s and "
      "0 ns");
  EXPECT_EQ(Fault(Shared(),
                  [](auto& s) {
                    s.mutable_ack_deadline()->set_seconds(600);
                    s.mutable_ack_deadline()->set_nanos(1);
                  }),
            "subscription.ack_deadline: expected 1 s to 600 s, found 600 s and "
            "1 ns");
  EXPECT_EQ(
      Fault(Shared(),
            [](auto& s) {
              s.mutable_ack_deadline()->set_seconds(1);
              s.mutable_ack_deadline()->set_nanos(500'000'000);
            }),
      "subscription.ack_deadline: expected whole seconds, found 500000000 "
      "nanos");
  EXPECT_EQ(
      Fault(Shared(), [](auto& s) { s.mutable_ack_deadline()->set_nanos(-1); }),
      "subscription.ack_deadline: expected 1 s to 600 s, found -1 nanos");
  EXPECT_EQ(Fault(Shared(),
                  [&](auto& s) { *s.mutable_backoff_min() = seconds(3601); }),
            "subscription.backoff_min: expected 1 s to 3600 s, found 3601 s "
            "and 0 ns");
  EXPECT_EQ(Fault(Shared(),
                  [&](auto& s) {
                    *s.mutable_backoff_min() = seconds(5);
                    *s.mutable_backoff_max() = seconds(4);
                  }),
            "subscription.backoff_max: expected at least backoff_min, which is "
            "5000000 us, found 4000000 us");
  EXPECT_EQ(Fault(Cursor(),
                  [&](auto& s) { *s.mutable_expires_after() = seconds(59); }),
            "subscription.expires_after: expected 60 s to 31622400 s, found 59 "
            "s and 0 ns");
  EXPECT_EQ(Fault(Cursor(),
                  [](auto& s) {
                    s.mutable_filter()->add_types(pb::EVENT_TYPE_UNSPECIFIED);
                  }),
            "subscription.filter.types: expected a known type; other events "
            "are selected by subscription.filter.type_names");
}

TEST(SubscriptionSettingsTest, ACursorHasNoSettingsOfSharedOnes) {
  EXPECT_EQ(Fault(Cursor(),
                  [](auto& s) { s.set_ordering_key(pb::ORDERING_KEY_LEAD); }),
            "subscription.ordering_key: expected none: it is a setting of "
            "SHARED subscriptions, and this is a CURSOR");
}

TEST(SubscriptionSettingsTest, SettingsHaveALimit) {
  const auto phone_of = [](std::size_t size) {
    return [size](auto& s) {
      s.mutable_filter()->set_phone(std::string(size, '5'));
    };
  };
  EXPECT_EQ(Fault(Cursor(), phone_of(65'520)), "no details");
  EXPECT_EQ(Fault(Cursor(), phone_of(65'536)),
            "subscription.filter: expected settings of at most 65536 bytes, "
            "found 65546");
}

TEST(SubscriptionSettingsTest, ChangesWhatTheMaskNames) {
  pb::Subscription before = Shared();
  before.set_max_deliveries(5);
  before.mutable_filter()->add_lines("line_1");
  pb::Subscription wanted;
  wanted.set_max_deliveries(7);
  const auto changed =
      WithChanges(ToSettings(before).value(), wanted, Mask("max_deliveries"));
  ASSERT_TRUE(changed.ok()) << changed.status();
  EXPECT_EQ(changed->deliveries_max, 7);
  EXPECT_EQ(changed->filter.lines, std::vector<std::string>{"line_1"});
}

TEST(SubscriptionSettingsTest, WhatIsAbsentBecomesTheDefault) {
  pb::Subscription before = Shared();
  before.set_max_deliveries(5);
  before.mutable_filter()->add_lines("line_1");
  *before.mutable_expires_after() = TimeUtil::SecondsToDuration(60);
  google::protobuf::FieldMask mask = Mask("max_deliveries");
  mask.add_paths("filter");
  mask.add_paths("expires_after");
  const auto changed = WithChanges(ToSettings(before).value(), {}, mask);
  ASSERT_TRUE(changed.ok()) << changed.status();
  EXPECT_EQ(changed->deliveries_max, 20);
  EXPECT_TRUE(changed->filter.lines.empty());
  EXPECT_FALSE(changed->expires_after.has_value());
}

TEST(SubscriptionSettingsTest, AChangeIsCheckedAgainstTheRest) {
  pb::Subscription before = Shared();
  *before.mutable_backoff_max() = TimeUtil::SecondsToDuration(4);
  pb::Subscription wanted;
  *wanted.mutable_backoff_min() = TimeUtil::SecondsToDuration(5);
  EXPECT_EQ(Violation(WithChanges(ToSettings(before).value(), wanted,
                                  Mask("backoff_min"))
                          .status()),
            "subscription.backoff_max: expected at least backoff_min, which is "
            "5000000 us, found 4000000 us");
}

TEST(SubscriptionSettingsTest, TheMaskNamesWhatCanChange) {
  EXPECT_TRUE(CheckUpdateMask(Mask("backoff_max")).ok());
  EXPECT_EQ(Violation(CheckUpdateMask({})),
            "update_mask: expected some of filter, ack_deadline, "
            "max_deliveries, backoff_min, backoff_max and expires_after, found "
            "none");
  for (const char* path :
       {"mode", "ordering_key", "name", "progress", "filter.types", "*", ""}) {
    EXPECT_NE(Violation(CheckUpdateMask(Mask(path))), "no details") << path;
  }
}

}  // namespace
}  // namespace tuco::rpc
