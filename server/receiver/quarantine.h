// Deliveries that were not taken in but are kept, since some of them may be
// genuine after all: a secret may be mistyped, or not be rolled out yet.
//
//   refused ──▶ Keep ──▶ held ──▶ released   the event it became is in the log
//                          │────▶ duplicate  the log had that event already
//                          └────▶ purged     thrown away by hand
//
// What is held is verified again by itself, in the order of arrival, when the
// server starts and whenever a secret may have changed; what passes then enters
// the log, flagged LATE. A person may hold an entry back from that, release one
// that was verified and cannot be told from a replay, or purge it.

#ifndef TUCO_SERVER_RECEIVER_QUARANTINE_H_
#define TUCO_SERVER_RECEIVER_QUARANTINE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/base/clock.h"
#include "server/base/metrics.h"
#include "server/log/committer.h"
#include "server/log/event_log.h"
#include "server/log/quarantine.h"
#include "server/receiver/current_endpoints.h"
#include "tuco/finding.h"

namespace tuco::receiver {

// Safe for concurrent use.
class Quarantine {
 public:
  // Called exactly once, at once or on the committer's thread.
  using KeepDone = log::Committer::QuarantineDone;
  using ReleaseDone = log::Committer::Done;
  using ChangeDone = absl::AnyInvocable<void(absl::Status)>;

  // All must outlive it. Verifies nothing before Start.
  static std::unique_ptr<Quarantine> Create(const CurrentEndpoints& endpoints,
                                            log::EventLog& log,
                                            log::Committer& committer,
                                            const base::Clock& clock,
                                            base::Metrics& metrics);

  virtual ~Quarantine() = default;

  // Starts the thread that verifies again, which begins with everything.
  virtual void Start() = 0;
  // Ends it. The destructor does the same.
  virtual void Stop() = 0;

  // Keeps `entry` (MakeEntry) and yields its id. ResourceExhausted: it is
  // verified, and there is no room for one more of these.
  virtual void Keep(std::shared_ptr<log::QuarantineEntry> entry,
                    KeepDone done) = 0;

  // The entries behind the one with id `after`, in order, without their
  // bodies; at most `max` of them, for which `wanted` is true.
  // `scanned_through`: how far it looked; `after` when there are no more.
  struct Page {
    std::vector<log::QuarantineEntry> entries;
    std::uint64_t scanned_through = 0;
  };
  using Wanted = absl::FunctionRef<bool(const log::QuarantineEntry&)>;
  virtual absl::StatusOr<Page> List(std::uint64_t after, std::size_t max,
                                    Wanted wanted) = 0;

  // With its body. NotFound: there is none with that id.
  virtual absl::StatusOr<log::QuarantineEntry> Get(std::uint64_t id) = 0;

  // What would have to be different for `entry` to be genuine. Takes up to 64
  // MiB of hashing.
  virtual std::vector<Finding> Explain(
      const log::QuarantineEntry& entry) const = 0;

  // Takes an entry in, whatever its age, if it is genuine now: for the endpoint
  // it was posted to or, where there is none of that name, for any other.
  // NotFound; FailedPrecondition: it is not held any more, its body was left
  // out, or no active secret verifies it (the message says which).
  virtual void Release(std::uint64_t id, ReleaseDone done) = 0;

  // Keeps an entry from being released by itself, or no longer does. NotFound;
  // FailedPrecondition: it is not held any more.
  virtual void HoldBack(std::uint64_t id, bool held_back, ChangeDone done) = 0;

  // Throws an entry away; a trace of it stays. The codes of HoldBack.
  virtual void Purge(std::uint64_t id, ChangeDone done) = 0;

  // Tells that the secrets may have changed: everything that is held is
  // verified again, soon.
  virtual void VerifyAgain() = 0;
};

}  // namespace tuco::receiver

#endif  // TUCO_SERVER_RECEIVER_QUARANTINE_H_
