// The epochs of a log: where the sequence leaves numbers out, and why.
//
// Records that were acknowledged and are gone end an epoch. The next one begins
// at a multiple of 2^20, so that no number is ever used twice, also where it is
// not known how far they went.

#ifndef TUCO_SERVER_LOG_SQLITE_EPOCHS_H_
#define TUCO_SERVER_LOG_SQLITE_EPOCHS_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/log/event_log.h"
#include "server/log/sqlite_db.h"
#include "tuco/timestamp.h"

namespace tuco::log {

// One row of table `epochs`; the first epoch has none.
struct EpochRow {
  std::uint64_t epoch = 1;
  std::uint64_t first_sequence = 1;
  std::uint64_t lost_after = 0;  // The newest record of the epoch before.
  Timestamp began_at;
};

// Where an epoch begins behind a log that had `newest` for its newest record.
std::uint64_t FirstOfNextEpoch(std::uint64_t newest);

// In ascending order. DataLoss names the epoch whose row is damaged.
absl::StatusOr<std::vector<EpochRow>> ReadEpochs(SqliteDb& db);

// Adds an epoch, synced.
absl::Status InsertEpoch(SqliteDb& db, const EpochRow& row);

// The sequences that were left out.
std::vector<Gap> GapsOf(const std::vector<EpochRow>& epochs);

}  // namespace tuco::log

#endif  // TUCO_SERVER_LOG_SQLITE_EPOCHS_H_
