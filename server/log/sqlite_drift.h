// Names of drift: the rows `drift:<kind>:<name>` of table `meta`.

#ifndef TUCO_SERVER_LOG_SQLITE_DRIFT_H_
#define TUCO_SERVER_LOG_SQLITE_DRIFT_H_

#include <functional>

#include "absl/status/status.h"
#include "server/log/drift_name.h"
#include "server/log/sqlite_db.h"

namespace tuco::log {

// Makes the row. One that is there keeps its time, unless it is damaged.
absl::Status WriteDriftName(SqliteDb& db, const DriftName& name);

// Hands every name to `visit`; kinds that this version does not know are left
// out. DataLoss: one is damaged; what else can be read was visited.
absl::Status VisitDriftRows(SqliteDb& db,
                            const std::function<void(const DriftName&)>& visit);

}  // namespace tuco::log

#endif  // TUCO_SERVER_LOG_SQLITE_DRIFT_H_
