#include "server/rpc/event_service.h"

#include <grpcpp/support/proto_buffer_reader.h>

#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "proto/event_codec.h"
#include "server/base/status_macros.h"
#include "server/rpc/status_mapping.h"
#include "server/rpc/stream_reactor.h"
#include "server/rpc/stream_request.h"

namespace tuco::rpc {
namespace {

namespace pb = events::v1;

receiver::Delivery ToDelivery(const pb::VerifyAndParseRequest& request) {
  receiver::Delivery delivery;
  delivery.body = request.body();
  delivery.signatures = request.signature().empty() ? 0 : 1;
  delivery.signature = request.signature();
  if (request.has_event_header()) {
    delivery.event_header = request.event_header();
  }
  if (request.has_timestamp_header()) {
    delivery.timestamp_header = request.timestamp_header();
  }
  return delivery;
}

void AddFindings(const std::vector<Finding>& findings,
                 pb::Rejection& rejection) {
  for (const Finding& finding : findings) {
    pb::Finding& added = *rejection.add_findings();
    added.set_kind(static_cast<pb::FindingKind>(finding.kind));
    added.set_certainty(static_cast<pb::Certainty>(finding.certainty));
    added.set_secret_name(finding.secret_name);
    added.set_text(finding.text);
  }
}

absl::StatusOr<pb::StreamEventsRequest> ReadRequest(
    const grpc::ByteBuffer& buffer) {
  grpc::ByteBuffer bytes = buffer;
  grpc::ProtoBufferReader reader(&bytes);
  pb::StreamEventsRequest request;
  if (!reader.status().ok() || !request.ParseFromZeroCopyStream(&reader)) {
    return absl::InvalidArgumentError(
        "the request is not a tuco.events.v1.StreamEventsRequest");
  }
  return request;
}

absl::StatusOr<std::unique_ptr<stream::Stream>> OpenStream(
    const grpc::ByteBuffer& buffer, stream::Hub& hub) {
  TUCO_ASSIGN_OR_RETURN(const pb::StreamEventsRequest request,
                        ReadRequest(buffer));
  TUCO_ASSIGN_OR_RETURN(const stream::StreamOptions options,
                        ToStreamOptions(request));
  return hub.Open(options);
}

}  // namespace

grpc::ServerUnaryReactor* EventService::VerifyAndParse(
    grpc::CallbackServerContext* context,
    const pb::VerifyAndParseRequest* request,
    pb::VerifyAndParseResponse* response) {
  std::optional<std::string_view> endpoint;
  if (request->has_endpoint()) endpoint = request->endpoint();
  const receiver::Delivery delivery = ToDelivery(*request);
  const std::variant<Event, Reason> result =
      receiver_.VerifyAndParse(delivery, endpoint);
  if (const Event* event = std::get_if<Event>(&result)) {
    *response->mutable_event() = proto::ToProto(*event);
  } else {
    pb::Rejection& rejection = *response->mutable_rejection();
    rejection.set_reason(static_cast<pb::Reason>(std::get<Reason>(result)));
    if (request->explain()) AddFindings(receiver_.Explain(delivery), rejection);
  }
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  reactor->Finish(grpc::Status::OK);
  return reactor;
}

grpc::ServerWriteReactor<grpc::ByteBuffer>* EventService::StreamEvents(
    grpc::CallbackServerContext* /*context*/, const grpc::ByteBuffer* request) {
  return StartStream(OpenStream(*request, hub_));
}

}  // namespace tuco::rpc
