#include "server/log/sqlite_file.h"

#include <array>
#include <cstdint>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "server/base/status_macros.h"
#include "server/log/sqlite_schema.h"
#include "tuco/record_layout.h"

namespace tuco::log {
namespace {

using base::File;
using base::FileSystem;

// SQLite's file header, of which the first 100 bytes never change their place.
constexpr std::string_view kMagic("SQLite format 3\0", 16);
constexpr std::size_t kUserVersionAt = 60;
constexpr std::size_t kApplicationIdAt = 68;
using FileHeader = std::array<char, 100>;

std::uint32_t BigEndian32(const FileHeader& header, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = at; i < at + 4; ++i) {
    value = value << 8 | static_cast<std::uint8_t>(header[i]);
  }
  return value;
}

bool HasMagic(const FileHeader& header) {
  return std::string_view(header.data(), kMagic.size()) == kMagic;
}

absl::StatusOr<bool> Exists(FileSystem& files, const std::string& path) {
  TUCO_ASSIGN_OR_RETURN(const FileSystem::PathKind kind, files.KindOf(path));
  return kind != FileSystem::PathKind::kNothing;
}

// What is missing of a short file reads as zeros.
absl::StatusOr<FileHeader> ReadHeader(FileSystem& files,
                                      const std::string& path) {
  TUCO_ASSIGN_OR_RETURN(const std::unique_ptr<File> file,
                        files.Open(path, FileSystem::OpenMode::kRead));
  FileHeader header{};
  TUCO_RETURN_IF_ERROR(file->ReadAt(0, header).status());
  return header;
}

absl::Status CheckVersion(const std::string& path, std::int64_t version) {
  if (version >= 1 && version <= kLogSchemaVersion) return absl::OkStatus();
  if (version > kLogSchemaVersion) {
    return absl::UnimplementedError(absl::StrCat(
        path, " has version ", version, " of the log's format and this ",
        "program knows version ", kLogSchemaVersion, ": run a newer program"));
  }
  return absl::DataLossError(
      absl::StrCat(path, ": ", version, " is no version of the log's format"));
}

absl::Status MakeTables(const SqliteLocation& location) {
  TUCO_ASSIGN_OR_RETURN(std::unique_ptr<SqliteDb> db,
                        SqliteDb::Open(location, SqliteDb::Access::kReadWrite));
  const std::string sql = absl::StrCat(
      "PRAGMA page_size = 8192; PRAGMA synchronous = FULL; BEGIN IMMEDIATE;",
      " PRAGMA application_id = ", kLogApplicationId, ";",
      " PRAGMA user_version = ", kLogSchemaVersion, ";", LogTables(), "COMMIT;",
      " PRAGMA journal_mode = WAL;");
  return db->Execute(sql.c_str());
}

// Under another name first, so that events.db is complete from the start
// however this ends.
absl::Status MakeLogFile(FileSystem& files, const SqliteLocation& location) {
  SqliteLocation made = location;
  made.path += ".new";
  for (const char* suffix : {"", "-journal", "-wal", "-shm"}) {
    absl::Status removed = files.Remove(made.path + suffix);
    if (!removed.ok() && !absl::IsNotFound(removed)) return removed;
  }
  TUCO_RETURN_IF_ERROR(
      files.Open(made.path, FileSystem::OpenMode::kCreateNew).status());
  TUCO_RETURN_IF_ERROR(MakeTables(made));
  return files.Rename(made.path, location.path);
}

absl::Status CheckOrMakeLogFile(FileSystem& files,
                                const SqliteLocation& location) {
  const std::string& path = location.path;
  TUCO_ASSIGN_OR_RETURN(const bool there, Exists(files, path));
  if (there) return CheckIsLog(files, path);
  TUCO_ASSIGN_OR_RETURN(const bool orphaned, Exists(files, path + "-wal"));
  if (orphaned) {
    // A new database would take the old one's journal for its own.
    return absl::DataLossError(absl::StrCat(
        path, " is gone but ", path, "-wal is there: restore the one or move ",
        "the other away"));
  }
  return MakeLogFile(files, location);
}

// All at once or not at all, and only while nobody else writes.
absl::Status Migrate(SqliteDb& db, std::int64_t version) {
  const std::string sql =
      absl::StrCat("BEGIN IMMEDIATE;", LogMigration(version),
                   "PRAGMA user_version = ", kLogSchemaVersion, "; COMMIT;");
  absl::Status status = db.Execute(sql.c_str());
  if (!status.ok()) db.Rollback();
  return status;
}

absl::Status CheckMode(SqliteDb& db, const std::string& path) {
  TUCO_ASSIGN_OR_RETURN(const std::string mode,
                        db.QueryText("PRAGMA journal_mode = WAL"));
  if (mode == "wal") return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      path, ": its journal mode is ", mode, " where wal was expected"));
}

}  // namespace

// Looks at the file without SQLite, which would bring the journal of any
// database up to date before it answers.
absl::Status CheckIsLog(FileSystem& files, const std::string& path) {
  TUCO_ASSIGN_OR_RETURN(const FileHeader header, ReadHeader(files, path));
  if (!HasMagic(header) ||
      BigEndian32(header, kApplicationIdAt) != kLogApplicationId) {
    return absl::DataLossError(absl::StrCat(
        path, " is not an event log of tuco-events and was left as it is: ",
        "move it away, restore the log, or choose another directory"));
  }
  return CheckVersion(path, BigEndian32(header, kUserVersionAt));
}

absl::Status PrepareLogFile(FileSystem& files, const std::string& directory,
                            const SqliteLocation& location) {
  TUCO_RETURN_IF_ERROR(CheckOrMakeLogFile(files, location));
  // Also of what is there already: whoever made it may have been killed before
  // its name, or its journal's, was synced.
  return files.SyncDirectory(directory);
}

absl::StatusOr<std::unique_ptr<SqliteDb>> OpenForWriting(
    const SqliteLocation& location) {
  const std::string& path = location.path;
  TUCO_ASSIGN_OR_RETURN(std::unique_ptr<SqliteDb> db,
                        SqliteDb::Open(location, SqliteDb::Access::kReadWrite));
  if (db->read_only()) {
    return absl::PermissionDeniedError(
        absl::StrCat(path, " cannot be opened for writing"));
  }
  // A version that is newer may still stand in the journal only.
  TUCO_ASSIGN_OR_RETURN(const std::int64_t version,
                        db->QueryInt("PRAGMA user_version"));
  TUCO_RETURN_IF_ERROR(CheckVersion(path, version));
  TUCO_RETURN_IF_ERROR(CheckMode(*db, path));
  // A journal that grew while an outside reader held it back shrinks again.
  TUCO_RETURN_IF_ERROR(
      db->Execute("PRAGMA synchronous = FULL; PRAGMA mmap_size = 0;"
                  "PRAGMA cell_size_check = ON;"
                  "PRAGMA journal_size_limit = 67108864;"));
  TUCO_RETURN_IF_ERROR(db->SetPersistentWal(true));
  if (version < kLogSchemaVersion) {
    TUCO_RETURN_IF_ERROR(Migrate(*db, version));
  }
  return db;
}

absl::StatusOr<std::unique_ptr<SqliteDb>> OpenForReading(
    const SqliteLocation& location) {
  TUCO_ASSIGN_OR_RETURN(std::unique_ptr<SqliteDb> db,
                        SqliteDb::Open(location, SqliteDb::Access::kReadOnly));
  TUCO_RETURN_IF_ERROR(
      db->Execute("PRAGMA mmap_size = 0;"
                  "PRAGMA cell_size_check = ON;"));
  return db;
}

}  // namespace tuco::log
