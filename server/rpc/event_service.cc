#include "server/rpc/event_service.h"

#include <functional>
#include <memory>

#include "server/base/status_macros.h"
#include "server/rpc/byte_buffers.h"
#include "server/rpc/consume_reactor.h"
#include "server/rpc/get_event.h"
#include "server/rpc/list_events.h"
#include "server/rpc/parked_events.h"
#include "server/rpc/quarantine_changes.h"
#include "server/rpc/quarantine_queries.h"
#include "server/rpc/status_mapping.h"
#include "server/rpc/stream_reactor.h"
#include "server/rpc/stream_request.h"
#include "server/rpc/subscription_calls.h"
#include "server/rpc/verify_and_parse.h"

namespace tuco::rpc {
namespace {

namespace pb = events::v1;

absl::StatusOr<std::unique_ptr<stream::Stream>> OpenStream(
    const grpc::ByteBuffer& buffer, stream::Hub& hub,
    stream::Subscriptions& subscriptions) {
  pb::StreamEventsRequest request;
  TUCO_RETURN_IF_ERROR(ParseRequest(buffer, request));
  TUCO_ASSIGN_OR_RETURN(const stream::StreamOptions options,
                        ToStreamOptions(request));
  if (request.position_case() == pb::StreamEventsRequest::kSubscription) {
    return subscriptions.OpenCursor(request.subscription(), options);
  }
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
  return StartStream(OpenStream(*request, hub_, subscriptions_));
}

grpc::Status EventService::CreateSubscription(
    grpc::ServerContext* /*context*/,
    const pb::CreateSubscriptionRequest* request,
    pb::CreateSubscriptionResponse* response) {
  return ToGrpcStatus(
      AnswerCreateSubscription(subscriptions_, *request, *response));
}

grpc::Status EventService::UpdateSubscription(
    grpc::ServerContext* /*context*/,
    const pb::UpdateSubscriptionRequest* request,
    pb::UpdateSubscriptionResponse* response) {
  return ToGrpcStatus(
      AnswerUpdateSubscription(subscriptions_, *request, *response));
}

grpc::Status EventService::GetSubscription(
    grpc::ServerContext* /*context*/, const pb::GetSubscriptionRequest* request,
    pb::GetSubscriptionResponse* response) {
  return ToGrpcStatus(
      AnswerGetSubscription(subscriptions_, *request, *response));
}

grpc::Status EventService::ListSubscriptions(
    grpc::ServerContext* /*context*/,
    const pb::ListSubscriptionsRequest* request,
    pb::ListSubscriptionsResponse* response) {
  return ToGrpcStatus(
      AnswerListSubscriptions(subscriptions_, *request, *response));
}

grpc::Status EventService::DeleteSubscription(
    grpc::ServerContext* /*context*/,
    const pb::DeleteSubscriptionRequest* request,
    pb::DeleteSubscriptionResponse* /*response*/) {
  return ToGrpcStatus(AnswerDeleteSubscription(subscriptions_, *request));
}

grpc::Status EventService::SeekSubscription(
    grpc::ServerContext* /*context*/,
    const pb::SeekSubscriptionRequest* request,
    pb::SeekSubscriptionResponse* response) {
  return ToGrpcStatus(
      AnswerSeekSubscription(subscriptions_, *request, *response));
}

grpc::Status EventService::ListParked(grpc::ServerContext* /*context*/,
                                      const pb::ListParkedRequest* request,
                                      pb::ListParkedResponse* response) {
  return ToGrpcStatus(AnswerListParked(subscriptions_, *request, *response));
}

grpc::Status EventService::ReplayParked(grpc::ServerContext* /*context*/,
                                        const pb::ReplayParkedRequest* request,
                                        pb::ReplayParkedResponse* response) {
  return ToGrpcStatus(AnswerReplayParked(subscriptions_, *request, *response));
}

grpc::Status EventService::Acknowledge(grpc::ServerContext* /*context*/,
                                       const pb::AcknowledgeRequest* request,
                                       pb::AcknowledgeResponse* response) {
  return ToGrpcStatus(AnswerAcknowledge(subscriptions_, *request, *response));
}

grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>*
EventService::Consume(grpc::CallbackServerContext* /*context*/) {
  return StartConsume(subscriptions_);
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
