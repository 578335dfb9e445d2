// What the committer says of itself.

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/base/posix_file_system.h"
#include "server/log/committer.h"
#include "server/log/spool.h"
#include "tests/server/base/fake_clock.h"
#include "tests/server/base/temporary_directory.h"
#include "tests/server/log/gated_log.h"
#include "tests/server/log/sample_records.h"

namespace tuco::log {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;
using State = Committer::State;

class CommitterConditionTest : public ::testing::Test {
 protected:
  void TearDown() override { committer_.reset(); }

  void Launch(const Committer::Options& options = {}) {
    committer_ = Committer::Start(log_, options, nullptr);
  }
  void Start(const Committer::Options& options = {}) {
    Launch(options);
    AwaitState(State::kTaking);
  }
  void AwaitState(State state) {
    while (committer_->condition().state != state) std::this_thread::yield();
  }

  // Whether the record is durable.
  bool Submit(Record record) {
    std::promise<bool> answer;
    committer_->Submit(std::make_shared<Record>(std::move(record)),
                       [&answer](const absl::StatusOr<Appended>& appended) {
                         answer.set_value(appended.ok());
                       });
    return answer.get_future().get();
  }
  static Record Arrived(std::uint64_t number, const std::string& endpoint,
                        int second,
                        const std::string& type_name = "message.reply") {
    Record record = SampleRecord(number);
    record.type_name = type_name;
    record.endpoint = endpoint;
    record.received_at = At(second);
    return record;
  }
  static Timestamp At(int second) {
    return Timestamp(std::chrono::seconds(1'776'254'400 + second));
  }

  base::FakeClock clock_;
  GatedLog log_{clock_};
  std::unique_ptr<Committer> committer_;
};

TEST_F(CommitterConditionTest, ReadsTheLogBeforeItTakesAnything) {
  log_.CloseKeys();
  Launch();
  EXPECT_EQ(committer_->condition().state, State::kReading);
  EXPECT_EQ(committer_->condition().why.message(),
            "the duplicate keys are being read");
  EXPECT_FALSE(committer_->statistics().loaded);
  log_.OpenKeys();
  AwaitState(State::kTaking);
  EXPECT_TRUE(committer_->condition().why.ok());
  EXPECT_TRUE(committer_->statistics().loaded);
}

TEST_F(CommitterConditionTest, RefusesWhatCanBeKeptNowhere) {
  Start();
  log_.FailNext(absl::ResourceExhaustedError("no space"));
  EXPECT_FALSE(Submit(SampleRecord(1)));
  EXPECT_EQ(committer_->condition().state, State::kRefusing);
  EXPECT_EQ(committer_->condition().why.message(), "no space");
  EXPECT_TRUE(Submit(SampleRecord(1)));
  EXPECT_EQ(committer_->condition().state, State::kTaking);
}

TEST_F(CommitterConditionTest, TellsOfEachTransactionThatWasCommitted) {
  std::vector<std::size_t> committed;
  Start({.on_commit = [&committed](std::size_t events,
                                   std::chrono::nanoseconds took) {
    EXPECT_GE(took.count(), 0);
    committed.push_back(events);
  }});
  EXPECT_TRUE(Submit(SampleRecord(1)));
  log_.FailNext(absl::ResourceExhaustedError("no space"));
  EXPECT_FALSE(Submit(SampleRecord(2)));
  EXPECT_TRUE(Submit(SampleRecord(1)));  // Known: there is nothing to commit.
  committer_.reset();
  EXPECT_THAT(committed, ElementsAre(1));
}

TEST_F(CommitterConditionTest, SpoolsUntilAllIsInTheLog) {
  const base::TemporaryDirectory directory;
  base::PosixFileSystem files;
  const auto spool =
      Spool::Open({.directory = directory / "spool", .files = files}).value();
  Start({.spool = spool.get()});
  log_.Break(absl::UnavailableError("busy"));
  EXPECT_TRUE(Submit(SampleRecord(1)));
  AwaitState(State::kSpooling);
  EXPECT_EQ(committer_->condition().why.message(), "busy");
  log_.Break(absl::OkStatus());
  AwaitState(State::kTaking);
  EXPECT_EQ(log_.bounds().head, 1u);
  committer_.reset();
}

TEST_F(CommitterConditionTest, FailedStorageIsFinal) {
  Start();
  log_.Break(absl::DataLossError("sync failed"));
  EXPECT_EQ(committer_->condition().state, State::kFailed);
  EXPECT_EQ(committer_->condition().why.message(), "sync failed");
}

TEST_F(CommitterConditionTest, KeysThatCannotBeReadAreFinal) {
  log_.CloseKeys();
  Launch();
  log_.OpenKeys(absl::DataLossError("key 7 is damaged"));
  AwaitState(State::kFailed);
  EXPECT_EQ(committer_->condition().why.message(), "key 7 is damaged");
  EXPECT_FALSE(committer_->statistics().loaded);
}

TEST_F(CommitterConditionTest, KnowsTheNewestArrivalOfEachEndpointAndType) {
  Start();
  EXPECT_THAT(committer_->newest_arrivals(), IsEmpty());
  EXPECT_TRUE(Submit(Arrived(1, "a", 5)));
  EXPECT_TRUE(Submit(Arrived(2, "b", 1)));
  // Late, as from the quarantine.
  EXPECT_TRUE(Submit(Arrived(3, "a", 4)));
  EXPECT_TRUE(Submit(Arrived(4, "a", 3, "message.opened")));
  EXPECT_TRUE(Submit(Arrived(5, "a", 2, "message.imagined")));
  EndpointArrivals of_a{.newest = {At(5), 1}};
  of_a.newest_by_type[static_cast<int>(EventType::kUnspecified)] = At(2);
  of_a.newest_by_type[static_cast<int>(EventType::kMessageReply)] = At(5);
  of_a.newest_by_type[static_cast<int>(EventType::kMessageOpened)] = At(3);
  EndpointArrivals of_b{.newest = {At(1), 2}};
  of_b.newest_by_type[static_cast<int>(EventType::kMessageReply)] = At(1);
  const auto newest = UnorderedElementsAre(Pair("a", of_a), Pair("b", of_b));
  EXPECT_THAT(committer_->newest_arrivals(), newest);
  committer_.reset();
  Start();
  EXPECT_THAT(committer_->newest_arrivals(), newest);
}

}  // namespace
}  // namespace tuco::log
