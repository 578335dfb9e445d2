// What the committer does with deliveries that are kept without being taken
// in, and with records that cannot be told from a replay.

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/log/committer.h"
#include "tests/server/base/fake_clock.h"
#include "tests/server/log/gated_log.h"
#include "tests/server/log/sample_records.h"

namespace tuco::log {
namespace {

using std::chrono::days;
using std::chrono::hours;

using Answer = absl::StatusOr<Appended>;

class CommitterQuarantineTest : public ::testing::Test {
 protected:
  void Start(Committer::Options options = {}) {
    options.clock = &clock_;
    committer_ = Committer::Start(log_, std::move(options), nullptr);
    while (!committer_->Probe().ok()) std::this_thread::yield();
  }

  absl::StatusOr<std::uint64_t> Keep(QuarantineEntry entry) {
    std::promise<absl::StatusOr<std::uint64_t>> promise;
    committer_->Quarantine(std::make_shared<QuarantineEntry>(std::move(entry)),
                           [&promise](const absl::StatusOr<std::uint64_t>& id) {
                             promise.set_value(id);
                           });
    return promise.get_future().get();
  }
  absl::StatusOr<std::uint64_t> Update(const QuarantineUpdate& update) {
    std::promise<absl::StatusOr<std::uint64_t>> promise;
    committer_->UpdateQuarantined(
        update, [&promise](const absl::StatusOr<std::uint64_t>& id) {
          promise.set_value(id);
        });
    return promise.get_future().get();
  }
  Answer Submit(Record record) {
    std::promise<Answer> promise;
    committer_->Submit(
        std::make_shared<Record>(std::move(record)),
        [&promise](Answer answer) { promise.set_value(std::move(answer)); });
    return promise.get_future().get();
  }
  Answer SubmitReleased(std::uint64_t id, Record record,
                        Timestamp horizon = Timestamp::min()) {
    std::promise<Answer> promise;
    committer_->SubmitReleased(
        {.id = id,
         .record = std::make_shared<Record>(std::move(record)),
         .dedup_horizon = horizon},
        [&promise](Answer answer) { promise.set_value(std::move(answer)); });
    return promise.get_future().get();
  }

  // Lets the log forget record 1, which is the oldest of three.
  void ForgetTheFirst() {
    for (std::uint64_t n = 1; n <= 3; ++n) {
      Record record = SampleRecord(n);
      record.received_at = base::FakeClock::kStart + days(n);
      record.occurred_at = record.received_at;
      ASSERT_TRUE(Submit(std::move(record)).ok());
    }
    ASSERT_EQ(log_.ForgetKeys({.before = base::FakeClock::kStart + hours(25),
                               .now = base::FakeClock::kStart + days(9)})
                  ->keys.size(),
              1u);
    committer_->Stop();
    Start();
  }

  std::vector<std::uint64_t> SettledIds() {
    std::vector<std::uint64_t> ids;
    EXPECT_TRUE(log_.ReadQuarantine({},
                                    [&](const QuarantineEntry& entry) {
                                      if (entry.state !=
                                          QuarantineState::kHeld) {
                                        ids.push_back(entry.id);
                                      }
                                    })
                    .ok());
    return ids;
  }
  QuarantineEntry Stored(std::uint64_t id) {
    QuarantineEntry found;
    EXPECT_TRUE(log_.ReadQuarantine(
                        {.after = id - 1, .entries_max = 1, .bodies = true},
                        [&](const QuarantineEntry& entry) { found = entry; })
                    .ok());
    EXPECT_EQ(found.id, id);
    return found;
  }

