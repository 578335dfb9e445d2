// The listener's life: binding, limits, exhaustion, draining.

#include "server/http/server.h"

#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/server/base/temporary_directory.h"
#include "tests/server/http/server_fixture.h"

namespace tuco::http {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using testing::HasSubstr;

constexpr std::string_view kGet = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";

std::string MessageOf(const absl::Status& status) {
  return std::string(status.message().data(), status.message().size());
}

// A temporary folder with a path for a socket.
class UnixSocketTest : public testing::Test {
 protected:
  UnixSocketTest() {
    address_.kind = base::NetAddress::Kind::kUnix;
    address_.path = folder_ / "http.sock";
  }

  bool FileExists() const {
    struct stat file {};
    return ::lstat(address_.path.c_str(), &file) == 0;
  }
  absl::StatusOr<std::unique_ptr<Server>> Listen() {
    return Server::Listen(io_, address_, {}, handler_);
  }

  // Short, as a socket's path must be.
  base::TemporaryDirectory folder_;
  base::NetAddress address_;
  boost::asio::io_context io_{1};
  FunctionHandler handler_;
};

TEST_F(UnixSocketTest, ServesAndRemovesItsFile) {
  auto server = Listen();
  ASSERT_TRUE(server.ok()) << server.status();
  EXPECT_EQ((*server)->address(), address_);
  (*server)->Start();
  handler_.handle = [](const Request& request, Responder responder) {
    responder.Send(TextResponse(request.head.source));
  };
  std::thread thread([&] { io_.run(); });
  RawClient client(address_);
  client.Send(kGet);
  EXPECT_EQ(client.Receive().body, "unix");
  io_.stop();
  thread.join();
  server->reset();
  EXPECT_FALSE(FileExists());
}

TEST_F(UnixSocketTest, ReplacesTheFileOfAServerThatIsGone) {
  const int left_behind = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  std::strncpy(name.sun_path, address_.path.c_str(), sizeof(name.sun_path) - 1);
  ASSERT_EQ(
      ::bind(left_behind, reinterpret_cast<sockaddr*>(&name), sizeof(name)), 0);
  ::close(left_behind);
  ASSERT_TRUE(FileExists());
  EXPECT_TRUE(Listen().ok());
}

TEST_F(UnixSocketTest, DoesNotReplaceALivingServer) {
  const auto living = Listen();
  ASSERT_TRUE(living.ok());
  const auto second = Listen();
  EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(MessageOf(second.status()), HasSubstr(address_.path));
  EXPECT_TRUE(FileExists());
}

TEST_F(UnixSocketTest, DoesNotReplaceAFile) {
  std::ofstream(address_.path) << "precious";
  EXPECT_EQ(Listen().status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(FileExists());
}

TEST(ServerListenTest, SaysWhichAddressIsTaken) {
  boost::asio::io_context io;
  FunctionHandler handler;
  const auto first = Server::Listen(io, LoopbackV4(), {}, handler);
  ASSERT_TRUE(first.ok());
  ASSERT_NE((*first)->address().port, 0);
  const auto second = Server::Listen(io, (*first)->address(), {}, handler);
  EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(MessageOf(second.status()), "cannot listen on " +
                                            (*first)->address().ToString() +
                                            ": Address already in use");
}

TEST(ServerListenTest, RefusesWhatCannotBeBound) {
  boost::asio::io_context io;
  FunctionHandler handler;
  base::NetAddress address = LoopbackV4();
  address.host = "192.0.2.1";  // Reserved for documentation: not ours.
  EXPECT_EQ(Server::Listen(io, address, {}, handler).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Server::Listen(io, {}, {}, handler).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(ServerListenTest, TakesIpv4OnTheIpv6Wildcard) {
  boost::asio::io_context io;
  FunctionHandler handler;
  handler.handle = [](const Request& request, Responder responder) {
    responder.Send(TextResponse(request.head.source));
  };
  base::NetAddress address = LoopbackV4();
  address.host = "::";
  auto server = Server::Listen(io, address, {}, handler);
  if (!server.ok()) GTEST_SKIP() << "no IPv6 here: " << server.status();
  (*server)->Start();
  std::thread thread([&] { io.run(); });
  RawClient client((*server)->address());
  client.Send(kGet);
  EXPECT_EQ(client.Receive().body, "127.0.0.1");
  io.stop();
  thread.join();
}

TEST(ServerTest, TakesTheNextConnectionWhenOneOfTheMostCloses) {
  Limits limits;
  limits.connections_max = 1;
  FunctionHandler handler;
  std::promise<Responder> responders;
  handler.handle = [&](const Request&, Responder responder) {
    responders.set_value(std::move(responder));
  };
  RunningServer server(limits, handler);
  RawClient first(server.address());
  first.Send(kGet);
  Responder responder = responders.get_future().get();
  responders = {};
  RawClient second(server.address());  // The kernel queues it.
  second.Send(kGet);
  EXPECT_EQ(server.server().connections(), 1);
  responder.Send(TextResponse("owed"));  // From now on it is idle.
  EXPECT_EQ(first.Receive().body, "owed");
  responders.get_future().get().Send(TextResponse("next"));
  EXPECT_EQ(second.Receive().body, "next");
  EXPECT_TRUE(first.IsClosedByPeer());
  EXPECT_EQ(server.server().connections(), 1);
}

// One connection of four is left for newcomers; nothing passes by itself.
Limits Crowded() {
  Limits limits;
  limits.connections_max = 4;
  limits.header_timeout = limits.idle_timeout = hours(1);
  return limits;
}

TEST(ServerCrowdTest, ClosesWhoHasOwedItsHeaderForLongest) {
  FunctionHandler handler;
  RunningServer server(Crowded(), handler);
  RawClient idle(server.address());
  idle.Send(kGet);
  EXPECT_EQ(idle.Receive().status(), 200);
  RawClient first(server.address());
  first.Send("GET / HT");
  RawClient second(server.address());
  second.Send("GET / HT");
  RawClient newcomer(server.address());
  newcomer.Send(kGet);
  EXPECT_EQ(newcomer.Receive().status(), 200);
  EXPECT_TRUE(first.IsClosedByPeer());
  second.Send("TP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(second.Receive().status(), 200);
  idle.Send(kGet);
  EXPECT_EQ(idle.Receive().status(), 200);
}

TEST(ServerCrowdTest, ClosesWhoHasBeenIdleForLongestWhereNobodyOwesAHeader) {
  FunctionHandler handler;
  RunningServer server(Crowded(), handler);
  RawClient first(server.address());
  RawClient second(server.address());
  RawClient third(server.address());
  for (RawClient* client : {&first, &second, &third, &first}) {
    client->Send(kGet);
    EXPECT_EQ(client->Receive().status(), 200);
  }
  RawClient newcomer(server.address());
  newcomer.Send(kGet);
  EXPECT_EQ(newcomer.Receive().status(), 200);
  EXPECT_TRUE(second.IsClosedByPeer());
  for (RawClient* client : {&first, &third}) {
    client->Send(kGet);
    EXPECT_EQ(client->Receive().status(), 200);
  }
}

TEST(ServerCrowdTest, ServesEverybodyBesideManyThatAreSlow) {
  FunctionHandler handler;
  RunningServer server(Crowded(), handler);
  std::vector<std::unique_ptr<RawClient>> slow;
  for (int i = 0; i < 20; ++i) {
    slow.push_back(std::make_unique<RawClient>(server.address()));
    slow.back()->Send("GET / HT");
    RawClient good(server.address());
    good.Send(kGet);
    EXPECT_EQ(good.Receive().status(), 200);
  }
  EXPECT_LE(server.server().connections(), 4);
}

TEST(ServerTest, AcceptsAgainAfterDescriptorsRanOut) {
  boost::asio::io_context io(1);
  FunctionHandler handler;
  auto server = Server::Listen(io, LoopbackV4(), {}, handler);
  ASSERT_TRUE(server.ok());
  RawClient client((*server)->address());
  client.Send(kGet);
  (*server)->Start();

  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit none{3, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  io.poll();
  EXPECT_EQ((*server)->connections(), 0);
  // It waits between its attempts, each of which is one of the operations.
  EXPECT_LE(io.run_for(milliseconds(500)), 6);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);

  std::thread thread([&] { io.run(); });
  EXPECT_EQ(client.Receive().status(), 200);
  io.stop();
  thread.join();
}

TEST(ServerTest, DestructionClosesConnections) {
  FunctionHandler handler;
  RunningServer server({}, handler);
  RawClient client(server.address());
  client.Send(kGet);
  EXPECT_EQ(client.Receive().status(), 200);
  server.Destroy();
  EXPECT_TRUE(client.IsClosedByPeer());
}

TEST(ServerDrainTest, EndsAtOnceWithoutConnections) {
  FunctionHandler handler;
  RunningServer server({}, handler);
  EXPECT_TRUE(IsReady(server.Drain(hours(1), hours(1))));
  EXPECT_FALSE(RawClient(server.address()).connected());
}

TEST(ServerDrainTest, AnswersOpenConnectionsWithCloseAndEndsWhenAllHaveLeft) {
  FunctionHandler handler;
  RunningServer server({}, handler);
  RawClient client(server.address());
  client.Send(kGet);
  EXPECT_FALSE(client.Receive().closes());
  const auto drained = server.Drain(hours(1), hours(1));
  server.OnIoThread([] {});  // Draining has begun.
  client.Send(kGet);
  const RawResponse response = client.Receive();
  EXPECT_EQ(response.status(), 200);
  EXPECT_TRUE(response.closes());
  client.Reset();
  EXPECT_TRUE(IsReady(drained));
}

TEST(ServerDrainTest, AnswersWhoWaitsInTheKernelsQueue) {
  boost::asio::io_context io(1);
  FunctionHandler handler;
  auto server = Server::Listen(io, LoopbackV4(), {}, handler);
  ASSERT_TRUE(server.ok());
  RawClient client((*server)->address());
  client.Send(kGet);
  (*server)->Drain(hours(1), hours(1), [] {});
  std::thread thread([&] { io.run(); });
  const RawResponse response = client.Receive();
  EXPECT_EQ(response.status(), 200);
  EXPECT_TRUE(response.closes());
  io.stop();
  thread.join();
}

TEST(ServerDrainTest, EndsWhenNobodySendsAnything) {
  FunctionHandler handler;
  RunningServer server({}, handler);
  RawClient client(server.address());
  client.Send(kGet);
  EXPECT_EQ(client.Receive().status(), 200);
  EXPECT_TRUE(IsReady(server.Drain(milliseconds(10), hours(1))));
  EXPECT_EQ(server.server().connections(), 1);
}

TEST(ServerDrainTest, WaitsForAnswersThatAreOwed) {
  FunctionHandler handler;
  std::promise<Responder> responders;
  handler.handle = [&](const Request&, Responder responder) {
    responders.set_value(std::move(responder));
  };
  Limits limits;
  limits.header_timeout = milliseconds(60);
  RunningServer server(limits, handler);
  RawClient client(server.address());
  client.Send(kGet);
  Responder responder = responders.get_future().get();
  RawClient silent(server.address());
  const auto drained = server.Drain(milliseconds(1), hours(1));
  EXPECT_TRUE(silent.IsClosedByPeer());  // By then `quiet` has long passed.
  EXPECT_NE(drained.wait_for(milliseconds(0)), std::future_status::ready);
  responder.Send(TextResponse("owed"));
  EXPECT_EQ(client.Receive().body, "owed");
  EXPECT_TRUE(IsReady(drained));
}

TEST(ServerDrainTest, EndsAtTheLimit) {
  FunctionHandler handler;
  std::promise<Responder> responders;
  handler.handle = [&](const Request&, Responder responder) {
    responders.set_value(std::move(responder));
  };
  RunningServer server({}, handler);
  RawClient client(server.address());
  client.Send(kGet);
  const Responder responder = responders.get_future().get();
  EXPECT_TRUE(IsReady(server.Drain(hours(1), milliseconds(50))));
}

}  // namespace
}  // namespace tuco::http
