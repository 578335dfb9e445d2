#include "server/receiver/receiver.h"

#include <chrono>
#include <utility>

#include "server/receiver/quarantined_delivery.h"
#include "server/receiver/record_maker.h"
#include "server/receiver/verification.h"
#include "tuco/signature_doctor.h"

namespace tuco::receiver {
namespace {

base::Counter& AnswerCounter(base::Metrics& metrics, const char* answer) {
  return metrics.GetCounter("tuco_deliveries_total",
                            "Deliveries received, by what became of them.",
                            {{"answer", answer}});
}

// Tells of the time that passed while it was there.
class Stopwatch {
 public:
  explicit Stopwatch(base::Histogram& seconds) : seconds_(seconds) {}
  ~Stopwatch() {
    seconds_.Observe(
        std::chrono::duration<double>(Clock::now() - begun_).count());
  }
  Stopwatch(const Stopwatch&) = delete;
  Stopwatch& operator=(const Stopwatch&) = delete;

 private:
  using Clock = std::chrono::steady_clock;

  base::Histogram& seconds_;
  const Clock::time_point begun_ = Clock::now();
};

Answer Rejected(Reason reason, bool throttled) {
  Answer answer;
  answer.kind = Answer::Kind::kRejected;
  answer.reason = reason;
  answer.throttled = throttled;
  return answer;
}

Answer Unavailable(const absl::Status& status) {
  Answer answer;
  answer.kind = Answer::Kind::kUnavailable;
  answer.status = status;
  return answer;
}

Answer FromAppend(const absl::StatusOr<log::Appended>& appended,
                  std::string event_id) {
  if (!appended.ok()) return Unavailable(appended.status());
  Answer answer;
  answer.kind = appended->duplicate ? Answer::Kind::kDuplicate
                : appended->spooled ? Answer::Kind::kSpooled
                                    : Answer::Kind::kAccepted;
  answer.event_id = std::move(event_id);
  answer.sequence = appended->sequence;
  return answer;
}

}  // namespace

Receiver::Receiver(const CurrentEndpoints& endpoints, log::Committer& committer,
                   Quarantine& quarantine, const base::Clock& clock,
                   base::Metrics& metrics, std::size_t body_bytes_max)
    : endpoints_(endpoints),
      committer_(committer),
      quarantine_(quarantine),
      clock_(clock),
      body_bytes_max_(body_bytes_max),
      accepted_(AnswerCounter(metrics, "accepted")),
      duplicate_(AnswerCounter(metrics, "duplicate")),
      spooled_(AnswerCounter(metrics, "spooled")),
      quarantined_(AnswerCounter(metrics, "quarantined")),
      rejected_(AnswerCounter(metrics, "rejected")),
      unavailable_(AnswerCounter(metrics, "unavailable")),
      verify_seconds_(metrics.AddHistogram(
          "tuco_verify_seconds",
          "How long it took to find out whether a delivery is genuine.",
          {1e-6, 2e-6, 5e-6, 1e-5, 2e-5, 5e-5, 1e-4, 1e-3, 1e-2})) {}

void Receiver::Receive(std::string_view endpoint_name, Delivery delivery,
                       Done done) {
  if (!delivery.received_at.has_value()) delivery.received_at = clock_.Now();
  const EndpointsPtr endpoints = endpoints_.Get();
  const Endpoint* const endpoint = endpoints->Find(endpoint_name);
  const Verdict verdict = endpoint == nullptr
                              ? Verdict::Rejected(Reason::kEndpointUnknown)
                              : VerifyWithinBudget(delivery, *endpoint);
  if (!verdict.genuine()) {
    Reject(endpoint_name, std::move(delivery), verdict.reason(), *endpoints,
           std::move(done));
    return;
  }
  Append(verdict.delivery(), delivery, *endpoint, std::move(done));
}

void Receiver::Refuse(std::string_view endpoint, Delivery delivery,
                      Reason reason, Done done) {
  const EndpointsPtr endpoints = endpoints_.Get();
  if (endpoints->Find(endpoint) == nullptr) reason = Reason::kEndpointUnknown;
  Reject(endpoint, std::move(delivery), reason, *endpoints, std::move(done));
}

void Receiver::Reject(std::string_view endpoint, Delivery delivery,
                      Reason reason, const Endpoints& endpoints, Done done) {
  rejected_.Increment();
  if (!delivery.received_at.has_value()) delivery.received_at = clock_.Now();
  const bool throttled = !source_limit_.Take(
      delivery.source, delivery.body.size(), *delivery.received_at);
  std::shared_ptr<log::QuarantineEntry> entry =
      MakeEntry(endpoint, delivery, reason);
  if (throttled) entry->body.reset();
  // Whether it could be kept changes nothing for the sender.
  quarantine_.Keep(
      std::move(entry),
      [this, reason, throttled, judged_by = endpoints.generation(),
       done = std::move(done)](const absl::StatusOr<std::uint64_t>&) mutable {
        // It may have been kept behind the pass that the new secrets led to.
        if (judged_by != endpoints_.generation()) quarantine_.VerifyAgain();
        done(Rejected(reason, throttled));
      });
}

Verdict Receiver::VerifyWithinBudget(const Delivery& delivery,
                                     const Endpoint& endpoint) {
  const Stopwatch stopwatch(verify_seconds_);
  Verdict verdict = Verify(delivery, endpoint, VerifyMode::kRaw);
  if (verdict.reason() != Reason::kSignatureMismatch ||
      endpoint.mode == VerifyMode::kRaw ||
      delivery.body.size() > kCanonicalBodyBytesMax) {
    return verdict;
  }
  if (!canonical_budget_.Take(delivery.source, delivery.body.size(),
                              clock_.Now())) {
    return Verdict::Rejected(Reason::kCanonicalDeferred);
  }
  return Verify(delivery, endpoint, VerifyMode::kCanonical);
}

void Receiver::Append(const VerifiedDelivery& verified,
                      const Delivery& delivery, const Endpoint& endpoint,
                      Done done) {
  endpoint.UseOf(verified.secret_name())
      ->Note(verified.form(), *delivery.received_at);
  Event event = ReadEvent(verified, delivery, endpoint);
  event.origin = Origin::kLive;
  std::string event_id = event.event_id;
  std::shared_ptr<log::Record> record = MakeRecord(std::move(event), verified);
  // All of it, as long as it is there.
  std::shared_ptr<log::QuarantineEntry> entry;
  if (committer_.MayBeReplay(*record)) {
    entry = MakeEntry(endpoint.name, delivery, Reason::kReplayBounds);
  }
  committer_.Submit(
      record, [this, record, entry = std::move(entry),
               source = std::string(delivery.source),
               event_id = std::move(event_id), done = std::move(done)](
                  const absl::StatusOr<log::Appended>& appended) mutable {
        if (absl::IsFailedPrecondition(appended.status())) {
          if (entry == nullptr) {
            entry = MakeEntry(*record, source, Reason::kReplayBounds);
          }
          KeepReplay(std::move(entry), std::move(done));
          return;
        }
        Answer answer = FromAppend(appended, std::move(event_id));
        CounterOf(answer.kind).Increment();
        done(std::move(answer));
      });
}

base::Counter& Receiver::CounterOf(Answer::Kind kind) {
  switch (kind) {
    case Answer::Kind::kAccepted:
      return accepted_;
    case Answer::Kind::kDuplicate:
      return duplicate_;
    case Answer::Kind::kSpooled:
      return spooled_;
    case Answer::Kind::kQuarantined:
      return quarantined_;
    case Answer::Kind::kRejected:
      return rejected_;
    case Answer::Kind::kUnavailable:
      break;
  }
  return unavailable_;
}

void Receiver::KeepReplay(std::shared_ptr<log::QuarantineEntry> entry,
                          Done done) {
  entry->verified = true;
  quarantine_.Keep(std::move(entry),
                   [this, done = std::move(done)](
                       const absl::StatusOr<std::uint64_t>& id) mutable {
                     if (!id.ok()) {
                       unavailable_.Increment();
                       done(Unavailable(id.status()));
                       return;
                     }
                     quarantined_.Increment();
                     Answer answer;
                     answer.kind = Answer::Kind::kQuarantined;
                     answer.quarantine_id = *id;
                     done(std::move(answer));
                   });
}

std::variant<Event, Reason> Receiver::VerifyAndParse(
    const Delivery& delivery,
    std::optional<std::string_view> endpoint_name) const {
  const Candidate candidate{delivery, endpoint_name};
  return std::move(VerifyAndParseMany({&candidate, 1}).front());
}

std::vector<std::variant<Event, Reason>> Receiver::VerifyAndParseMany(
    std::span<const Candidate> candidates) const {
  const EndpointsPtr endpoints = endpoints_.Get();
  return Examine(candidates, *endpoints, body_bytes_max_);
}

std::vector<Finding> Receiver::Explain(const Delivery& delivery) const {
  if (delivery.body.size() > body_bytes_max_) return {};
  if (delivery.signatures > 1) {
    return {HintFinding(FindingKind::kSignatureRepeated)};
  }
  const EndpointsPtr endpoints = endpoints_.Get();
  const WipedSecrets secrets = endpoints->doctor_secrets();
  return tuco::Explain(delivery.body, delivery.signature, secrets.all(),
                       delivery.timestamp_header);
}

}  // namespace tuco::receiver
