// gRPC's EventService: maps requests to the receiver, the hub, the
// subscriptions and the quarantine, and their answers back, for callers who may
// (caller.h). No other decision is taken here.

#ifndef TUCO_SERVER_RPC_EVENT_SERVICE_H_
#define TUCO_SERVER_RPC_EVENT_SERVICE_H_

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <utility>

#include "absl/status/statusor.h"
#include "server/log/event_log.h"
#include "server/receiver/quarantine.h"
#include "server/receiver/receiver.h"
#include "server/rpc/get_status.h"
#include "server/rpc/stream_reactor.h"
#include "server/rpc/tokens.h"
#include "server/stream/event_finder.h"
#include "server/stream/hub.h"
#include "server/stream/subscriptions.h"
#include "tuco/events/v1/event_service.grpc.pb.h"

namespace tuco::rpc {

// StreamEvents and Consume are raw: their responses are built from stored bytes
// and must not pass through message objects again. All but these two and
// VerifyAndParse are synchronous, which gives every call a thread of its own:
// they may take seconds, and those that run the callbacks are a few that all
// calls share.
using EventServiceBase =
    events::v1::EventService::WithCallbackMethod_VerifyAndParse<
        events::v1::EventService::WithRawCallbackMethod_StreamEvents<
            events::v1::EventService::WithRawCallbackMethod_Consume<
                events::v1::EventService::Service>>>;

// Safe for concurrent use.
class EventService final : public EventServiceBase {
 public:
  // All must outlive the service. Without `tokens` whoever calls is admitted.
  EventService(const receiver::Receiver& receiver, stream::Hub& hub,
               stream::Subscriptions& subscriptions,
               receiver::Quarantine& quarantine, stream::EventFinder& finder,
               log::EventLog& log, StatusSources status,
               const Tokens* tokens = nullptr)
      : receiver_(receiver),
        hub_(hub),
        subscriptions_(subscriptions),
        quarantine_(quarantine),
        finder_(finder),
        log_(log),
        status_(std::move(status)),
        tokens_(tokens) {}

  grpc::ServerUnaryReactor* VerifyAndParse(
      grpc::CallbackServerContext* context,
      const events::v1::VerifyAndParseRequest* request,
      events::v1::VerifyAndParseResponse* response) override;

  grpc::Status VerifyAndParseBatch(
      grpc::ServerContext* context,
      const events::v1::VerifyAndParseBatchRequest* request,
      events::v1::VerifyAndParseBatchResponse* response) override;

  grpc::ServerWriteReactor<grpc::ByteBuffer>* StreamEvents(
      grpc::CallbackServerContext* context,
      const grpc::ByteBuffer* request) override;

  grpc::Status CreateSubscription(
      grpc::ServerContext* context,
      const events::v1::CreateSubscriptionRequest* request,
      events::v1::CreateSubscriptionResponse* response) override;

  grpc::Status UpdateSubscription(
      grpc::ServerContext* context,
      const events::v1::UpdateSubscriptionRequest* request,
      events::v1::UpdateSubscriptionResponse* response) override;

  grpc::Status GetSubscription(
      grpc::ServerContext* context,
      const events::v1::GetSubscriptionRequest* request,
      events::v1::GetSubscriptionResponse* response) override;

  grpc::Status ListSubscriptions(
      grpc::ServerContext* context,
      const events::v1::ListSubscriptionsRequest* request,
      events::v1::ListSubscriptionsResponse* response) override;

  grpc::Status DeleteSubscription(
      grpc::ServerContext* context,
      const events::v1::DeleteSubscriptionRequest* request,
      events::v1::DeleteSubscriptionResponse* response) override;

  grpc::Status SeekSubscription(
      grpc::ServerContext* context,
      const events::v1::SeekSubscriptionRequest* request,
      events::v1::SeekSubscriptionResponse* response) override;

  grpc::Status ListParked(grpc::ServerContext* context,
                          const events::v1::ListParkedRequest* request,
                          events::v1::ListParkedResponse* response) override;

  grpc::Status ReplayParked(
      grpc::ServerContext* context,
      const events::v1::ReplayParkedRequest* request,
      events::v1::ReplayParkedResponse* response) override;

  grpc::Status Acknowledge(grpc::ServerContext* context,
                           const events::v1::AcknowledgeRequest* request,
                           events::v1::AcknowledgeResponse* response) override;

  grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* Consume(
      grpc::CallbackServerContext* context) override;

  grpc::Status ListQuarantine(
      grpc::ServerContext* context,
      const events::v1::ListQuarantineRequest* request,
      events::v1::ListQuarantineResponse* response) override;

  grpc::Status GetQuarantined(
      grpc::ServerContext* context,
      const events::v1::GetQuarantinedRequest* request,
      events::v1::GetQuarantinedResponse* response) override;

  grpc::Status ReleaseQuarantined(
      grpc::ServerContext* context,
      const events::v1::ReleaseQuarantinedRequest* request,
      events::v1::ReleaseQuarantinedResponse* response) override;

  grpc::Status HoldQuarantined(
      grpc::ServerContext* context,
      const events::v1::HoldQuarantinedRequest* request,
      events::v1::HoldQuarantinedResponse* response) override;

  grpc::Status PurgeQuarantine(
      grpc::ServerContext* context,
      const events::v1::PurgeQuarantineRequest* request,
      events::v1::PurgeQuarantineResponse* response) override;

  grpc::Status GetEvent(grpc::ServerContext* context,
                        const events::v1::GetEventRequest* request,
                        events::v1::GetEventResponse* response) override;

  grpc::Status ListEvents(grpc::ServerContext* context,
                          const events::v1::ListEventsRequest* request,
                          events::v1::ListEventsResponse* response) override;

  grpc::Status GetStatus(grpc::ServerContext* context,
                         const events::v1::GetStatusRequest* request,
                         events::v1::GetStatusResponse* response) override;

 private:
  absl::StatusOr<AdmittedStream> OpenStream(
      const grpc::ServerContextBase& context, const grpc::ByteBuffer& buffer);

  const receiver::Receiver& receiver_;
  stream::Hub& hub_;
  stream::Subscriptions& subscriptions_;
  receiver::Quarantine& quarantine_;
  stream::EventFinder& finder_;
  log::EventLog& log_;
  const StatusSources status_;
  const Tokens* const tokens_;
};

}  // namespace tuco::rpc

#endif  // TUCO_SERVER_RPC_EVENT_SERVICE_H_
