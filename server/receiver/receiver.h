// Takes deliveries in: verify → parse → deduplicate → append.
//
// Knows no transport. The HTTP ingress hands it what arrived and turns its
// answer into a response; gRPC asks it to look at a delivery without keeping
// it.

#ifndef TUCO_SERVER_RECEIVER_RECEIVER_H_
#define TUCO_SERVER_RECEIVER_RECEIVER_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "server/base/clock.h"
#include "server/base/metrics.h"
#include "server/log/committer.h"
#include "server/receiver/canonical_budget.h"
#include "server/receiver/current_endpoints.h"
#include "server/receiver/delivery.h"
#include "server/receiver/endpoints.h"
#include "server/receiver/examination.h"
#include "server/receiver/quarantine.h"
#include "server/receiver/source_limit.h"
#include "tuco/event.h"
#include "tuco/finding.h"
#include "tuco/signature_verifier.h"

namespace tuco::receiver {

// What became of a delivery.
struct Answer {
  enum class Kind : std::uint8_t {
    kAccepted,     // New and durable.
    kDuplicate,    // Its first copy is durable.
    kSpooled,      // Durable, and on its way into the log.
    kQuarantined,  // Genuine and kept, but not to be told from a replay.
    kRejected,     // Not genuine; `reason` says why. It may have been kept.
    kUnavailable,  // Genuine but not kept; `status` says why.
  };

  Kind kind = Kind::kRejected;
  Reason reason = Reason::kUnspecified;
  absl::Status status;
  std::string event_id;             // Accepted, duplicate and spooled.
  std::uint64_t sequence = 0;       // Of the first copy; 0 while it is spooled.
  std::uint64_t quarantine_id = 0;  // Of a quarantined one.
  // Whether a rejected one came from a source that had its share of them.
  bool throttled = false;
};

// Safe for concurrent use. Each call is answered from the endpoints that are in
// force when it begins.
class Receiver {
 public:
  // Called exactly once: on the committer's thread or, when the answer is
  // known at once, inside the call.
  using Done = absl::AnyInvocable<void(Answer)>;

  // Everything passed must outlive the receiver. `body_bytes_max` is the limit
  // for VerifyAndParse; the ingress has its own, before it reads a body.
  Receiver(const CurrentEndpoints& endpoints, log::Committer& committer,
           Quarantine& quarantine, const base::Clock& clock,
           base::Metrics& metrics, std::size_t body_bytes_max);

  // Takes `delivery` in, for the endpoint of that name. `received_at` is set
  // here where the caller left it out.
  void Receive(std::string_view endpoint, Delivery delivery, Done done);

  // Keeps `delivery`, which the transport has to refuse for `reason` whatever
  // is in it, and answers that it is rejected, for that or because there is no
  // such endpoint.
  void Refuse(std::string_view endpoint, Delivery delivery, Reason reason,
              Done done);

  // The event in `delivery`, or why it is not genuine; stores nothing.
  // Without an endpoint every endpoint's secrets are tried.
  std::variant<Event, Reason> VerifyAndParse(
      const Delivery& delivery, std::optional<std::string_view> endpoint) const;

  // What VerifyAndParse says of each of `candidates`, in their order; many
  // together take less time than one after the other.
  std::vector<std::variant<Event, Reason>> VerifyAndParseMany(
      std::span<const Candidate> candidates) const;

  // What would have to be different for a delivery that VerifyAndParse has
  // refused to be genuine, the secrets of every endpoint considered. Takes up
  // to 64 MiB of hashing. Nothing for a body above the limit.
  std::vector<Finding> Explain(const Delivery& delivery) const;

  // Those in force.
  EndpointsPtr endpoints() const { return endpoints_.Get(); }

  // Changes the limit for VerifyAndParse.
  void set_body_bytes_max(std::size_t bytes) { body_bytes_max_ = bytes; }

 private:
  // Keeps `delivery`, which `endpoints` made us refuse.
  void Reject(std::string_view endpoint, Delivery delivery, Reason reason,
              const Endpoints& endpoints, Done done);

  // The canonical form is tried as far as the budget goes.
  Verdict VerifyWithinBudget(const Delivery& delivery,
                             const Endpoint& endpoint);
  void Append(const VerifiedDelivery& verified, const Delivery& delivery,
              const Endpoint& endpoint, Done done);

  base::Counter& CounterOf(Answer::Kind kind);
  void KeepReplay(std::shared_ptr<log::QuarantineEntry> entry, Done done);

  const CurrentEndpoints& endpoints_;
  log::Committer& committer_;
  Quarantine& quarantine_;
  SourceLimit source_limit_;
  const base::Clock& clock_;
  std::atomic<std::size_t> body_bytes_max_;
  CanonicalBudget canonical_budget_;
  base::Counter& accepted_;
  base::Counter& duplicate_;
  base::Counter& spooled_;
  base::Counter& quarantined_;
  base::Counter& rejected_;
  base::Counter& unavailable_;
  base::Histogram& verify_seconds_;
};

}  // namespace tuco::receiver

#endif  // TUCO_SERVER_RECEIVER_RECEIVER_H_
