// A log that lost its newest records, as when an old copy of it was put back.

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/log/committer.h"
#include "tests/server/base/fake_clock.h"
#include "tests/server/base/temporary_directory.h"
#include "tests/server/log/log_in_folder.h"
#include "tests/server/log/sample_records.h"

namespace tuco::log {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::uint64_t kStep = 1 << 20;

class LostRecordsTest : public ::testing::Test {
 protected:
  void Open() {
    log_.reset();
    auto log = OpenLogIn(directory_.path(), clock_);
    ASSERT_TRUE(log.ok()) << log.status();
    log_ = *std::move(log);
  }

  // Closes a log that has `kept` records, appends `lost` more, and puts the
  // files from before back, all but the mark.
  void Lose(std::uint64_t kept, std::uint64_t lost) {
    namespace fs = std::filesystem;
    Open();
    const std::uint64_t next = log_->bounds().head + 1;
    if (kept > 0) {
      ASSERT_TRUE(AppendSamples(*log_, next, kept).ok());
    }
    log_.reset();
    const fs::path folder = directory_.path();
    const fs::path copy = folder / "copy";
    fs::create_directory(copy);
    for (const char* const name : {"events.db", "events.db-wal"}) {
      fs::copy(folder / name, copy / name);
    }
    Open();
    ASSERT_TRUE(AppendSamples(*log_, next + kept, lost).ok());
    log_.reset();
    for (const char* const name : {"events.db", "events.db-wal"}) {
      fs::rename(copy / name, folder / name);
    }
    fs::remove(folder / "events.db-shm");
    fs::remove(copy);
  }

  base::TemporaryDirectory directory_;
  base::FakeClock clock_;
  std::unique_ptr<EventLog> log_;
};

TEST_F(LostRecordsTest, EndTheEpoch) {
  Lose(3, 5);
  Open();
  EXPECT_EQ(log_->bounds().first, 1u);
  EXPECT_EQ(log_->bounds().head, kStep - 1);
  EXPECT_EQ(log_->bounds().epoch, 2u);
  EXPECT_THAT(log_->gaps(), ElementsAre(Gap{.from = 4, .to = kStep - 1}));
  const auto next = AppendSamples(*log_, 9, 1);
  ASSERT_TRUE(next.ok()) << next.status();
  EXPECT_EQ(next->at(0).sequence, kStep);
  EXPECT_EQ(next->at(0).epoch, 2u);
}

TEST_F(LostRecordsTest, AreNotLostTwice) {
  Lose(3, 5);
  for (int i = 0; i < 3; ++i) Open();
  EXPECT_EQ(log_->bounds().epoch, 2u);
  EXPECT_EQ(log_->bounds().head, kStep - 1);
  ASSERT_TRUE(AppendSamples(*log_, 9, 2).ok());
  Open();
  EXPECT_EQ(log_->bounds().head, kStep + 1);
  EXPECT_THAT(log_->gaps(), ElementsAre(Gap{.from = 4, .to = kStep - 1}));
}

TEST_F(LostRecordsTest, CanBeLostAgain) {
  Lose(3, 5);
  Lose(2, 4);
  Open();
  EXPECT_EQ(log_->bounds().epoch, 3u);
  EXPECT_THAT(log_->gaps(),
              ElementsAre(Gap{.from = 4, .to = kStep - 1},
                          Gap{.from = kStep + 2, .to = 2 * kStep - 1}));
}

// The restored log knows nothing of the epoch that the first loss began; its
// number must not be given to other records.
TEST_F(LostRecordsTest, CanBeLostAgainWithTheEpochThatFollowedThem) {
  namespace fs = std::filesystem;
  Lose(3, 5);
  const fs::path folder = directory_.path();
  for (const char* const name : {"events.db", "events.db-wal"}) {
    fs::copy(folder / name, folder / (std::string("old-") + name));
  }
  Open();
  const auto second = AppendSamples(*log_, 9, 2);
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->at(0).epoch, 2u);
  log_.reset();
  for (const char* const name : {"events.db", "events.db-wal"}) {
    fs::rename(folder / (std::string("old-") + name), folder / name);
  }
  fs::remove(folder / "events.db-shm");
  Open();
  EXPECT_EQ(log_->bounds().epoch, 3u);
  EXPECT_THAT(log_->gaps(), ElementsAre(Gap{.from = 4, .to = 2 * kStep - 1}));
}

TEST_F(LostRecordsTest, AReadEndsWhereTheyWereAndTheNextOneStartsBehind) {
  Lose(3, 5);
  Open();
  ASSERT_TRUE(AppendSamples(*log_, 9, 2).ok());
  const ReadResult before = ReadAll(*log_);
  EXPECT_THAT(before.sequences(), ElementsAre(1, 2, 3));
  EXPECT_EQ(before.scanned_through.value(), 3u);
  for (const std::uint64_t after : {3ul, 4ul, 1000ul, kStep - 1}) {
    const ReadResult behind = ReadOnce(*log_, {.after = after});
    EXPECT_THAT(behind.sequences(), ElementsAre(kStep, kStep + 1)) << after;
    EXPECT_EQ(behind.scanned_through.value(), kStep + 1) << after;
  }
}

