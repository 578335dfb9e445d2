#include "server/log/committer.h"

#include <atomic>
#include <future>
#include <memory>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/server/base/fake_clock.h"
#include "tests/server/log/gated_log.h"
#include "tests/server/log/sample_records.h"

namespace tuco::log {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;
using Answer = absl::StatusOr<Appended>;

class CommitterTest : public ::testing::Test {
 protected:
  // Starts and waits until the keys are read.
  void Start(const Committer::Options& options = {}) {
    Launch(options);
    while (!committer_->Probe().ok()) std::this_thread::yield();
  }

  void Launch(const Committer::Options& options = {}) {
    committer_ = Committer::Start(log_, options,
                                  [this](std::span<const RecordPtr> records) {
                                    for (const RecordPtr& record : records)
                                      observed_.push_back(record);
                                  });
  }

  // Submits `record` and waits for its answer.
  Answer SubmitRecord(Record record) {
    std::promise<Answer> promise;
    committer_->Submit(
        std::make_shared<Record>(std::move(record)),
        [&promise](Answer answer) { promise.set_value(std::move(answer)); });
    return promise.get_future().get();
  }

  std::future<Answer> Submit(std::uint64_t number) {
    auto promise = std::make_shared<std::promise<Answer>>();
    committer_->Submit(
        std::make_shared<Record>(SampleRecord(number)),
        [promise](Answer answer) { promise->set_value(std::move(answer)); });
    return promise->get_future();
  }

  static bool IsAnswered(const std::future<Answer>& answer) {
    return answer.wait_for(std::chrono::seconds(0)) ==
           std::future_status::ready;
  }

  // Occupies the committer's thread with sample record `number`.
  std::future<Answer> SubmitAndAwaitAppend(std::uint64_t number) {
    const std::size_t appends = log_.batch_sizes().size();
    auto answer = Submit(number);
    log_.AwaitAppends(appends + 1);
    return answer;
  }

  base::FakeClock clock_;
  GatedLog log_{clock_};
  std::vector<RecordPtr> observed_;  // The committer's thread's, until Stop.
  std::unique_ptr<Committer> committer_;
};

TEST_F(CommitterTest, AnswersWithTheSequenceOnceTheRecordIsInTheLog) {
  Start();
  const Answer answer = Submit(7).get();
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->sequence, 1u);
  EXPECT_FALSE(answer->duplicate);
  EXPECT_EQ(ReadAll(log_).records.at(0).event, "event 7");
}

TEST_F(CommitterTest, AnswersNobodyBeforeTheRecordIsDurable) {
  Start();
  log_.CloseGate();
  const auto first = SubmitAndAwaitAppend(1);
  const auto copy = Submit(1);
  EXPECT_FALSE(IsAnswered(first));
  EXPECT_FALSE(IsAnswered(copy));
  log_.OpenGate();
  first.wait();
  copy.wait();
}

TEST_F(CommitterTest, TakesWhatQueuedDuringACommitAsOneBatch) {
  Start();
  log_.CloseGate();
  std::vector<std::future<Answer>> answers;
  answers.push_back(SubmitAndAwaitAppend(1));
  for (std::uint64_t n = 2; n <= 10; ++n) answers.push_back(Submit(n));
  log_.OpenGate();
  for (auto& answer : answers) EXPECT_TRUE(answer.get().ok());
  EXPECT_THAT(log_.batch_sizes(), ElementsAre(1, 9));
}

TEST_F(CommitterTest, KeepsTheOrderOfSubmission) {
  Start({.batch_records_max = 7});
  std::vector<std::future<Answer>> answers;
  for (std::uint64_t n = 1; n <= 100; ++n) answers.push_back(Submit(n));
  for (std::uint64_t n = 1; n <= 100; ++n) {
    EXPECT_EQ(answers[n - 1].get()->sequence, n);
  }
  for (const Record& record : ReadAll(log_).records) {
    EXPECT_EQ(record.event, "event " + std::to_string(record.sequence));
  }
}

