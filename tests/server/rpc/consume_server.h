// A server with nothing but Consume.

#ifndef TUCO_TESTS_SERVER_RPC_CONSUME_SERVER_H_
#define TUCO_TESTS_SERVER_RPC_CONSUME_SERVER_H_

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "server/base/net_address.h"
#include "server/rpc/consume_reactor.h"
#include "server/rpc/grpc_server.h"
#include "server/rpc/subscription_settings.h"
#include "tests/server/rpc/fake_subscriptions.h"
#include "tuco/events/v1/event_service.grpc.pb.h"

namespace tuco::testing {

using ConsumeServiceBase =
    events::v1::EventService::WithRawCallbackMethod_Consume<
        events::v1::EventService::Service>;

// Has a SHARED subscription `work`, whose consumers `open` makes.
class ConsumeServer final : private ConsumeServiceBase {
 public:
  using Open = std::function<std::unique_ptr<stream::Consumer>(
      const stream::ConsumerOptions&)>;

  explicit ConsumeServer(Open open) {
    events::v1::Subscription subscription;
    subscription.set_mode(events::v1::SUBSCRIPTION_MODE_SHARED);
    subscriptions_.infos["work"] = {
        .name = "work", .settings = rpc::ToSettings(subscription).value()};
    subscriptions_.open_consumer = std::move(open);
    server_ = rpc::GrpcServer::Listen(
                  base::ParseNetAddress("127.0.0.1:0").value(), *this)
                  .value();
  }
  ~ConsumeServer() override { Stop(); }

  void Stop() { server_->Stop(std::chrono::milliseconds(100)); }

  // A connection of its own.
  std::shared_ptr<grpc::Channel> Connect() const {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    return grpc::CreateCustomChannel("ipv4:" + server_->address().ToString(),
                                     grpc::InsecureChannelCredentials(),
                                     arguments);
  }

 private:
  grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* Consume(
      grpc::CallbackServerContext* /*context*/) override {
    return rpc::StartConsume(subscriptions_);
  }

  FakeSubscriptions subscriptions_;
  std::unique_ptr<rpc::GrpcServer> server_;
};

}  // namespace tuco::testing

#endif  // TUCO_TESTS_SERVER_RPC_CONSUME_SERVER_H_
