#include "server/log/spool_batch.h"

#include "absl/strings/str_cat.h"

namespace tuco::log {

bool SpoolBatchMaker::Take(std::uint64_t number, Record record,
                           std::uint64_t bytes) {
  if (!batch_.records.empty() && bytes_ + bytes > bytes_max_) full_ = true;
  if (full_) return false;
  bytes_ += bytes;
  batch_.records.push_back(std::move(record));
  batch_.through = number;
  Count();
  return true;
}

void SpoolBatchMaker::Lose(const std::string& what, std::uint64_t last) {
  if (last <= batch_.through) return;
  batch_.losses.push_back(absl::DataLossError(
      absl::StrCat(what, ": records ", batch_.through + 1, " to ", last,
                   " of the spool are lost")));
  batch_.through = last;
  Count();
}

void SpoolBatchMaker::Count() {
  full_ |= batch_.records.size() + batch_.losses.size() >= records_max_;
}

}  // namespace tuco::log
