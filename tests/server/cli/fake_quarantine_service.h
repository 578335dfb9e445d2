// An EventService whose quarantine holds what the test says, on a port of its
// own.

#ifndef TUCO_TESTS_SERVER_CLI_FAKE_QUARANTINE_SERVICE_H_
#define TUCO_TESTS_SERVER_CLI_FAKE_QUARANTINE_SERVICE_H_

#include <grpcpp/grpcpp.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tuco/events/v1/event_service.grpc.pb.h"

namespace tuco::cli {

// A delivery that is held, with a mismatch.
events::v1::QuarantinedDelivery MakeQuarantined(const std::string& id);

// Set up before it is called; looked at when the call has returned.
class FakeQuarantineService final : public events::v1::EventService::Service {
 public:
  FakeQuarantineService();
  ~FakeQuarantineService() override;

  // What `--grpc` takes.
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

  // In order. Lists do not filter.
  std::vector<events::v1::QuarantinedDelivery> deliveries;
  int page_size = 1'000;
  events::v1::Finding finding;
  // What becomes of ids; of others, what was asked for.
  std::map<std::string, events::v1::QuarantineResult> results;
  // Of every call.
  grpc::Status status;

  // What was asked.
  std::vector<events::v1::ListQuarantineRequest> lists;
  std::vector<events::v1::GetQuarantinedRequest> gets;
  std::vector<events::v1::ReleaseQuarantinedRequest> releases;
  std::vector<events::v1::HoldQuarantinedRequest> holds;
  std::vector<events::v1::PurgeQuarantineRequest> purges;

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

 private:
  template <typename Request, typename Response>
  grpc::Status Change(const Request& request, events::v1::QuarantineState state,
                      Response& response);

  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace tuco::cli

#endif  // TUCO_TESTS_SERVER_CLI_FAKE_QUARANTINE_SERVICE_H_
