// A log's file as SQLite alone would write it: what the log is held against.
//
// The same tables, since the log itself makes the file; the same bytes, since
// the rows are those that it wrote, inserted again under other sequences; the
// same settings and the same rule for checkpoints. What is left out is what
// the log adds: a checksum for each row, the mark, readers to look after.

#ifndef TUCO_BENCH_LOG_BARE_SQLITE_H_
#define TUCO_BENCH_LOG_BARE_SQLITE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

struct sqlite3;

namespace tuco::bench {

// What fails ends the process. One thread at a time.
class BareSqlite {
 public:
  // Opens the log in `directory`, which holds events and is open nowhere else.
  explicit BareSqlite(const std::string& directory);
  ~BareSqlite();
  BareSqlite(const BareSqlite&) = delete;
  BareSqlite& operator=(const BareSqlite&) = delete;

  // Inserts the next `count` of the events that were found, over and over, in
  // one transaction; syncs it, and checkpoints when that is due.
  void Append(std::size_t count);

 private:
  // One of the tables that each event has a row in.
  class Table;

  void Execute(const char* sql);
  void CheckpointIfDue();

  sqlite3* db_ = nullptr;
  int wal_frames_ = 0;
  int checkpointed_at_frames_ = 0;
  std::vector<std::unique_ptr<Table>> tables_;
  std::int64_t inserted_ = 0;
};

}  // namespace tuco::bench

#endif  // TUCO_BENCH_LOG_BARE_SQLITE_H_
