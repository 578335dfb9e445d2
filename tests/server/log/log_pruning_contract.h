// What every backend of the event log must do about what it need not keep, and
// about deliveries that it keeps without taking them in. To be included behind
// event_log_contract.h, whose suite this adds to.

#ifndef TUCO_TESTS_SERVER_LOG_LOG_PRUNING_CONTRACT_H_
#define TUCO_TESTS_SERVER_LOG_LOG_PRUNING_CONTRACT_H_

#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "tests/server/log/event_log_contract.h"

namespace tuco::log {

using std::chrono::hours;

// Appends one record that arrived, and was signed, so many hours after the
// start; nothing: its body has no timestamp.
inline void AppendAt(EventLog& log, std::uint64_t number, int received,
                     std::optional<int> occurred) {
  std::vector<Record> records = {SampleRecord(number)};
  records[0].received_at = base::FakeClock::kStart + hours(received);
  records[0].occurred_at.reset();
  if (occurred.has_value()) {
    records[0].occurred_at = base::FakeClock::kStart + hours(*occurred);
  }
  ASSERT_TRUE(Append(log, records).ok());
}

inline ForgetRequest ForgetBefore(int before, int now = 1'000) {
  return {.before = base::FakeClock::kStart + hours(before),
          .now = base::FakeClock::kStart + hours(now)};
}

inline std::vector<std::uint64_t> SequencesOf(const ForgottenKeys& keys) {
  std::vector<std::uint64_t> sequences;
  sequences.reserve(keys.keys.size());
  for (const auto& [key, sequence] : keys.keys) sequences.push_back(sequence);
  return sequences;
}

TEST_P(EventLogContract, ForgetsKeysWhoseTimesAreBothOld) {
  AppendAt(*log_, 1, 1, 1);
  AppendAt(*log_, 2, 2, 900);           // Signed for the future.
  AppendAt(*log_, 3, 3, std::nullopt);  // Never to be forgotten.
  AppendAt(*log_, 4, 4, -50);
  AppendAt(*log_, 5, 100, 100);
  AppendAt(*log_, 6, 101, 1);
  const Timestamp never = log_->dedup_horizon();
  const auto forgotten = log_->ForgetKeys(ForgetBefore(50));
  ASSERT_TRUE(forgotten.ok()) << forgotten.status();
  EXPECT_THAT(SequencesOf(*forgotten), ElementsAre(1, 4));
  EXPECT_EQ(forgotten->keys[0].first, SampleKey(1));
  EXPECT_TRUE(forgotten->end);
  EXPECT_LT(never, log_->dedup_horizon());
  EXPECT_EQ(log_->dedup_horizon(), base::FakeClock::kStart + hours(1));
  EXPECT_FALSE(log_->KeyOf(1)->has_value());
  EXPECT_EQ(log_->KeyOf(2).value(), SampleKey(2));
  std::vector<std::uint64_t> left;
  ASSERT_TRUE(
      log_->VisitDuplicateKeys([&](const Digest&, std::uint64_t sequence) {
            left.push_back(sequence);
          })
          .ok());
  EXPECT_THAT(left, ElementsAre(2, 3, 5, 6));
  EXPECT_THAT(ReadAll(*log_).records, SizeIs(6));
}

TEST_P(EventLogContract, DedupHorizonNeverGoesBack) {
  AppendAt(*log_, 1, 1, 10);
  AppendAt(*log_, 2, 20, 2);
  AppendAt(*log_, 3, 30, 30);
  ASSERT_TRUE(log_->ForgetKeys(ForgetBefore(15)).ok());
  ASSERT_TRUE(log_->ForgetKeys(ForgetBefore(25)).ok());
  EXPECT_EQ(log_->dedup_horizon(), base::FakeClock::kStart + hours(10));
}

TEST_P(EventLogContract, KeepsTheNewestKey) {
  AppendAt(*log_, 1, 1, 1);
  const auto forgotten = log_->ForgetKeys(ForgetBefore(50));
  ASSERT_TRUE(forgotten.ok());
  EXPECT_THAT(forgotten->keys, IsEmpty());
  EXPECT_TRUE(forgotten->end);
}

TEST_P(EventLogContract, ForgetsInBoundedSteps) {
  for (int i = 1; i <= 7; ++i) AppendAt(*log_, i, i, i);
  ForgetRequest request = ForgetBefore(50);
  request.rows_max = 2;
  std::vector<std::vector<std::uint64_t>> steps;
  for (bool end = false; !end;) {
    const auto forgotten = log_->ForgetKeys(request);
    ASSERT_TRUE(forgotten.ok());
    steps.push_back(SequencesOf(*forgotten));
    request.after = forgotten->scanned_through;
    end = forgotten->end;
    ASSERT_LT(steps.size(), 10u);
  }
  ASSERT_GE(steps.size(), 3u);
  EXPECT_THAT(steps[0], ElementsAre(1, 2));
  EXPECT_THAT(steps[1], ElementsAre(3, 4));
  EXPECT_THAT(steps[2], ElementsAre(5, 6));
}

// A clock that was wrong for a while must not hold up the rest for years.
TEST_P(EventLogContract, LooksBehindArrivalsFromTheFuture) {
  AppendAt(*log_, 1, 5'000, 1);
  AppendAt(*log_, 2, 2, 2);
  AppendAt(*log_, 3, 100, 100);
  const auto forgotten = log_->ForgetKeys(ForgetBefore(50, 1'000));
  ASSERT_TRUE(forgotten.ok());
  EXPECT_THAT(SequencesOf(*forgotten), ElementsAre(2));
}

TEST_P(EventLogContract, RemovesTheOldestRecordsAndSaysSo) {
  AppendOk(1, 3);
  clock_.Advance(hours(2));
  AppendOk(4, 3);
  const auto removed = log_->RemoveOldest(
      {.recorded_before = base::FakeClock::kStart + hours(1)});
  ASSERT_TRUE(removed.ok()) << removed.status();
  EXPECT_EQ(removed->count, 3u);
  EXPECT_TRUE(removed->end);
  EXPECT_EQ(log_->bounds().first, 4u);
  EXPECT_EQ(log_->bounds().head, 6u);
  EXPECT_THAT(ReadOnce(*log_, {.after = 3}).sequences(), ElementsAre(4, 5, 6));
  const ReadResult behind = ReadOnce(*log_, {.after = 2});
  EXPECT_EQ(behind.scanned_through.status().code(),
            absl::StatusCode::kOutOfRange);
  EXPECT_THAT(behind.records, IsEmpty());
  EXPECT_EQ(log_->FirstRecordedAt(Timestamp()).value(), 4u);
  // Their copies are recognised all the same.
  EXPECT_EQ(log_->KeyOf(1).value(), SampleKey(1));
}

TEST_P(EventLogContract, RemovesInBoundedStepsButNeverTheNewestRecord) {
  AppendOk(1, 6);
  const Timestamp later = clock_.Now() + hours(1);
  const RemoveRequest request{.recorded_before = later, .rows_max = 2};
  EXPECT_EQ(log_->RemoveOldest(request)->count, 2u);
  EXPECT_EQ(log_->RemoveOldest(request)->count, 2u);
  const auto last = log_->RemoveOldest(request);
  EXPECT_EQ(last->count, 1u);
  EXPECT_TRUE(last->end);
  EXPECT_EQ(log_->RemoveOldest(request)->count, 0u);
  EXPECT_EQ(log_->bounds().first, 6u);
  AppendOk(7, 1);
  EXPECT_THAT(ReadOnce(*log_, {.after = 5}).sequences(), ElementsAre(6, 7));
}

TEST_P(EventLogContract, RemovesNothingThatIsToBeKept) {
  AppendOk(1, 3);
  EXPECT_EQ(log_->RemoveOldest({})->count, 0u);
  EXPECT_EQ(log_->RemoveOldest({.recorded_before = clock_.Now()})->count, 0u);
  EXPECT_EQ(log_->RemoveOldest({.bytes_max = UINT64_MAX})->count, 0u);
  EXPECT_EQ(log_->bounds().first, 1u);
}

TEST_P(EventLogContract, RemovesAsMuchAsTheLogIsTooLarge) {
  for (int batch = 0; batch < 20; ++batch) {
    std::vector<Record> records = {SampleRecord(batch)};
    records[0].body.assign(50'000, 'x');
    ASSERT_TRUE(Append(*log_, records).ok());
  }
  const RemoveRequest request{.bytes_max = 500'000, .rows_max = 1};
  for (bool end = false; !end;) {
    const auto removed = log_->RemoveOldest(request);
    ASSERT_TRUE(removed.ok());
    end = removed->end;
  }
  EXPECT_GT(log_->bounds().first, 10u);
  EXPECT_LT(log_->bounds().first, 15u);
  EXPECT_EQ(log_->bounds().head, 20u);
}

inline QuarantineEntry SampleEntry(std::uint64_t number) {
  const std::string text = std::to_string(number);
  QuarantineEntry entry;
  entry.verified = number % 2 == 0;
  entry.endpoint = "endpoint " + text;
  entry.source = "192.0.2." + text;
  entry.reason = static_cast<std::uint32_t>(number);
  entry.received_at = base::FakeClock::kStart + hours(number);
  entry.dedup_horizon = entry.received_at - hours(1);
  entry.headers = "x-tuco-signature: \xff" + text + "\n";
  entry.body = std::string("{\0}", 3) + text;
  entry.body_bytes = entry.body->size();
  return entry;
}

inline std::vector<QuarantineEntry> Quarantined(EventLog& log,
                                                QuarantineRequest request = {
                                                    .bodies = true}) {
  std::vector<QuarantineEntry> entries;
  const auto last = log.ReadQuarantine(
      request, [&](const QuarantineEntry& entry) { entries.push_back(entry); });
  EXPECT_TRUE(last.ok()) << last.status();
  EXPECT_EQ(last.value(), entries.empty() ? request.after : entries.back().id);
  return entries;
}

class QuarantineContract : public EventLogContract {
 protected:
  // Keeps entries `first` to `last`; they become ids 1 and so on.
  std::vector<QuarantineEntry> Keep(std::uint64_t first, std::uint64_t last) {
    std::vector<QuarantineEntry> entries;
    for (std::uint64_t i = first; i <= last; ++i) {
      entries.push_back(SampleEntry(i));
    }
    std::vector<QuarantineEntry*> pointers;
    pointers.reserve(entries.size());
    for (QuarantineEntry& entry : entries) pointers.push_back(&entry);
    EXPECT_TRUE(log_->Commit({.quarantined = pointers}).ok());
    return entries;
  }
  void Change(const QuarantineUpdate& update) {
    const std::array<QuarantineUpdate, 1> updates = {update};
    EXPECT_TRUE(log_->Commit({.updates = updates}).ok());
  }
  void Evict(std::uint64_t id) {
    const std::array<std::uint64_t, 1> ids = {id};
    EXPECT_TRUE(log_->Commit({.evicted = ids}).ok());
  }
};

TEST_P(QuarantineContract, KeepsEveryByteOfADelivery) {
  const std::vector<QuarantineEntry> kept = Keep(1, 3);
  EXPECT_EQ(kept[2].id, 3u);
  EXPECT_EQ(Quarantined(*log_), kept);
}

TEST_P(QuarantineContract, KeepsABodyThatWasLeftOutApartFromAnEmptyOne) {
  std::vector<QuarantineEntry> entries(2);
  entries[0].body = "";
  std::array<QuarantineEntry*, 2> pointers = {&entries[0], &entries[1]};
  ASSERT_TRUE(log_->Commit({.quarantined = pointers}).ok());
  EXPECT_EQ(Quarantined(*log_), entries);
}

TEST_P(QuarantineContract, ReadsBehindAnIdInPortions) {
  Keep(1, 5);
  const auto portion = Quarantined(*log_, {.after = 1, .entries_max = 2});
  ASSERT_THAT(portion, SizeIs(2));
  EXPECT_EQ(portion[0].id, 2u);
  EXPECT_EQ(portion[1].id, 3u);
  EXPECT_FALSE(portion[0].body.has_value());
  EXPECT_THAT(Quarantined(*log_, {.after = 5}), IsEmpty());
}

TEST_P(QuarantineContract, SettledEntryKeepsItsTraceButNotItsBody) {
  std::vector<QuarantineEntry> expected = Keep(1, 3);
  Change({.id = 1, .state = QuarantineState::kHeld, .held_back = true});
  Change({.id = 2,
          .state = QuarantineState::kReleased,
          .sequence = 42,
          .settled_at = clock_.Now()});
  expected[0].held_back = true;
  expected[1].state = QuarantineState::kReleased;
  expected[1].sequence = 42;
  expected[1].settled_at = clock_.Now();
  expected[1].body.reset();
  EXPECT_EQ(Quarantined(*log_), expected);
  // It is settled for good, and what is not there is left alone.
  Change({.id = 2, .state = QuarantineState::kPurged});
  Change({.id = 77, .state = QuarantineState::kPurged});
  EXPECT_EQ(Quarantined(*log_), expected);
}

TEST_P(QuarantineContract, EvictedIdIsNotGivenAgain) {
  Keep(1, 2);
  Evict(2);
  Evict(99);
  EXPECT_THAT(Quarantined(*log_), SizeIs(1));
  EXPECT_EQ(Keep(3, 3)[0].id, 3u);
}

TEST_P(QuarantineContract, ReleaseIsOneWithItsRecord) {
  Keep(1, 1);
  std::vector<Record> records = {SampleRecord(1)};
  std::array<Record*, 1> pointers = {&records[0]};
  const std::array<QuarantineUpdate, 1> updates = {QuarantineUpdate{
      .id = 1, .state = QuarantineState::kReleased, .sequence = 1}};
  ASSERT_TRUE(log_->Commit({.records = pointers, .updates = updates}).ok());
  EXPECT_EQ(log_->bounds().head, 1u);
  EXPECT_EQ(Quarantined(*log_)[0].state, QuarantineState::kReleased);
}

}  // namespace tuco::log

#endif  // TUCO_TESTS_SERVER_LOG_LOG_PRUNING_CONTRACT_H_
