// What a client sees of a connection over TLS, over real sockets.

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/server/base/temporary_directory.h"
#include "tests/server/http/server_fixture.h"
#include "tests/server/http/tls_client.h"

namespace tuco::http {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::steady_clock;
using testing::HasSubstr;
using testing::StartsWith;

constexpr int kTls11 = 0x0302;
constexpr int kTls12 = 0x0303;
constexpr int kTls13 = 0x0304;

std::string Post(const std::string& body, const std::string& fields = "") {
  return "POST /hook HTTP/1.1\r\nHost: h\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n" + fields + "\r\n" + body;
}

constexpr char kLast[] = "Connection: close\r\n";

// What answers a POST of `body` on a connection that stays open.
std::string AnswerTo(const std::string& body) {
  return "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

class TlsConnectionTest : public testing::Test {
 protected:
  ServerOptions Options(const Limits& limits = {}) const {
    return {.limits = limits, .tls = files_};
  }
  // Exchanges one request and its answer, and leaves the connection open.
  static void ExpectEcho(TlsClient& client, const std::string& body) {
    ASSERT_TRUE(client.Send(Post(body)));
    const std::string expected = AnswerTo(body);
    EXPECT_EQ(client.Receive(expected.size()), expected);
  }

  base::TemporaryDirectory folder_;
  base::TlsPaths files_ = MakeCertificate(folder_.path());
  FunctionHandler handler_;
};

TEST_F(TlsConnectionTest, AnswersSeveralRequestsInEitherVersion) {
  RunningServer server(handler_, Options());
  for (const int version : {kTls12, kTls13}) {
    TlsClient client(server.address(),
                     {.version_min = version, .version_max = version});
    ASSERT_TRUE(client.connected());
    EXPECT_EQ(client.version(), version == kTls12 ? "TLSv1.2" : "TLSv1.3");
    for (const std::string body : {"one", "two", "three"}) {
      ExpectEcho(client, body);
    }
  }
}

TEST_F(TlsConnectionTest, RefusesOlderVersions) {
  RunningServer server(handler_, Options());
  TlsClient client(server.address(), {.version_max = kTls11});
  EXPECT_FALSE(client.connected());
}

TEST_F(TlsConnectionTest, ChoosesHttp11AmongTheProtocols) {
  RunningServer server(handler_, Options());
  TlsClient both(server.address(), {.protocols = "\x02h2\x08http/1.1"});
  ASSERT_TRUE(both.connected());
  EXPECT_EQ(both.protocol(), "http/1.1");
  TlsClient only_h2(server.address(), {.protocols = "\x02h2"});
  EXPECT_FALSE(only_h2.connected());
}

TEST_F(TlsConnectionTest, TheAnswerDoesNotDependOnTheRecords) {
  RunningServer server(handler_, Options());
  TlsClient client(server.address());
  const std::string request = Post("body");
  for (std::size_t at = 1; at < request.size(); ++at) {
    ASSERT_TRUE(client.Send(request.substr(0, at)));
    ASSERT_TRUE(client.Send(request.substr(at)));
    const std::string expected = AnswerTo("body");
    ASSERT_EQ(client.Receive(expected.size()), expected) << at;
  }
  for (const char byte : request) ASSERT_TRUE(client.Send({&byte, 1}));
  EXPECT_EQ(client.Receive(1), "H");
}

TEST_F(TlsConnectionTest, AnswersPipelinedRequestsOfOneRecord) {
  RunningServer server(handler_, Options());
  TlsClient client(server.address());
  ASSERT_TRUE(client.Send(Post("one") + Post("two") + Post("three")));
  const std::string expected =
      AnswerTo("one") + AnswerTo("two") + AnswerTo("three");
  EXPECT_EQ(client.Receive(expected.size()), expected);
}

// Larger than what the socket takes at once, in both directions.
TEST_F(TlsConnectionTest, TakesAndGivesLargeBodies) {
  RunningServer server(handler_, Options());
  TlsClient client(server.address());
  std::string body(256UL * 1024, 'x');
  for (std::size_t i = 0; i < body.size(); i += 97) body[i] = 'y';
  ExpectEcho(client, body);
  ExpectEcho(client, body);
}

TEST_F(TlsConnectionTest, GivesAnAnswerToAClientThatReadsLate) {
  const std::string large(8UL * 1024 * 1024, 'z');
  handler_.handle = [&large](const Request&, Responder responder) {
    responder.Send(TextResponse(large));
  };
  RunningServer server(handler_, Options());
  TlsClient client(server.address());
  ASSERT_TRUE(client.Send(Post("", kLast)));
  // Until then the server waits to write.
  RawClient other(server.address());
  other.Send("garbage that is no hello");
  EXPECT_TRUE(other.Receive().head.empty());
  const std::string received = client.ReceiveAll();
  EXPECT_TRUE(received.ends_with(large));
  EXPECT_TRUE(client.ended_in_order());
}

TEST_F(TlsConnectionTest, GivesUpOnAClientThatNeverReads) {
  const std::string large(32UL * 1024 * 1024, 'z');
  handler_.handle = [&large](const Request&, Responder responder) {
    responder.Send(TextResponse(large));
  };
  Limits limits;
  limits.write_timeout = milliseconds(200);
  RunningServer server(handler_, Options(limits));
  TlsClient client(server.address());
  ASSERT_TRUE(client.Send(Post("")));
  const auto start = steady_clock::now();
  while (server.server().connections() > 0 &&
         steady_clock::now() - start < kPatience) {
    server.OnIoThread([] {});
  }
  EXPECT_EQ(server.server().connections(), 0);
}

TEST_F(TlsConnectionTest, EndsInOrder) {
  RunningServer server(handler_, Options());
  TlsClient client(server.address());
  ASSERT_TRUE(client.Send(Post("bye", kLast)));
  EXPECT_THAT(client.ReceiveAll(), HasSubstr("bye"));
  EXPECT_TRUE(client.ended_in_order());
}

TEST_F(TlsConnectionTest, EndsInOrderWhenItWasIdleForTooLong) {
  Limits limits;
  limits.idle_timeout = milliseconds(200);
  RunningServer server(handler_, Options(limits));
  TlsClient client(server.address());
  ExpectEcho(client, "one");
  EXPECT_EQ(client.ReceiveAll(), "");
  EXPECT_TRUE(client.ended_in_order());
}

TEST_F(TlsConnectionTest, AnswersAClientThatHasEndedItsSending) {
  RunningServer server(handler_, Options());
  TlsClient client(server.address());
  ASSERT_TRUE(client.Send(Post("one")));
  client.CloseSending();
  EXPECT_EQ(client.ReceiveAll(), AnswerTo("one"));
}

TEST_F(TlsConnectionTest, ResumesASession) {
  RunningServer server(handler_, Options());
  for (const int version : {kTls12, kTls13}) {
    const TlsOffer offer{.version_min = version, .version_max = version};
    TlsClient first(server.address(), offer);
    ExpectEcho(first, "one");  // The ticket comes before the answer.
    EXPECT_FALSE(first.resumed());
    TlsClient second(server.address(), offer, &first);
    ExpectEcho(second, "two");
    EXPECT_TRUE(second.resumed());
  }
}

TEST_F(TlsConnectionTest, DoesNotRenegotiate) {
  RunningServer server(handler_, Options());
  TlsClient client(server.address(), {.version_max = kTls12});
  ExpectEcho(client, "one");
  EXPECT_FALSE(client.Renegotiate());
}

TEST_F(TlsConnectionTest, NewConnectionsGetTheNewCertificate) {
  RunningServer server(handler_, Options());
  TlsClient before(server.address());
  EXPECT_EQ(before.peer_name(), "localhost");
  const base::TlsPaths other =
      MakeCertificate(folder_.path(), {.name = "other"});
  std::filesystem::rename(other.certificate, files_.certificate);
  std::filesystem::rename(other.key, files_.key);
  ASSERT_TRUE(server.server().ReloadTls().ok());
  TlsClient after(server.address());
  EXPECT_EQ(after.peer_name(), "other");
  ExpectEcho(after, "new");
  ExpectEcho(before, "old");
  // What was resumed would still be the old one.
  TlsClient resumed(server.address(), {}, &before);
  EXPECT_EQ(resumed.peer_name(), "other");
}

TEST_F(TlsConnectionTest, ABadNewCertificateChangesNothing) {
  RunningServer server(handler_, Options());
  std::ofstream(files_.certificate) << "nothing";
  EXPECT_EQ(server.server().ReloadTls().code(),
            absl::StatusCode::kInvalidArgument);
  TlsClient client(server.address());
  EXPECT_EQ(client.peer_name(), "localhost");
  ExpectEcho(client, "one");
}

TEST_F(TlsConnectionTest, ReloadsAreSafeBesideHandshakes) {
  RunningServer server(handler_, Options());
  std::thread reloader([&server] {
    for (int i = 0; i < 50; ++i) {
      EXPECT_TRUE(server.server().ReloadTls().ok());
    }
  });
  for (int i = 0; i < 20; ++i) {
    TlsClient client(server.address());
    ExpectEcho(client, "one");
  }
  reloader.join();
}

TEST_F(TlsConnectionTest, WithoutTlsThereIsNothingToReload) {
  RunningServer server({}, handler_);
  EXPECT_TRUE(server.server().ReloadTls().ok());
  EXPECT_FALSE(server.server().tls_expires_at().has_value());
}

TEST_F(TlsConnectionTest, ListeningFailsWithoutItsCertificate) {
  files_.key += ".gone";
  boost::asio::io_context io;
  EXPECT_EQ(
      Server::Listen(io, LoopbackV4(), Options(), handler_).status().code(),
      absl::StatusCode::kInvalidArgument);
}

TEST_F(TlsConnectionTest, ClosesOnWhatIsNoHandshake) {
  RunningServer server(handler_, Options());
  for (const std::string& bytes :
       {std::string("GET / HTTP/1.1\r\nHost: h\r\n\r\n"),
        std::string("\x16\x03\x01\x00\x05garbage", 12),
        std::string(70'000, 'x'), std::string(100, '\0')}) {
    RawClient client(server.address());
    client.Send(bytes);
    EXPECT_EQ(client.Receive().status(), 0);
  }
  TlsClient good(server.address());
  ExpectEcho(good, "one");
}

TEST_F(TlsConnectionTest, SurvivesClientsThatLeaveInTheMiddle) {
  RunningServer server(handler_, Options());
  for (const std::string_view bytes :
       {"", "\x16", "\x16\x03\x01\x02\x00\x01"}) {
    RawClient gone(server.address());
    gone.Send(bytes);
    gone.Reset();
    RawClient half(server.address());
    half.Send(bytes);
    half.CloseSending();
    EXPECT_EQ(half.Receive().status(), 0);
  }
  TlsClient good(server.address());
  ExpectEcho(good, "one");
}

TEST_F(TlsConnectionTest, ClosesAtOnceOnAHelloThatIsTooLarge) {
  Limits limits;
  limits.header_timeout = hours(1);
  limits.idle_timeout = hours(1);
  RunningServer server(handler_, Options(limits));
  RawClient client(server.address());
  client.Send(std::string("\x16\x03\x01\x00\x04\x01\x00\x40\x01", 9));
  EXPECT_TRUE(client.IsClosedByPeer());
}

TEST_F(TlsConnectionTest, AHandshakeHasTheDeadlineOfTheHeader) {
  Limits limits;
  limits.header_timeout = milliseconds(200);
  RunningServer server(handler_, Options(limits));
  RawClient client(server.address());
  client.Send("\x16\x03\x01");
  EXPECT_TRUE(client.IsClosedByPeer());
}

TEST_F(TlsConnectionTest, TheHandshakeAndTheHeaderHaveOneDeadline) {
  Limits limits;
  limits.header_timeout = milliseconds(400);
  RunningServer server(handler_, Options(limits));
  const auto start = steady_clock::now();
  TlsClient client(server.address());
  client.Send("GET / HTTP/1.1\r\n");
  EXPECT_THAT(client.ReceiveAll(), StartsWith("HTTP/1.1 408 "));
  // The deadline and two ticks of an eighth; another one would take twice it.
  EXPECT_LT(steady_clock::now() - start, milliseconds(750));
}

TEST_F(TlsConnectionTest, HandshakesMakeRoomForOthers) {
  Limits limits;
  limits.connections_max = 4;
  limits.header_timeout = hours(1);
  RunningServer server(handler_, Options(limits));
  std::vector<std::unique_ptr<RawClient>> slow;
  for (int i = 0; i < 20; ++i) {
    slow.push_back(std::make_unique<RawClient>(server.address()));
    slow.back()->Send("\x16\x03");
    TlsClient good(server.address());
    ASSERT_TRUE(good.connected());
    ASSERT_TRUE(good.Send(Post("", kLast)));
    EXPECT_THAT(good.ReceiveAll(), StartsWith("HTTP/1.1 200 "));
  }
  EXPECT_LE(server.server().connections(), 4);
}

TEST_F(TlsConnectionTest, DrainsWhatIsOpen) {
  Limits limits;
  limits.linger_timeout = milliseconds(100);
  RunningServer server(handler_, Options(limits));
  TlsClient client(server.address());
  ExpectEcho(client, "one");
  const auto drained = server.Drain(hours(1), hours(1));
  server.OnIoThread([] {});
  ASSERT_TRUE(client.Send(Post("two")));
  EXPECT_THAT(client.ReceiveAll(), HasSubstr("\r\nConnection: close\r\n"));
  EXPECT_TRUE(client.ended_in_order());
  EXPECT_TRUE(IsReady(drained));
}

TEST_F(TlsConnectionTest, AHandshakeThatStandsStillDoesNotHoldUpTheDraining) {
  RunningServer server(handler_, Options());
  RawClient client(server.address());
  client.Send("\x16\x03\x01");
  EXPECT_TRUE(IsReady(server.Drain(milliseconds(50), hours(1))));
}

}  // namespace
}  // namespace tuco::http
