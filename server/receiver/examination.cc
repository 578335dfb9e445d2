#include "server/receiver/examination.h"

#include "server/receiver/verification.h"

namespace tuco::receiver {
namespace {

using Result = std::variant<Event, Reason>;

std::vector<Result> Unanswered(std::span<const Candidate> candidates,
                               std::size_t body_bytes_max) {
  std::vector<Result> results;
  results.reserve(candidates.size());
  for (const Candidate& candidate : candidates) {
    results.emplace_back(candidate.delivery.body.size() > body_bytes_max
                             ? Reason::kBodyTooLarge
                             : Reason::kEndpointUnknown);
  }
  return results;
}

bool IsFor(const Endpoint& endpoint, const Candidate& candidate) {
  return !candidate.endpoint.has_value() ||
         *candidate.endpoint == endpoint.name;
}

// Whether another endpoint may still change `result`.
bool IsOpen(const Result& result, const Candidate& candidate,
            std::size_t body_bytes_max) {
  return std::holds_alternative<Reason>(result) &&
         candidate.delivery.body.size() <= body_bytes_max;
}

Result ToResult(const Verdict& verdict, const Delivery& delivery,
                const Endpoint& endpoint) {
  if (!verdict.genuine()) return verdict.reason();
  return ReadEvent(verdict.delivery(), delivery, endpoint);
}

// Answers what is open and for `endpoint`.
void Try(const Endpoint& endpoint, std::span<const Candidate> candidates,
         std::size_t body_bytes_max, std::vector<Result>& results) {
  std::vector<const Delivery*> deliveries;
  std::vector<Result*> answers;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (!IsOpen(results[i], candidates[i], body_bytes_max) ||
        !IsFor(endpoint, candidates[i])) {
      continue;
    }
    deliveries.push_back(&candidates[i].delivery);
    answers.push_back(&results[i]);
  }
  const std::vector<Verdict> verdicts =
      VerifyMany(deliveries, endpoint, endpoint.mode);
  for (std::size_t i = 0; i < verdicts.size(); ++i) {
    *answers[i] = ToResult(verdicts[i], *deliveries[i], endpoint);
  }
}

}  // namespace

std::vector<Result> Examine(std::span<const Candidate> candidates,
                            const Endpoints& endpoints,
                            std::size_t body_bytes_max) {
  std::vector<Result> results = Unanswered(candidates, body_bytes_max);
  for (const Endpoint& endpoint : endpoints.all()) {
    Try(endpoint, candidates, body_bytes_max, results);
  }
  return results;
}

}  // namespace tuco::receiver
