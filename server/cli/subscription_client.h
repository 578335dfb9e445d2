// What the commands of subscriptions ask of a server.

#ifndef TUCO_SERVER_CLI_SUBSCRIPTION_CLIENT_H_
#define TUCO_SERVER_CLI_SUBSCRIPTION_CLIENT_H_

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/support/status.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "server/cli/interrupt.h"
#include "server/cli/server_connection.h"
#include "tuco/events/v1/event_service.grpc.pb.h"

namespace tuco::cli {

// An interrupt cancels what is under way. One thread at a time.
class SubscriptionClient {
 public:
  // The interrupt must outlive the client.
  SubscriptionClient(const std::shared_ptr<grpc::Channel>& channel,
                     Interrupt& interrupt)
      : stub_(events::v1::EventService::NewStub(channel)),
        interrupt_(interrupt) {}

  // These leave in `subscription` how it is then.
  grpc::Status Create(const events::v1::CreateSubscriptionRequest& request,
                      events::v1::Subscription& subscription);
  grpc::Status Get(const std::string& name,
                   events::v1::Subscription& subscription);
  grpc::Status Seek(const events::v1::SeekSubscriptionRequest& request,
                    events::v1::Subscription& subscription);

  grpc::Status Delete(const std::string& name);

  // Hands every subscription to `take`, in order, until that says no.
  using Take = std::function<bool(const events::v1::Subscription&)>;
  grpc::Status List(const Take& take);

  // Likewise what one has parked.
  using TakeParked = std::function<bool(const events::v1::ParkedEvent&)>;
  grpc::Status ListParked(const std::string& name, const TakeParked& take);

  // Delivers parked events again, however many these are; all where there are
  // none.
  grpc::Status Replay(const std::string& name,
                      const std::vector<std::uint64_t>& sequences,
                      events::v1::ReplayParkedResponse& response);

  // Tells the user what `status`, which is not OK, means. What the process
  // ends with.
  int FailCall(const grpc::Status& status) const {
    return cli::FailCall(status, interrupt_);
  }

 private:
  template <typename Request, typename Response>
  using Method = grpc::Status (events::v1::EventService::Stub::*)(
      grpc::ClientContext*, const Request&, Response*);

  template <typename Request, typename Response>
  grpc::Status Call(Method<Request, Response> method, const Request& request,
                    Response& response);

  const std::unique_ptr<events::v1::EventService::Stub> stub_;
  Interrupt& interrupt_;
};

}  // namespace tuco::cli

#endif  // TUCO_SERVER_CLI_SUBSCRIPTION_CLIENT_H_