TEST_F(LostRecordsTest, AReadBehindTheLastOneGoesToTheEndOfTheGap) {
  Lose(3, 5);
  Open();
  const ReadResult read = ReadOnce(*log_, {.after = 3});
  EXPECT_THAT(read.sequences(), IsEmpty());
  EXPECT_EQ(read.scanned_through.value(), kStep - 1);
  EXPECT_EQ(ReadOnce(*log_, {.after = kStep - 1}).scanned_through.value(),
            kStep - 1);
}

TEST_F(LostRecordsTest, LeaveTheTimesToFind) {
  Lose(3, 5);
  Open();
  const Timestamp start = base::FakeClock::kStart;
  EXPECT_EQ(log_->FirstRecordedAt(start).value(), 1u);
  const Timestamp later = start + std::chrono::hours(1);
  EXPECT_EQ(log_->FirstRecordedAt(later).value(), kStep);
  clock_.Set(later);
  ASSERT_TRUE(AppendSamples(*log_, 9, 1).ok());
  EXPECT_EQ(log_->FirstRecordedAt(later).value(), kStep);
}

// Their numbers are many and stand for nothing.
TEST_F(LostRecordsTest, LeaveRepeatsOfWhatWasBeforeToNotice) {
  Lose(3, 5);
  Open();
  auto record = std::make_shared<Record>(SampleRecord(2));
  record->duplicate_key = SampleKey(100);
  auto other = std::make_shared<Record>(SampleRecord(1));
  other->duplicate_key = SampleKey(101);
  {
    const auto committer = Committer::Start(*log_, {.repeats_max = 2}, nullptr);
    committer->Submit(record, [](const absl::StatusOr<Appended>&) {});
    committer->Submit(other, [](const absl::StatusOr<Appended>&) {});
  }
  EXPECT_EQ(record->suspected_duplicate_of, 2u);
  EXPECT_EQ(other->suspected_duplicate_of, 0u);
}

// The newest record says what the time of the next one must not be before.
TEST_F(LostRecordsTest, LeaveTheNewestOfTheRestThatIsNeverRemoved) {
  clock_.Advance(std::chrono::hours(2));
  Lose(3, 5);
  Open();
  const Timestamp later = clock_.Now() + std::chrono::hours(1);
  EXPECT_EQ(log_->RemoveOldest({.recorded_before = later})->count, 2u);
  EXPECT_EQ(log_->ForgetKeys({.before = later, .now = later})->keys.size(), 2u);
  EXPECT_THAT(ReadOnce(*log_, {.after = 2}).sequences(), ElementsAre(3));
  EXPECT_EQ(log_->KeyOf(3).value(), SampleKey(3));
  Open();
  clock_.Set(base::FakeClock::kStart);
  const auto next = AppendSamples(*log_, 9, 1);
  ASSERT_TRUE(next.ok()) << next.status();
  EXPECT_EQ(next->at(0).recorded_at,
            base::FakeClock::kStart + std::chrono::hours(2));
}

TEST_F(LostRecordsTest, LeaveTheTimesToFindAlsoWhenLostTwiceInARow) {
  Lose(3, 5);
  Lose(0, 4);
  Open();
  EXPECT_THAT(log_->gaps(),
              ElementsAre(Gap{.from = 4, .to = kStep - 1},
                          Gap{.from = kStep, .to = 2 * kStep - 1}));
  const Timestamp start = base::FakeClock::kStart;
  EXPECT_EQ(log_->FirstRecordedAt(start).value(), 1u);
  const Timestamp later = start + std::chrono::hours(1);
  EXPECT_EQ(log_->FirstRecordedAt(later).value(), 2 * kStep);
  clock_.Set(later);
  ASSERT_TRUE(AppendSamples(*log_, 9, 1).ok());
  EXPECT_EQ(log_->FirstRecordedAt(later).value(), 2 * kStep);
  EXPECT_THAT(ReadOnce(*log_, {.after = 3}).sequences(),
              ElementsAre(2 * kStep));
}

TEST_F(LostRecordsTest, CanBeAllThatThereWas) {
  Open();
  ASSERT_TRUE(AppendSamples(*log_, 1, 4).ok());
  log_.reset();
  for (const char* const name : {"/events.db", "/events.db-wal"}) {
    std::filesystem::remove(directory_.path() + name);
  }
  for (int i = 0; i < 2; ++i) {
    Open();
    EXPECT_EQ(log_->bounds().first, 1u);
    EXPECT_EQ(log_->bounds().head, kStep - 1);
    EXPECT_THAT(log_->gaps(), ElementsAre(Gap{.from = 1, .to = kStep - 1}));
  }
}

TEST_F(LostRecordsTest, WithoutTheMarkNobodyKnows) {
  Lose(3, 5);
  std::filesystem::remove(directory_.path() + "/mark");
  Open();
  EXPECT_EQ(log_->bounds().head, 3u);
  EXPECT_THAT(log_->gaps(), IsEmpty());
}

TEST_F(LostRecordsTest, AMarkThatIsBehindSaysNothing) {
  Open();
  ASSERT_TRUE(AppendSamples(*log_, 1, 2).ok());
  log_.reset();
  const std::string mark = directory_.path() + "/mark";
  std::filesystem::copy(mark, mark + ".old");
  Open();
  ASSERT_TRUE(AppendSamples(*log_, 3, 2).ok());
  log_.reset();
  std::filesystem::rename(mark + ".old", mark);
  Open();
  EXPECT_EQ(log_->bounds().head, 4u);
  EXPECT_THAT(log_->gaps(), IsEmpty());
}

}  // namespace
}  // namespace tuco::log
