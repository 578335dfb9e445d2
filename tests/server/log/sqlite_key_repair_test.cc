#include "server/log/sqlite_key_repair.h"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <future>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/log/committer.h"
#include "tests/server/base/fake_clock.h"
#include "tests/server/base/memory_disk.h"
#include "tests/server/base/temporary_directory.h"
#include "tests/server/log/log_in_folder.h"
#include "tests/server/log/sample_records.h"
#include "tests/server/log/sqlite_file_editor.h"
#include "tests/server/log/sqlite_vfs.h"
#include "tuco/event_id.h"

namespace tuco::log {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using ::testing::AllOf;
using ::testing::Ge;
using ::testing::Lt;

constexpr std::uint64_t kUntimed = 3;  // The record without a timestamp.
constexpr std::size_t kPageBytes = 8'192;

Timestamp TimeOf(std::uint64_t number) {
  return base::FakeClock::kStart + hours(number);
}

// Appends records 1 to `count`, each an hour after the one before it.
std::vector<Record> AppendHourly(EventLog& log, base::FakeClock& clock,
                                 std::uint64_t count) {
  std::vector<Record> records;
  for (std::uint64_t n = 1; n <= count; ++n) {
    clock.Advance(TimeOf(n) - clock.Now());
    Record record = SampleRecord(n);
    record.received_at = TimeOf(n);
    record.occurred_at = TimeOf(n) - std::chrono::seconds(1);
    if (n == kUntimed) record.occurred_at.reset();
    record.duplicate_key = DuplicateKey(record.endpoint, record.body);
    Record* const pointer = &record;
    EXPECT_TRUE(log.Append({&pointer, 1}).ok());
    records.push_back(record);
  }
  return records;
}

std::map<std::uint64_t, Digest> KeysOf(EventLog& log) {
  std::map<std::uint64_t, Digest> keys;
  const absl::Status status =
      log.VisitDuplicateKeys([&](const Digest& key, std::uint64_t sequence) {
        keys.emplace(sequence, key);
      });
  EXPECT_TRUE(status.ok()) << status;
  return keys;
}

bool KeysAreDamaged(EventLog& log) {
  return absl::IsDataLoss(
      log.VisitDuplicateKeys([](const Digest&, std::uint64_t) {}));
}

std::map<std::uint64_t, Digest> KeysOf(const std::vector<Record>& records) {
  std::map<std::uint64_t, Digest> keys;
  for (const Record& record : records) {
    keys.emplace(record.sequence, record.duplicate_key);
  }
  return keys;
}

class SqliteKeyRepairTest : public ::testing::Test {
 protected:
  void Open() { log_ = OpenLogIn(folder_.path(), clock_).value(); }
  void MakeLogOf(std::uint64_t count) {
    Open();
    records_ = AppendHourly(*log_, clock_, count);
  }
  void Edit(const std::string& sql) {
    SqliteFileEditor(folder_ / "events.db").Run(sql);
  }
  std::string Value(const std::string& sql) {
    return SqliteFileEditor(folder_ / "events.db").Value(sql);
  }

  KeyRepair Repair() {
    EXPECT_TRUE(KeysAreDamaged(*log_));
    const absl::StatusOr<KeyRepair> repair = log_->RepairKeys();
    EXPECT_TRUE(repair.ok()) << repair.status();
    return repair.value_or(KeyRepair{});
  }
  // That nothing was lost: every key is what it was, also later.
  void ExpectAllRestored(std::uint64_t count) {
    const KeyRepair repair = Repair();
    EXPECT_EQ(repair.restored, count);
    EXPECT_EQ(repair.given_up, 0u);
    for (int open = 0; open < 2; ++open) {
      EXPECT_TRUE(KeysOf(*log_) == KeysOf(records_));
      EXPECT_EQ(log_->dedup_horizon(), Timestamp::min());
      EXPECT_FALSE(log_->untimed_in_doubt());
      log_.reset();
      Open();
    }
  }
  // That the key of `sequence` was given up, and what may be a replay of it is
  // told by a horizon of five minutes behind the record after it.
  void ExpectGivenUp(std::uint64_t sequence) {
    const KeyRepair repair = Repair();
    EXPECT_EQ(repair.given_up, 1u);
    for (int open = 0; open < 2; ++open) {
      auto keys = KeysOf(records_);
      keys.erase(sequence);
      EXPECT_TRUE(KeysOf(*log_) == keys);
      EXPECT_EQ(log_->dedup_horizon(), TimeOf(sequence + 1) + minutes(5));
      EXPECT_TRUE(log_->untimed_in_doubt());
      log_.reset();
      Open();
    }
  }

