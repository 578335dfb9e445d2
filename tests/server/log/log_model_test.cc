// The model sees whatever a log may do wrong.

#include "tests/server/log/log_model.h"

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/server/base/fake_clock.h"
#include "tests/server/log/sample_records.h"
#include "tests/server/log/subscription_samples.h"

namespace tuco::log {
namespace {

using ::testing::HasSubstr;

// A log of ten records, a second between any two, and its model.
class LogModelTest : public ::testing::Test {
 protected:
  LogModelTest() {
    for (std::uint64_t n = 1; n <= 10; ++n) Append(n);
  }
  void Append(std::uint64_t number) {
    clock_.Advance(std::chrono::seconds(1));
    std::vector<Record> batch = {SampleRecord(number)};
    ASSERT_TRUE(log::Append(*log_, batch).ok());
    model_.Append(batch);
  }
  std::string CheckRead(const ReadRequest& request,
                        const ReadResult& read) const {
    return model_.CheckRead(request, {}, read);
  }

  base::FakeClock clock_;
  std::unique_ptr<EventLog> log_ = MakeMemoryLog(clock_);
  LogModel model_;
};

TEST_F(LogModelTest, FindsNothingWrongWhereAllIsWell) {
  EXPECT_EQ(model_.CheckAll(*log_), "");
}

TEST_F(LogModelTest, SeesARecordThatIsLeftOut) {
  ReadResult read = ReadAll(*log_);
  read.records.erase(read.records.begin() + 4);
  EXPECT_THAT(CheckRead({.bodies = true}, read),
              HasSubstr("record 6 was read where 5 was expected"));
  read = ReadAll(*log_);
  read.records.pop_back();
  EXPECT_EQ(CheckRead({.bodies = true}, read), "record 10 was left out");
}

TEST_F(LogModelTest, SeesARecordThatIsChanged) {
  ReadResult read = ReadAll(*log_);
  read.records[4].body += "x";
  EXPECT_THAT(CheckRead({.bodies = true}, read), HasSubstr("record 5"));
  EXPECT_THAT(CheckRead({}, ReadAll(*log_)), HasSubstr("record 1"));
}

TEST_F(LogModelTest, SeesARecordThatNobodyWanted) {
  Filter filter;
  filter.message_id = "message 5";
  EXPECT_THAT(model_.CheckRead({.bodies = true}, filter, ReadAll(*log_)),
              HasSubstr("record 1"));
}

TEST_F(LogModelTest, SeesWhatCameTooFarOrNowhere) {
  ReadResult read = ReadAll(*log_);
  for (const std::uint64_t through : {0, 11}) {
    read.scanned_through = through;
    EXPECT_THAT(CheckRead({.bodies = true}, read), HasSubstr("came to"));
  }
}

TEST_F(LogModelTest, SeesAReadThatEndsEarly) {
  const ReadResult read = ReadOnce(*log_, {.events_max = 4});
  EXPECT_EQ(CheckRead({.events_max = 4}, read), "");
  EXPECT_THAT(CheckRead({.events_max = 5}, read), HasSubstr("ended early"));
}

TEST_F(LogModelTest, SeesAReadBeyondItsLimits) {
  const ReadResult read = ReadAll(*log_);
  for (const ReadRequest& request :
       {ReadRequest{.events_max = 9, .bodies = true},
        ReadRequest{.bytes_max = 100, .bodies = true},
        ReadRequest{.scan_max = 9, .bodies = true}}) {
    EXPECT_THAT(CheckRead(request, read), HasSubstr("beyond its limits"));
  }
}

TEST_F(LogModelTest, SeesAFailure) {
  const ReadResult read{.scanned_through = absl::DataLossError("bad"),
                        .records = {}};
  EXPECT_THAT(CheckRead({}, read), HasSubstr("bad"));
}

TEST_F(LogModelTest, SeesAnotherTime) {
  const Timestamp third = base::FakeClock::kStart + std::chrono::seconds(3);
  EXPECT_EQ(model_.CheckTime(third, 3), "");
  EXPECT_NE(model_.CheckTime(third, 4), "");
  EXPECT_NE(model_.CheckTime(third, 2), "");
}

TEST_F(LogModelTest, SeesALogThatIsTooLongOrTooShort) {
  const LogModel shorter = model_;
  Append(11);
  EXPECT_THAT(shorter.CheckAll(*log_), HasSubstr("records 1 to 11"));
  const auto other = MakeMemoryLog(clock_);
  EXPECT_THAT(model_.CheckAll(*other), HasSubstr("records 1 to 0"));
}

TEST_F(LogModelTest, SeesAnotherKey) {
  std::vector<Record> batch = {SampleRecord(11)};
  ASSERT_TRUE(log::Append(*log_, batch).ok());
  batch[0].duplicate_key[31] ^= 1;
  model_.Append(batch);
  EXPECT_EQ(model_.CheckAll(*log_), "the key of record 11 is wrong");
}

TEST_F(LogModelTest, SeesKeysThatWereForgottenTooEarly) {
  const Timestamp later = clock_.Now() + std::chrono::hours(1);
  const auto keys =
      log_->ForgetKeys({.before = later, .now = later, .rows_max = 2});
  ASSERT_TRUE(keys.ok());
  LogModel other = model_;
  EXPECT_EQ(model_.Forget({.before = later, .now = later}, *keys), "");
  EXPECT_EQ(model_.CheckAll(*log_), "");
  EXPECT_NE(other.Forget({.before = Timestamp(), .now = later}, *keys), "");
  EXPECT_NE(other.CheckAll(*log_), "");
}

TEST_F(LogModelTest, SeesThatTooMuchWasRemoved) {
  const RemoveRequest request{.bytes_max = 0, .rows_max = 3};
  const auto removed = log_->RemoveOldest(request);
  ASSERT_TRUE(removed.ok());
  LogModel other = model_;
  EXPECT_EQ(model_.Remove(request, *removed), "");
  EXPECT_EQ(model_.CheckAll(*log_), "");
  EXPECT_NE(other.Remove({.bytes_max = 0, .rows_max = 2}, *removed), "");
}

TEST_F(LogModelTest, SeesAnotherSubscription) {
  const std::vector<SubscriptionChange> creation = {
      SampleCreation(1, {SampleUnsettled(4)}, {SampleParked(3)})};
  ASSERT_TRUE(Commit(*log_, creation).ok());
  EXPECT_EQ(model_.CheckAll(*log_), "there are subscriptions too many");
  model_.Apply(creation);
  EXPECT_EQ(model_.CheckAll(*log_), "");
  SubscriptionChange row = ChangeOf(1);
  row.row = SampleSubscription(1);
  row.row->through += 1;
  SubscriptionChange unsettled = ChangeOf(1);
  unsettled.settled = {4};
  SubscriptionChange parked = ChangeOf(1);
  parked.parked = {SampleParked(3)};
  parked.parked[0].body += "x";
  for (const SubscriptionChange& change : {row, unsettled, parked}) {
    LogModel other = model_;
    other.Apply({change});
    EXPECT_EQ(other.CheckAll(*log_),
              "subscription 1 is not what was committed");
  }
  model_.Apply({SampleCreation(2)});
  EXPECT_EQ(model_.CheckAll(*log_), "subscription 2 is gone");
}

TEST_F(LogModelTest, GivesTimesThatNeverDecrease) {
  std::vector<Record> batch = {SampleRecord(11), SampleRecord(12)};
  model_.Number(batch, Timestamp());
  EXPECT_EQ(batch[1].sequence, 12u);
  EXPECT_EQ(batch[0].recorded_at, clock_.Now());
  model_.Number(batch, clock_.Now() + std::chrono::hours(1));
  EXPECT_EQ(batch[1].recorded_at, clock_.Now() + std::chrono::hours(1));
}

}  // namespace
}  // namespace tuco::log
