// gRPC's EventService: maps requests to the receiver and the hub, and their
// answers back. No decision is taken here.

#ifndef TUCO_SERVER_RPC_EVENT_SERVICE_H_
#define TUCO_SERVER_RPC_EVENT_SERVICE_H_

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include "server/receiver/receiver.h"
#include "server/stream/hub.h"
#include "tuco/events/v1/event_service.grpc.pb.h"

namespace tuco::rpc {

// StreamEvents is raw: its responses are built from stored bytes and must not
// pass through message objects again. VerifyAndParseBatch is synchronous, which
// gives every call a thread of its own: it may take seconds, and those that run
// the callbacks are a few that all calls share.
using EventServiceBase =
    events::v1::EventService::WithCallbackMethod_VerifyAndParse<
        events::v1::EventService::WithRawCallbackMethod_StreamEvents<
            events::v1::EventService::Service>>;

// Safe for concurrent use.
class EventService final : public EventServiceBase {
 public:
  // Both must outlive the service.
  EventService(const receiver::Receiver& receiver, stream::Hub& hub)
      : receiver_(receiver), hub_(hub) {}

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

 private:
  const receiver::Receiver& receiver_;
  stream::Hub& hub_;
};

}  // namespace tuco::rpc

#endif  // TUCO_SERVER_RPC_EVENT_SERVICE_H_
