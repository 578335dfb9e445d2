// Takes in deliveries that arrived elsewhere or long ago: verify → parse →
// deduplicate → append, like the receiver, but nothing is quarantined and what
// has no answer yet is the caller's to bound.

#ifndef TUCO_SERVER_RECEIVER_IMPORTER_H_
#define TUCO_SERVER_RECEIVER_IMPORTER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <variant>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "server/base/clock.h"
#include "server/log/committer.h"
#include "server/log/record.h"
#include "server/receiver/endpoints.h"
#include "server/receiver/examination.h"

namespace tuco::receiver {

// A delivery of an archive. Its headers are told to be other ones than came
// where they differed from the body.
struct Archived {
  Candidate candidate;  // Without a time of arrival it arrives now.
  bool headers_differed = false;
};

// What became of it.
struct Imported {
  enum class Kind : std::uint8_t {
    kAccepted,    // New and durable.
    kDuplicate,   // Its first copy is durable.
    kNotGenuine,  // `reason` says why.
    kReplay,      // Genuine, but not to be told from a replay; not kept.
    kFailed,      // Genuine but not kept; `status` says why.
  };

  Kind kind = Kind::kFailed;
  Reason reason = Reason::kUnspecified;
  absl::Status status;
};

// One thread at a time.
class Importer {
 public:
  // Called exactly once: on the committer's thread or, when the answer is
  // known at once, inside the call.
  using Done = absl::AnyInvocable<void(const Imported&)>;

  // Both must outlive it. A larger body is BODY_TOO_LARGE, as for a delivery
  // that comes in.
  Importer(const Endpoints& endpoints, const base::Clock& clock,
           std::size_t body_bytes_max)
      : endpoints_(endpoints), clock_(clock), body_bytes_max_(body_bytes_max) {}

  // Appends the event in `archived` with origin BACKFILL and the flags that it
  // would have got when it arrived. Without an endpoint each one is tried and
  // the first that verifies it is the event's.
  void Import(const Archived& archived, log::Committer& committer,
              Done done) const;

  // Why `archived` is not genuine, if so; appends nothing.
  std::optional<Reason> Check(const Archived& archived) const;

 private:
  using Result = std::variant<std::shared_ptr<log::Record>, Reason>;
  Result MakeRecordOf(const Archived& archived) const;
  Result TryEndpoint(const Archived& archived, const Endpoint& endpoint) const;

  const Endpoints& endpoints_;
  const base::Clock& clock_;
  const std::size_t body_bytes_max_;
};

}  // namespace tuco::receiver

#endif  // TUCO_SERVER_RECEIVER_IMPORTER_H_
