// Where a SHARED subscription has its events from: the log, ahead of its
// consumers, and what it has parked.

#ifndef TUCO_SERVER_STREAM_SHARED_SOURCE_H_
#define TUCO_SERVER_STREAM_SHARED_SOURCE_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "proto/stream_frame.h"
#include "server/log/event_log.h"
#include "server/log/subscription.h"
#include "server/stream/subscription.h"

namespace tuco::stream {

// Events that are missing, and why.
struct Missing {
  log::Gap gap;
  proto::GapReason reason = proto::GapReason::kLost;
};

// One look behind a position.
struct Scan {
  struct Found {
    std::uint64_t sequence = 0;
    std::string key;
  };
  std::vector<Found> found;  // What matches, in order.
  // Nothing else matches up to here; the position where nothing is behind.
  std::uint64_t through = 0;
  std::optional<Missing> missing;  // Nothing was found then.
};

// One thread at a time.
class SharedSource {
 public:
  // `log` must outlive it; `id` is the subscription's.
  SharedSource(log::EventLog& log, std::uint64_t id) : log_(log), id_(id) {}

  // Looks at a bounded number of records behind `after`, and keeps what it
  // finds for Fetch. The codes of EventLog::Read but OutOfRange.
  absl::StatusOr<Scan> ScanBehind(std::uint64_t after,
                                  const SubscriptionSettings& settings,
                                  bool bodies);

  // An event, with its body and signature if `bodies`; a copy is what was
  // parked. Nothing: it is not there any more. Null never.
  using Event = std::shared_ptr<const log::ParkedEvent>;
  absl::StatusOr<std::optional<Event>> Fetch(std::uint64_t sequence, bool copy,
                                             bool bodies);

  // Forgets what ScanBehind kept: of one event, or of all.
  void Forget(std::uint64_t sequence);
  void ForgetAll();

  // The key that `event` has for a subscription with `ordering`.
  static std::string KeyOf(const log::ParkedEvent& event, OrderingKey ordering);

 private:
  void Keep(Event event);
  absl::StatusOr<std::optional<Event>> FetchRecord(std::uint64_t sequence,
                                                   bool bodies);
  absl::StatusOr<std::optional<Event>> FetchCopy(std::uint64_t sequence,
                                                 bool bodies);

  log::EventLog& log_;
  const std::uint64_t id_;
  // What is behind the queue's newest event, until it is delivered. Shared
  // because it may still be on its way when it is forgotten here.
  std::map<std::uint64_t, Event> kept_;
  std::size_t kept_bytes_ = 0;
  bool kept_bodies_ = false;
};

// What is to be written of `event`; views into it.
proto::StoredEvent ToStored(const log::ParkedEvent& event, bool body);

}  // namespace tuco::stream

#endif  // TUCO_SERVER_STREAM_SHARED_SOURCE_H_
