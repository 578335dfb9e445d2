// The names of drift that the log has, and those that it is about to have.
//
//   record.drift ──▶ Take ──▶ [the names that are new] ──▶ the batch
//                                                            │ durable
//                                    Remember ◀── Announce ◀─┘
//
// A name is announced once in the log's life. When there are kDriftNamesMax of
// them no more are remembered, and that is announced as well.

#ifndef TUCO_SERVER_LOG_DRIFT_BOOK_H_
#define TUCO_SERVER_LOG_DRIFT_BOOK_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "server/log/drift_name.h"
#include "server/log/event_log.h"
#include "server/log/record.h"
#include "tuco/drift.h"

namespace tuco::log {

// One thread at a time.
class DriftBook {
 public:
  // Reads what `log` has. The codes of EventLog::VisitDriftNames; what could
  // be read is remembered all the same.
  absl::Status Load(EventLog& log);

  // Takes the drift out of `records`, which are about to be committed, and
  // returns the names that the log does not have. Valid until the next call.
  std::span<const DriftName> Take(std::span<Record* const> records);

  // Both for when what Take was given is durable. Says in the server's log what
  // is new, and remembers it.
  void Announce();
  void Remember();

  // In the order of kind and name.
  std::vector<DriftName> names() const;

  struct Counts {
    std::array<std::uint64_t, 5> names{};  // By DriftKind.
    std::uint64_t events = 0;              // With drift, since the start.
  };
  Counts counts() const;

 private:
  static std::size_t IndexOf(DriftKind kind) {
    return static_cast<std::size_t>(kind);
  }
  std::size_t size() const;
  void TakeOne(const Drift& drift, Timestamp seen);

  // By kind: first seen, by name.
  std::array<absl::flat_hash_map<std::string, Timestamp>, 5> names_;
  std::uint64_t events_ = 0;

  // Of the newest batch.
  std::vector<DriftName> fresh_;
  std::vector<Drift> fresh_drift_;  // Of each of `fresh_`.
  std::array<absl::flat_hash_set<std::string>, 5> fresh_names_;
  std::uint64_t fresh_events_ = 0;
  bool full_ = false;  // Whether a name was not remembered, ever.
  bool full_announced_ = false;
};

}  // namespace tuco::log

#endif  // TUCO_SERVER_LOG_DRIFT_BOOK_H_
