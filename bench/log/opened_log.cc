#include "bench/log/opened_log.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bench/fail.h"

namespace tuco::bench {
namespace {

void Check(const absl::Status& status) {
  if (!status.ok()) Fail(status.ToString());
}

}  // namespace

OpenedLog::OpenedLog(const std::string& directory) {
  absl::StatusOr<std::unique_ptr<log::EventLog>> opened =
      log::OpenSqliteLog({.directory = directory,
                          .clock = clock_,
                          .files = files_,
                          .sqlite_vfs = ""});
  Check(opened.status());
  log_ = *std::move(opened);
}

void OpenedLog::Append(std::span<log::Record* const> batch) {
  Check(log_->Append(batch));
  log_->AfterAppend();
}

void OpenedLog::VisitKeys(
    const std::function<void(const Digest& key, std::uint64_t sequence)>&
        visit) {
  Check(log_->VisitDuplicateKeys(visit));
}

}  // namespace tuco::bench