  base::FakeClock clock_;
  GatedLog log_{clock_};
  std::unique_ptr<Committer> committer_;
};

TEST_F(CommitterQuarantineTest, KeepsADeliveryAndTellsItsNumber) {
  Start();
  EXPECT_EQ(Keep({.source = "a", .body = "{}"}).value(), 1u);
  EXPECT_EQ(Keep({.source = "a"}).value(), 2u);
  EXPECT_EQ(Stored(1).body, "{}");
  EXPECT_EQ(committer_->statistics().quarantine.unverified, 2u);
  EXPECT_EQ(log_.bounds().head, 0u);
}

TEST_F(CommitterQuarantineTest, TellsOfADeliveryThatCannotBeKept) {
  Start();
  log_.FailNext(absl::ResourceExhaustedError("no space"));
  EXPECT_EQ(Keep({.source = "a"}).status(),
            absl::ResourceExhaustedError("no space"));
  EXPECT_EQ(Keep({.source = "a"}).value(), 1u);
}

TEST_F(CommitterQuarantineTest, UnverifiedOnesMakeRoom) {
  Start({.quarantine = {.unverified_max = 2}});
  for (int i = 0; i < 6; ++i) ASSERT_TRUE(Keep({.source = "a"}).ok());
  committer_->Stop();
  EXPECT_EQ(committer_->statistics().quarantine.unverified, 2u);
  // The last one makes room with the next commit; also after a restart.
  Start({.quarantine = {.unverified_max = 2}});
  ASSERT_TRUE(Keep({.source = "a"}).ok());
  ASSERT_TRUE(Keep({.source = "a"}).ok());
  std::vector<std::uint64_t> ids;
  ASSERT_TRUE(log_.ReadQuarantine({},
                                  [&](const QuarantineEntry& entry) {
                                    ids.push_back(entry.id);
                                  })
                  .ok());
  EXPECT_LE(ids.size(), 3u);
  EXPECT_EQ(ids.back(), 8u);
}

TEST_F(CommitterQuarantineTest, NoMoreTracesAreKeptThanThereMayBe) {
  Start({.quarantine = {.settled_max = 2}});
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(Keep({.source = "a"}).ok());
  for (std::uint64_t id : {4, 1, 5, 3}) {
    ASSERT_TRUE(Update({.id = id, .state = QuarantineState::kPurged}).ok());
    EXPECT_LE(SettledIds().size(), 2u) << id;
  }
  EXPECT_THAT(SettledIds(), testing::ElementsAre(4, 5));
  committer_->Stop();
  EXPECT_EQ(committer_->statistics().quarantine.settled, 2u);
  EXPECT_EQ(committer_->statistics().quarantine.unverified, 1u);
}

TEST_F(CommitterQuarantineTest, TracesThatCannotBeRemovedStay) {
  Start({.quarantine = {.settled_max = 1}});
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(Keep({.source = "a"}).ok());
  ASSERT_TRUE(Update({.id = 1, .state = QuarantineState::kPurged}).ok());
  log_.FailNext(absl::ResourceExhaustedError("no space"));
  EXPECT_FALSE(Update({.id = 2, .state = QuarantineState::kPurged}).ok());
  // It goes for another one only.
  ASSERT_TRUE(Keep({.source = "a"}).ok());
  EXPECT_THAT(SettledIds(), testing::ElementsAre(1));
  ASSERT_TRUE(Update({.id = 2, .state = QuarantineState::kPurged}).ok());
  EXPECT_THAT(SettledIds(), testing::ElementsAre(2));
}

TEST_F(CommitterQuarantineTest, VerifiedOnesAreRefusedWhenThereAreTooMany) {
  Start({.quarantine = {.verified_max = 2}});
  ASSERT_TRUE(Keep({.verified = true}).ok());
  ASSERT_TRUE(Keep({.verified = true}).ok());
  EXPECT_EQ(Keep({.verified = true}).status().code(),
            absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(Keep({.verified = false}).ok());
  ASSERT_TRUE(Update({.id = 1, .state = QuarantineState::kPurged}).ok());
  EXPECT_TRUE(Keep({.verified = true}).ok());
}

TEST_F(CommitterQuarantineTest, ReleasedDeliveryBecomesAnEventOnce) {
  Start();
  const std::uint64_t id = Keep({.source = "a", .body = "{}"}).value();
  const Answer first = SubmitReleased(id, SampleRecord(1));
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_FALSE(first->duplicate);
  EXPECT_EQ(Stored(id).state, QuarantineState::kReleased);
  EXPECT_EQ(Stored(id).sequence, first->sequence);
  EXPECT_EQ(Stored(id).settled_at, clock_.Now());
  EXPECT_TRUE(SubmitReleased(id, SampleRecord(1))->duplicate);
  EXPECT_EQ(Stored(id).state, QuarantineState::kReleased);
  EXPECT_EQ(log_.bounds().head, 1u);
}

TEST_F(CommitterQuarantineTest, ReleasedCopyIsCalledOne) {
  Start();
  const std::uint64_t id = Keep({.source = "a"}).value();
  ASSERT_TRUE(Submit(SampleRecord(5)).ok());
  const Answer answer = SubmitReleased(id, SampleRecord(5));
  EXPECT_TRUE(answer->duplicate);
  // Its entry is settled with the next commit at the latest.
  committer_->Stop();
  EXPECT_EQ(Stored(id).state, QuarantineState::kDuplicate);
  EXPECT_EQ(Stored(id).sequence, 1u);
  EXPECT_EQ(log_.bounds().head, 1u);
}

TEST_F(CommitterQuarantineTest, WhatMayBeAReplayIsNotAppended) {
  Start();
  ForgetTheFirst();
  Record replay = SampleRecord(1);
  replay.occurred_at = base::FakeClock::kStart + days(1);
  EXPECT_EQ(Submit(replay).status().code(),
            absl::StatusCode::kFailedPrecondition);
  Record older = SampleRecord(77);
  older.occurred_at = base::FakeClock::kStart - days(100);
  EXPECT_EQ(Submit(older).status().code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(log_.bounds().head, 3u);
}

TEST_F(CommitterQuarantineTest, WhatCannotBeAReplayIsAppendedHoweverOldItIs) {
  Start();
  ForgetTheFirst();
  Record newer = SampleRecord(78);
  newer.occurred_at =
      base::FakeClock::kStart + days(1) + std::chrono::microseconds(1);
  EXPECT_EQ(Submit(newer)->sequence, 4u);
  Record untimed = SampleRecord(79);
  untimed.occurred_at.reset();
  EXPECT_EQ(Submit(untimed)->sequence, 5u);
  Record known = SampleRecord(2);
  known.occurred_at = base::FakeClock::kStart - days(9);
  EXPECT_TRUE(Submit(known)->duplicate);
}

TEST_F(CommitterQuarantineTest, ReleasedDeliveryIsJudgedByItsArrival) {
  Start();
  ForgetTheFirst();
  const std::uint64_t id = Keep({.source = "a"}).value();
  Record record = SampleRecord(80);
  record.occurred_at = base::FakeClock::kStart + hours(12);
  EXPECT_EQ(SubmitReleased(id, record, base::FakeClock::kStart + days(1))
                .status()
                .code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(Stored(id).state, QuarantineState::kHeld);
  EXPECT_EQ(SubmitReleased(id, record)->sequence, 4u);
}

TEST_F(CommitterQuarantineTest, FindsAnEventByItsId) {
  Start();
  ASSERT_TRUE(Submit(SampleRecord(1)).ok());
  ASSERT_TRUE(Submit(SampleRecord(2)).ok());
  std::array<std::uint8_t, kEventIdBytes> id{};
  const Digest key = SampleKey(2);
  std::copy_n(key.begin(), id.size(), id.begin());
  EXPECT_EQ(committer_->FindEvent(id).value(), 2u);
  id[15] ^= 1;
  EXPECT_FALSE(committer_->FindEvent(id)->has_value());
}

}  // namespace
}  // namespace tuco::log
