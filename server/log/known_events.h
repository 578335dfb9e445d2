// What the committer knows of the events in the log.

#ifndef TUCO_SERVER_LOG_KNOWN_EVENTS_H_
#define TUCO_SERVER_LOG_KNOWN_EVENTS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "server/log/arrivals.h"
#include "server/log/duplicate_index.h"
#include "server/log/event_log.h"
#include "server/log/record.h"
#include "server/log/repeat_index.h"

namespace tuco::log {

// One thread at a time.
class KnownEvents {
 public:
  // `repeats_max`: the newest events among which repeats are noticed.
  explicit KnownEvents(std::size_t repeats_max)
      : repeats_max_(repeats_max), repeats_(repeats_max) {}

  // Reads all there is to know, once. Duplicate keys that are damaged or
  // missing are repaired, which the server's log says; else the codes of
  // EventLog::VisitDuplicateKeys and of EventLog::RepairKeys. Where the newest
  // events cannot be read their repeats are not noticed, and the server's log
  // says so.
  absl::Status Load(EventLog& log);
  // What Load had to repair.
  const KeyRepair& repair() const { return repair_; }

  // The sequence of the event with that duplicate key, all of it compared with
  // what `log` has.
  std::optional<std::uint64_t> Find(const Digest& key, EventLog& log) const;
  // The sequence of the event whose key begins with those 16 bytes.
  std::optional<std::uint64_t> FindId(
      const std::array<std::uint8_t, kEventIdBytes>& id) const {
    return keys_.FindPrefix(id);
  }
  std::size_t keys() const { return keys_.size() + others_.size(); }
  // Among the events in which repeats are noticed and those that came since.
  const ArrivalMap& newest_arrivals() const { return arrivals_.newest(); }

  // Flags those of `records` that repeat the message and the type of an event
  // before them. They are about to be appended, the first one as `next`.
  void FlagRepeats(std::span<Record* const> records, std::uint64_t next);

  // Takes back what FlagRepeats has noted: nothing from `next` on was appended.
  void ForgetFrom(std::uint64_t next) { repeats_.ForgetFrom(next); }

  // Remembers the duplicate key, which is new, and the arrival of a record that
  // is durable.
  void Insert(const Record& record);
  // Forgets a key that the log has forgotten.
  void Erase(const Digest& key, std::uint64_t sequence);

 private:
  absl::Status LoadKeys(EventLog& log);
  absl::Status RepairKeys(EventLog& log, const absl::Status& why);
  absl::Status LoadRepeats(EventLog& log);

  const std::size_t repeats_max_;
  DuplicateIndex keys_;
  // Keys that the index cannot tell from one that it has: nobody has ever seen
  // one.
  absl::flat_hash_map<Digest, std::uint64_t, DigestHash> others_;
  RepeatIndex repeats_;
  KeyRepair repair_;
  Arrivals arrivals_;
};

}  // namespace tuco::log

#endif  // TUCO_SERVER_LOG_KNOWN_EVENTS_H_
