// Where a log begins and ends, and which sequences it never had.

#ifndef TUCO_PYTHON_CORE_LOG_POSITION_H_
#define TUCO_PYTHON_CORE_LOG_POSITION_H_

#include <cstdint>
#include <vector>

#include "_core/log/rows.h"
#include "_core/log/sqlite.h"
#include "absl/status/statusor.h"

namespace tuco::python::log {

// Sequences that were left out when an epoch began, both ends included.
struct Gap {
  std::uint64_t from = 0;
  std::uint64_t to = 0;
};

struct Position {
  // Retention has removed what was before.
  std::uint64_t first = 1;
  // The newest sequence that was given, or left out.
  std::uint64_t head = 0;
  // Whether the end of the table is legible; if not, the head is where it was
  // seen last, or nothing.
  bool head_known = true;
  std::vector<Gap> gaps;
  // What of this is damaged and therefore counts as not there.
  std::vector<Damage> damages;
  // Likewise at the end of the events.
  std::vector<Damage> damages_at_end;
};

// In a log of `version`, within one transaction. DataLoss is never an answer.
absl::StatusOr<Position> ReadPosition(Database& database, std::int64_t version);

// Position::first, which rises while a server runs. As above.
absl::StatusOr<std::uint64_t> ReadFirst(Database& database,
                                        std::int64_t version,
                                        std::vector<Damage>& damages);

}  // namespace tuco::python::log

#endif  // TUCO_PYTHON_CORE_LOG_POSITION_H_
