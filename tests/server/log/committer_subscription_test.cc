// What the committer does with changes of subscriptions.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <future>
#include <memory>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/base/posix_file_system.h"
#include "server/log/committer.h"
#include "server/log/spool.h"
#include "tests/server/base/fake_clock.h"
#include "tests/server/base/temporary_directory.h"
#include "tests/server/log/forwarding_log.h"
#include "tests/server/log/gated_log.h"
#include "tests/server/log/sample_records.h"
#include "tests/server/log/subscription_samples.h"

namespace tuco::log {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

using State = Committer::State;

bool IsAnswered(const std::future<absl::Status>& answer) {
  return answer.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
}

// One that says how far subscription `id` has got.
SubscriptionChange Through(std::uint64_t id, std::uint64_t through) {
  SubscriptionChange change = ChangeOf(id);
  change.row = SampleSubscription(id);
  change.row->through = through;
  return change;
}

std::future<absl::Status> ChangeIn(Committer& committer,
                                   SubscriptionChange change) {
  auto promise = std::make_shared<std::promise<absl::Status>>();
  committer.ChangeSubscription(std::move(change),
                               [promise](absl::Status status) {
                                 promise->set_value(std::move(status));
                               });
  return promise->get_future();
}

std::future<bool> SubmitTo(Committer& committer, std::uint64_t number) {
  auto promise = std::make_shared<std::promise<bool>>();
  committer.Submit(std::make_shared<Record>(SampleRecord(number)),
                   [promise](const absl::StatusOr<Appended>& answer) {
                     promise->set_value(answer.ok());
                   });
  return promise->get_future();
}

class CommitterSubscriptionTest : public ::testing::Test {
 protected:
  void Launch(const Committer::Options& options = {}) {
    committer_ = Committer::Start(log_, options, nullptr);
  }
  void Start(const Committer::Options& options = {}) {
    Launch(options);
    while (!committer_->Probe().ok()) std::this_thread::yield();
  }
  std::future<absl::Status> Change(SubscriptionChange change) {
    return ChangeIn(*committer_, std::move(change));
  }
  std::future<bool> Submit(std::uint64_t number) {
    return SubmitTo(*committer_, number);
  }
  // Occupies the committer's thread with sample record `number`.
  std::future<bool> SubmitAndAwaitAppend(std::uint64_t number) {
    const std::size_t appends = log_.batch_sizes().size();
    auto answer = Submit(number);
    log_.AwaitAppends(appends + 1);
    return answer;
  }
  std::uint64_t ThroughOf(std::size_t index) {
    return SubscriptionsIn(log_).at(index).row.through;
  }

  base::FakeClock clock_;
  GatedLog log_{clock_};
  std::unique_ptr<Committer> committer_;
};

TEST_F(CommitterSubscriptionTest, AnswersOnceTheChangeIsInTheLog) {
  Start();
  log_.CloseGate();
  auto answer = Change(SampleCreation(1, {SampleUnsettled(3)}));
  log_.AwaitAppends(1);
  EXPECT_FALSE(IsAnswered(answer));
  log_.OpenGate();
  EXPECT_TRUE(answer.get().ok());
  const auto found = SubscriptionsIn(log_);
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].row, SampleSubscription(1));
  EXPECT_THAT(found[0].unsettled, ElementsAre(SampleUnsettled(3)));
}

TEST_F(CommitterSubscriptionTest, ChangesGoWithWhateverElseIsQueuedInOrder) {
  Start({.batch_records_max = 2});
  log_.CloseGate();
  auto blocker = SubmitAndAwaitAppend(1);
  std::vector<std::future<absl::Status>> answers;
  answers.push_back(Change(SampleCreation(1)));
  std::vector<std::future<bool>> records;
  for (std::uint64_t n = 2; n <= 4; ++n) records.push_back(Submit(n));
  for (std::uint64_t through = 1; through <= 50; ++through) {
    answers.push_back(Change(Through(1, through)));
  }
  log_.OpenGate();
  EXPECT_TRUE(blocker.get());
  for (auto& answer : answers) EXPECT_TRUE(answer.get().ok());
  for (auto& record : records) EXPECT_TRUE(record.get());
  EXPECT_EQ(ThroughOf(0), 50u);
  EXPECT_THAT(log_.batch_sizes(), ElementsAre(1, 2, 1));
}

