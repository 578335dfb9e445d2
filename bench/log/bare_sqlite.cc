#include "bench/log/bare_sqlite.h"

#include <sqlite3.h>

#include "bench/fail.h"

namespace tuco::bench {
namespace {

// As the log has it: server/log/sqlite_appender.cc, sqlite_file.cc.
constexpr int kCheckpointFrames = 1'000;
constexpr char kSettings[] =
    "PRAGMA synchronous = FULL; PRAGMA mmap_size = 0;"
    "PRAGMA cell_size_check = ON; PRAGMA journal_size_limit = 67108864;";

void Check(sqlite3* db, int result) {
  if (result == SQLITE_OK || result == SQLITE_ROW || result == SQLITE_DONE) {
    return;
  }
  Fail(std::string("SQLite: ") + sqlite3_errmsg(db));
}

int SetFrames(void* frames, sqlite3*, const char*, int count) {
  *static_cast<int*>(frames) = count;
  return SQLITE_OK;
}

struct Finalize {
  void operator()(sqlite3_stmt* statement) const {
    sqlite3_finalize(statement);
  }
};
using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;

Statement Prepare(sqlite3* db, const std::string& sql) {
  sqlite3_stmt* statement = nullptr;
  Check(db, sqlite3_prepare_v3(db, sql.c_str(), -1, SQLITE_PREPARE_PERSISTENT,
                               &statement, nullptr));
  return Statement(statement);
}

// A column of a row; a text or a blob are `size` of the row's bytes.
struct Value {
  int type = SQLITE_NULL;
  std::int64_t integer = 0;
  std::size_t at = 0;
  std::size_t size = 0;
};

// A row, its bytes in one piece.
class Row {
 public:
  // The row at hand.
  explicit Row(sqlite3_stmt* select) {
    const int columns = sqlite3_column_count(select);
    values_.reserve(static_cast<std::size_t>(columns));
    for (int i = 0; i < columns; ++i) {
      Value& value = values_.emplace_back();
      value.type = sqlite3_column_type(select, i);
      value.at = bytes_.size();
      if (value.type == SQLITE_INTEGER) {
        value.integer = sqlite3_column_int64(select, i);
      } else if (value.type != SQLITE_NULL) {
        const void* const bytes = sqlite3_column_blob(select, i);
        value.size = static_cast<std::size_t>(sqlite3_column_bytes(select, i));
        if (value.size > 0) {
          bytes_.append(static_cast<const char*>(bytes), value.size);
        }
      }
    }
  }

  // The first column of each table.
  std::int64_t sequence() const { return values_.front().integer; }

  // Binds all columns but the first; the row must outlive the statement's run.
  void BindBehindSequence(sqlite3_stmt* insert) const {
    for (std::size_t i = 1; i < values_.size(); ++i) {
      const Value& value = values_[i];
      const int parameter = static_cast<int>(i) + 1;
      const char* const bytes = bytes_.data() + value.at;
      if (value.type == SQLITE_INTEGER) {
        sqlite3_bind_int64(insert, parameter, value.integer);
      } else if (value.type == SQLITE_TEXT) {
        sqlite3_bind_text64(insert, parameter, bytes, value.size, SQLITE_STATIC,
                            SQLITE_UTF8);
      } else if (value.type == SQLITE_BLOB) {
        sqlite3_bind_blob64(insert, parameter, bytes, value.size,
                            SQLITE_STATIC);
      } else {
        sqlite3_bind_null(insert, parameter);
      }
    }
  }

 private:
  std::vector<Value> values_;
  std::string bytes_;
};

}  // namespace

class BareSqlite::Table {
 public:
  Table(sqlite3* db, const std::string& name) : db_(db) {
    const Statement select =
        Prepare(db, "SELECT * FROM " + name + " ORDER BY sequence");
    int result = sqlite3_step(select.get());
    for (; result == SQLITE_ROW; result = sqlite3_step(select.get())) {
      rows_.emplace_back(select.get());
    }
    Check(db, result);
    if (rows_.empty()) Fail("table " + name + " is empty");
    std::string parameters = "?";
    for (int i = 1; i < sqlite3_column_count(select.get()); ++i) {
      parameters += ", ?";
    }
    insert_ =
        Prepare(db, "INSERT INTO " + name + " VALUES (" + parameters + ")");
  }

  // Of what the log wrote.
  std::int64_t newest() const { return rows_.back().sequence(); }

  void Insert(std::int64_t sequence) {
    sqlite3_bind_int64(insert_.get(), 1, sequence);
    rows_[next_++ % rows_.size()].BindBehindSequence(insert_.get());
    Check(db_, sqlite3_step(insert_.get()));
    sqlite3_reset(insert_.get());
  }

 private:
  sqlite3* const db_;
  std::vector<Row> rows_;
  std::size_t next_ = 0;
  Statement insert_;
};

BareSqlite::BareSqlite(const std::string& directory) {
  const std::string path = directory + "/events.db";
  Check(db_,
        sqlite3_open_v2(path.c_str(), &db_,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr));
  // Takes the place of automatic checkpoints.
  sqlite3_wal_hook(db_, &SetFrames, &wal_frames_);
  Execute(kSettings);
  for (const char* name : {"events", "duplicate_keys"}) {
    tables_.push_back(std::make_unique<Table>(db_, name));
  }
}

BareSqlite::~BareSqlite() {
  tables_.clear();
  sqlite3_close_v2(db_);
}

void BareSqlite::Append(std::size_t count) {
  Execute("BEGIN IMMEDIATE");
  for (std::size_t i = 0; i < count; ++i) {
    const std::int64_t sequence = tables_.front()->newest() + ++inserted_;
    for (const auto& table : tables_) table->Insert(sequence);
  }
  Execute("COMMIT");
  CheckpointIfDue();
}

void BareSqlite::Execute(const char* sql) {
  Check(db_, sqlite3_exec(db_, sql, nullptr, nullptr, nullptr));
}

void BareSqlite::CheckpointIfDue() {
  if (wal_frames_ < checkpointed_at_frames_) checkpointed_at_frames_ = 0;
  if (wal_frames_ - checkpointed_at_frames_ < kCheckpointFrames) return;
  checkpointed_at_frames_ = wal_frames_;
  Check(db_, sqlite3_wal_checkpoint_v2(db_, "main", SQLITE_CHECKPOINT_PASSIVE,
                                       nullptr, nullptr));
}

}  // namespace tuco::bench
