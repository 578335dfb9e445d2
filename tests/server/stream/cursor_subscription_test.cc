// CURSOR subscriptions: one reader, which says how far it has got.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/server/stream/subscription_fixture.h"

namespace tuco::stream {
namespace {

namespace pb = events::v1;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::SizeIs;

class CursorSubscriptionTest : public testing::SubscriptionTest {
 protected:
  void CreateCursor(const Position& position = Earliest{}) {
    Create("place", SubscriptionMode::kCursor, position);
  }

  std::unique_ptr<Stream> Read(const StreamOptions& options = {}) {
    auto stream = subscriptions_->OpenCursor("place", options);
    EXPECT_TRUE(stream.ok()) << stream.status();
    return stream.ok() ? *std::move(stream) : nullptr;
  }

  static absl::StatusOr<Batch> NextBatch(Stream& stream) {
    auto promise = std::make_shared<std::promise<absl::StatusOr<Batch>>>();
    auto batch = promise->get_future();
    stream.Next([promise](absl::StatusOr<Batch> next) {
      promise->set_value(std::move(next));
    });
    if (batch.wait_for(testing::kDeadline) != std::future_status::ready) {
      return absl::DeadlineExceededError("no batch");
    }
    return batch.get();
  }

  static std::vector<std::uint64_t> NextSequences(Stream& stream) {
    const absl::StatusOr<Batch> batch = NextBatch(stream);
    EXPECT_TRUE(batch.ok()) << batch.status();
    std::vector<std::uint64_t> sequences;
    if (!batch.ok()) return sequences;
    pb::StreamEventsResponse response;
    EXPECT_TRUE(response.ParseFromString(*batch->frame));
    EXPECT_EQ(response.scanned_through(), batch->scanned_through);
    for (const auto& event : response.events()) {
      sequences.push_back(event.sequence());
    }
    return sequences;
  }
};

TEST_F(CursorSubscriptionTest, BeginsBehindWhatWasAcknowledged) {
  Append(5);
  CreateCursor();
  auto reader = Read();
  EXPECT_THAT(NextSequences(*reader), ElementsAre(1, 2, 3, 4, 5));
  EXPECT_EQ(*subscriptions_->Acknowledge("place", 3), 3U);
  reader = Read();
  EXPECT_THAT(NextSequences(*reader), ElementsAre(4, 5));
  reader.reset();
  Restart();
  reader = Read();
  EXPECT_THAT(NextSequences(*reader), ElementsAre(4, 5));
  EXPECT_EQ(Info("place").settled_through, 3U);
  EXPECT_EQ(Info("place").lag_events, 2U);
}

TEST_F(CursorSubscriptionTest, NeverMovesBackByAnAck) {
  Append(3);
  CreateCursor();
  auto reader = Read();
  NextSequences(*reader);
  EXPECT_EQ(*subscriptions_->Acknowledge("place", 3), 3U);
  const int commits = log_->commits;
  EXPECT_EQ(*subscriptions_->Acknowledge("place", 1), 3U);
  EXPECT_EQ(*subscriptions_->Acknowledge("place", 3), 3U);
  EXPECT_EQ(log_->commits, commits);
}

TEST_F(CursorSubscriptionTest, ShowsWhatIsDurableAndTakesNoStepBack) {
  Append(3);
  CreateCursor();
  auto reader = Read();
  NextSequences(*reader);
  reader.reset();
  LetBeHeard();
  log_->gate.lock();
  const auto acknowledge = [this](std::uint64_t through) {
    return [this, through] {
      return subscriptions_->Acknowledge("place", through).value_or(0);
    };
  };
  auto more = BeginChange(acknowledge(3));
  auto less = Begin(acknowledge(1));
  EXPECT_EQ(Info("place").settled_through, 0U);
  log_->gate.unlock();
  EXPECT_EQ(more.get(), 3U);
  EXPECT_EQ(less.get(), 3U);
  EXPECT_EQ(Info("place").settled_through, 3U);
}

TEST_F(CursorSubscriptionTest, TakesNoAckOfWhatWasNotDelivered) {
  Append(3);
  CreateCursor();
  EXPECT_TRUE(
      absl::IsOutOfRange(subscriptions_->Acknowledge("place", 1).status()));
  auto reader = Read({.batch_events_max = 2});
  EXPECT_THAT(NextSequences(*reader), ElementsAre(1, 2));
  const auto refused = subscriptions_->Acknowledge("place", 3);
  EXPECT_TRUE(absl::IsOutOfRange(refused.status())) << refused.status();
  EXPECT_EQ(*subscriptions_->Acknowledge("place", 2), 2U);
}

TEST_F(CursorSubscriptionTest, OneReaderTakesOverFromAnother) {
  Append(1);
  CreateCursor();
  auto first = Read();
  NextSequences(*first);
  auto second = Read();
  EXPECT_TRUE(absl::IsAborted(NextBatch(*first).status()));
  EXPECT_THAT(NextSequences(*second), ElementsAre(1));
  first.reset();
  EXPECT_EQ(Info("place").readers, 1U);
}

TEST_F(CursorSubscriptionTest, ReadsWhatItsFilterSays) {
  const auto created = subscriptions_->Create(
      "place",
      [] {
        SubscriptionSettings settings =
            testing::Settings(SubscriptionMode::kCursor);
        settings.filter.type_names = {"message.reply"};
        return settings;
      }(),
      Earliest{});
  ASSERT_TRUE(created.ok());
  Append(2, "message.sent");
  Append(1, "message.reply");
  auto reader = Read();
  EXPECT_THAT(NextSequences(*reader), ElementsAre(3));
}

TEST_F(CursorSubscriptionTest, SeekingEndsItsReader) {
  Append(4);
  CreateCursor();
  auto reader = Read();
  NextSequences(*reader);
  ASSERT_TRUE(subscriptions_->Acknowledge("place", 4).ok());
  ASSERT_TRUE(subscriptions_->Seek("place", AfterSequence{2}).ok());
  EXPECT_TRUE(absl::IsAborted(NextBatch(*reader).status()));
  // What the reader had before is behind its new place.
  EXPECT_TRUE(
      absl::IsOutOfRange(subscriptions_->Acknowledge("place", 4).status()));
  reader = Read();
  EXPECT_THAT(NextSequences(*reader), ElementsAre(3, 4));
  reader.reset();
  LetBeHeard();
  ASSERT_TRUE(subscriptions_->Seek("place", AfterSequence{2}).ok());
  EXPECT_TRUE(
      absl::IsOutOfRange(subscriptions_->Acknowledge("place", 4).status()));
  EXPECT_TRUE(absl::IsOutOfRange(
      subscriptions_->Seek("place", AfterSequence{99}).status()));
}

TEST_F(CursorSubscriptionTest, TellsWhatRetentionTook) {
  Append(4);
  CreateCursor();
  RemoveOldest(2);
  ASSERT_EQ(log_->bounds().first, 3U);
  Restart();  // The hub had them in memory.
  auto reader = Read();
  const absl::StatusOr<Batch> batch = NextBatch(*reader);
  ASSERT_TRUE(batch.ok()) << batch.status();
  pb::StreamEventsResponse response;
  ASSERT_TRUE(response.ParseFromString(*batch->frame));
  EXPECT_EQ(response.gap().from_sequence(), 1U);
  EXPECT_EQ(response.gap().to_sequence(), 2U);
  EXPECT_EQ(response.gap().reason(), pb::GAP_REASON_REMOVED);
  EXPECT_THAT(NextSequences(*reader), ElementsAre(3, 4));
}

TEST_F(CursorSubscriptionTest, AnAckThatCannotBeKeptIsAnError) {
  Append(2);
  CreateCursor();
  auto reader = Read();
  NextSequences(*reader);
  log_->refuses = true;
  EXPECT_TRUE(absl::IsResourceExhausted(
      subscriptions_->Acknowledge("place", 1).status()));
  EXPECT_EQ(Info("place").settled_through, 0U);
  log_->refuses = false;
  EXPECT_EQ(*subscriptions_->Acknowledge("place", 2), 2U);
  Append(1);
  EXPECT_THAT(NextSequences(*reader), ElementsAre(3));
}

TEST_F(CursorSubscriptionTest, RefusesWhatIsOfTheOtherMode) {
  CreateCursor();
  Create("work", SubscriptionMode::kShared);
  EXPECT_TRUE(absl::IsFailedPrecondition(
      subscriptions_->OpenConsumer("place", {}).status()));
  EXPECT_TRUE(absl::IsFailedPrecondition(
      subscriptions_->ListParked("place", 0, 1, false).status()));
  EXPECT_TRUE(absl::IsFailedPrecondition(
      subscriptions_->ReplayParked("place", {}).status()));
  EXPECT_TRUE(absl::IsFailedPrecondition(
      subscriptions_->Acknowledge("work", 0).status()));
  EXPECT_TRUE(absl::IsFailedPrecondition(
      subscriptions_->OpenCursor("work", {}).status()));
}

TEST_F(CursorSubscriptionTest, ThereIsOneOfAName) {
  CreateCursor();
  EXPECT_TRUE(absl::IsAlreadyExists(
      subscriptions_
          ->Create("place", testing::Settings(SubscriptionMode::kShared),
                   Latest{})
          .status()));
  EXPECT_TRUE(absl::IsNotFound(subscriptions_->Get("plac").status()));
  EXPECT_TRUE(absl::IsNotFound(subscriptions_->Delete("plac")));
}

TEST_F(CursorSubscriptionTest, ThereAreOnlySoMany) {
  for (std::size_t i = 0; i < kSubscriptionsMax; ++i) {
    ASSERT_TRUE(subscriptions_
                    ->Create("s" + std::to_string(i),
                             testing::Settings(SubscriptionMode::kCursor),
                             Latest{})
                    .ok());
  }
  EXPECT_TRUE(absl::IsResourceExhausted(
      subscriptions_
          ->Create("more", testing::Settings(SubscriptionMode::kCursor),
                   Latest{})
          .status()));
  const auto page = subscriptions_->List("s998", 10);
  ASSERT_TRUE(page.ok());
  ASSERT_THAT(*page, SizeIs(1));
  EXPECT_EQ(page->front().name, "s999");
}

TEST_F(CursorSubscriptionTest, ADamagedOneLeavesTheOthersAlone) {
  Append(1);
  CreateCursor();
  ASSERT_TRUE(subscriptions_
                  ->Create(
                      "bad",
                      [] {
                        SubscriptionSettings settings;
                        settings.stored = "damaged";
                        return settings;
                      }(),
                      Latest{})
                  .ok());
  Restart();
  EXPECT_TRUE(absl::IsDataLoss(subscriptions_->Get("bad").status()));
  EXPECT_TRUE(absl::IsAlreadyExists(
      subscriptions_
          ->Create("bad", testing::Settings(SubscriptionMode::kCursor),
                   Latest{})
          .status()));
  auto reader = Read();
  EXPECT_THAT(NextSequences(*reader), ElementsAre(1));
}

}  // namespace
}  // namespace tuco::stream
