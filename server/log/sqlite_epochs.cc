#include "server/log/sqlite_epochs.h"

#include <chrono>

#include "absl/strings/str_cat.h"
#include "server/base/status_macros.h"
#include "tuco/record_layout.h"

namespace tuco::log {
namespace {

constexpr std::uint64_t kEpochStep = std::uint64_t{1} << 20;

std::int64_t Microseconds(Timestamp time) {
  return time.time_since_epoch().count();
}

std::uint32_t CrcOf(const EpochRow& row) {
  return EpochCrc(row.epoch, row.first_sequence, row.lost_after,
                  Microseconds(row.began_at));
}

}  // namespace

std::uint64_t FirstOfNextEpoch(std::uint64_t newest) {
  return (newest / kEpochStep + 1) * kEpochStep;
}

absl::StatusOr<std::vector<EpochRow>> ReadEpochs(SqliteDb& db) {
  TUCO_ASSIGN_OR_RETURN(
      SqliteStatement select,
      db.Prepare("SELECT epoch, first_sequence, lost_after, began_at_us, crc "
                 "FROM epochs ORDER BY epoch"));
  std::vector<EpochRow> rows;
  while (true) {
    TUCO_ASSIGN_OR_RETURN(const bool found, select.Step());
    if (!found) return rows;
    const EpochRow row{
        .epoch = static_cast<std::uint64_t>(select.Int(0)),
        .first_sequence = static_cast<std::uint64_t>(select.Int(1)),
        .lost_after = static_cast<std::uint64_t>(select.Int(2)),
        .began_at = Timestamp(std::chrono::microseconds(select.Int(3)))};
    if (select.Int(4) != CrcOf(row)) {
      return absl::DataLossError(absl::StrCat(
          "epoch ", row.epoch,
          " is damaged: its row in table epochs does not fit its checksum"));
    }
    rows.push_back(row);
  }
}

absl::Status InsertEpoch(SqliteDb& db, const EpochRow& row) {
  const std::string sql = absl::StrCat(
      "BEGIN IMMEDIATE; INSERT INTO epochs "
      "(epoch, first_sequence, lost_after, began_at_us, crc) VALUES (",
      row.epoch, ", ", row.first_sequence, ", ", row.lost_after, ", ",
      Microseconds(row.began_at), ", ", CrcOf(row), "); COMMIT;");
  absl::Status status = db.Execute(sql.c_str());
  if (!status.ok()) db.Rollback();
  return status;
}

std::vector<Gap> GapsOf(const std::vector<EpochRow>& epochs) {
  std::vector<Gap> gaps;
  gaps.reserve(epochs.size());
  for (const EpochRow& row : epochs) {
    gaps.push_back({.from = row.lost_after + 1, .to = row.first_sequence - 1});
  }
  return gaps;
}

}  // namespace tuco::log
