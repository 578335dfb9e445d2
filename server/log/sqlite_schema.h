// The tables of a log, in SQL (docs/log_format.md).

#ifndef TUCO_SERVER_LOG_SQLITE_SCHEMA_H_
#define TUCO_SERVER_LOG_SQLITE_SCHEMA_H_

#include <cstdint>
#include <string>

namespace tuco::log {

// The statements that make every table of an empty log of this version.
std::string LogTables();

// The one that makes an empty table duplicate_keys.
std::string KeyTable();

// Those that make a log of `version`, from 1 to this one, a log of this
// version.
std::string LogMigration(std::int64_t version);

}  // namespace tuco::log

#endif  // TUCO_SERVER_LOG_SQLITE_SCHEMA_H_
