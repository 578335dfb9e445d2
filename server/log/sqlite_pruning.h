// Removes what a log need not keep any more: duplicate keys and old records.
//
// First what is to go is found, which changes nothing; then it goes, within a
// transaction of the caller's.

#ifndef TUCO_SERVER_LOG_SQLITE_PRUNING_H_
#define TUCO_SERVER_LOG_SQLITE_PRUNING_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/log/event_log.h"
#include "server/log/sqlite_db.h"

namespace tuco::log {

// The newest signed timestamp of what was forgotten, the smallest time there is
// where nothing was. DataLoss: table meta is not whole.
absl::StatusOr<Timestamp> ReadDedupHorizon(SqliteDb& db);

// What is to be forgotten, and `horizon` raised to the newest signed timestamp
// of it. DataLoss names a key that is damaged.
absl::StatusOr<ForgottenKeys> FindOldKeys(SqliteDb& db,
                                          const ForgetRequest& request,
                                          Timestamp& horizon);
absl::Status DeleteKeys(SqliteDb& db, const ForgottenKeys& keys,
                        Timestamp horizon);

// The oldest records that are to go.
struct OldRecords {
  std::uint64_t count = 0;
  std::uint64_t through = 0;  // The last one's sequence.
  bool end = false;           // Whether there are no more.
};
// Of those behind `removed_through`.
absl::StatusOr<OldRecords> FindOldRecords(SqliteDb& db,
                                          const RemoveRequest& request,
                                          std::uint64_t removed_through);
absl::Status DeleteRecords(SqliteDb& db, std::uint64_t through);

}  // namespace tuco::log

#endif  // TUCO_SERVER_LOG_SQLITE_PRUNING_H_
