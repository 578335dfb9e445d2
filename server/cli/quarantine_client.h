// What the commands of the quarantine ask of a server.

#ifndef TUCO_SERVER_CLI_QUARANTINE_CLIENT_H_
#define TUCO_SERVER_CLI_QUARANTINE_CLIENT_H_

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/support/status.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "server/cli/interrupt.h"
#include "server/cli/server_connection.h"
#include "tuco/events/v1/event_service.grpc.pb.h"

namespace tuco::cli {

// An interrupt cancels what is under way. One thread at a time.
class QuarantineClient {
 public:
  // The interrupt must outlive the client.
  QuarantineClient(const std::shared_ptr<grpc::Channel>& channel,
                   Interrupt& interrupt)
      : stub_(events::v1::EventService::NewStub(channel)),
        interrupt_(interrupt) {}

  // Hands every delivery that matches `filter` to `take`, in order, until that
  // says no.
  using Take = std::function<bool(const events::v1::QuarantinedDelivery&)>;
  grpc::Status List(const events::v1::QuarantineFilter& filter,
                    const Take& take);

  // One delivery; `explain` says whether explained.
  grpc::Status Get(const std::string& id, bool explain,
                   events::v1::GetQuarantinedResponse& response);

  // What became of deliveries, in their order, as far as it is known.
  struct Changes {
    std::vector<events::v1::QuarantineResult> results;
    grpc::Status status;  // Of the call that ended it.
  };
  // However many there are.
  using Ids = std::vector<std::string>;
  Changes Release(const Ids& ids);
  Changes Hold(const Ids& ids, bool undo);
  Changes Purge(const Ids& ids);

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
  // Calls `method` as often as it takes for all of `ids`.
  template <typename Request, typename Response>
  Changes Change(Method<Request, Response> method, Request request,
                 const Ids& ids);

  const std::unique_ptr<events::v1::EventService::Stub> stub_;
  Interrupt& interrupt_;
};

}  // namespace tuco::cli

#endif  // TUCO_SERVER_CLI_QUARANTINE_CLIENT_H_
