// What the committer answered holds after the power failed, with two threads
// that submit, many copies among what they submit, and each moves a
// subscription of its own; and with a reader.
//
// Threads take turns as they like, so here a seed does not repeat everything.

#include <algorithm>
#include <cstdint>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "server/log/committer.h"
#include "tests/server/log/log_campaign.h"
#include "tests/server/log/sample_records.h"
#include "tests/server/log/subscription_samples.h"

namespace tuco::log {
namespace {

using Crash = base::MemoryDisk::Crash;

constexpr std::uint64_t kNumbers = 2'000;  // Of different records.

// What the clients and the subscribers of a log were told. Safe for concurrent
// use.
class Journal {
 public:
  void Answered(std::uint64_t number, std::uint64_t sequence) {
    const std::lock_guard lock(mutex_);
    const auto [known, first] = sequences_.emplace(number, sequence);
    if (!first && known->second != sequence) {
      ADD_FAILURE() << "record " << number << " has sequences " << known->second
                    << " and " << sequence;
    }
  }
  // A subscription is moved, and its newest unsettled event with it.
  void Moving(std::uint64_t id, std::uint64_t through) {
    const std::lock_guard lock(mutex_);
    moves_[id].asked = through;
  }
  void Moved(std::uint64_t id, std::uint64_t through) {
    const std::lock_guard lock(mutex_);
    moves_[id].answered = through;
  }
  std::uint64_t asked(std::uint64_t id) const {
    const std::lock_guard lock(mutex_);
    const auto found = moves_.find(id);
    return found == moves_.end() ? 0 : found->second.asked;
  }
  void Published(std::span<const RecordPtr> records) {
    const std::lock_guard lock(mutex_);
    for (const RecordPtr& record : records) {
      published_[record->sequence] = record;
    }
  }

  void ExpectAllIn(EventLog& log) {
    const std::lock_guard lock(mutex_);
    std::map<Digest, std::uint64_t> keys;
    EXPECT_TRUE(
        log.VisitDuplicateKeys([&](const Digest& key, std::uint64_t sequence) {
             EXPECT_TRUE(keys.emplace(key, sequence).second);
           })
            .ok());
    for (const auto& [number, sequence] : sequences_) {
      EXPECT_EQ(keys[SampleKey(number)], sequence) << "record " << number;
    }
    const ReadResult read = ReadAll(log);
    ASSERT_TRUE(read.scanned_through.ok()) << read.scanned_through.status();
    ASSERT_EQ(read.records.size(), keys.size());
    for (const auto& [sequence, record] : published_) {
      ASSERT_LE(sequence, read.records.size());
      EXPECT_EQ(read.records[sequence - 1], AsRead(*record));
    }
    ExpectMovesIn(log);
  }
  std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return sequences_.size();
  }

 private:
  // How far a subscription is to be, and is for sure.
  struct Move {
    std::uint64_t asked = 0;
    std::uint64_t answered = 0;
  };

  // Each change has its own event and settles the one before.
  void ExpectMovesIn(EventLog& log) const {
    std::map<std::uint64_t, StoredSubscription> found;
    for (const StoredSubscription& stored : SubscriptionsIn(log)) {
      found[stored.row.id] = stored;
    }
    for (const auto& [id, move] : moves_) {
      if (!found.contains(id)) {
        EXPECT_EQ(move.answered, 0u) << "subscription " << id << " is gone";
        continue;
      }
      const StoredSubscription& stored = found[id];
      EXPECT_GE(stored.row.through, move.answered);
      EXPECT_LE(stored.row.through, move.asked);
      EXPECT_EQ(stored.unsettled,
                std::vector({SampleUnsettled(stored.row.through)}));
    }
  }

  mutable std::mutex mutex_;
  std::map<std::uint64_t, std::uint64_t> sequences_;
  std::map<std::uint64_t, Move> moves_;
  std::map<std::uint64_t, RecordPtr> published_;
};

void MoveSubscription(Committer& committer, Journal& journal, std::uint64_t id,
                      bool create = false) {
  const std::uint64_t through = journal.asked(id) + 1;
  journal.Moving(id, through);
  SubscriptionChange change = ChangeOf(id);
  change.create = create;
  change.row = SampleSubscription(id);
  change.row->through = through;
  change.clear_unsettled = true;
  change.unsettled = {SampleUnsettled(through)};
  committer.ChangeSubscription(
      std::move(change), [id, through, &journal](const absl::Status& status) {
        if (status.ok()) journal.Moved(id, through);
      });
}

void SubmitSome(Committer& committer, Journal& journal, std::uint64_t id,
                std::uint64_t seed) {
  base::DiskChance chance(seed);
  for (int i = 0; i < 60; ++i) {
    const std::uint64_t number = 1 + chance.Below(kNumbers);
    auto record = std::make_shared<Record>(SampleRecord(number));
    record->body.assign(number * 997 % 9'000, 'x');
    committer.Submit(std::move(record),
                     [number, &journal](absl::StatusOr<Appended> answer) {
                       if (answer.ok()) {
                         journal.Answered(number, answer->sequence);
                       }
                     });
    if (chance.OneIn(3)) MoveSubscription(committer, journal, id);
    if (chance.OneIn(8)) std::this_thread::yield();
  }
}

void ServeUntilCrash(LogCampaign& campaign, Journal& journal) {
  const auto committer =
      Committer::Start(*campaign.log(), {.batch_records_max = 16},
                       [&journal](std::span<const RecordPtr> records) {
                         journal.Published(records);
                       });
  // Where that fails the crash has come, and nothing is committed any more.
  std::set<std::uint64_t> there;
  for (const StoredSubscription& stored :
       ReadSubscriptions(*campaign.log()).subscriptions) {
    there.insert(stored.row.id);
  }
  std::vector<std::thread> threads;
  for (const std::uint64_t id : {1, 2}) {
    if (!there.contains(id)) {
      MoveSubscription(*committer, journal, id, /*create=*/true);
    }
    const std::uint64_t seed = campaign.chance().Below(1 << 30);
    threads.emplace_back(
        [&, id, seed] { SubmitSome(*committer, journal, id, seed); });
  }
  threads.emplace_back([&] {
    for (int i = 0; i < 5; ++i) ReadOnce(*campaign.log(), {});
  });
  for (std::thread& thread : threads) thread.join();
  committer->Stop();
}

TEST(CommitterPowerLossTest, WhatWasAnsweredAndPublishedHolds) {
  const int cycles = std::max(CampaignCycles() / 4, 1);
  std::size_t answered = 0;
  for (int disk = 0; disk < std::max(cycles / 10, 1); ++disk) {
    LogCampaign campaign(CampaignSeed() + static_cast<std::uint64_t>(disk));
    Journal journal;
    for (int cycle = 0; cycle < 10 && !HasFailure(); ++cycle) {
      campaign.disk().CrashAfter(
          1 + campaign.chance().Below(cycle == 0 ? 300 : 1'500),
          campaign.chance().OneIn(4) ? Crash::kProcessDeath
                                     : Crash::kPowerLoss);
      if (campaign.Open().ok()) ServeUntilCrash(campaign, journal);
      campaign.Close();
      campaign.disk().Restart();
      ASSERT_TRUE(campaign.Open().ok());
      journal.ExpectAllIn(*campaign.log());
      campaign.Close();
    }
    ASSERT_FALSE(HasFailure()) << "disk " << disk;
    answered += journal.size();
  }
  std::cout << cycles << " crashes, " << answered << " records answered\n";
}

}  // namespace
}  // namespace tuco::log
