#include "server/log/sqlite_readers.h"

#include <utility>

#include "server/base/status_macros.h"
#include "server/log/sqlite_file.h"
#include "server/log/sqlite_rows.h"

namespace tuco::log {
namespace {

// Ten greedy readers cut the writer to an eighth; two keep a core busy.
constexpr int kReaderCount = 2;

absl::StatusOr<SqliteReader> OpenReader(const SqliteLocation& location) {
  SqliteReader reader;
  TUCO_ASSIGN_OR_RETURN(reader.db, OpenForReading(location));
  TUCO_ASSIGN_OR_RETURN(
      reader.behind,
      reader.db->Prepare(EventSelect("WHERE sequence > ? ORDER BY sequence")));
  TUCO_ASSIGN_OR_RETURN(reader.at_or_after,
                        reader.db->Prepare(EventSelect(
                            "WHERE sequence >= ? ORDER BY sequence LIMIT 1")));
  TUCO_ASSIGN_OR_RETURN(reader.keys,
                        reader.db->Prepare(KeySelect("ORDER BY sequence")));
  TUCO_ASSIGN_OR_RETURN(reader.key_of,
                        reader.db->Prepare(KeySelect("WHERE sequence = ?")));
  return reader;
}

}  // namespace

absl::StatusOr<std::unique_ptr<SqliteReaders>> SqliteReaders::Open(
    const SqliteLocation& location) {
  std::vector<SqliteReader> readers;
  for (int i = 0; i < kReaderCount; ++i) {
    TUCO_ASSIGN_OR_RETURN(SqliteReader reader, OpenReader(location));
    readers.push_back(std::move(reader));
  }
  return std::unique_ptr<SqliteReaders>(new SqliteReaders(std::move(readers)));
}

SqliteReaders::SqliteReaders(std::vector<SqliteReader> readers)
    : readers_(std::move(readers)) {
  for (SqliteReader& reader : readers_) free_.push_back(&reader);
}

SqliteReader& SqliteReaders::Take() {
  std::unique_lock lock(mutex_);
  while (gate_closed_ || free_.empty()) may_read_.wait(lock);
  SqliteReader& reader = *free_.back();
  free_.pop_back();
  return reader;
}

void SqliteReaders::Return(SqliteReader& reader) {
  {
    const std::lock_guard lock(mutex_);
    free_.push_back(&reader);
  }
  may_read_.notify_one();
  all_returned_.notify_one();
}

SqliteReaders::ClosedGate SqliteReaders::CloseGate(bool drain) {
  std::unique_lock lock(mutex_);
  gate_closed_ = true;
  while (drain && free_.size() < readers_.size()) all_returned_.wait(lock);
  return ClosedGate(*this);
}

void SqliteReaders::OpenGate() {
  {
    const std::lock_guard lock(mutex_);
    gate_closed_ = false;
  }
  may_read_.notify_all();
}

}  // namespace tuco::log
