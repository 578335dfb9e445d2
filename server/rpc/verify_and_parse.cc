#include "server/rpc/verify_and_parse.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <variant>
#include <vector>

#include "proto/event_codec.h"
#include "proto/status_details.h"
#include "server/base/status_macros.h"
#include "server/rpc/findings.h"
#include "server/rpc/limits.h"
#include "tuco/strings.h"

namespace tuco::rpc {
namespace {

namespace pb = events::v1;

// Deliveries that are verified together. More would verify no faster, and hold
// more events in memory and a cancelled call longer.
constexpr int kPortion = 64;

constexpr char kGone[] = "the client no longer waits for the answers";

receiver::Candidate ToCandidate(const pb::VerifyAndParseRequest& request) {
  receiver::Candidate candidate;
  receiver::Delivery& delivery = candidate.delivery;
  delivery.body = request.body();
  delivery.signatures = request.signature().empty() ? 0 : 1;
  delivery.signature = request.signature();
  if (request.has_event_header()) {
    delivery.event_header = request.event_header();
  }
  if (request.has_timestamp_header()) {
    delivery.timestamp_header = request.timestamp_header();
  }
  if (request.has_endpoint()) candidate.endpoint = request.endpoint();
  return candidate;
}

void SetResult(const receiver::Receiver& receiver,
               const receiver::Candidate& candidate, bool explain,
               const std::variant<Event, Reason>& result,
               pb::VerifyAndParseResponse& response) {
  if (const Event* event = std::get_if<Event>(&result)) {
    *response.mutable_event() = proto::ToProto(*event);
    return;
  }
  pb::Rejection& rejection = *response.mutable_rejection();
  rejection.set_reason(static_cast<pb::Reason>(std::get<Reason>(result)));
  if (!explain) return;
  AddFindings(receiver.Explain(candidate.delivery),
              *rejection.mutable_findings());
}

absl::Status CheckLimits(const pb::VerifyAndParseBatchRequest& request) {
  if (request.deliveries_size() > kBatchDeliveriesMax) {
    return proto::FieldViolation(
        "deliveries",
        Concat({"expected at most ", std::to_string(kBatchDeliveriesMax),
                " entries, found ",
                std::to_string(request.deliveries_size())}));
  }
  std::size_t bytes = 0;
  for (const pb::VerifyAndParseRequest& delivery : request.deliveries()) {
    bytes += delivery.body().size();
  }
  if (bytes > kBatchBodyBytesMax) {
    return proto::FieldViolation(
        "deliveries.body",
        Concat({"expected at most ", std::to_string(kBatchBodyBytesMax),
                " bytes in all of them together, found ",
                std::to_string(bytes)}));
  }
  return absl::OkStatus();
}

// Answers the deliveries from `first` on, `count` of them.
absl::Status AnswerPortion(const receiver::Receiver& receiver,
                           const pb::VerifyAndParseBatchRequest& request,
                           int first, int count,
                           const std::function<bool()>& is_cancelled,
                           pb::VerifyAndParseBatchResponse& response) {
  if (is_cancelled()) return absl::CancelledError(kGone);
  std::vector<receiver::Candidate> candidates;
  candidates.reserve(count);
  for (int i = first; i < first + count; ++i) {
    candidates.push_back(ToCandidate(request.deliveries(i)));
  }
  const std::vector<std::variant<Event, Reason>> results =
      receiver.VerifyAndParseMany(candidates);
  for (int i = 0; i < count; ++i) {
    const bool explain = request.deliveries(first + i).explain();
    if (explain && is_cancelled()) return absl::CancelledError(kGone);
    SetResult(receiver, candidates[i], explain, results[i],
              *response.add_results());
  }
  return absl::OkStatus();
}

}  // namespace

void Answer(const receiver::Receiver& receiver,
            const pb::VerifyAndParseRequest& request,
            pb::VerifyAndParseResponse& response) {
  const receiver::Candidate candidate = ToCandidate(request);
  SetResult(receiver, candidate, request.explain(),
            receiver.VerifyAndParse(candidate.delivery, candidate.endpoint),
            response);
}

absl::Status AnswerBatch(const receiver::Receiver& receiver,
                         const pb::VerifyAndParseBatchRequest& request,
                         const std::function<bool()>& is_cancelled,
                         pb::VerifyAndParseBatchResponse& response) {
  TUCO_RETURN_IF_ERROR(CheckLimits(request));
  response.mutable_results()->Reserve(request.deliveries_size());
  for (int first = 0; first < request.deliveries_size(); first += kPortion) {
    const int count = std::min(kPortion, request.deliveries_size() - first);
    TUCO_RETURN_IF_ERROR(
        AnswerPortion(receiver, request, first, count, is_cancelled, response));
  }
  return absl::OkStatus();
}

}  // namespace tuco::rpc