TEST_F(CommitterSubscriptionTest, AnswersInTheOrderInWhichTheyCame) {
  Start();
  log_.CloseGate();
  auto blocker = SubmitAndAwaitAppend(1);
  std::vector<int> order;  // The committer's thread's.
  std::promise<void> last;
  for (int i = 0; i < 20; ++i) {
    committer_->ChangeSubscription(SampleCreation(1),
                                   [&, i](const absl::Status&) {
                                     order.push_back(i);
                                     if (i == 19) last.set_value();
                                   });
  }
  log_.OpenGate();
  last.get_future().wait();
  EXPECT_THAT(order, SizeIs(20));
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
}

TEST_F(CommitterSubscriptionTest, SaysWhyTheLogRefusesAndGoesOnAfterwards) {
  Start();
  ASSERT_TRUE(Change(SampleCreation(1)).get().ok());
  log_.FailNext(absl::ResourceExhaustedError("no space"));
  EXPECT_EQ(Change(Through(1, 7)).get(),
            absl::ResourceExhaustedError("no space"));
  EXPECT_EQ(ThroughOf(0), SampleSubscription(1).through);
  EXPECT_TRUE(Change(Through(1, 8)).get().ok());
  EXPECT_EQ(ThroughOf(0), 8u);
}

TEST_F(CommitterSubscriptionTest, NothingIsSpooled) {
  const base::TemporaryDirectory directory;
  base::PosixFileSystem files;
  const auto spool =
      Spool::Open({.directory = directory / "spool", .files = files}).value();
  Start({.spool = spool.get()});
  log_.CloseGate();
  auto blocker = SubmitAndAwaitAppend(1);
  auto record = Submit(2);
  auto change = Change(SampleCreation(1));
  log_.Break(absl::UnavailableError("busy"));
  log_.OpenGate();
  EXPECT_TRUE(record.get());
  EXPECT_EQ(change.get(), absl::UnavailableError("busy"));
  log_.Break(absl::OkStatus());
  while (committer_->statistics().spool.records > 0) std::this_thread::yield();
  EXPECT_EQ(log_.bounds().head, 2u);
  EXPECT_THAT(SubscriptionsIn(log_), IsEmpty());
  committer_.reset();
}

// What becomes of records is another question.
TEST_F(CommitterSubscriptionTest, IsNoRecordAndNoVerdictOnRecords) {
  Start();
  ASSERT_TRUE(Change(SampleCreation(1)).get().ok());
  log_.FailNext(absl::ResourceExhaustedError("no space"));
  EXPECT_FALSE(Change(Through(1, 7)).get().ok());
  EXPECT_TRUE(committer_->Probe().ok());
  EXPECT_EQ(committer_->condition().state, State::kTaking);
  log_.FailNext(absl::ResourceExhaustedError("no space"));
  EXPECT_FALSE(Submit(1).get());
  ASSERT_TRUE(Change(Through(1, 7)).get().ok());
  EXPECT_EQ(committer_->condition().state, State::kRefusing);
  const Committer::Statistics counts = committer_->statistics();
  EXPECT_EQ(counts.batches, 0u);
  EXPECT_EQ(counts.records, 0u);
  EXPECT_EQ(counts.failed_batches, 1u);
}

TEST_F(CommitterSubscriptionTest, WhatWaitsIsLimitedInNumber) {
  Start({.queue_records_max = 2, .queue_changes_max = 2});
  log_.CloseGate();
  auto blocker = SubmitAndAwaitAppend(1);
  auto first = Change(SampleCreation(1));
  auto second = Change(Through(1, 7));
  auto refused = Change(Through(1, 8));
  ASSERT_TRUE(IsAnswered(refused));
  EXPECT_EQ(refused.get().code(), absl::StatusCode::kResourceExhausted);
  // Neither of them takes the other's room.
  EXPECT_EQ(committer_->statistics().queued, 1u);
  auto record = Submit(2);
  log_.OpenGate();
  EXPECT_TRUE(first.get().ok());
  EXPECT_TRUE(second.get().ok());
  EXPECT_TRUE(record.get());
  EXPECT_TRUE(Change(Through(1, 9)).get().ok());
  EXPECT_EQ(ThroughOf(0), 9u);
}

