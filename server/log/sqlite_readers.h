// The connections that all readers of the log share, and the gate that keeps
// them out of a checkpoint's way.
//
// A checkpoint copies no further than the oldest read transaction sees, and
// the write-ahead log starts over only when nobody reads from it. So readers
// are few, their transactions short, and none begins while a checkpoint runs.

#ifndef TUCO_SERVER_LOG_SQLITE_READERS_H_
#define TUCO_SERVER_LOG_SQLITE_READERS_H_

#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "server/log/sqlite_db.h"

namespace tuco::log {

// One connection and its statements. One thread at a time.
struct SqliteReader {
  std::unique_ptr<SqliteDb> db;
  SqliteStatement behind;       // Events with sequence > ?1, in order.
  SqliteStatement at_or_after;  // The first event with sequence >= ?1.
  SqliteStatement keys;         // Every duplicate key, in order.
  SqliteStatement key_of;       // The duplicate key of sequence ?1.
};

// Safe for concurrent use.
class SqliteReaders {
 public:
  static absl::StatusOr<std::unique_ptr<SqliteReaders>> Open(
      const SqliteLocation& location);

  // A connection for one thread as long as it lives.
  class Lease {
   public:
    Lease(SqliteReaders& readers, SqliteReader& reader)
        : readers_(readers), reader_(reader) {}
    ~Lease() { readers_.Return(reader_); }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    SqliteReader* operator->() const { return &reader_; }

   private:
    SqliteReaders& readers_;
    SqliteReader& reader_;
  };
  // Waits until a connection is free and the gate is open.
  Lease Borrow() { return Lease(*this, Take()); }

  // Keeps new leases waiting as long as it lives. One at a time.
  class ClosedGate {
   public:
    explicit ClosedGate(SqliteReaders& readers) : readers_(readers) {}
    ~ClosedGate() { readers_.OpenGate(); }
    ClosedGate(const ClosedGate&) = delete;
    ClosedGate& operator=(const ClosedGate&) = delete;

   private:
    SqliteReaders& readers_;
  };
  // With `drain`, waits until every lease has ended.
  ClosedGate CloseGate(bool drain);

 private:
  explicit SqliteReaders(std::vector<SqliteReader> readers);
  SqliteReader& Take();
  void Return(SqliteReader& reader);
  void OpenGate();

  std::vector<SqliteReader> readers_;

  std::mutex mutex_;
  std::condition_variable may_read_;
  std::condition_variable all_returned_;
  std::vector<SqliteReader*> free_ ABSL_GUARDED_BY(mutex_);
  bool gate_closed_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace tuco::log

#endif  // TUCO_SERVER_LOG_SQLITE_READERS_H_