TEST_F(CommitterTest, ShowsEachRecordToTheObserverBeforeItsCallerIsAnswered) {
  Start();
  std::vector<std::size_t> observed_at_answer;
  for (std::uint64_t n = 1; n <= 3; ++n) {
    std::promise<void> answered;
    committer_->Submit(std::make_shared<Record>(SampleRecord(n)),
                       [&](const Answer&) {
                         observed_at_answer.push_back(observed_.size());
                         answered.set_value();
                       });
    answered.get_future().wait();
  }
  committer_->Stop();
  EXPECT_THAT(observed_at_answer, ElementsAre(1, 2, 3));
  ASSERT_THAT(observed_, SizeIs(3));
  EXPECT_EQ(observed_[2]->sequence, 3u);
  EXPECT_EQ(observed_[2]->event, "event 3");
}

TEST_F(CommitterTest, DoesTheLogsChoresOnceItsCallersAreAnswered) {
  Start();
  const int before = log_.chores();
  std::promise<int> chores;
  committer_->Submit(std::make_shared<Record>(SampleRecord(1)),
                     [&](const Answer&) { chores.set_value(log_.chores()); });
  EXPECT_EQ(chores.get_future().get(), before);
  committer_->Stop();
  EXPECT_GT(log_.chores(), before);
}

// The mark of the newest record is not to wait for the next one.
TEST_F(CommitterTest, DoesTheLogsChoresAlsoWhenNothingComes) {
  Start();
  Submit(1).wait();
  const int before = log_.chores();
  while (log_.chores() <= before + 1) std::this_thread::yield();
}

TEST_F(CommitterTest, AppendsOnceWhatManySubmitAtTheSameTime) {
  Start();
  log_.CloseGate();
  const auto blocker = SubmitAndAwaitAppend(99);
  std::vector<std::future<Answer>> answers(64);
  std::vector<std::thread> threads;
  threads.reserve(answers.size());
  for (auto& answer : answers) {
    threads.emplace_back([&] { answer = Submit(1); });
  }
  for (std::thread& thread : threads) thread.join();
  for (const auto& answer : answers) EXPECT_FALSE(IsAnswered(answer));
  log_.OpenGate();
  int firsts = 0;
  for (auto& future : answers) {
    const Answer answer = future.get();
    ASSERT_TRUE(answer.ok());
    EXPECT_EQ(answer->sequence, 2u);
    if (!answer->duplicate) ++firsts;
  }
  EXPECT_EQ(firsts, 1);
  EXPECT_EQ(log_.bounds().head, 2u);
}

TEST_F(CommitterTest, CopyOfARecordThatIsBeingCommittedWaitsForIt) {
  Start();
  log_.CloseGate();
  auto first = SubmitAndAwaitAppend(1);
  auto copy = Submit(1);
  log_.OpenGate();
  EXPECT_FALSE(first.get()->duplicate);
  const Answer answer = copy.get();
  EXPECT_TRUE(answer->duplicate);
  EXPECT_EQ(answer->sequence, 1u);
  EXPECT_THAT(log_.batch_sizes(), ElementsAre(1));
}

TEST_F(CommitterTest, CopyOfADurableRecordIsNotAppended) {
  Start();
  Submit(1).wait();
  const Answer answer = Submit(1).get();
  EXPECT_TRUE(answer->duplicate);
  EXPECT_EQ(answer->sequence, 1u);
  EXPECT_THAT(log_.batch_sizes(), ElementsAre(1));
}

// A copy is answered although the log takes nothing: it is there.
TEST_F(CommitterTest, CopyOfADurableRecordIsKnownWhileAppendsFail) {
  Start();
  Submit(1).wait();
  log_.Break(absl::DataLossError("broken"));
  EXPECT_TRUE(Submit(1).get()->duplicate);
  EXPECT_EQ(Submit(2).get().status().code(), absl::StatusCode::kDataLoss);
}