TEST_F(CommitterSubscriptionTest, WhatWaitsIsLimitedInBytes) {
  Start({.queue_changes_bytes_max = 10'000});
  log_.CloseGate();
  auto blocker = SubmitAndAwaitAppend(1);
  ParkedEvent large = SampleParked(1);
  large.body.assign(20'000, 'x');
  // One goes, however large it is.
  auto alone = Change(SampleCreation(1, {}, {large}));
  auto refused = Change(Through(1, 8));
  ASSERT_TRUE(IsAnswered(refused));
  EXPECT_EQ(refused.get().code(), absl::StatusCode::kResourceExhausted);
  log_.OpenGate();
  EXPECT_TRUE(alone.get().ok());
  EXPECT_TRUE(Change(Through(1, 9)).get().ok());
}

TEST_F(CommitterSubscriptionTest, HoldsWhatComesWhileTheLogIsRead) {
  log_.CloseKeys();
  Launch();
  auto answer = Change(SampleCreation(1));
  EXPECT_FALSE(IsAnswered(answer));
  log_.OpenKeys();
  EXPECT_TRUE(answer.get().ok());
}

TEST_F(CommitterSubscriptionTest, RefusesEveryoneWhereTheLogCannotBeRead) {
  log_.CloseKeys();
  Launch();
  auto waiting = Change(SampleCreation(1));
  log_.OpenKeys(absl::DataLossError("key 7 is damaged"));
  EXPECT_EQ(waiting.get(), absl::DataLossError("key 7 is damaged"));
  EXPECT_EQ(Change(SampleCreation(1)).get(),
            absl::DataLossError("key 7 is damaged"));
}

TEST_F(CommitterSubscriptionTest, StopCommitsWhatIsQueuedAndTakesNoMore) {
  Start();
  log_.CloseGate();
  auto blocker = SubmitAndAwaitAppend(1);
  auto creation = Change(SampleCreation(1));
  auto change = Change(Through(1, 7));
  std::thread stopper([this] { committer_->Stop(); });
  log_.OpenGate();
  stopper.join();
  ASSERT_TRUE(IsAnswered(change));
  EXPECT_TRUE(creation.get().ok());
  EXPECT_TRUE(change.get().ok());
  EXPECT_EQ(ThroughOf(0), 7u);
  EXPECT_EQ(Change(Through(1, 8)).get().code(), absl::StatusCode::kUnavailable);
}

TEST_F(CommitterSubscriptionTest, StorageThatFailedIsNotAskedAgain) {
  Start();
  log_.Break(absl::DataLossError("sync failed"));
  EXPECT_EQ(Change(SampleCreation(1)).get(),
            absl::DataLossError("sync failed"));
  EXPECT_THAT(log_.batch_sizes(), SizeIs(1));
}

TEST_F(CommitterSubscriptionTest, ChangeInsideTheCallbackIsAccepted) {
  Start();
  std::promise<absl::Status> second;
  committer_->ChangeSubscription(
      SampleCreation(1), [&](const absl::Status& first) {
        EXPECT_TRUE(first.ok());
        committer_->ChangeSubscription(Through(1, 7), [&](absl::Status status) {
          second.set_value(std::move(status));
        });
      });
  EXPECT_TRUE(second.get_future().get().ok());
  EXPECT_EQ(ThroughOf(0), 7u);
}

// A log in memory in which subscription 2 is damaged.
class DamagedLog final : public ForwardingLog {
 public:
  explicit DamagedLog(const base::Clock& clock)
      : ForwardingLog(MakeMemoryLog(clock)) {}

  absl::Status Commit(const Batch& batch) override {
    for (const SubscriptionChange* const change : batch.subscriptions) {
      if (change->id == 2) return absl::DataLossError("damaged");
    }
    return ForwardingLog::Commit(batch);
  }
};

TEST(CommitterDamagedSubscriptionTest, RefusesNeitherRecordsNorOtherOnes) {
  const base::FakeClock clock;
  DamagedLog log(clock);
  std::vector<std::uint64_t> observed;  // The committer's thread's.
  const auto committer =
      Committer::Start(log, {}, [&](std::span<const RecordPtr> records) {
        for (const RecordPtr& record : records) {
          observed.push_back(record->sequence);
        }
      });
  // All of them before the log is read, or in any other batches.
  std::vector<std::future<absl::Status>> answers;
  for (const std::uint64_t id : {1, 2, 3}) {
    answers.push_back(ChangeIn(*committer, SampleCreation(id)));
  }
  auto record = SubmitTo(*committer, 1);
  for (const std::uint64_t id : {1, 2}) {
    answers.push_back(ChangeIn(*committer, Through(id, 7)));
  }
  EXPECT_TRUE(record.get());
  std::vector<bool> taken;
  taken.reserve(answers.size());
  for (auto& answer : answers) taken.push_back(answer.get().ok());
  EXPECT_THAT(taken, ElementsAre(true, false, true, true, false));
  EXPECT_TRUE(committer->Probe().ok());
  committer->Stop();
  EXPECT_THAT(observed, ElementsAre(1));
  EXPECT_EQ(log.bounds().head, 1u);
  const auto found = SubscriptionsIn(log);
  ASSERT_THAT(found, SizeIs(2));
  EXPECT_EQ(found[0].row.through, 7u);
}

}  // namespace
}  // namespace tuco::log
