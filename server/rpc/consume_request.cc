#include "server/rpc/consume_request.h"

#include <chrono>
#include <cstdint>
#include <string>

#include "proto/status_details.h"
#include "server/base/status_macros.h"
#include "server/rpc/request_parts.h"
#include "tuco/strings.h"

namespace tuco::rpc {
namespace {

namespace pb = events::v1;

constexpr DurationRange kRetryAfterRange{
    std::chrono::seconds(0),
    std::chrono::duration_cast<std::chrono::seconds>(stream::kRetryAfterMax)};
constexpr DurationRange kExtendRange{std::chrono::seconds(1),
                                     stream::kAckDeadlineMax};

absl::Status CheckLimit(std::string_view field, std::size_t found,
                        std::size_t max) {
  if (found >= 1 && found <= max) return absl::OkStatus();
  return proto::FieldViolation(
      field, Concat({"expected 1 to ", std::to_string(max), ", found ",
                     std::to_string(found)}));
}

absl::StatusOr<stream::Verdict::Kind> ToKind(const pb::Nack& nack) {
  using Kind = stream::Verdict::Kind;
  switch (nack.action()) {
    case pb::NACK_ACTION_UNSPECIFIED:
    case pb::NACK_ACTION_RETRY:
      return Kind::kRetry;
    case pb::NACK_ACTION_PARK:
      return Kind::kPark;
    case pb::NACK_ACTION_SKIP:
      return Kind::kSkip;
    default:
      return proto::FieldViolation(
          "verdicts.nack.action",
          "expected NACK_ACTION_RETRY, NACK_ACTION_PARK or NACK_ACTION_SKIP");
  }
}

absl::Status ReadNack(const pb::Nack& nack, stream::Verdict& verdict) {
  TUCO_ASSIGN_OR_RETURN(verdict.kind, ToKind(nack));
  if (!nack.has_retry_after()) return absl::OkStatus();
  if (verdict.kind != stream::Verdict::Kind::kRetry) {
    return proto::FieldViolation("verdicts.nack.retry_after",
                                 "expected none but with NACK_ACTION_RETRY");
  }
  TUCO_ASSIGN_OR_RETURN(
      verdict.after, ToDuration("verdicts.nack.retry_after", nack.retry_after(),
                                kRetryAfterRange));
  return absl::OkStatus();
}

absl::Status ReadExtend(const pb::Extend& extend, stream::Verdict& verdict) {
  verdict.kind = stream::Verdict::Kind::kExtend;
  if (!extend.has_deadline()) return absl::OkStatus();
  TUCO_ASSIGN_OR_RETURN(
      verdict.after,
      ToDuration("verdicts.extend.deadline", extend.deadline(), kExtendRange));
  return absl::OkStatus();
}

absl::StatusOr<stream::Verdict> ToVerdict(const pb::Verdict& said) {
  if (said.sequence() == 0) {
    return proto::FieldViolation("verdicts.sequence",
                                 "expected that of an event, found 0");
  }
  stream::Verdict verdict{.sequence = said.sequence()};
  switch (said.verdict_case()) {
    case pb::Verdict::kAck:
      verdict.kind = stream::Verdict::Kind::kAck;
      break;
    case pb::Verdict::kNack:
      TUCO_RETURN_IF_ERROR(ReadNack(said.nack(), verdict));
      break;
    case pb::Verdict::kExtend:
      TUCO_RETURN_IF_ERROR(ReadExtend(said.extend(), verdict));
      break;
    case pb::Verdict::VERDICT_NOT_SET:
      return proto::FieldViolation("verdicts.verdict",
                                   "expected one of ack, nack and extend");
  }
  return verdict;
}

}  // namespace

absl::StatusOr<stream::ConsumerOptions> ToConsumerOptions(
    const pb::ConsumeRequest& first) {
  if (!first.has_open()) {
    return proto::FieldViolation("open", "expected in the first request");
  }
  const pb::ConsumeOpen& open = first.open();
  TUCO_RETURN_IF_ERROR(
      CheckSubscriptionName("open.subscription", open.subscription()));
  stream::ConsumerOptions options;
  options.include_body = open.include_body();
  if (open.has_max_outstanding_events()) {
    options.events_max = open.max_outstanding_events();
  }
  if (open.has_max_outstanding_bytes()) {
    options.bytes_max = open.max_outstanding_bytes();
  }
  TUCO_RETURN_IF_ERROR(CheckLimit("open.max_outstanding_events",
                                  options.events_max,
                                  stream::kOutstandingEventsMax));
  TUCO_RETURN_IF_ERROR(CheckLimit("open.max_outstanding_bytes",
                                  options.bytes_max,
                                  stream::kOutstandingBytesMax));
  return options;
}

absl::StatusOr<std::vector<stream::Verdict>> ToVerdicts(
    const pb::ConsumeRequest& request) {
  const auto count = static_cast<std::size_t>(request.verdicts_size());
  if (count > stream::kVerdictsMax) {
    return proto::FieldViolation(
        "verdicts",
        Concat({"expected at most ", std::to_string(stream::kVerdictsMax),
                ", found ", std::to_string(count)}));
  }
  std::vector<stream::Verdict> verdicts;
  verdicts.reserve(count);
  for (const pb::Verdict& said : request.verdicts()) {
    TUCO_ASSIGN_OR_RETURN(verdicts.emplace_back(), ToVerdict(said));
  }
  return verdicts;
}

}  // namespace tuco::rpc
