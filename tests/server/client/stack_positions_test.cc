// Where streams begin and go on, over the real stack.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <random>
#include <thread>
#include <vector>

#include "server/client/subscriber.h"
#include "tests/server/client/event_stack.h"

namespace tuco::client {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

SubscriberOptions OptionsFor(const EventStack& stack) {
  SubscriberOptions options;
  options.address = stack.address();
  options.pause_min = options.pause_max = milliseconds(1);
  return options;
}

// What a reader from `position` gets of what is there.
struct Found {
  absl::Status status;
  std::vector<std::uint64_t> sequences;
};

Found ReadFrom(const EventStack& stack, const Position& position) {
  SubscriberOptions options = OptionsFor(stack);
  options.position = position;
  options.stop_at_end = true;
  Found found;
  found.status =
      Subscriber::Create(options).value()->Run([&](const Event& event) {
        found.sequences.push_back(event.sequence);
        return Next::kGoOn;
      });
  return found;
}

// A log of events 6 to 10.
class StackPositionsTest : public ::testing::Test {
 protected:
  StackPositionsTest() {
    stack_.Append(10);
    stack_.RemoveOldest(5);
  }

  EventStack stack_;
};

TEST_F(StackPositionsTest, BeginsExactlyAtTheOldestEvent) {
  EXPECT_THAT(ReadFrom(stack_, AfterSequence{5}).sequences,
              ElementsAre(6, 7, 8, 9, 10));
  EXPECT_THAT(ReadFrom(stack_, AfterSequence{6}).sequences,
              ElementsAre(7, 8, 9, 10));
  EXPECT_THAT(ReadFrom(stack_, Earliest{}).sequences,
              ElementsAre(6, 7, 8, 9, 10));
}

TEST_F(StackPositionsTest, BeginsExactlyAtTheNewestEvent) {
  EXPECT_THAT(ReadFrom(stack_, AfterSequence{9}).sequences, ElementsAre(10));
  const Found behind = ReadFrom(stack_, AfterSequence{10});
  EXPECT_TRUE(behind.status.ok()) << behind.status;
  EXPECT_THAT(behind.sequences, IsEmpty());
}

TEST_F(StackPositionsTest, RefusesWhatTheLogDoesNotHold) {
  EXPECT_TRUE(absl::IsOutOfRange(ReadFrom(stack_, AfterSequence{4}).status));
  EXPECT_TRUE(absl::IsOutOfRange(ReadFrom(stack_, AfterSequence{0}).status));
  EXPECT_TRUE(absl::IsOutOfRange(ReadFrom(stack_, AfterSequence{11}).status));
  EXPECT_TRUE(
      absl::IsOutOfRange(ReadFrom(stack_, AfterSequence{1'000'000}).status));
}

TEST_F(StackPositionsTest, RefusesThePositionOfAnotherLog) {
  EXPECT_TRUE(ReadFrom(stack_, AfterSequence{7, 1}).status.ok());
  EXPECT_TRUE(
      absl::IsFailedPrecondition(ReadFrom(stack_, AfterSequence{7, 2}).status));
  EXPECT_TRUE(
      absl::IsFailedPrecondition(ReadFrom(stack_, AfterSequence{7, 0}).status));
}

TEST_F(StackPositionsTest, GoesOnWithinTheLogWhereverItStopped) {
  for (std::uint64_t stop = 6; stop < 10; ++stop) {
    SubscriberOptions options = OptionsFor(stack_);
    options.position = Earliest{};
    const auto subscriber = Subscriber::Create(options).value();
    std::vector<std::uint64_t> seen;
    const auto read_to = [&](std::uint64_t last) {
      return subscriber->Run([&](const Event& event) {
        seen.push_back(event.sequence);
        return event.sequence == last ? Next::kStop : Next::kGoOn;
      });
    };
    EXPECT_TRUE(read_to(stop).ok());
    EXPECT_EQ(subscriber->position(), Position(AfterSequence{stop, 1}));
    EXPECT_TRUE(read_to(10).ok());
    EXPECT_THAT(seen, ElementsAre(6, 7, 8, 9, 10));
  }
}

// Reads a few events a call, so that each call opens the stream anew, and holds
// each number against the one before: what retention has taken is told of, as
// a gap or by OutOfRange, and nothing else is ever missing.
class ReaderAtTheEdge {
 public:
  explicit ReaderAtTheEdge(const EventStack& stack)
      : options_(OptionsFor(stack)) {
    options_.position = AfterSequence{0};
    options_.batch_events_max = 3;
  }

  std::uint64_t reached() const { return reached_; }
  int gaps() const { return gaps_; }
  int refusals() const { return refusals_; }

  // Up to `count` events, or a gap.
  void ReadSome(std::uint64_t count) {
    const std::uint64_t stop_at = reached_ + count;
    const auto subscriber = Subscriber::Create(options_).value();
    const absl::Status ended = subscriber->Run(
        [&](const Event& event) {
          EXPECT_EQ(event.sequence, reached_ + 1);
          reached_ = event.sequence;
          return reached_ >= stop_at ? Next::kStop : Next::kGoOn;
        },
        [&](const Notice& notice) { TakeNotice(notice); });
    options_.position = subscriber->position();
    if (!ended.ok()) GoOnAtTheOldest(ended);
  }

 private:
  void TakeNotice(const Notice& notice) {
    const Gap* const gap = std::get_if<Gap>(&notice);
    if (gap == nullptr) return;
    EXPECT_EQ(gap->from_sequence, reached_ + 1);
    EXPECT_EQ(gap->reason, GapReason::kRemoved);
    reached_ = gap->to_sequence;
    ++gaps_;
  }

  void GoOnAtTheOldest(const absl::Status& ended) {
    ASSERT_TRUE(absl::IsOutOfRange(ended)) << ended;
    ++refusals_;
    SubscriberOptions oldest = options_;
    oldest.position = Earliest{};
    std::uint64_t first = 0;
    const absl::Status found =
        Subscriber::Create(oldest).value()->Run([&](const Event& event) {
          first = event.sequence;
          return Next::kStop;
        });
    ASSERT_TRUE(found.ok()) << found;
    ASSERT_GT(first, reached_ + 1);
    reached_ = first;
    options_.position = AfterSequence{first};
  }

  SubscriberOptions options_;
  std::atomic<std::uint64_t> reached_ = 0;
  int gaps_ = 0;
  int refusals_ = 0;
};

TEST(StackRetention, NobodyIsOvertakenInSilence) {
  constexpr std::uint64_t kEvents = 2'000;
  EventStack stack({.tail_events_max = 16});
  stack.Append(kEvents);
  ReaderAtTheEdge reader(stack);
  // Keeps the edge where the reader is: a little behind it, or before it.
  std::jthread retention([&](const std::stop_token& stop) {
    std::mt19937 random(7);
    std::uniform_int_distribution<std::uint64_t> about(0, 20);
    std::uint64_t removed = 0;
    while (!stop.stop_requested()) {
      const std::uint64_t to = reader.reached() + about(random);
      for (; removed + 10 < to && removed + 20 < kEvents; ++removed) {
        stack.RemoveOldest(1);
      }
      std::this_thread::yield();
    }
  });
  while (reader.reached() < kEvents - 20) reader.ReadSome(7);
  EXPECT_GT(reader.gaps() + reader.refusals(), 0);
}

}  // namespace
}  // namespace tuco::client