// The index compares the first 18 bytes of a key.
TEST_F(CommitterTest, RecordsWhoseKeysBeginAlikeAreNotTakenForCopies) {
  Start();
  const auto submit = [this](std::uint64_t number, std::uint8_t last) {
    Record record = SampleRecord(number);
    record.duplicate_key = SampleKey(7);
    record.duplicate_key.back() = last;
    return SubmitRecord(std::move(record));
  };
  for (int run = 0; run < 2; ++run) {
    for (std::uint8_t last = 1; last <= 3; ++last) {
      const Answer answer = submit(last, last);
      EXPECT_EQ(answer->sequence, last);
      EXPECT_EQ(answer->duplicate, run > 0);
    }
  }
  committer_->Stop();
  Start();
  for (std::uint8_t last = 1; last <= 3; ++last) {
    const Answer answer = submit(last, last);
    EXPECT_EQ(answer->sequence, last);
    EXPECT_TRUE(answer->duplicate);
  }
}

TEST_F(CommitterTest, KnowsWhatTheLogHeldBeforeTheStart) {
  ASSERT_TRUE(AppendSamples(log_, 1, 3).ok());
  Start();
  EXPECT_EQ(committer_->statistics().duplicate_keys, 3u);
  const Answer copy = Submit(2).get();
  EXPECT_TRUE(copy->duplicate);
  EXPECT_EQ(copy->sequence, 2u);
  EXPECT_EQ(Submit(4).get()->sequence, 4u);
}

TEST_F(CommitterTest, TellsEveryCallerOfAFailureAndTakesTheRecordAgain) {
  Start();
  log_.CloseGate();
  auto first = SubmitAndAwaitAppend(1);
  auto copy = Submit(1);
  log_.FailNext(absl::ResourceExhaustedError("no space"));
  log_.OpenGate();
  EXPECT_EQ(first.get().status(), absl::ResourceExhaustedError("no space"));
  EXPECT_EQ(copy.get().status(), absl::ResourceExhaustedError("no space"));
  const Answer retry = Submit(1).get();
  ASSERT_TRUE(retry.ok()) << retry.status();
  EXPECT_FALSE(retry->duplicate);
  EXPECT_EQ(retry->sequence, 1u);
  committer_->Stop();
  EXPECT_THAT(observed_, SizeIs(1));
}

TEST_F(CommitterTest, RemembersAFailureUntilABatchSucceeds) {
  Start();
  EXPECT_TRUE(committer_->Probe().ok());
  log_.FailNext(absl::ResourceExhaustedError("no space"));
  EXPECT_FALSE(Submit(1).get().ok());
  EXPECT_EQ(committer_->Probe(), absl::ResourceExhaustedError("no space"));
  EXPECT_TRUE(Submit(1).get().ok());
  EXPECT_TRUE(committer_->Probe().ok());
}

TEST_F(CommitterTest, RetryInsideTheCallbackIsAccepted) {
  Start();
  log_.FailNext(absl::UnavailableError("busy"));
  std::promise<Answer> second;
  committer_->Submit(
      std::make_shared<Record>(SampleRecord(1)), [&](const Answer& first) {
        EXPECT_FALSE(first.ok());
        committer_->Submit(
            std::make_shared<Record>(SampleRecord(1)),
            [&](Answer answer) { second.set_value(std::move(answer)); });
      });
  EXPECT_EQ(second.get_future().get()->sequence, 1u);
}

TEST_F(CommitterTest, OneBatchFailsAloneInALongQueue) {
  Start({.batch_records_max = 2});
  log_.CloseGate();
  auto blocker = SubmitAndAwaitAppend(1);
  std::vector<std::future<Answer>> answers;
  for (std::uint64_t n = 2; n <= 7; ++n) answers.push_back(Submit(n));
  log_.FailNext(absl::UnavailableError("busy"));
  log_.FailNext(absl::UnavailableError("busy"));
  log_.OpenGate();
  EXPECT_FALSE(blocker.get().ok());
  EXPECT_FALSE(answers[0].get().ok());
  EXPECT_FALSE(answers[1].get().ok());
  for (std::uint64_t i = 2; i < 6; ++i) {
    EXPECT_EQ(answers[i].get()->sequence, i - 1);
  }
  EXPECT_THAT(log_.batch_sizes(), ElementsAre(1, 2, 2, 2));
}

