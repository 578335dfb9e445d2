// Rows of a log's table `events`: as the database has them, and as copies that
// stay when its transaction is over.

#ifndef TUCO_PYTHON_CORE_LOG_ROWS_H_
#define TUCO_PYTHON_CORE_LOG_ROWS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "_core/log/sqlite.h"
#include "tuco/record_layout.h"

namespace tuco::python::log {

// Records that cannot be read, and why; 0 to 0 stands for something that is no
// record. A value.
struct Damage {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  std::string what;

  friend bool operator==(const Damage&, const Damage&) = default;
};

// Adds `damage`, or makes the last one longer that it continues.
void AddDamage(Damage damage, std::vector<Damage>& damages);

// The columns of table `events` in a log of `version`, as SQL.
std::string RowColumns(std::int64_t version);
inline constexpr int kRowColumnCount = 20;

// A row: views that are valid as long as where they are read from. `fits` says
// whether it is what was written.
struct Row {
  RecordColumns columns;
  bool fits = false;
};

// The row whose columns are those of RowColumns.
Row RowAt(const Statement& select);
Row RowAt(const Values& values);

// What becomes of a row's event.
struct StoredEvent {
  std::uint64_t sequence = 0;
  std::uint64_t epoch = 0;
  std::int64_t recorded_at_us = 0;
  std::uint64_t suspected_duplicate_of = 0;
  std::string_view event;
  std::string_view body;  // Both without data unless bodies are wanted.
  std::string_view signature;
};

// Memory that is used again and again: the system takes as long to give fresh
// memory as copying into it takes. Safe for concurrent use.
class Chunks {
 public:
  static constexpr std::size_t kBytes = std::size_t{1} << 20;
  using Chunk = std::unique_ptr<char[]>;

  Chunk Take();
  void GiveBack(std::vector<Chunk> chunks);

 private:
  std::mutex mutex_;
  std::vector<Chunk> free_;
};

// Events in the order of the log, in memory of their own. Movable; one thread
// at a time.
class StoredEvents {
 public:
  // The chunks are shared by all that is read of a log, on any thread.
  explicit StoredEvents(std::shared_ptr<Chunks> chunks);
  ~StoredEvents();
  StoredEvents(StoredEvents&&) noexcept = default;
  StoredEvents& operator=(StoredEvents&&) noexcept = default;

  void Add(const RecordColumns& columns, bool with_body);

  const std::vector<StoredEvent>& events() const { return events_; }
  std::size_t bytes() const { return bytes_; }

 private:
  std::string_view Copy(std::string_view bytes);

  std::shared_ptr<Chunks> chunks_;
  std::vector<StoredEvent> events_;
  std::vector<Chunks::Chunk> used_;
  std::vector<Chunks::Chunk> larger_;  // Each for one text.
  char* free_ = nullptr;
  std::size_t left_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace tuco::python::log

#endif  // TUCO_PYTHON_CORE_LOG_ROWS_H_
