// The gRPC listener with real sockets: what it does when there are too many
// connections, old or idle ones, or no descriptors for them.

#include "server/rpc/grpc_server.h"

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>

#include "tuco/events/v1/event_service.grpc.pb.h"

namespace tuco::rpc {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds kDeadline{20};

// A client with a connection of its own.
std::shared_ptr<grpc::Channel> Connect(const base::NetAddress& address) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel("ipv4:" + address.ToString(),
                                   grpc::InsecureChannelCredentials(),
                                   arguments);
}

bool IsServed(grpc::Channel& channel, seconds deadline = kDeadline) {
  return channel.WaitForConnected(std::chrono::system_clock::now() + deadline);
}

// Streams two responses, the second once it is told to.
class TwoResponses : public events::v1::EventService::Service {
 public:
  grpc::Status StreamEvents(
      grpc::ServerContext* /*context*/,
      const events::v1::StreamEventsRequest* /*request*/,
      grpc::ServerWriter<events::v1::StreamEventsResponse>* writer) override {
    writer->Write({});
    go_on_.wait(false);
    writer->Write({});
    return grpc::Status::OK;
  }

  void GoOn() {
    go_on_ = true;
    go_on_.notify_all();
  }

 private:
  std::atomic<bool> go_on_ = false;
};

// What a server that has none of the calls says to any of them.
grpc::StatusCode GetStatus(events::v1::EventService::Stub& stub) {
  grpc::ClientContext context;
  events::v1::GetStatusResponse response;
  return stub.GetStatus(&context, {}, &response).error_code();
}

class GrpcServerTest : public ::testing::Test {
 protected:
  void Start(const GrpcServer::Options& options) {
    server_ = GrpcServer::Listen(base::ParseNetAddress("127.0.0.1:0").value(),
                                 service_, options)
                  .value();
  }

  TwoResponses service_;
  std::unique_ptr<GrpcServer> server_;
};

TEST_F(GrpcServerTest, CountsTheConnectionsThatAreOpen) {
  Start({.connections_max = 10});
  EXPECT_EQ(server_->connections(), 0U);
  auto first = Connect(server_->address());
  auto second = Connect(server_->address());
  ASSERT_TRUE(IsServed(*first));
  ASSERT_TRUE(IsServed(*second));
  EXPECT_EQ(server_->connections(), 2U);
  first.reset();
  while (server_->connections() != 1U) std::this_thread::yield();
}

TEST_F(GrpcServerTest, ServesWhoWaitedOnceAnotherHasGone) {
  Start({.connections_max = 1});
  auto first = Connect(server_->address());
  ASSERT_TRUE(IsServed(*first));
  const auto second = Connect(server_->address());
  EXPECT_FALSE(IsServed(*second, seconds(1)));
  EXPECT_EQ(server_->connections(), 1U);
  first.reset();
  EXPECT_TRUE(IsServed(*second));
}

TEST_F(GrpcServerTest, ClosesAConnectionWithoutCalls) {
  Start({.connection_idle_max = milliseconds(200)});
  const auto channel = Connect(server_->address());
  ASSERT_TRUE(IsServed(*channel));
  while (server_->connections() != 0U) std::this_thread::yield();
  // Whoever comes back is served on another one.
  EXPECT_EQ(GetStatus(*events::v1::EventService::NewStub(channel)),
            grpc::StatusCode::UNIMPLEMENTED);
}

TEST_F(GrpcServerTest, LeavesAStreamAloneOnAnOldConnection) {
  Start({.connection_age_max = milliseconds(200)});
  const auto stub =
      events::v1::EventService::NewStub(Connect(server_->address()));
  grpc::ClientContext context;
  const auto stream = stub->StreamEvents(&context, {});
  events::v1::StreamEventsResponse response;
  ASSERT_TRUE(stream->Read(&response));
  // Calls are told to go elsewhere once the connection is old.
  while (server_->connections() != 2U) {
    EXPECT_EQ(GetStatus(*stub), grpc::StatusCode::UNIMPLEMENTED);
  }
  // It is none of those that are cut soon after.
  std::this_thread::sleep_for(milliseconds(500));
  service_.GoOn();
  EXPECT_TRUE(stream->Read(&response));
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_TRUE(stream->Finish().ok());
}

// CVE-2023-4785: gRPC's own listener never accepts again after this.
TEST_F(GrpcServerTest, ServesAgainOnceThereAreDescriptors) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "UBSan, which comes with ASan, needs descriptors to tell an "
                  "object from none";
#endif
  Start({.connections_max = 10});
  const auto early = Connect(server_->address());
  ASSERT_TRUE(IsServed(*early));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(server_->address().port);
  const int client = ::socket(AF_INET, SOCK_STREAM, 0);
  ASSERT_GE(client, 0);
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit none{0, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  // The listener finds it, and has no descriptor for it.
  ASSERT_EQ(::connect(client, reinterpret_cast<const sockaddr*>(&address),
                      sizeof(address)),
            0);
  EXPECT_EQ(GetStatus(*events::v1::EventService::NewStub(early)),
            grpc::StatusCode::UNIMPLEMENTED);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_TRUE(IsServed(*Connect(server_->address())));
  ::close(client);
}

TEST_F(GrpcServerTest, ServesOnASocketThatListensAlready) {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(::bind(socket, reinterpret_cast<const sockaddr*>(&address),
                   sizeof(address)),
            0);
  EXPECT_EQ(base::Listener::Adopt(socket).status().code(),
            absl::StatusCode::kInvalidArgument);
  ASSERT_EQ(::listen(socket, 1), 0);
  server_ =
      GrpcServer::Serve(base::Listener::Adopt(socket).value(), service_, {})
          .value();
  EXPECT_EQ(server_->address().host, "127.0.0.1");
  EXPECT_NE(server_->address().port, 0);
  EXPECT_TRUE(IsServed(*Connect(server_->address())));
}

TEST_F(GrpcServerTest, RefusesWhatIsNoSocket) {
  EXPECT_EQ(base::Listener::Adopt(-1).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(base::Listener::Adopt(STDERR_FILENO).status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace tuco::rpc
