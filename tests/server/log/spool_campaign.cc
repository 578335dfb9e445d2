#include "tests/server/log/spool_campaign.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/server/log/sample_records.h"
#include "tests/server/log/spool_samples.h"

namespace tuco::log {
namespace {

// From a file for each batch to one for many.
constexpr std::uint64_t kSegmentBytes[] = {1, 3'000, 20'000, 1 << 20};

}  // namespace

SpoolCampaign::SpoolCampaign(std::uint64_t seed)
    : disk_(seed),
      chance_(seed + 1),
      segment_bytes_(kSegmentBytes[seed % std::size(kSegmentBytes)]) {}

absl::Status SpoolCampaign::Open() {
  auto opened = Spool::Open(
      {.directory = "/spool", .files = disk_, .segment_bytes = segment_bytes_});
  if (!opened.ok()) return opened.status();
  spool_ = *std::move(opened);
  return absl::OkStatus();
}

std::vector<Record> SpoolCampaign::NewBatch() {
  std::vector<Record> batch = std::exchange(again_, {});
  if (!batch.empty()) return batch;
  const std::size_t count = 1 + chance_.Below(8);
  for (std::size_t i = 0; i < count; ++i) {
    batch.push_back(SampleRecord(next_sample_++));
    batch.back().body.assign(chance_.Below(chance_.OneIn(10) ? 40'000 : 900),
                             static_cast<char>('a' + chance_.Below(26)));
    if (chance_.OneIn(4)) batch.back().phone.reset();
  }
  return batch;
}

absl::Status SpoolCampaign::AppendBatch() {
  std::vector<Record> batch = NewBatch();
  absl::Status status = Append(*spool_, batch);
  if (status.ok()) {
    promised_.insert(promised_.end(), batch.begin(), batch.end());
  } else {
    refused_.insert(refused_.end(), batch.begin(), batch.end());
    if (chance_.OneIn(2)) again_ = std::move(batch);
  }
  return status;
}

absl::Status SpoolCampaign::MergeBatch() {
  const absl::StatusOr<SpoolBatch> batch =
      spool_->ReadBatch(1 + chance_.Below(20), 1 + chance_.Below(60'000));
  if (!batch.ok()) return batch.status();
  const auto expected =
      promised_.begin() + static_cast<std::ptrdiff_t>(merged_);
  const auto left = static_cast<std::size_t>(promised_.end() - expected);
  if (!batch->losses.empty()) {
    wrong_ = batch->losses.front().ToString();
  } else if (batch->records.size() > left ||
             batch->through != merged_ + batch->records.size() ||
             batch->empty() != (left == 0) ||
             !std::equal(batch->records.begin(), batch->records.end(),
                         expected)) {
    wrong_ = absl::StrCat("what is read behind record ", merged_,
                          " is not what was acknowledged");
  }
  // Less than all when the log took only a part.
  merged_ = batch->through;
  if (!batch->empty() && chance_.OneIn(4)) --merged_;
  discarded_ = std::max(discarded_, merged_);
  return spool_->Discard(merged_);
}

std::string SpoolCampaign::Check(bool reopened) {
  const absl::StatusOr<SpoolBatch> batch = ReadAll(*spool_);
  if (!batch.ok()) return "cannot read: " + batch.status().ToString();
  std::string wrong = wrong_;
  if (wrong.empty()) wrong = Compare(*batch, reopened);
  if (wrong.empty()) wrong = CompareKeys();
  if (wrong.empty() && reopened) refused_.clear();
  return wrong;
}

std::string SpoolCampaign::Compare(const SpoolBatch& batch, bool reopened) {
  if (!batch.losses.empty()) return batch.losses.front().ToString();
  const std::vector<Record>& found = batch.records;
  if (batch.through < found.size() || batch.through < promised_.size()) {
    return absl::StrCat("records ", batch.through + 1, " to ", promised_.size(),
                        " are gone");
  }
  const std::size_t first = batch.through - found.size();
  if (reopened ? first > discarded_ : first != merged_) {
    return absl::StrCat("the first record is ", first + 1, ", and ",
                        reopened ? discarded_ : merged_, " were merged");
  }
  merged_ = first;
  for (std::size_t i = 0; i < found.size(); ++i) {
    const bool promised = first + i < promised_.size();
    if (promised && found[i] != promised_[first + i]) {
      return absl::StrCat("record ", first + i + 1,
                          " is not what was acknowledged");
    }
    if (!promised && (!reopened || !TakeRefused(found[i]))) {
      return absl::StrCat("record ", first + i + 1, " was never appended");
    }
  }
  const std::uint64_t waiting = promised_.size() - merged_;
  if (spool_->records() != waiting || (waiting > 0 && spool_->bytes() == 0)) {
    return absl::StrCat("it says it has ", spool_->records(), " records in ",
                        spool_->bytes(), " bytes, and shows ", waiting);
  }
  return "";
}

bool SpoolCampaign::TakeRefused(const Record& record) {
  const auto found = std::find(refused_.begin(), refused_.end(), record);
  if (found == refused_.end()) return false;
  refused_.erase(found);
  promised_.push_back(record);
  // Who asks for its key, as the committer does, does not append it again.
  std::erase(again_, record);
  return true;
}

std::string SpoolCampaign::CompareKeys() const {
  // Of those that were merged long ago none comes back.
  constexpr std::size_t kMerged = 100;
  for (std::size_t i = merged_ - std::min(merged_, kMerged);
       i < promised_.size(); ++i) {
    if (spool_->Contains(promised_[i].duplicate_key) != (i >= merged_)) {
      return absl::StrCat("the key of record ", i + 1, " is wrong");
    }
  }
  for (const Record& record : refused_) {
    const bool taken = std::find(promised_.begin(), promised_.end(), record) !=
                       promised_.end();
    if (!taken && spool_->Contains(record.duplicate_key)) {
      return "the key of a refused record is there";
    }
  }
  return "";
}

}  // namespace tuco::log
