#include "server/rpc/get_event.h"

#include <string>

#include "absl/status/statusor.h"
#include "proto/status_details.h"
#include "server/base/status_macros.h"

namespace tuco::rpc {
namespace {

namespace pb = events::v1;

absl::StatusOr<std::string> Find(stream::EventFinder& finder,
                                 const pb::GetEventRequest& request,
                                 const log::Reach& reach,
                                 const std::function<bool()>& is_cancelled) {
  switch (request.key_case()) {
    case pb::GetEventRequest::kSequence:
      return finder.BySequence(request.sequence(), request.include_body(),
                               reach);
    case pb::GetEventRequest::kEventId:
      return finder.ById(request.event_id(), request.include_body(),
                         is_cancelled, reach);
    case pb::GetEventRequest::KEY_NOT_SET:
      break;
  }
  return proto::FieldViolation("key", "expected sequence or event_id");
}

}  // namespace

absl::Status AnswerGetEvent(stream::EventFinder& finder,
                            const pb::GetEventRequest& request,
                            const log::Reach& reach,
                            const std::function<bool()>& is_cancelled,
                            pb::GetEventResponse& response) {
  TUCO_ASSIGN_OR_RETURN(const std::string bytes,
                        Find(finder, request, reach, is_cancelled));
  if (response.ParseFromString(bytes)) return absl::OkStatus();
  return absl::DataLossError("the event is stored as what is no event");
}

}  // namespace tuco::rpc
