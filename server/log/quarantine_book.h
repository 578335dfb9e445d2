// What the quarantine holds, counted, and what must go when it is full.
//
//   verified, held     never goes by itself; its number has a limit
//   unverified, held   when there are too many, the oldest one of the source
//                      that holds the most goes first
//   settled            a trace without a body; the oldest one goes first, and
//                      before any that is held

#ifndef TUCO_SERVER_LOG_QUARANTINE_BOOK_H_
#define TUCO_SERVER_LOG_QUARANTINE_BOOK_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "server/log/event_log.h"
#include "server/log/quarantine.h"

namespace tuco::log {

struct QuarantineLimits {
  std::size_t verified_max = 10'000;
  std::size_t unverified_max = 100'000;
  std::uint64_t unverified_bytes_max = std::uint64_t{256} << 20;
  std::size_t settled_max = 10'000;
};

// One thread at a time.
class QuarantineBook {
 public:
  explicit QuarantineBook(const QuarantineLimits& limits) : limits_(limits) {}

  // Reads what `log` has. The codes of EventLog::ReadQuarantine.
  absl::Status Load(EventLog& log);

  // Of an entry that is durable now.
  void Add(const QuarantineEntry& entry);
  void Apply(const QuarantineUpdate& update);
  void Remove(std::uint64_t id);

  // Adds to `evicted` the ids of the settled entries that must go with
  // `updates`, which are about to be applied, for what is left of them to be
  // within the limit. Some of these may be among them.
  void MakeRoom(std::span<const QuarantineUpdate> updates,
                std::vector<std::uint64_t>& evicted) const;

  // Takes the unverified entries out that must go for what is left to be within
  // the limits, and adds their ids to `evicted`.
  void Evict(std::vector<std::uint64_t>& evicted);

  const QuarantineLimits& limits() const { return limits_; }

  struct Counts {
    std::uint64_t verified = 0;  // Held.
    std::uint64_t verified_bytes = 0;
    std::uint64_t unverified = 0;
    std::uint64_t unverified_bytes = 0;
    std::uint64_t settled = 0;
  };
  const Counts& counts() const { return counts_; }

 private:
  enum class Part : std::uint8_t { kVerified, kUnverified, kSettled };
  struct Held {
    Part part = Part::kVerified;
    std::uint64_t bytes = 0;
    std::string source;
  };
  // What one source holds, unverified.
  struct Source {
    std::set<std::uint64_t> ids;
    std::uint64_t bytes = 0;
  };

  // What a source holds as one number: its bytes, and for each entry the bytes
  // that it may have on average.
  std::uint64_t WeightOf(const Source& source) const;
  void Count(std::uint64_t id, const Held& held);
  void Discount(std::uint64_t id, const Held& held);

  const QuarantineLimits limits_;
  Counts counts_;
  std::unordered_map<std::uint64_t, Held> entries_;
  std::map<std::string, Source> sources_;
  std::set<std::pair<std::uint64_t, std::string>> by_weight_;
  std::set<std::uint64_t> settled_;
};

}  // namespace tuco::log

#endif  // TUCO_SERVER_LOG_QUARANTINE_BOOK_H_
