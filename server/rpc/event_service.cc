#include "server/rpc/event_service.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <string_view>
#include <utility>

#include "server/base/status_macros.h"
#include "server/rpc/byte_buffers.h"
#include "server/rpc/caller.h"
#include "server/rpc/consume_reactor.h"
#include "server/rpc/get_event.h"
#include "server/rpc/list_events.h"
#include "server/rpc/parked_events.h"
#include "server/rpc/quarantine_changes.h"
#include "server/rpc/quarantine_queries.h"
#include "server/rpc/status_mapping.h"
#include "server/rpc/stream_request.h"
#include "server/rpc/subscription_access.h"
#include "server/rpc/subscription_calls.h"
#include "server/rpc/verify_and_parse.h"

namespace tuco::rpc {
namespace {

namespace pb = events::v1;

// Answers a call of `method` by `answer`, if whoever calls may make it.
template <typename AnswerTo>
grpc::Status Admitted(const Tokens* tokens, const grpc::ServerContext* context,
                      std::string_view method, const AnswerTo& answer) {
  const absl::StatusOr<Caller> caller = Admit(tokens, *context, method);
  if (!caller.ok()) return ToGrpcStatus(caller.status());
  return ToGrpcStatus(answer(*caller));
}

absl::Status MayVerify(const Caller& caller,
                       const pb::VerifyAndParseRequest& request) {
  TUCO_RETURN_IF_ERROR(caller.RequireEndpoint(request.endpoint()));
  if (!request.explain()) return absl::OkStatus();
  return caller.RequireAll("an explanation considers all secrets");
}

// Whether `caller` may make this change; narrows the filter that it sets.
absl::Status MayUpdate(const Caller& caller,
                       stream::Subscriptions& subscriptions,
                       pb::UpdateSubscriptionRequest& request) {
  pb::Subscription& wanted = *request.mutable_subscription();
  TUCO_RETURN_IF_ERROR(MayUse(caller, subscriptions, wanted.name()));
  const auto& paths = request.update_mask().paths();
  const bool sets_filter =
      std::find(paths.begin(), paths.end(), "filter") != paths.end();
  return sets_filter ? MayHaveFilter(caller, wanted) : absl::OkStatus();
}

absl::Status MayUseQuarantine(const Caller& caller) {
  return caller.RequireAll("the quarantine has what all endpoints got");
}

// Leaves out the endpoints that are not in `reach`.
void Narrow(const log::Reach& reach, pb::ServerStatus& status) {
  if (reach.endpoints.empty()) return;
  auto& endpoints = *status.mutable_endpoints();
  endpoints.erase(std::remove_if(endpoints.begin(), endpoints.end(),
                                 [&reach](const pb::EndpointStatus& endpoint) {
                                   return std::find(reach.endpoints.begin(),
                                                    reach.endpoints.end(),
                                                    endpoint.name()) ==
                                          reach.endpoints.end();
                                 }),
                  endpoints.end());
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
  const absl::StatusOr<Caller> caller =
      Admit(tokens_, *context, "VerifyAndParse");
  const absl::Status status =
      caller.ok() ? MayVerify(*caller, *request) : caller.status();
  if (status.ok()) Answer(receiver_, *request, *response);
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  reactor->Finish(ToGrpcStatus(status));
  return reactor;
}

grpc::Status EventService::VerifyAndParseBatch(
    grpc::ServerContext* context, const pb::VerifyAndParseBatchRequest* request,
    pb::VerifyAndParseBatchResponse* response) {
  return Admitted(tokens_, context, "VerifyAndParseBatch",
                  [&](const Caller& caller) -> absl::Status {
                    for (const pb::VerifyAndParseRequest& delivery :
                         request->deliveries()) {
                      TUCO_RETURN_IF_ERROR(MayVerify(caller, delivery));
                    }
                    return AnswerBatch(receiver_, *request,
                                       CancelledIn(context), *response);
                  });
}

grpc::ServerWriteReactor<grpc::ByteBuffer>* EventService::StreamEvents(
    grpc::CallbackServerContext* context, const grpc::ByteBuffer* request) {
  return StartStream(OpenStream(*context, *request));
}

absl::StatusOr<AdmittedStream> EventService::OpenStream(
    const grpc::ServerContextBase& context, const grpc::ByteBuffer& buffer) {
  pb::StreamEventsRequest request;
  TUCO_RETURN_IF_ERROR(ParseRequest(buffer, request));
  const bool of_subscription =
      request.position_case() == pb::StreamEventsRequest::kSubscription;
  TUCO_ASSIGN_OR_RETURN(
      Caller caller, of_subscription ? Admit(tokens_, context, Scope::kConsume)
                                     : Admit(tokens_, context, "StreamEvents"));
  TUCO_ASSIGN_OR_RETURN(stream::StreamOptions options,
                        ToStreamOptions(request));
  options.filter.reach = caller.reach();
  if (!of_subscription) {
    TUCO_ASSIGN_OR_RETURN(auto stream, hub_.Open(options));
    return AdmittedStream{std::move(stream), std::move(caller)};
  }
  TUCO_RETURN_IF_ERROR(MayUse(caller, subscriptions_, request.subscription()));
  TUCO_ASSIGN_OR_RETURN(
      auto stream, subscriptions_.OpenCursor(request.subscription(), options));
  return AdmittedStream{std::move(stream), std::move(caller)};
}

grpc::Status EventService::CreateSubscription(
    grpc::ServerContext* context, const pb::CreateSubscriptionRequest* request,
    pb::CreateSubscriptionResponse* response) {
  return Admitted(
      tokens_, context, "CreateSubscription",
      [&](const Caller& caller) -> absl::Status {
        pb::CreateSubscriptionRequest narrowed = *request;
        TUCO_RETURN_IF_ERROR(
            MayHaveFilter(caller, *narrowed.mutable_subscription()));
        return AnswerCreateSubscription(subscriptions_, narrowed, *response);
      });
}

grpc::Status EventService::UpdateSubscription(
    grpc::ServerContext* context, const pb::UpdateSubscriptionRequest* request,
    pb::UpdateSubscriptionResponse* response) {
  return Admitted(
      tokens_, context, "UpdateSubscription",
      [&](const Caller& caller) -> absl::Status {
        pb::UpdateSubscriptionRequest narrowed = *request;
        TUCO_RETURN_IF_ERROR(MayUpdate(caller, subscriptions_, narrowed));
        return AnswerUpdateSubscription(subscriptions_, narrowed, *response);
      });
}

grpc::Status EventService::GetSubscription(
    grpc::ServerContext* context, const pb::GetSubscriptionRequest* request,
    pb::GetSubscriptionResponse* response) {
  return Admitted(
      tokens_, context, "GetSubscription",
      [&](const Caller& caller) -> absl::Status {
        TUCO_RETURN_IF_ERROR(MayUse(caller, subscriptions_, request->name()));
        return AnswerGetSubscription(subscriptions_, *request, *response);
      });
}

grpc::Status EventService::ListSubscriptions(
    grpc::ServerContext* context, const pb::ListSubscriptionsRequest* request,
    pb::ListSubscriptionsResponse* response) {
  return Admitted(tokens_, context, "ListSubscriptions",
                  [&](const Caller& caller) -> absl::Status {
                    return AnswerListSubscriptions(subscriptions_, *request,
                                                   caller.reach(), *response);
                  });
}

grpc::Status EventService::DeleteSubscription(
    grpc::ServerContext* context, const pb::DeleteSubscriptionRequest* request,
    pb::DeleteSubscriptionResponse* /*response*/) {
  return Admitted(
      tokens_, context, "DeleteSubscription",
      [&](const Caller& caller) -> absl::Status {
        TUCO_RETURN_IF_ERROR(MayUse(caller, subscriptions_, request->name()));
        return AnswerDeleteSubscription(subscriptions_, *request);
      });
}

grpc::Status EventService::SeekSubscription(
    grpc::ServerContext* context, const pb::SeekSubscriptionRequest* request,
    pb::SeekSubscriptionResponse* response) {
  return Admitted(
      tokens_, context, "SeekSubscription",
      [&](const Caller& caller) -> absl::Status {
        TUCO_RETURN_IF_ERROR(MayUse(caller, subscriptions_, request->name()));
        return AnswerSeekSubscription(subscriptions_, *request, *response);
      });
}

grpc::Status EventService::ListParked(grpc::ServerContext* context,
                                      const pb::ListParkedRequest* request,
                                      pb::ListParkedResponse* response) {
  return Admitted(tokens_, context, "ListParked",
                  [&](const Caller& caller) -> absl::Status {
                    TUCO_RETURN_IF_ERROR(MayUse(caller, subscriptions_,
                                                request->subscription()));
                    return AnswerListParked(subscriptions_, *request,
                                            caller.reach(), *response);
                  });
}

grpc::Status EventService::ReplayParked(grpc::ServerContext* context,
                                        const pb::ReplayParkedRequest* request,
                                        pb::ReplayParkedResponse* response) {
  return Admitted(
      tokens_, context, "ReplayParked",
      [&](const Caller& caller) -> absl::Status {
        TUCO_RETURN_IF_ERROR(
            MayUse(caller, subscriptions_, request->subscription()));
        return AnswerReplayParked(subscriptions_, *request, *response);
      });
}

grpc::Status EventService::Acknowledge(grpc::ServerContext* context,
                                       const pb::AcknowledgeRequest* request,
                                       pb::AcknowledgeResponse* response) {
  return Admitted(
      tokens_, context, "Acknowledge",
      [&](const Caller& caller) -> absl::Status {
        TUCO_RETURN_IF_ERROR(
            MayUse(caller, subscriptions_, request->subscription()));
        return AnswerAcknowledge(subscriptions_, *request, *response);
      });
}

grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>*
EventService::Consume(grpc::CallbackServerContext* context) {
  return StartConsume(subscriptions_, Admit(tokens_, *context, "Consume"));
}

grpc::Status EventService::ListQuarantine(
    grpc::ServerContext* context, const pb::ListQuarantineRequest* request,
    pb::ListQuarantineResponse* response) {
  return Admitted(tokens_, context, "ListQuarantine",
                  [&](const Caller& caller) -> absl::Status {
                    TUCO_RETURN_IF_ERROR(MayUseQuarantine(caller));
                    return AnswerList(quarantine_, *request, *response);
                  });
}

grpc::Status EventService::GetQuarantined(
    grpc::ServerContext* context, const pb::GetQuarantinedRequest* request,
    pb::GetQuarantinedResponse* response) {
  return Admitted(tokens_, context, "GetQuarantined",
                  [&](const Caller& caller) -> absl::Status {
                    TUCO_RETURN_IF_ERROR(MayUseQuarantine(caller));
                    return AnswerGet(quarantine_, *request, *response);
                  });
}

grpc::Status EventService::ReleaseQuarantined(
    grpc::ServerContext* context, const pb::ReleaseQuarantinedRequest* request,
    pb::ReleaseQuarantinedResponse* response) {
  return Admitted(tokens_, context, "ReleaseQuarantined",
                  [&](const Caller& caller) -> absl::Status {
                    TUCO_RETURN_IF_ERROR(MayUseQuarantine(caller));
                    return AnswerRelease(quarantine_, *request,
                                         CancelledIn(context), *response);
                  });
}

grpc::Status EventService::HoldQuarantined(
    grpc::ServerContext* context, const pb::HoldQuarantinedRequest* request,
    pb::HoldQuarantinedResponse* response) {
  return Admitted(tokens_, context, "HoldQuarantined",
                  [&](const Caller& caller) -> absl::Status {
                    TUCO_RETURN_IF_ERROR(MayUseQuarantine(caller));
                    return AnswerHold(quarantine_, *request,
                                      CancelledIn(context), *response);
                  });
}

grpc::Status EventService::PurgeQuarantine(
    grpc::ServerContext* context, const pb::PurgeQuarantineRequest* request,
    pb::PurgeQuarantineResponse* response) {
  return Admitted(tokens_, context, "PurgeQuarantine",
                  [&](const Caller& caller) -> absl::Status {
                    TUCO_RETURN_IF_ERROR(MayUseQuarantine(caller));
                    return AnswerPurge(quarantine_, *request,
                                       CancelledIn(context), *response);
                  });
}

grpc::Status EventService::GetEvent(grpc::ServerContext* context,
                                    const pb::GetEventRequest* request,
                                    pb::GetEventResponse* response) {
  return Admitted(tokens_, context, "GetEvent",
                  [&](const Caller& caller) -> absl::Status {
                    return AnswerGetEvent(finder_, *request, caller.reach(),
                                          CancelledIn(context), *response);
                  });
}

grpc::Status EventService::ListEvents(grpc::ServerContext* context,
                                      const pb::ListEventsRequest* request,
                                      pb::ListEventsResponse* response) {
  return Admitted(tokens_, context, "ListEvents",
                  [&](const Caller& caller) -> absl::Status {
                    return AnswerListEvents(log_, *request, caller.reach(),
                                            CancelledIn(context), *response);
                  });
}

grpc::Status EventService::GetStatus(grpc::ServerContext* context,
                                     const pb::GetStatusRequest* /*request*/,
                                     pb::GetStatusResponse* response) {
  return Admitted(tokens_, context, "GetStatus",
                  [&](const Caller& caller) -> absl::Status {
                    AnswerGetStatus(status_, *response);
                    Narrow(caller.reach(), *response->mutable_status());
                    return absl::OkStatus();
                  });
}

}  // namespace tuco::rpc
