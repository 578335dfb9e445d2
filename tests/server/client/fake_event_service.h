// An EventService that streams what the test says, on a port of its own.

#ifndef TUCO_TESTS_SERVER_CLIENT_FAKE_EVENT_SERVICE_H_
#define TUCO_TESTS_SERVER_CLIENT_FAKE_EVENT_SERVICE_H_

#include <grpcpp/grpcpp.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "tuco/events/v1/event_service.grpc.pb.h"

namespace tuco::client {

// Safe for concurrent use once started.
class FakeEventService final : public events::v1::EventService::Service {
 public:
  // What one call of StreamEvents gets.
  struct Stream {
    std::vector<events::v1::StreamEventsResponse> responses;
    grpc::Status status;
    bool hangs = false;  // Ends only when the client cancels.
  };

  // Each call takes the next stream; without one it is UNAVAILABLE. Listens on
  // `address`, by default on a free port.
  explicit FakeEventService(std::vector<Stream> streams,
                            const std::string& address = "127.0.0.1:0");
  ~FakeEventService() override;

  // What `--grpc` takes.
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  std::uint16_t port() const { return static_cast<std::uint16_t>(port_); }
  std::vector<events::v1::StreamEventsRequest> requests() const;

  grpc::Status StreamEvents(
      grpc::ServerContext* context,
      const events::v1::StreamEventsRequest* request,
      grpc::ServerWriter<events::v1::StreamEventsResponse>* writer) override;

 private:
  mutable std::mutex mutex_;
  std::vector<Stream> streams_;
  std::vector<events::v1::StreamEventsRequest> requests_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

// A response with events of these sequences, read through `scanned_through`.
events::v1::StreamEventsResponse Batch(
    const std::vector<std::uint64_t>& sequences, std::uint64_t scanned_through);

}  // namespace tuco::client

#endif  // TUCO_TESTS_SERVER_CLIENT_FAKE_EVENT_SERVICE_H_
