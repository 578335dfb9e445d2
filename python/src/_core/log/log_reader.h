// Reads the events of a log beside its server, which may be writing it.

#ifndef TUCO_PYTHON_CORE_LOG_LOG_READER_H_
#define TUCO_PYTHON_CORE_LOG_LOG_READER_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "_core/log/filter.h"
#include "_core/log/position.h"
#include "_core/log/rows.h"
#include "_core/log/sqlite.h"
#include "absl/status/statusor.h"

namespace tuco::python::log {

// What is wanted of a log.
struct ReadOptions {
  Filter filter;
  std::uint64_t after = 0;            // What comes behind it,
  std::uint64_t through = INT64_MAX;  // up to this, which is included.
  bool bodies = false;                // With body and signature.
  bool stop_at_damage = true;         // Or what is legible behind it, too.
  std::int64_t rows_at_a_time = 50'000;
};

// What one scan found. Movable.
struct Scanned {
  explicit Scanned(std::shared_ptr<Chunks> chunks)
      : events(std::move(chunks)) {}

  StoredEvents events;
  std::vector<Damage> damages;
  // Everything up to here has been looked at.
  std::uint64_t through = 0;
};

// Reads from the oldest event to the newest one there was when it was opened.
// Between two scans it holds nothing back, so that the server's journal does
// not grow for it. One thread at a time.
class LogReader {
 public:
  // Opens the database at `path`, whose mark is at `mark_path` (empty: it has
  // none). DataLoss: it is no log, or nothing of it is legible. Unimplemented:
  // a program of a newer version wrote it. Else the codes of sqlite.h.
  static absl::StatusOr<std::unique_ptr<LogReader>> Open(
      const std::string& path, const std::string& mark_path,
      ReadOptions options);

  // Reads the rows that come next, in one transaction: at most rows_at_a_time
  // of them and about 64 MiB. Every row's checksum is compared, also that of
  // one which the filter leaves out: a damaged column could be why. DataLoss is
  // among the damages and never an answer.
  absl::StatusOr<Scanned> Scan();

  // Whether all has been read, or, with stop_at_damage, as far as that goes.
  bool done() const { return done_; }
  // What the next scan begins with, and the newest there is to read.
  std::uint64_t next() const { return next_; }
  std::uint64_t through() const { return through_; }

 private:
  LogReader(std::string path, ReadOptions options)
      : path_(std::move(path)),
        options_(std::move(options)),
        next_(options_.after + 1) {}

  absl::Status OpenDatabase();
  absl::Status OpenDatabase(Damaged damaged);
  absl::Status CheckAlone() const;
  absl::Status Prepare();
  void Limit(std::uint64_t marked);
  absl::Status SeekTimes();
  absl::StatusOr<std::uint64_t> SeekTime(std::int64_t time, bool from_below);
  absl::Status ScanInside(Scanned& scanned);
  absl::Status ScanRows(Scanned& scanned);
  bool Stops(const Scanned& scanned) const;
  bool TakesNext(const Row& row);
  bool TakeRow(const Row& row, Scanned& scanned);
  void SkipGap();
  void NoteMissing(std::uint64_t from, std::uint64_t to,
                   Scanned& scanned) const;
  void End(Scanned& scanned);
  absl::Status SkipDamage(const absl::Status& damage, Scanned& scanned);
  absl::StatusOr<std::optional<std::uint64_t>> NextLegible();
  absl::StatusOr<bool> IsLegibleFrom(std::uint64_t sequence);

  const std::string path_;
  const ReadOptions options_;
  std::unique_ptr<Database> database_;
  Access access_ = Access::kShared;
  // Why it is read as Damaged::kRead.
  std::string damage_;
  std::int64_t version_ = 0;
  Statement rows_;  // Its one column says nothing: TakesNext gets the rows.
  Statement row_;
  const std::shared_ptr<Chunks> chunks_ = std::make_shared<Chunks>();
  Position position_;
  std::uint64_t next_;
  std::uint64_t through_ = 0;
  // Behind the head, by the mark.
  std::optional<Gap> lost_;
  bool done_ = false;
  // The scan under way.
  struct {
    Scanned* scanned = nullptr;
    std::int64_t rows = 0;
    bool ended = false;
  } scan_;
};

}  // namespace tuco::python::log

#endif  // TUCO_PYTHON_CORE_LOG_LOG_READER_H_
