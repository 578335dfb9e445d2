#include "tests/server/log/log_image.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/server/log/sample_records.h"
#include "tests/server/log/subscription_samples.h"
#include "tuco/event_id.h"

namespace tuco::log {
namespace {

constexpr char kDirectory[] = "/log";
// Every so many records one has no signed timestamp.
constexpr std::uint64_t kUntimedEvery = 8;

std::string PathOf(const std::string& name) {
  return absl::StrCat(kDirectory, "/", name);
}

}  // namespace

LogHistory::LogHistory(std::uint64_t seed) : disk_(seed), chance_(seed + 1) {}

void LogHistory::Open() {
  if (log_ != nullptr) return;
  auto opened = OpenSqliteLog({.directory = kDirectory,
                               .clock = clock_,
                               .files = disk_,
                               .sqlite_vfs = vfs_.name()});
  ASSERT_TRUE(opened.ok()) << opened.status();
  log_ = *std::move(opened);
  promised_.gaps = log_->gaps();
  promised_.epoch = log_->bounds().epoch;
}

void LogHistory::Append(std::size_t count, std::size_t batch_max,
                        std::size_t body_bytes_max) {
  Open();
  while (count > 0) {
    clock_.Advance(std::chrono::milliseconds(1 + chance_.Below(1'000)));
    std::vector<Record> batch(std::min(count, 1 + chance_.Below(batch_max)));
    for (Record& record : batch) {
      record = SampleRecord(next_number_++);
      record.received_at = clock_.Now();
      record.occurred_at = clock_.Now() - std::chrono::milliseconds(10);
      record.body =
          absl::StrCat(next_number_,
                       std::string(chance_.Below(body_bytes_max),
                                   static_cast<char>('a' + chance_.Below(26))));
      if (next_number_ % kUntimedEvery == 0) record.occurred_at.reset();
      record.duplicate_key = DuplicateKey(record.endpoint, record.body);
    }
    std::vector<SubscriptionChange> changes;
    if (chance_.OneIn(2)) {
      changes.push_back(RandomChange(subscriptions_, chance_));
    }
    const absl::Status status = log::Commit(*log_, changes, batch);
    ASSERT_TRUE(status.ok()) << status;
    log_->AfterAppend();
    subscriptions_.Apply(changes);
    promised_.changes.insert(promised_.changes.end(), changes.begin(),
                             changes.end());
    promised_.records.insert(promised_.records.end(), batch.begin(),
                             batch.end());
    count -= batch.size();
  }
}

void LogHistory::Prune(std::size_t count) {
  Open();
  const auto removed = log_->RemoveOldest({.bytes_max = 0, .rows_max = count});
  ASSERT_TRUE(removed.ok()) << removed.status();
  promised_.first = log_->bounds().first;
  const Timestamp later = clock_.Now() + std::chrono::hours(1);
  const auto forgotten =
      log_->ForgetKeys({.before = later, .now = later, .rows_max = count});
  ASSERT_TRUE(forgotten.ok()) << forgotten.status();
}

void LogHistory::LoseSome() {
  Close();
  const LogImage before = Image();
  const SubscriptionModel subscriptions = subscriptions_;
  Append(5);
  Close();
  promised_.records = before.records;
  promised_.changes = before.changes;
  subscriptions_ = subscriptions;
  for (const char* const name : {kMainFile, kWalFile}) {
    disk_.SetContents(PathOf(name), before.files.at(name));
  }
  Open();
}

LogImage LogHistory::Image() const {
  LogImage image = promised_;
  for (const char* const name : {kMainFile, kWalFile, kMarkFile}) {
    image.files[name] = disk_.Contents(PathOf(name));
  }
  return image;
}

void PutLogFiles(const LogFiles& files, base::MemoryDisk& disk) {
  ASSERT_TRUE(disk.MakeDirectory(kDirectory).ok());
  for (const auto& [name, contents] : files) {
    const std::string path = PathOf(name);
    ASSERT_TRUE(disk.Open(path, base::FileSystem::OpenMode::kCreateNew).ok());
    disk.SetContents(path, contents);
  }
}

}  // namespace tuco::log
