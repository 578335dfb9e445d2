#include "tests/server/cli/fake_quarantine_service.h"

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace tuco::cli {

namespace pb = events::v1;

pb::QuarantinedDelivery MakeQuarantined(const std::string& id) {
  pb::QuarantinedDelivery delivery;
  delivery.set_id(id);
  delivery.set_state(pb::QUARANTINE_STATE_HELD);
  delivery.set_endpoint("tuco");
  delivery.set_source("192.0.2.7");
  delivery.set_reason(pb::REASON_SIGNATURE_MISMATCH);
  delivery.mutable_received_at()->set_seconds(1'776'254'400);
  delivery.set_body_bytes(2);
  return delivery;
}

FakeQuarantineService::FakeQuarantineService() {
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(),
                           &port_);
  builder.RegisterService(this);
  server_ = builder.BuildAndStart();
}

FakeQuarantineService::~FakeQuarantineService() {
  server_->Shutdown(std::chrono::system_clock::now());
}

grpc::Status FakeQuarantineService::ListQuarantine(
    grpc::ServerContext* /*context*/, const pb::ListQuarantineRequest* request,
    pb::ListQuarantineResponse* response) {
  lists.push_back(*request);
  // A token is the number of deliveries before the page.
  const std::size_t first =
      request->page_token().empty() ? 0 : std::stoul(request->page_token());
  const std::size_t end =
      std::min(first + static_cast<std::size_t>(page_size), deliveries.size());
  for (std::size_t i = first; i < end; ++i) {
    *response->add_deliveries() = deliveries[i];
  }
  if (end < deliveries.size()) {
    response->set_next_page_token(std::to_string(end));
  }
  return status;
}

grpc::Status FakeQuarantineService::GetQuarantined(
    grpc::ServerContext* /*context*/, const pb::GetQuarantinedRequest* request,
    pb::GetQuarantinedResponse* response) {
  gets.push_back(*request);
  for (const pb::QuarantinedDelivery& delivery : deliveries) {
    if (delivery.id() == request->id()) {
      *response->mutable_delivery() = delivery;
      if (request->explain()) *response->add_findings() = finding;
      return status;
    }
  }
  return {grpc::StatusCode::NOT_FOUND, "there is no such delivery"};
}

template <typename Request, typename Response>
grpc::Status FakeQuarantineService::Change(const Request& request,
                                           pb::QuarantineState state,
                                           Response& response) {
  for (const std::string& id : request.ids()) {
    pb::QuarantineResult& result = *response.add_results();
    if (results.contains(id)) {
      result = results[id];
    } else {
      result.set_state(state);
    }
    result.set_id(id);
  }
  return status;
}

grpc::Status FakeQuarantineService::ReleaseQuarantined(
    grpc::ServerContext* /*context*/,
    const pb::ReleaseQuarantinedRequest* request,
    pb::ReleaseQuarantinedResponse* response) {
  releases.push_back(*request);
  return Change(*request, pb::QUARANTINE_STATE_RELEASED, *response);
}

grpc::Status FakeQuarantineService::HoldQuarantined(
    grpc::ServerContext* /*context*/, const pb::HoldQuarantinedRequest* request,
    pb::HoldQuarantinedResponse* response) {
  holds.push_back(*request);
  return Change(*request, pb::QUARANTINE_STATE_HELD, *response);
}

grpc::Status FakeQuarantineService::PurgeQuarantine(
    grpc::ServerContext* /*context*/, const pb::PurgeQuarantineRequest* request,
    pb::PurgeQuarantineResponse* response) {
  purges.push_back(*request);
  return Change(*request, pb::QUARANTINE_STATE_PURGED, *response);
}

}  // namespace tuco::cli
