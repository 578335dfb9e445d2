#include "tests/server/client/fake_event_service.h"

#include <chrono>
#include <thread>
#include <utility>

namespace tuco::client {

namespace pb = events::v1;

FakeEventService::FakeEventService(std::vector<Stream> streams,
                                   const std::string& address)
    : streams_(std::move(streams)) {
  grpc::ServerBuilder builder;
  builder.AddListeningPort(address, grpc::InsecureServerCredentials(), &port_);
  builder.RegisterService(this);
  server_ = builder.BuildAndStart();
}

FakeEventService::~FakeEventService() {
  server_->Shutdown(std::chrono::system_clock::now());
}

std::vector<pb::StreamEventsRequest> FakeEventService::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

grpc::Status FakeEventService::StreamEvents(
    grpc::ServerContext* context, const pb::StreamEventsRequest* request,
    grpc::ServerWriter<pb::StreamEventsResponse>* writer) {
  Stream stream{.status = {grpc::StatusCode::UNAVAILABLE, "gone"}};
  {
    const std::lock_guard lock(mutex_);
    if (requests_.size() < streams_.size()) stream = streams_[requests_.size()];
    requests_.push_back(*request);
  }
  for (const pb::StreamEventsResponse& response : stream.responses) {
    writer->Write(response);
  }
  while (stream.hangs && !context->IsCancelled()) std::this_thread::yield();
  return stream.status;
}

pb::StreamEventsResponse Batch(const std::vector<std::uint64_t>& sequences,
                               std::uint64_t scanned_through) {
  pb::StreamEventsResponse response;
  for (const std::uint64_t sequence : sequences) {
    pb::Event& event = *response.add_events();
    event.set_sequence(sequence);
    event.set_event_id("evt_" + std::to_string(sequence));
    event.set_type_name("message.reply");
  }
  response.set_scanned_through(scanned_through);
  return response;
}

}  // namespace tuco::client
