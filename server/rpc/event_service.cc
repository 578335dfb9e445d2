#include "server/rpc/event_service.h"

#include <grpcpp/support/proto_buffer_reader.h>

#include <functional>
#include <memory>

#include "server/base/status_macros.h"
#include "server/rpc/get_event.h"
#include "server/rpc/list_events.h"
#include "server/rpc/quarantine_changes.h"
#include "server/rpc/quarantine_queries.h"
#include "server/rpc/status_mapping.h"
#include "server/rpc/stream_reactor.h"
#include "server/rpc/stream_request.h"
#include "server/rpc/verify_and_parse.h"

namespace tuco::rpc {
namespace {

namespace pb = events::v1;

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

// Whether the client has gone; for calls that may take long.
std::function<bool()> CancelledIn(const grpc::ServerContext* context) {
  return [context] { return context->IsCancelled(); };
}

}  // namespace

grpc::ServerUnaryReactor* EventService::VerifyAndParse(
    grpc::CallbackServerContext* context,
    const pb::VerifyAndParseRequest* request,
    pb::VerifyAndParseResponse* response) {
  Answer(receiver_, *request, *response);
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  reactor->Finish(grpc::Status::OK);
  return reactor;
}

grpc::Status EventService::VerifyAndParseBatch(
    grpc::ServerContext* context, const pb::VerifyAndParseBatchRequest* request,
    pb::VerifyAndParseBatchResponse* response) {
  return ToGrpcStatus(
      AnswerBatch(receiver_, *request, CancelledIn(context), *response));
}

grpc::ServerWriteReactor<grpc::ByteBuffer>* EventService::StreamEvents(
    grpc::CallbackServerContext* /*context*/, const grpc::ByteBuffer* request) {
  return StartStream(OpenStream(*request, hub_));
}

grpc::Status EventService::ListQuarantine(
    grpc::ServerContext* /*context*/, const pb::ListQuarantineRequest* request,
    pb::ListQuarantineResponse* response) {
  return ToGrpcStatus(AnswerList(quarantine_, *request, *response));
}

grpc::Status EventService::GetQuarantined(
    grpc::ServerContext* /*context*/, const pb::GetQuarantinedRequest* request,
    pb::GetQuarantinedResponse* response) {
  return ToGrpcStatus(AnswerGet(quarantine_, *request, *response));
}

grpc::Status EventService::ReleaseQuarantined(
    grpc::ServerContext* context, const pb::ReleaseQuarantinedRequest* request,
    pb::ReleaseQuarantinedResponse* response) {
  return ToGrpcStatus(
      AnswerRelease(quarantine_, *request, CancelledIn(context), *response));
}

grpc::Status EventService::HoldQuarantined(
    grpc::ServerContext* context, const pb::HoldQuarantinedRequest* request,
    pb::HoldQuarantinedResponse* response) {
  return ToGrpcStatus(
      AnswerHold(quarantine_, *request, CancelledIn(context), *response));
}

grpc::Status EventService::PurgeQuarantine(
    grpc::ServerContext* context, const pb::PurgeQuarantineRequest* request,
    pb::PurgeQuarantineResponse* response) {
  return ToGrpcStatus(
      AnswerPurge(quarantine_, *request, CancelledIn(context), *response));
}

grpc::Status EventService::GetEvent(grpc::ServerContext* context,
                                    const pb::GetEventRequest* request,
                                    pb::GetEventResponse* response) {
  return ToGrpcStatus(
      AnswerGetEvent(finder_, *request, CancelledIn(context), *response));
}

grpc::Status EventService::ListEvents(grpc::ServerContext* context,
                                      const pb::ListEventsRequest* request,
                                      pb::ListEventsResponse* response) {
  return ToGrpcStatus(
      AnswerListEvents(log_, *request, CancelledIn(context), *response));
}

grpc::Status EventService::GetStatus(grpc::ServerContext* /*context*/,
                                     const pb::GetStatusRequest* /*request*/,
                                     pb::GetStatusResponse* response) {
  AnswerGetStatus(status_, *response);
  return grpc::Status::OK;
}

}  // namespace tuco::rpc
