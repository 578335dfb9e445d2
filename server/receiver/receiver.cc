#include "server/receiver/receiver.h"

#include <utility>

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

Answer Rejected(Reason reason) {
  Answer answer;
  answer.kind = Answer::Kind::kRejected;
  answer.reason = reason;
  return answer;
}

Answer FromAppend(const absl::StatusOr<log::Appended>& appended,
                  std::string event_id) {
  Answer answer;
  if (!appended.ok()) {
    answer.kind = Answer::Kind::kUnavailable;
    answer.status = appended.status();
    return answer;
  }
  answer.kind =
      appended->duplicate ? Answer::Kind::kDuplicate : Answer::Kind::kAccepted;
  answer.event_id = std::move(event_id);
  answer.sequence = appended->sequence;
  return answer;
}

}  // namespace

Receiver::Receiver(const Endpoints& endpoints, log::Committer& committer,
                   const base::Clock& clock, base::Metrics& metrics,
                   std::size_t body_bytes_max)
    : endpoints_(endpoints),
      committer_(committer),
      clock_(clock),
      body_bytes_max_(body_bytes_max),
      accepted_(AnswerCounter(metrics, "accepted")),
      duplicate_(AnswerCounter(metrics, "duplicate")),
      rejected_(AnswerCounter(metrics, "rejected")),
      unavailable_(AnswerCounter(metrics, "unavailable")) {}

void Receiver::Receive(std::string_view endpoint_name, Delivery delivery,
                       Done done) {
  const Endpoint* const endpoint = endpoints_.Find(endpoint_name);
  const Verdict verdict = endpoint == nullptr
                              ? Verdict::Rejected(Reason::kEndpointUnknown)
                              : VerifyWithinBudget(delivery, *endpoint);
  if (!verdict.genuine()) {
    rejected_.Increment();
    done(Rejected(verdict.reason()));
    return;
  }
  if (!delivery.received_at.has_value()) delivery.received_at = clock_.Now();
  Append(verdict.delivery(), delivery, *endpoint, std::move(done));
}

Verdict Receiver::VerifyWithinBudget(const Delivery& delivery,
                                     const Endpoint& endpoint) {
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
  Event event = ReadEvent(verified, delivery, endpoint);
  event.origin = Origin::kLive;
  std::string event_id = event.event_id;
  committer_.Submit(
      MakeRecord(std::move(event), verified),
      [this, event_id = std::move(event_id), done = std::move(done)](
          const absl::StatusOr<log::Appended>& appended) mutable {
        Answer answer = FromAppend(appended, std::move(event_id));
        base::Counter& counter =
            answer.kind == Answer::Kind::kAccepted    ? accepted_
            : answer.kind == Answer::Kind::kDuplicate ? duplicate_
                                                      : unavailable_;
        counter.Increment();
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
  return Examine(candidates, endpoints_, body_bytes_max_);
}

std::vector<Finding> Receiver::Explain(const Delivery& delivery) const {
  if (delivery.body.size() > body_bytes_max_) return {};
  if (delivery.signatures > 1) {
    return {HintFinding(FindingKind::kSignatureRepeated)};
  }
  return tuco::Explain(delivery.body, delivery.signature,
                       endpoints_.doctor_secrets(), delivery.timestamp_header);
}

}  // namespace tuco::receiver
