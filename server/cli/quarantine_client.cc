#include "server/cli/quarantine_client.h"

#include <algorithm>
#include <chrono>
#include <span>

namespace tuco::cli {
namespace {

namespace pb = events::v1;

// What the server takes at most.
constexpr std::uint32_t kPageSize = 1'000;
constexpr std::size_t kIdsMax = 1'000;
// A thousand deliveries that are taken in wait for some dozens of commits.
constexpr std::chrono::seconds kCallTimeout{60};

}  // namespace

template <typename Request, typename Response>
grpc::Status QuarantineClient::Call(Method<Request, Response> method,
                                    const Request& request,
                                    Response& response) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kCallTimeout);
  const Interrupt::Action cancel(interrupt_,
                                 [&context] { context.TryCancel(); });
  return (*stub_.*method)(&context, request, &response);
}

template <typename Request, typename Response>
QuarantineClient::Changes QuarantineClient::Change(
    Method<Request, Response> method, Request request, const Ids& ids) {
  Changes changes;
  std::span<const std::string> rest = ids;
  while (!rest.empty() && changes.status.ok()) {
    const auto portion = rest.first(std::min(rest.size(), kIdsMax));
    request.mutable_ids()->Assign(portion.begin(), portion.end());
    Response response;
    changes.status = Call(method, request, response);
    changes.results.insert(changes.results.end(), response.results().begin(),
                           response.results().end());
    rest = rest.subspan(portion.size());
  }
  return changes;
}

grpc::Status QuarantineClient::List(const pb::QuarantineFilter& filter,
                                    const Take& take) {
  pb::ListQuarantineRequest request;
  *request.mutable_filter() = filter;
  request.set_page_size(kPageSize);
  while (true) {
    pb::ListQuarantineResponse response;
    grpc::Status status =
        Call(&pb::EventService::Stub::ListQuarantine, request, response);
    if (!status.ok()) return status;
    for (const pb::QuarantinedDelivery& delivery : response.deliveries()) {
      if (!take(delivery)) return grpc::Status::OK;
    }
    if (response.next_page_token().empty()) return grpc::Status::OK;
    request.set_page_token(response.next_page_token());
  }
}

grpc::Status QuarantineClient::Get(const std::string& id, bool explain,
                                   pb::GetQuarantinedResponse& response) {
  pb::GetQuarantinedRequest request;
  request.set_id(id);
  request.set_explain(explain);
  return Call(&pb::EventService::Stub::GetQuarantined, request, response);
}

QuarantineClient::Changes QuarantineClient::Release(const Ids& ids) {
  return Change(&pb::EventService::Stub::ReleaseQuarantined,
                pb::ReleaseQuarantinedRequest(), ids);
}

QuarantineClient::Changes QuarantineClient::Hold(const Ids& ids, bool undo) {
  pb::HoldQuarantinedRequest request;
  request.set_undo(undo);
  return Change(&pb::EventService::Stub::HoldQuarantined, request, ids);
}

QuarantineClient::Changes QuarantineClient::Purge(const Ids& ids) {
  return Change(&pb::EventService::Stub::PurgeQuarantine,
                pb::PurgeQuarantineRequest(), ids);
}

}  // namespace tuco::cli
