#include "server/rpc/list_events.h"

#include <cstddef>
#include <cstdint>

#include "absl/status/statusor.h"
#include "server/base/status_macros.h"
#include "server/rpc/paging.h"
#include "server/rpc/request_parts.h"
#include "server/stream/event_lister.h"
#include "server/stream/position.h"
#include "server/stream/resolve_position.h"

namespace tuco::rpc {
namespace {

namespace pb = events::v1;

absl::StatusOr<std::uint64_t> PageStart(const pb::ListEventsRequest& request,
                                        log::EventLog& log) {
  if (!request.page_token().empty()) {
    return ReadSequenceToken(request.page_token());
  }
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
                              const log::Reach& reach,
                              const std::function<bool()>& is_cancelled,
                              pb::ListEventsResponse& response) {
  TUCO_ASSIGN_OR_RETURN(const std::size_t page_size, PageSize(request));
  TUCO_ASSIGN_OR_RETURN(log::Filter filter, ToFilter(request.filter()));
  filter.reach = reach;
  TUCO_ASSIGN_OR_RETURN(const std::uint64_t after, PageStart(request, log));
  TUCO_ASSIGN_OR_RETURN(
      const stream::EventPage page,
      stream::ListEvents(log, after, filter, page_size, request.include_body(),
                         is_cancelled));
  if (!response.ParseFromString(page.events)) {
    return absl::DataLossError("an event is stored as what is no event");
  }
  if (!page.end) {
    response.set_next_page_token(SequenceToken(page.scanned_through));
  }
  return absl::OkStatus();
}

}  // namespace tuco::rpc
