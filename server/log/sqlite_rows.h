// The rows of the log's tables as values (docs/log_format.md).

#ifndef TUCO_SERVER_LOG_SQLITE_ROWS_H_
#define TUCO_SERVER_LOG_SQLITE_ROWS_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/log/sqlite_db.h"
#include "tuco/digest.h"
#include "tuco/record_layout.h"

namespace tuco::log {

// Parameters as the statements of EventInsert and KeyInsert have them.
std::string EventInsert();
std::string KeyInsert();
// Of a key whose sequence has none; one that has keeps it.
std::string KeyInsertIfAbsent();

// Binds a row with its checksum; `columns` must stay as it is until the
// statement has run.
void BindEvent(const RecordColumns& columns, SqliteStatement& insert);
void BindKey(const KeyColumns& columns, SqliteStatement& insert);
void BindKey(const KeyColumns&& temporary, SqliteStatement& insert) = delete;

// `SELECT <every column> FROM events `, to be followed by what narrows it.
std::string EventSelect(const char* condition);

// The row at hand of an EventSelect; views that are valid until the
// statement's next step. DataLoss, which names the sequence, when the row is
// not what was written.
absl::StatusOr<RecordColumns> EventAt(const SqliteStatement& select);

// The same of table `duplicate_keys`.
std::string KeySelect(const char* condition);
absl::StatusOr<KeyColumns> KeyAt(const SqliteStatement& select);

}  // namespace tuco::log

#endif  // TUCO_SERVER_LOG_SQLITE_ROWS_H_