TEST_F(CommitterTest, RefusesAtOnceWhatIsMoreThanTheQueueHolds) {
  Start({.queue_records_max = 3});
  log_.CloseGate();
  std::vector<std::future<Answer>> answers;
  answers.push_back(SubmitAndAwaitAppend(1));
  answers.push_back(Submit(2));
  answers.push_back(Submit(2));
  auto refused = Submit(3);
  ASSERT_TRUE(IsAnswered(refused));
  EXPECT_EQ(refused.get().status().code(),
            absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(committer_->statistics().queued, 3u);
  log_.OpenGate();
  for (auto& answer : answers) EXPECT_TRUE(answer.get().ok());
  EXPECT_TRUE(Submit(3).get().ok());
}

TEST_F(CommitterTest, RefusesAtOnceWhatIsMoreBytesThanTheQueueHolds) {
  Start({.queue_bytes_max = 1});
  log_.CloseGate();
  auto alone = SubmitAndAwaitAppend(1);
  auto refused = Submit(2);
  ASSERT_TRUE(IsAnswered(refused));
  EXPECT_EQ(refused.get().status().code(),
            absl::StatusCode::kResourceExhausted);
  log_.OpenGate();
  EXPECT_TRUE(alone.get().ok());
  EXPECT_TRUE(Submit(2).get().ok());
}

TEST_F(CommitterTest, SplitsABatchThatIsTooManyBytes) {
  Start({.batch_bytes_max = 1});
  log_.CloseGate();
  std::vector<std::future<Answer>> answers;
  for (std::uint64_t n = 1; n <= 3; ++n) answers.push_back(Submit(n));
  log_.OpenGate();
  for (auto& answer : answers) EXPECT_TRUE(answer.get().ok());
  EXPECT_THAT(log_.batch_sizes(), ElementsAre(1, 1, 1));
}

TEST_F(CommitterTest, StopAnswersEveryoneAndTakesNoMore) {
  Start({.batch_records_max = 4});
  log_.CloseGate();
  std::vector<std::future<Answer>> answers;
  for (std::uint64_t n = 1; n <= 50; ++n) answers.push_back(Submit(n));
  std::thread stopper([this] { committer_->Stop(); });
  log_.OpenGate();
  stopper.join();
  for (auto& answer : answers) {
    ASSERT_TRUE(IsAnswered(answer));
    EXPECT_TRUE(answer.get().ok());
  }
  EXPECT_EQ(log_.bounds().head, 50u);
  EXPECT_EQ(Submit(51).get().status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(Submit(1).get().status().code(), absl::StatusCode::kUnavailable);
}

TEST_F(CommitterTest, HoldsWhatComesWhileTheKeysAreRead) {
  ASSERT_TRUE(AppendSamples(log_, 1, 3).ok());
  log_.CloseKeys();
  Launch();
  EXPECT_EQ(committer_->Probe().code(), absl::StatusCode::kUnavailable);
  auto known = Submit(2);
  auto known_copy = Submit(2);
  auto fresh = Submit(9);
  auto fresh_copy = Submit(9);
  EXPECT_FALSE(IsAnswered(known));
  EXPECT_EQ(committer_->statistics().queued, 4u);
  log_.OpenKeys();
  for (auto* const answer : {&known, &known_copy}) {
    const Answer got = answer->get();
    EXPECT_EQ(got->sequence, 2u);
    EXPECT_TRUE(got->duplicate);
  }
  const Answer first = fresh.get();
  EXPECT_EQ(first->sequence, 4u);
  EXPECT_FALSE(first->duplicate);
  EXPECT_TRUE(fresh_copy.get()->duplicate);
  EXPECT_TRUE(committer_->Probe().ok());
  EXPECT_EQ(committer_->statistics().queued, 0u);
  EXPECT_EQ(committer_->statistics().duplicate_keys, 4u);
  EXPECT_EQ(log_.bounds().head, 4u);
}

TEST_F(CommitterTest, SaysOnceThatTheKeysCannotBeRead) {
  log_.CloseKeys();
  std::promise<absl::Status> failure;
  Launch({.on_failure = [&](const absl::Status& status) {
    failure.set_value(status);
  }});
  auto waiting = Submit(1);
  log_.OpenKeys(absl::DataLossError("key 7 is damaged"));
  EXPECT_EQ(failure.get_future().get().message(), "key 7 is damaged");
  EXPECT_EQ(waiting.get().status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(Submit(2).get().status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(committer_->Probe().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(log_.bounds().head, 0u);
}

TEST_F(CommitterTest, SaysOnceThatStorageFailed) {
  std::atomic<int> failures = 0;
  Start({.on_failure = [&](const absl::Status&) { ++failures; }});
  log_.Break(absl::DataLossError("no disk"));
  EXPECT_EQ(Submit(1).get().status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(Submit(2).get().status().code(), absl::StatusCode::kDataLoss);
  committer_->Stop();
  EXPECT_EQ(failures, 1);
}

TEST_F(CommitterTest, FlagsWhatRepeatsAMessageAndTypeWithOtherBytes) {
  ASSERT_TRUE(AppendSamples(log_, 1, 2).ok());
  Start();
  // The message and type of the second record of the log, and of a new one.
  for (const std::uint64_t original : {2, 7}) {
    Record repeat = SampleRecord(original);
    repeat.duplicate_key = SampleKey(100 + original);
    repeat.body = "other bytes";
    if (original == 7) {
      ASSERT_TRUE(Submit(original).get().ok());
    }
    const Answer answer = SubmitRecord(repeat);
    ASSERT_TRUE(answer.ok());
    EXPECT_FALSE(answer->duplicate);
  }
  const std::vector<Record> records = ReadAll(log_).records;
  ASSERT_THAT(records, SizeIs(5));
  EXPECT_EQ(records[2].suspected_duplicate_of, 2u);
  EXPECT_TRUE(records[2].flags.Has(Flag::kSuspectedDuplicate));
  EXPECT_EQ(records[3].suspected_duplicate_of, 0u);
  EXPECT_FALSE(records[3].flags.Has(Flag::kSuspectedDuplicate));
  EXPECT_EQ(records[4].suspected_duplicate_of, 4u);
}

TEST_F(CommitterTest, AnEventThatWasNotAppendedIsRepeatedByNone) {
  Start();
  log_.FailNext(absl::UnavailableError("busy"));
  EXPECT_FALSE(Submit(1).get().ok());
  ASSERT_TRUE(Submit(1).get().ok());
  EXPECT_EQ(ReadAll(log_).records.at(0).suspected_duplicate_of, 0u);
}

TEST_F(CommitterTest, StopTwiceIsStop) {
  Start();
  committer_->Stop();
  committer_->Stop();
}

TEST_F(CommitterTest, CountsWhatItDid) {
  Start();
  Submit(1).wait();
  Submit(1).wait();
  log_.FailNext(absl::UnavailableError("busy"));
  Submit(2).wait();
  const Committer::Statistics counts = committer_->statistics();
  EXPECT_EQ(counts.batches, 1u);
  EXPECT_EQ(counts.records, 1u);
  EXPECT_EQ(counts.failed_batches, 1u);
  EXPECT_EQ(counts.duplicate_keys, 1u);
  EXPECT_EQ(counts.queued, 0u);
}

TEST_F(CommitterTest, ManyThreadsWithManyCopiesAgreeOnEverySequence) {
  constexpr std::uint64_t kRecords = 200;
  constexpr int kThreads = 8;
  Start({.batch_records_max = 16});
  std::vector<std::vector<std::future<Answer>>> answers(kThreads);
  std::vector<std::thread> threads;
  threads.reserve(kThreads);
  for (auto& mine : answers) {
    threads.emplace_back([&] {
      for (std::uint64_t n = 0; n < kRecords; ++n) mine.push_back(Submit(n));
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (std::uint64_t n = 0; n < kRecords; ++n) {
    const std::uint64_t sequence = answers[0][n].get()->sequence;
    for (int i = 1; i < kThreads; ++i) {
      EXPECT_EQ(answers[i][n].get()->sequence, sequence);
    }
  }
  EXPECT_EQ(log_.bounds().head, kRecords);
}

}  // namespace
}  // namespace tuco::log
