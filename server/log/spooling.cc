#include "server/log/spooling.h"

#include <cstddef>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "server/base/logging.h"
#include "server/base/status_macros.h"
#include "server/log/duplicate_index.h"

namespace tuco::log {
namespace {

// What is merged at a time.
constexpr std::size_t kBatchRecords = 1'024;
constexpr std::size_t kBatchBytes = std::size_t{4} << 20;

}  // namespace

bool Spooling::IsReason(const absl::Status& status) {
  return absl::IsResourceExhausted(status) ||
         absl::IsPermissionDenied(status) || absl::IsDataLoss(status) ||
         absl::IsUnavailable(status);
}

absl::Status Spooling::Take(std::span<Record* const> records,
                            const absl::Status& why) {
  if (spool_ == nullptr || !IsReason(why)) return why;
  const std::vector<const Record*> spooled(records.begin(), records.end());
  const bool first = empty();
  const absl::Status status = spool_->Append(spooled);
  if (!status.ok()) {
    base::Log(base::Severity::kError, "the spool cannot take events either",
              {{"error", absl::StrCat(status.message())}});
    return why;
  }
  if (first) {
    base::Log(base::Severity::kWarning,
              "events are spooled until the log can take them again",
              {{"error", absl::StrCat(why.message())}});
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::shared_ptr<Record>>> Spooling::Next(
    absl::FunctionRef<bool(const Record&)> known) {
  TUCO_ASSIGN_OR_RETURN(SpoolBatch batch,
                        spool_->ReadBatch(kBatchRecords, kBatchBytes));
  through_ = batch.through;
  for (const absl::Status& loss : batch.losses) {
    ++losses_;
    base::Log(base::Severity::kError, "spooled events are lost",
              {{"error", absl::StrCat(loss.message())}});
  }
  std::vector<std::shared_ptr<Record>> fresh;
  fresh.reserve(batch.records.size());
  absl::flat_hash_set<Digest, DigestHash> seen;
  for (Record& record : batch.records) {
    if (known(record) || !seen.insert(record.duplicate_key).second) continue;
    if (mark_) mark_(record);
    fresh.push_back(std::make_shared<Record>(std::move(record)));
  }
  return fresh;
}

absl::Status Spooling::Merged() {
  TUCO_RETURN_IF_ERROR(spool_->Discard(through_));
  if (empty()) {
    base::Log(base::Severity::kInfo, "every spooled event is in the log now");
  }
  return absl::OkStatus();
}

Spooling::Statistics Spooling::statistics() const {
  if (spool_ == nullptr) return {};
  return {.records = spool_->records(),
          .bytes = spool_->bytes(),
          .losses = losses_};
}

}  // namespace tuco::log