  base::TemporaryDirectory folder_;
  base::FakeClock clock_;
  std::unique_ptr<EventLog> log_;
  std::vector<Record> records_;
};

TEST_F(SqliteKeyRepairTest, ADamagedKeyIsMadeAgain) {
  MakeLogOf(5);
  for (const char* const edit :
       {"key = zeroblob(32)", "key = x'00'", "crc = 0", "received_at_us = 7",
        "occurred_at_us = NULL"}) {
    Edit(std::string("UPDATE duplicate_keys SET ") + edit +
         " WHERE sequence = 2");
    ExpectAllRestored(1);
  }
}

TEST_F(SqliteKeyRepairTest, MissingKeysAreMadeAgain) {
  MakeLogOf(6);
  for (const auto& [gone, count] :
       std::map<std::string, std::uint64_t>{{"= 2", 1},
                                            {"= 6", 1},
                                            {"IN (1, 3, 4)", 3},
                                            {"> 2", 4},
                                            {"> 0", 6}}) {
    Edit("DELETE FROM duplicate_keys WHERE sequence " + gone);
    ExpectAllRestored(count);
  }
}

// The log would go on behind it and leave a hole.
TEST_F(SqliteKeyRepairTest, WhatADamagedKeySaysOfItsSequenceIsNotBelieved) {
  MakeLogOf(5);
  Edit("UPDATE duplicate_keys SET sequence = 1005 WHERE sequence = 5");
  log_.reset();
  Open();
  EXPECT_EQ(log_->bounds().head, 5u);
  ExpectAllRestored(1);
  EXPECT_EQ(log_->bounds().head, 5u);
}

TEST_F(SqliteKeyRepairTest, AKeyThatNoRecordHadGoes) {
  MakeLogOf(3);
  Edit(
      "INSERT INTO duplicate_keys (sequence, key, crc) "
      "VALUES (900, zeroblob(32), 0)");
  ExpectAllRestored(0);
}

TEST_F(SqliteKeyRepairTest, OfARecordThatWasRemovedTheKeyIsGivenUp) {
  MakeLogOf(6);
  ASSERT_TRUE(
      log_->RemoveOldest({.recorded_before = TimeOf(5), .rows_max = 9}).ok());
  Edit("UPDATE duplicate_keys SET crc = 0 WHERE sequence = 4");
  ExpectGivenUp(4);
}

TEST_F(SqliteKeyRepairTest, OfARecordThatIsDamagedTheKeyIsGivenUp) {
  MakeLogOf(6);
  Edit(
      "UPDATE events SET body = x'7b7d' WHERE sequence = 4;"
      "DELETE FROM duplicate_keys WHERE sequence = 4");
  ExpectGivenUp(4);
}

// As one would be whose key is made in another way.
TEST_F(SqliteKeyRepairTest, OfARecordWithAnotherIdTheKeyIsGivenUp) {
  Open();
  ASSERT_TRUE(AppendSamples(*log_, 1, 3).ok());
  Edit("DELETE FROM duplicate_keys WHERE sequence = 2");
  EXPECT_EQ(Repair().given_up, 1u);
  EXPECT_EQ(KeysOf(*log_).size(), 2u);
}

TEST_F(SqliteKeyRepairTest, WhereNothingIsBehindTheHorizonIsNow) {
  MakeLogOf(4);
  Edit("DELETE FROM events; DELETE FROM duplicate_keys WHERE sequence = 2");
  clock_.Advance(hours(10));
  EXPECT_EQ(Repair().given_up, 1u);
  EXPECT_EQ(log_->dedup_horizon(), clock_.Now() + minutes(5));
}

TEST_F(SqliteKeyRepairTest, WhatWasForgottenStaysForgotten) {
  MakeLogOf(9);
  ASSERT_EQ(
      log_->ForgetKeys({.before = TimeOf(5), .now = clock_.Now()})->keys.size(),
      3u);  // All but the one without a timestamp.
  const Timestamp horizon = log_->dedup_horizon();
  Edit("DELETE FROM duplicate_keys WHERE sequence IN (3, 7)");
  const KeyRepair repair = Repair();
  // The newest one arrived behind the horizon, so it may not be forgotten.
  EXPECT_EQ(repair.restored, 3u);
  EXPECT_EQ(repair.given_up, 0u);
  auto keys = KeysOf(records_);
  keys.erase(1);
  keys.erase(2);
  EXPECT_TRUE(KeysOf(*log_) == keys);
  EXPECT_EQ(log_->dedup_horizon(), horizon);
  EXPECT_FALSE(log_->untimed_in_doubt());
}

// What was forgotten and what is lost look alike then, but for their number.
TEST_F(SqliteKeyRepairTest, OneThatIsLostAmongForgottenOnesIsGivenUp) {
  MakeLogOf(9);
  ASSERT_TRUE(
      log_->ForgetKeys({.before = TimeOf(5), .now = clock_.Now()}).ok());
  ASSERT_TRUE(
      log_->RemoveOldest({.recorded_before = TimeOf(7), .rows_max = 9}).ok());
  Edit("DELETE FROM duplicate_keys WHERE sequence IN (6, 8)");
  const KeyRepair repair = Repair();
  EXPECT_EQ(repair.restored, 1u);
  EXPECT_EQ(repair.given_up, 1u);
  EXPECT_EQ(log_->dedup_horizon(), TimeOf(7) + minutes(5));
}

std::string ContentOf(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST_F(SqliteKeyRepairTest, KeysOfAnOverwrittenPageAreMadeAgain) {
  MakeLogOf(600);
  const std::string root =
      Value("SELECT rootpage FROM sqlite_master WHERE name = 'duplicate_keys'");
  log_.reset();
  std::string content = ContentOf(folder_ / "events.db");
  // The second child of the root, as the root's first cell but one has it.
  const std::size_t at = (std::stoul(root) - 1) * kPageBytes;
  const auto byte = [&](std::size_t offset) {
    return static_cast<std::size_t>(static_cast<std::uint8_t>(content[offset]));
  };
  ASSERT_EQ(byte(at), 5u);  // An interior page.
  const std::size_t cell = at + (byte(at + 14) << 8 | byte(at + 15));
  const std::size_t child = byte(cell + 2) << 8 | byte(cell + 3);
  content.replace((child - 1) * kPageBytes, kPageBytes,
                  std::string(kPageBytes, 'x'));
  std::ofstream(folder_ / "events.db", std::ios::binary) << content;
  Open();
  const KeyRepair repair = Repair();
  EXPECT_THAT(repair.restored, AllOf(Ge(50u), Lt(300u)));
  EXPECT_EQ(repair.given_up, 0u);
  EXPECT_TRUE(KeysOf(*log_) == KeysOf(records_));
}

// To remove a row from such a page, or to give it back, would destroy what
// belongs to somebody else.
TEST_F(SqliteKeyRepairTest, APageOfAnotherTablesIsLeftAlone) {
  MakeLogOf(600);
  const std::string root =
      Value("SELECT rootpage FROM sqlite_master WHERE name = 'duplicate_keys'");
  const std::string leaf = Value(
      "SELECT pageno FROM dbstat WHERE name = 'events' AND pagetype = 'leaf' "
      "ORDER BY pageno LIMIT 1 OFFSET 4");
  log_.reset();
  if (leaf.empty()) GTEST_SKIP() << "this SQLite has no dbstat";
  std::string content = ContentOf(folder_ / "events.db");
  const std::size_t at = (std::stoul(root) - 1) * kPageBytes;
  const std::size_t cell =
      at + (static_cast<std::uint8_t>(content[at + 14]) << 8 |
            static_cast<std::uint8_t>(content[at + 15]));
  const std::size_t page = std::stoul(leaf);
  content[cell + 2] = static_cast<char>(page >> 8);
  content[cell + 3] = static_cast<char>(page);
  std::ofstream(folder_ / "events.db", std::ios::binary) << content;
  Open();
  EXPECT_EQ(Repair().given_up, 0u);
  EXPECT_TRUE(KeysOf(*log_) == KeysOf(records_));
  const ReadResult read = ReadAll(*log_);
  EXPECT_TRUE(read.scanned_through.ok()) << read.scanned_through.status();
  EXPECT_EQ(read.records.size(), records_.size());
}

TEST_F(SqliteKeyRepairTest, TheDamagedTableIsKept) {
  MakeLogOf(3);
  for (int round = 1; round <= 2; ++round) {
    Edit("UPDATE duplicate_keys SET crc = 0 WHERE sequence = 2");
    ExpectAllRestored(1);
    EXPECT_EQ(Value("SELECT crc FROM duplicate_keys_damaged_" +
                    std::to_string(round) + " WHERE sequence = 2"),
              "0");
  }
}

// A log on a disk that fails.
class SqliteKeyRepairFaultsTest : public ::testing::Test {
 protected:
  SqliteKeyRepairFaultsTest() {
    Open();
    records_ = AppendHourly(*log_, clock_, 300);
    log_.reset();
    SqliteFileEditor("/log/events.db", vfs_.name())
        .Run("UPDATE duplicate_keys SET crc = 0 WHERE sequence = 2");
    Open();
  }
  void Open() {
    log_ = OpenSqliteLog({.directory = "/log",
                          .clock = clock_,
                          .files = disk_,
                          .sqlite_vfs = vfs_.name()})
               .value();
  }

  base::MemoryDisk disk_{1};
  SqliteVfs vfs_{disk_};
  base::FakeClock clock_;
  std::unique_ptr<EventLog> log_;
  std::vector<Record> records_;
};

// It may be right again a moment later, and nothing was lost then.
TEST_F(SqliteKeyRepairFaultsTest, ADiskThatFailsIsNotTakenForDamage) {
  for (std::uint64_t skip = 0;; ++skip) {
    log_.reset();
    Open();
    disk_.Inject({.operation = base::MemoryDisk::Operation::kRead,
                  .skip = skip,
                  .ending = "events.db"});
    const absl::StatusOr<KeyRepair> repair = log_->RepairKeys();
    if (repair.ok()) {
      EXPECT_EQ(repair->restored, 1u);
      EXPECT_GT(skip, 2u);
      break;
    }
    EXPECT_TRUE(absl::IsDataLoss(repair.status())) << repair.status();
    disk_.ClearFaults();
    EXPECT_EQ(log_->dedup_horizon(), Timestamp::min());
  }
  disk_.ClearFaults();
  EXPECT_TRUE(KeysOf(*log_) == KeysOf(records_));
}

TEST_F(SqliteKeyRepairFaultsTest, NothingIsChangedWhereThereIsNoSpace) {
  disk_.SetCapacity(disk_.used_bytes());
  EXPECT_TRUE(absl::IsResourceExhausted(log_->RepairKeys().status()));
  EXPECT_TRUE(KeysAreDamaged(*log_));
  disk_.SetCapacity(std::uint64_t{1} << 30);
  EXPECT_EQ(log_->RepairKeys()->restored, 1u);
  EXPECT_TRUE(KeysOf(*log_) == KeysOf(records_));
}

// What a power cut leaves of a repair is the damage, or none.
TEST_F(SqliteKeyRepairFaultsTest, APowerCutLeavesNothingInHalf) {
  bool crashed = true;
  for (std::uint64_t at = 1; crashed; ++at) {
    disk_.CrashAfter(at, base::MemoryDisk::Crash::kPowerLoss);
    const bool repaired = log_->RepairKeys().ok();
    crashed = disk_.crashed();
    if (!crashed) disk_.CrashAfter(0, base::MemoryDisk::Crash::kPowerLoss);
    log_.reset();
    disk_.Restart();
    Open();
    if (repaired || !KeysAreDamaged(*log_)) {
      EXPECT_TRUE(KeysOf(*log_) == KeysOf(records_)) << "call " << at;
      log_.reset();
      SqliteFileEditor("/log/events.db", vfs_.name())
          .Run("UPDATE duplicate_keys SET crc = 0 WHERE sequence = 2");
      Open();
    }
  }
}

// What the committer makes of it.
class CommitterKeyRepairTest : public SqliteKeyRepairTest {
 protected:
  void Start() {
    committer_ = Committer::Start(
        *log_,
        {.on_failure =
             [this](const absl::Status& status) { failed_ = status; }},
        nullptr);
    while (!committer_->Probe().ok() && failed_.ok()) std::this_thread::yield();
    EXPECT_TRUE(failed_.ok()) << failed_;
  }
  absl::StatusOr<Appended> Submit(Record record) {
    std::promise<absl::StatusOr<Appended>> promise;
    committer_->Submit(std::make_shared<Record>(std::move(record)),
                       [&promise](absl::StatusOr<Appended> answer) {
                         promise.set_value(std::move(answer));
                       });
    return promise.get_future().get();
  }

  absl::Status failed_;
  std::unique_ptr<Committer> committer_;
};

TEST_F(CommitterKeyRepairTest, StartsAndKnowsEveryCopy) {
  MakeLogOf(6);
  Edit(
      "UPDATE duplicate_keys SET crc = 0 WHERE sequence = 2;"
      "DELETE FROM duplicate_keys WHERE sequence = 5");
  Start();
  EXPECT_EQ(committer_->statistics().key_repair.restored, 2u);
  EXPECT_EQ(committer_->statistics().key_repair.given_up, 0u);
  EXPECT_EQ(committer_->statistics().duplicate_keys, 6u);
  for (const Record& record : records_) {
    const absl::StatusOr<Appended> answer = Submit(record);
    ASSERT_TRUE(answer.ok()) << answer.status();
    EXPECT_TRUE(answer->duplicate);
    EXPECT_EQ(answer->sequence, record.sequence);
  }
}

TEST_F(CommitterKeyRepairTest, TakesNothingThatMayBeAReplayOfWhatWasGivenUp) {
  MakeLogOf(6);
  ASSERT_TRUE(
      log_->RemoveOldest({.recorded_before = TimeOf(5), .rows_max = 9}).ok());
  Edit("DELETE FROM duplicate_keys WHERE sequence IN (2, 3)");
  Start();
  EXPECT_EQ(committer_->statistics().key_repair.given_up, 2u);
  for (const std::uint64_t gone : {2, 3}) {
    const Record& replay = records_.at(gone - 1);
    EXPECT_TRUE(committer_->MayBeReplay(replay));
    EXPECT_TRUE(absl::IsFailedPrecondition(Submit(replay).status())) << gone;
  }
  EXPECT_TRUE(Submit(records_.at(3))->duplicate);
  Record newer = SampleRecord(7);
  newer.occurred_at = log_->dedup_horizon() + std::chrono::microseconds(1);
  EXPECT_EQ(Submit(newer)->sequence, 7u);
}

TEST_F(CommitterKeyRepairTest, ReleasesByHandWhatHasNoTimestamp) {
  MakeLogOf(6);
  ASSERT_TRUE(
      log_->RemoveOldest({.recorded_before = TimeOf(5), .rows_max = 9}).ok());
  Edit("DELETE FROM duplicate_keys WHERE sequence = 3");
  Start();
  std::promise<absl::StatusOr<Appended>> promise;
  committer_->SubmitReleased(
      {.id = 1, .record = std::make_shared<Record>(records_.at(2))},
      [&promise](absl::StatusOr<Appended> answer) {
        promise.set_value(std::move(answer));
      });
  EXPECT_EQ(promise.get_future().get()->sequence, 7u);
}

}  // namespace
}  // namespace tuco::log
