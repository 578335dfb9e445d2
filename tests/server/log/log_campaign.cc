#include "tests/server/log/log_campaign.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/server/log/sample_records.h"
#include "tests/server/log/subscription_samples.h"

namespace tuco::log {
namespace {

constexpr char kDirectory[] = "/log";

std::string Words(const absl::Status& status) { return status.ToString(); }

}  // namespace

std::uint64_t CampaignNumber(const char* variable, std::uint64_t otherwise) {
  const char* const text = std::getenv(variable);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

int CampaignCycles(int otherwise) {
  return static_cast<int>(CampaignNumber(
      "TUCO_CRASH_CYCLES", static_cast<std::uint64_t>(otherwise)));
}

std::uint64_t CampaignSeed() { return CampaignNumber("TUCO_CRASH_SEED", 1); }

absl::Status LogCampaign::Open() {
  auto opened = OpenSqliteLog({.directory = kDirectory,
                               .clock = clock_,
                               .files = disk_,
                               .sqlite_vfs = vfs_.name()});
  if (!opened.ok()) return opened.status();
  log_ = *std::move(opened);
  return absl::OkStatus();
}

std::vector<Record> LogCampaign::NewBatch(std::size_t records_max) {
  std::vector<Record> batch = std::exchange(again_, {});
  if (!batch.empty()) return batch;
  const std::size_t count = 1 + chance_.Below(records_max);
  for (std::size_t i = 0; i < count; ++i) {
    batch.push_back(SampleRecord(next_number_++));
    // Some enough of them that checkpoints are due.
    const std::uint64_t size_max = chance_.OneIn(60)  ? 900'000
                                   : chance_.OneIn(8) ? 40'000
                                                      : 900;
    batch.back().body.assign(chance_.Below(size_max),
                             static_cast<char>('a' + chance_.Below(26)));
  }
  return batch;
}

absl::Status LogCampaign::AppendBatch(std::size_t records_max) {
  // Also back, which recorded_at must not go.
  clock_.Advance(std::chrono::milliseconds(chance_.Below(1'000)) -
                 std::chrono::milliseconds(200));
  std::vector<SubscriptionChange> changes =
      RandomChanges(subscriptions_, 2, chance_);
  std::vector<Record> batch;
  if (changes.empty() || !chance_.OneIn(4)) batch = NewBatch(records_max);
  absl::Status status = Commit(*log_, changes, batch);
  if (status.ok()) {
    promised_.insert(promised_.end(), batch.begin(), batch.end());
    subscriptions_.Apply(changes);
    log_->AfterAppend();
  } else {
    if (again_.empty() && chance_.OneIn(2)) again_ = batch;
    refused_.push_back({std::move(batch), std::move(changes)});
  }
  return status;
}

std::string LogCampaign::Check(bool reopened) {
  const ReadResult read = ReadAll(*log_);
  if (!read.scanned_through.ok()) {
    return "cannot read: " + Words(read.scanned_through.status());
  }
  const Bounds bounds = log_->bounds();
  if (bounds.first != 1 || bounds.head != read.records.size()) {
    return absl::StrCat("the log says it has records ", bounds.first, " to ",
                        bounds.head, " and shows ", read.records.size());
  }
  std::string wrong = Compare(read.records, reopened);
  if (wrong.empty()) wrong = CompareKeys();
  if (wrong.empty()) wrong = CompareSubscriptions(reopened);
  if (wrong.empty() && reopened) refused_.clear();
  return wrong;
}

std::string LogCampaign::Compare(const std::vector<Record>& found,
                                 bool reopened) {
  if (found.size() < promised_.size()) {
    return absl::StrCat("records ", found.size() + 1, " to ", promised_.size(),
                        " are gone");
  }
  if (found.size() > promised_.size() && !(reopened && TakeRefused(found))) {
    return absl::StrCat("records ", promised_.size() + 1, " to ", found.size(),
                        " were never appended like that");
  }
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (found[i] != AsRead(promised_[i])) {
      return absl::StrCat("record ", i + 1, " is not what was acknowledged");
    }
  }
  return "";
}

// Whether what was found beyond the promised is one of the refused batches.
bool LogCampaign::TakeRefused(const std::vector<Record>& found) {
  for (const auto& [batch, changes] : refused_) {
    const auto matches = [](const Record& a, const Record& b) {
      return a == AsRead(b);
    };
    if (std::equal(
            found.begin() + static_cast<std::ptrdiff_t>(promised_.size()),
            found.end(), batch.begin(), batch.end(), matches)) {
      promised_.insert(promised_.end(), batch.begin(), batch.end());
      subscriptions_.Apply(changes);
      Forget(batch);
      return true;
    }
  }
  return false;
}

// Who looks its keys up, as the committer does, does not append it again.
void LogCampaign::Forget(const std::vector<Record>& batch) {
  if (!again_.empty() &&
      again_.front().duplicate_key == batch.front().duplicate_key) {
    again_.clear();
  }
}

// Changes that came without a record may be there, though they were refused.
std::string LogCampaign::CompareSubscriptions(bool reopened) {
  std::string wrong = subscriptions_.Check(*log_);
  for (const auto& [batch, changes] : refused_) {
    if (wrong.empty() || !reopened) break;
    if (!batch.empty()) continue;
    SubscriptionModel with = subscriptions_;
    with.Apply(changes);
    if (!with.Check(*log_).empty()) continue;
    subscriptions_ = std::move(with);
    wrong.clear();
  }
  return wrong;
}

std::string LogCampaign::CompareKeys() {
  std::map<Digest, std::uint64_t> found;
  std::string wrong;
  const absl::Status status =
      log_->VisitDuplicateKeys([&](const Digest& key, std::uint64_t sequence) {
        if (!found.emplace(key, sequence).second) {
          wrong = absl::StrCat("the key of record ", sequence, " is doubled");
        }
      });
  if (!status.ok()) return "cannot read the keys: " + Words(status);
  if (!wrong.empty()) return wrong;
  for (const Record& record : promised_) {
    const auto key = found.find(record.duplicate_key);
    if (key == found.end() || key->second != record.sequence) {
      return absl::StrCat("the key of record ", record.sequence, " is wrong");
    }
  }
  return found.size() == promised_.size() ? "" : "there are keys too many";
}

}  // namespace tuco::log
