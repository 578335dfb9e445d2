#include "server/rpc/list_events.h"

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "proto/status_details.h"
#include "server/base/status_macros.h"
#include "server/rpc/limits.h"
#include "server/rpc/request_parts.h"
#include "server/stream/event_lister.h"
#include "server/stream/position.h"
#include "server/stream/resolve_position.h"
#include "tuco/strings.h"

namespace tuco::rpc {
namespace {

namespace pb = events::v1;

// A token is this and the sequence behind which its page begins.
constexpr std::string_view kTokenPrefix = "after_";

absl::StatusOr<std::size_t> PageSize(const pb::ListEventsRequest& request) {
  if (!request.has_page_size()) return kPageSizeDefault;
  if (request.page_size() < 1 || request.page_size() > kPageSizeMax) {
    return proto::FieldViolation(
        "page_size", Concat({"expected 1 to ", std::to_string(kPageSizeMax),
                             ", found ", std::to_string(request.page_size())}));
  }
  return request.page_size();
}

absl::StatusOr<std::uint64_t> TokenSequence(std::string_view token) {
  std::uint64_t sequence = 0;
  if (token.starts_with(kTokenPrefix) &&
      absl::SimpleAtoi(ToAbsl(token.substr(kTokenPrefix.size())), &sequence)) {
    return sequence;
  }
  return proto::FieldViolation(
      "page_token", "expected the next_page_token of an earlier response");
}

absl::StatusOr<std::uint64_t> PageStart(const pb::ListEventsRequest& request,
                                        log::EventLog& log) {
  if (!request.page_token().empty()) return TokenSequence(request.page_token());
  switch (request.position_case()) {
    case pb::ListEventsRequest::kAfterSequence:
      return request.after_sequence();
    case pb::ListEventsRequest::kFromTime: {
      TUCO_ASSIGN_OR_RETURN(const stream::FromTime from,
                            ToFromTime(request.from_time()));
      return stream::Resolve(from, log);
    }
    case pb::ListEventsRequest::POSITION_NOT_SET:
      break;
  }
  return stream::Resolve(stream::Earliest{}, log);
}

}  // namespace

absl::Status AnswerListEvents(log::EventLog& log,
                              const pb::ListEventsRequest& request,
                              const std::function<bool()>& is_cancelled,
                              pb::ListEventsResponse& response) {
  TUCO_ASSIGN_OR_RETURN(const std::size_t page_size, PageSize(request));
  TUCO_ASSIGN_OR_RETURN(const log::Filter filter, ToFilter(request.filter()));
  TUCO_ASSIGN_OR_RETURN(const std::uint64_t after, PageStart(request, log));
  TUCO_ASSIGN_OR_RETURN(
      const stream::EventPage page,
      stream::ListEvents(log, after, filter, page_size, request.include_body(),
                         is_cancelled));
  if (!response.ParseFromString(page.events)) {
    return absl::DataLossError("an event is stored as what is no event");
  }
  if (!page.end) {
    response.set_next_page_token(
        Concat({kTokenPrefix, std::to_string(page.scanned_through)}));
  }
  return absl::OkStatus();
}

}  // namespace tuco::rpc
