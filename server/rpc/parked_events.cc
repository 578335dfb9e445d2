#include "server/rpc/parked_events.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "absl/status/statusor.h"
#include "proto/status_details.h"
#include "server/base/status_macros.h"
#include "server/rpc/paging.h"
#include "server/rpc/request_parts.h"
#include "server/rpc/subscription_info.h"
#include "server/stream/visibility.h"
#include "tuco/strings.h"

namespace tuco::rpc {
namespace {

namespace pb = events::v1;

absl::StatusOr<std::uint64_t> PageStart(const std::string& token) {
  if (token.empty()) return 0;
  return ReadSequenceToken(token);
}

absl::Status CheckSequences(const pb::ReplayParkedRequest& request) {
  if (request.all() != request.sequences().empty()) {
    return proto::FieldViolation("sequences",
                                 Concat({"expected some, or all, found ",
                                         request.all() ? "both" : "neither"}));
  }
  const auto count = static_cast<std::size_t>(request.sequences_size());
  if (count <= stream::kReplayMax) return absl::OkStatus();
  return proto::FieldViolation(
      "sequences",
      Concat({"expected at most ", std::to_string(stream::kReplayMax),
              ", found ", std::to_string(count)}));
}

}  // namespace

absl::Status AnswerListParked(stream::Subscriptions& subscriptions,
                              const pb::ListParkedRequest& request,
                              const log::Reach& reach,
                              pb::ListParkedResponse& response) {
  TUCO_RETURN_IF_ERROR(
      CheckSubscriptionName("subscription", request.subscription()));
  TUCO_ASSIGN_OR_RETURN(const std::size_t page_size, PageSize(request));
  TUCO_ASSIGN_OR_RETURN(const std::uint64_t after,
                        PageStart(request.page_token()));
  TUCO_ASSIGN_OR_RETURN(
      const stream::ParkedPage page,
      subscriptions.ListParked(request.subscription(), after, page_size,
                               request.include_body()));
  for (const log::ParkedEvent& parked : page.events) {
    if (!stream::IsVisible(reach, parked.event)) continue;
    TUCO_ASSIGN_OR_RETURN(*response.add_events(),
                          Describe(parked, request.include_body()));
  }
  if (!page.end && !page.events.empty()) {
    response.set_next_page_token(SequenceToken(page.events.back().sequence));
  }
  return absl::OkStatus();
}

absl::Status AnswerReplayParked(stream::Subscriptions& subscriptions,
                                const pb::ReplayParkedRequest& request,
                                pb::ReplayParkedResponse& response) {
  TUCO_RETURN_IF_ERROR(
      CheckSubscriptionName("subscription", request.subscription()));
  TUCO_RETURN_IF_ERROR(CheckSequences(request));
  const std::span<const std::uint64_t> sequences(
      request.sequences().data(),
      static_cast<std::size_t>(request.sequences_size()));
  TUCO_ASSIGN_OR_RETURN(
      const stream::Replayed replayed,
      subscriptions.ReplayParked(request.subscription(), sequences));
  response.set_replayed(replayed.count);
  response.mutable_not_parked()->Assign(replayed.not_parked.begin(),
                                        replayed.not_parked.end());
  return absl::OkStatus();
}

}  // namespace tuco::rpc
