// What the committer does with records that the log cannot take, where there
// is a spool.

#include <chrono>
#include <future>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/base/posix_file_system.h"
#include "server/log/committer.h"
#include "server/log/disk_reserve.h"
#include "server/log/spool.h"
#include "tests/server/base/fake_clock.h"
#include "tests/server/base/temporary_directory.h"
#include "tests/server/log/gated_log.h"
#include "tests/server/log/sample_records.h"

namespace tuco::log {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

using Answer = absl::StatusOr<Appended>;

class CommitterSpoolTest : public ::testing::Test {
 protected:
  void TearDown() override { Stop(); }

  void Start() {
    spool_ = Spool::Open({.directory = directory_ / "spool", .files = files_})
                 .value();
    committer_ = Committer::Start(
        log_,
        {.clock = &clock_,
         .spool = spool_.get(),
         .on_merge = [](Record& record) { record.flags.Add(Flag::kEarly); }},
        [this](std::span<const RecordPtr> records) {
          for (const RecordPtr& record : records) {
            observed_.push_back(record->sequence);
          }
        });
    while (!committer_->Probe().ok()) std::this_thread::yield();
  }
  void Stop() {
    committer_.reset();
    spool_.reset();
  }

  Answer Submit(std::uint64_t number) {
    std::promise<Answer> promise;
    committer_->Submit(
        std::make_shared<Record>(SampleRecord(number)),
        [&promise](Answer answer) { promise.set_value(std::move(answer)); });
    return promise.get_future().get();
  }

  void AwaitMerge() {
    while (committer_->statistics().spool.records > 0) {
      std::this_thread::yield();
    }
  }

  std::vector<std::string> Events() {
    std::vector<std::string> events;
    for (const Record& record : ReadAll(log_).records) {
      events.push_back(record.event);
    }
    return events;
  }

  base::TemporaryDirectory directory_;
  base::PosixFileSystem files_;
  base::FakeClock clock_;
  GatedLog log_{clock_};
  std::vector<std::uint64_t> observed_;  // The committer's thread's.
  std::unique_ptr<Spool> spool_;
  std::unique_ptr<Committer> committer_;
};

TEST_F(CommitterSpoolTest, SpoolsWhatTheLogRefusesAndMergesItInOrder) {
  Start();
  log_.Break(absl::ResourceExhaustedError("no space"));
  for (std::uint64_t n = 1; n <= 3; ++n) {
    const Answer answer = Submit(n);
    ASSERT_TRUE(answer.ok()) << answer.status();
    EXPECT_TRUE(answer->spooled);
    EXPECT_FALSE(answer->duplicate);
    EXPECT_EQ(answer->sequence, 0u);
  }
  EXPECT_EQ(log_.bounds().head, 0u);
  EXPECT_TRUE(committer_->Probe().ok());
  EXPECT_EQ(committer_->statistics().spool.records, 3u);
  log_.Break(absl::OkStatus());
  AwaitMerge();
  EXPECT_THAT(Events(), ElementsAre("event 1", "event 2", "event 3"));
  EXPECT_TRUE(ReadAll(log_).records.at(0).flags.Has(Flag::kEarly));
  EXPECT_EQ(Submit(2)->sequence, 2u);
  committer_->Stop();
  EXPECT_THAT(observed_, ElementsAre(1, 2, 3));
}

TEST_F(CommitterSpoolTest, CopyOfASpooledRecordIsADuplicateWithoutASequence) {
  Start();
  log_.Break(absl::PermissionDeniedError("read-only"));
  ASSERT_TRUE(Submit(1)->spooled);
  const Answer copy = Submit(1);
  EXPECT_TRUE(copy->duplicate);
  EXPECT_EQ(copy->sequence, 0u);
  log_.Break(absl::OkStatus());
  AwaitMerge();
  EXPECT_THAT(Events(), ElementsAre("event 1"));
}

TEST_F(CommitterSpoolTest, WhatIsSpooledOutlivesTheServer) {
  Start();
  log_.Break(absl::DataLossError("sync failed"));
  ASSERT_TRUE(Submit(1)->spooled);
  ASSERT_TRUE(Submit(2)->spooled);
  Stop();
  log_.Break(absl::OkStatus());
  // The failed sync may have left one of them in the log after all.
  ASSERT_TRUE(AppendSamples(log_, 1, 1).ok());
  Start();
  const Answer copy = Submit(2);
  ASSERT_TRUE(copy.ok());
  EXPECT_TRUE(copy->duplicate);
  AwaitMerge();
  EXPECT_THAT(Events(), ElementsAre("event 1", "event 2"));
}

TEST_F(CommitterSpoolTest, RefusesWhatTheSpoolCannotTakeEither) {
  spool_ =
      Spool::Open(
          {.directory = directory_ / "spool", .files = files_, .bytes_max = 10})
          .value();
  committer_ = Committer::Start(log_, {.spool = spool_.get()}, nullptr);
  while (!committer_->Probe().ok()) std::this_thread::yield();
  log_.Break(absl::ResourceExhaustedError("no space"));
  EXPECT_EQ(Submit(1).status(), absl::ResourceExhaustedError("no space"));
  EXPECT_EQ(committer_->Probe().code(), absl::StatusCode::kResourceExhausted);
}

TEST_F(CommitterSpoolTest, DeliveryOfTheQuarantineStaysThereInstead) {
  Start();
  log_.Break(absl::ResourceExhaustedError("no space"));
  std::promise<Answer> promise;
  committer_->SubmitReleased(
      {.id = 1, .record = std::make_shared<Record>(SampleRecord(1))},
      [&promise](Answer answer) { promise.set_value(std::move(answer)); });
  EXPECT_EQ(promise.get_future().get().status().code(),
            absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(committer_->statistics().spool.records, 0u);
}

TEST_F(CommitterSpoolTest, MergesManyWhileNewOnesCome) {
  Start();
  log_.Break(absl::ResourceExhaustedError("no space"));
  for (std::uint64_t n = 1; n <= 3'000; ++n) ASSERT_TRUE(Submit(n)->spooled);
  log_.Break(absl::OkStatus());
  for (std::uint64_t n = 3'001; n <= 3'500; ++n) {
    ASSERT_TRUE(Submit(n).ok());
  }
  AwaitMerge();
  const std::vector<std::string> events = Events();
  EXPECT_THAT(events, SizeIs(3'500));
  EXPECT_EQ(std::set<std::string>(events.begin(), events.end()).size(),
            events.size());
}

// Space that is left alone counts as full, and comes back by itself.
TEST_F(CommitterSpoolTest, NothingIsAppendedBelowTheReserve) {
  DiskReserve reserve({.directory = directory_.path(),
                       .files = files_,
                       .reserve_bytes = std::uint64_t{1} << 62});
  committer_ = Committer::Start(log_, {.reserve = &reserve}, nullptr);
  while (!committer_->Probe().ok()) std::this_thread::yield();
  EXPECT_EQ(Submit(1).status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(log_.bounds().head, 0u);
}

}  // namespace
}  // namespace tuco::log
