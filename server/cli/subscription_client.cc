#include "server/cli/subscription_client.h"

#include <algorithm>
#include <chrono>
#include <span>

namespace tuco::cli {
namespace {

namespace pb = events::v1;
using Stub = pb::EventService::Stub;

// What the server takes at most.
constexpr std::uint32_t kPageSize = 1'000;
constexpr std::size_t kSequencesMax = 1'000;
constexpr std::chrono::seconds kCallTimeout{60};

}  // namespace

template <typename Request, typename Response>
grpc::Status SubscriptionClient::Call(Method<Request, Response> method,
                                      const Request& request,
                                      Response& response) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kCallTimeout);
  const Interrupt::Action cancel(interrupt_,
                                 [&context] { context.TryCancel(); });
  return (*stub_.*method)(&context, request, &response);
}

grpc::Status SubscriptionClient::Create(
    const pb::CreateSubscriptionRequest& request,
    pb::Subscription& subscription) {
  pb::CreateSubscriptionResponse response;
  grpc::Status status = Call(&Stub::CreateSubscription, request, response);
  subscription = response.subscription();
  return status;
}

grpc::Status SubscriptionClient::Get(const std::string& name,
                                     pb::Subscription& subscription) {
  pb::GetSubscriptionRequest request;
  request.set_name(name);
  pb::GetSubscriptionResponse response;
  grpc::Status status = Call(&Stub::GetSubscription, request, response);
  subscription = response.subscription();
  return status;
}

grpc::Status SubscriptionClient::Seek(
    const pb::SeekSubscriptionRequest& request,
    pb::Subscription& subscription) {
  pb::SeekSubscriptionResponse response;
  grpc::Status status = Call(&Stub::SeekSubscription, request, response);
  subscription = response.subscription();
  return status;
}

grpc::Status SubscriptionClient::Delete(const std::string& name) {
  pb::DeleteSubscriptionRequest request;
  request.set_name(name);
  pb::DeleteSubscriptionResponse response;
  return Call(&Stub::DeleteSubscription, request, response);
}

grpc::Status SubscriptionClient::List(const Take& take) {
  pb::ListSubscriptionsRequest request;
  request.set_page_size(kPageSize);
  while (true) {
    pb::ListSubscriptionsResponse response;
    grpc::Status status = Call(&Stub::ListSubscriptions, request, response);
    if (!status.ok()) return status;
    for (const pb::Subscription& subscription : response.subscriptions()) {
      if (!take(subscription)) return grpc::Status::OK;
    }
    if (response.next_page_token().empty()) return grpc::Status::OK;
    request.set_page_token(response.next_page_token());
  }
}

grpc::Status SubscriptionClient::ListParked(const std::string& name,
                                            const TakeParked& take) {
  pb::ListParkedRequest request;
  request.set_subscription(name);
  request.set_page_size(kPageSize);
  while (true) {
    pb::ListParkedResponse response;
    grpc::Status status = Call(&Stub::ListParked, request, response);
    if (!status.ok()) return status;
    for (const pb::ParkedEvent& parked : response.events()) {
      if (!take(parked)) return grpc::Status::OK;
    }
    if (response.next_page_token().empty()) return grpc::Status::OK;
    request.set_page_token(response.next_page_token());
  }
}

grpc::Status SubscriptionClient::Replay(
    const std::string& name, const std::vector<std::uint64_t>& sequences,
    pb::ReplayParkedResponse& response) {
  pb::ReplayParkedRequest request;
  request.set_subscription(name);
  request.set_all(sequences.empty());
  std::span<const std::uint64_t> rest = sequences;
  grpc::Status status;
  do {
    const auto portion = rest.first(std::min(rest.size(), kSequencesMax));
    request.mutable_sequences()->Assign(portion.begin(), portion.end());
    pb::ReplayParkedResponse part;
    status = Call(&Stub::ReplayParked, request, part);
    response.set_replayed(response.replayed() + part.replayed());
    response.mutable_not_parked()->MergeFrom(part.not_parked());
    rest = rest.subspan(portion.size());
  } while (status.ok() && !rest.empty());
  return status;
}

}  // namespace tuco::cli
