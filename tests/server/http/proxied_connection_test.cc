// Whom a server takes for the sender of a request: of proxies that it trusts,
// and of others.

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/http/proxy_header.h"
#include "tests/server/base/temporary_directory.h"
#include "tests/server/http/proxy_bytes.h"
#include "tests/server/http/server_fixture.h"
#include "tests/server/http/tls_client.h"

namespace tuco::http {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using testing::HasSubstr;

std::string Get() { return "GET / HTTP/1.1\r\nHost: h\r\n\r\n"; }

std::string GetFor(const std::string& forwarded) {
  return "GET / HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: " + forwarded +
         "\r\n\r\n";
}

ServerOptions Trusting(const std::string& peer, bool proxy_protocol) {
  return {.trusted_peers =
              TrustedPeers::Parse(std::vector<std::string>{peer}).value(),
          .proxy_protocol = proxy_protocol};
}

// Answers with the source of the request.
class ProxiedConnectionTest : public testing::Test {
 protected:
  ProxiedConnectionTest() {
    handler_.handle = [](const Request& request, Responder responder) {
      responder.Send(TextResponse(request.head.source));
    };
  }

  FunctionHandler handler_;
};

TEST_F(ProxiedConnectionTest, ReadsThePeersAddressFromTheHeader) {
  RunningServer server(handler_, Trusting("127.0.0.1", true));
  RawClient client(server.address());
  client.Send(ProxyV4() + Get() + Get());
  EXPECT_EQ(client.Receive().body, "203.0.113.9");
  EXPECT_EQ(client.Receive().body, "203.0.113.9");
}

TEST_F(ProxiedConnectionTest, DoesNotAlsoBelieveXForwardedFor) {
  RunningServer server(handler_, Trusting("127.0.0.1", true));
  RawClient client(server.address());
  client.Send(ProxyV4() + GetFor("198.51.100.1"));
  EXPECT_EQ(client.Receive().body, "203.0.113.9");
}

TEST_F(ProxiedConnectionTest, TheHeaderMayComeByteByByte) {
  RunningServer server(handler_, Trusting("127.0.0.1", true));
  RawClient client(server.address());
  for (const char byte : ProxyV4() + Get()) client.Send({&byte, 1});
  EXPECT_EQ(client.Receive().body, "203.0.113.9");
}

TEST_F(ProxiedConnectionTest, AHealthCheckOfTheProxyIsItsOwn) {
  RunningServer server(handler_, Trusting("127.0.0.0/8", true));
  RawClient client(server.address());
  client.Send(ProxyBytes(0x20, 0, "") + Get());
  EXPECT_EQ(client.Receive().body, "127.0.0.1");
}

TEST_F(ProxiedConnectionTest, ATrustedPeerMustSendTheHeader) {
  RunningServer server(handler_, Trusting("127.0.0.1", true));
  for (const std::string& bytes :
       {Get(), std::string("PROXY TCP4 203.0.113.9 192.0.2.1 1 2\r\n") + Get(),
        ProxyBytes(0x21, 0x11, "short") + Get(),
        ProxyBytes(0x20, 0, std::string(ProxyHeader::kBytesMax, 'x'))}) {
    RawClient client(server.address());
    client.Send(bytes);
    EXPECT_EQ(client.Receive().status(), 0);
  }
  EXPECT_TRUE(handler_.refused().empty());
}

TEST_F(ProxiedConnectionTest, TheHeaderOfAStrangerIsNoHttp) {
  RunningServer server(handler_, Trusting("192.0.2.1", true));
  RawClient client(server.address());
  client.Send(ProxyV4() + Get());
  EXPECT_EQ(client.Receive().status(), 400);
  RawClient plain(server.address());
  plain.Send(Get());
  EXPECT_EQ(plain.Receive().body, "127.0.0.1");
}

TEST_F(ProxiedConnectionTest, TheHeaderHasTheDeadlineOfTheRequests) {
  ServerOptions options = Trusting("127.0.0.1", true);
  options.limits.header_timeout = milliseconds(200);
  RunningServer server(handler_, std::move(options));
  RawClient client(server.address());
  client.Send(ProxyV4().substr(0, 20));
  EXPECT_TRUE(client.IsClosedByPeer());
}

TEST_F(ProxiedConnectionTest, TheHeaderComesBeforeTls) {
  const base::TemporaryDirectory folder;
  ServerOptions options = Trusting("127.0.0.1", true);
  options.tls = MakeCertificate(folder.path());
  RunningServer server(handler_, std::move(options));
  TlsClient client(server.address(), {.before = ProxyV4()});
  ASSERT_TRUE(client.connected());
  client.Send("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(client.ReceiveAll(), HasSubstr("203.0.113.9"));
}

// One client that holds most of the room is found behind a proxy as well.
TEST_F(ProxiedConnectionTest, RoomIsMadeByTheClientWhoHoldsMost) {
  ServerOptions options = Trusting("127.0.0.1", true);
  options.limits.connections_max = 8;
  options.limits.header_timeout = hours(1);
  RunningServer server(handler_, std::move(options));
  std::string other = ProxyV4();
  other[19] = '\x0a';  // 203.0.113.10
  RawClient patient(server.address());
  patient.Send(other + "GET / HT");
  std::vector<std::unique_ptr<RawClient>> greedy;
  for (int i = 0; i < 20; ++i) {
    greedy.push_back(std::make_unique<RawClient>(server.address()));
    greedy.back()->Send(ProxyV4() + "GET / HT");
    RawClient good(server.address());
    good.Send(other + Get());
    ASSERT_EQ(good.Receive().body, "203.0.113.10");
    good.Reset();
  }
  patient.Send("TP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(patient.Receive().body, "203.0.113.10");
}

TEST_F(ProxiedConnectionTest, EachRequestMayNameItsOwnSource) {
  RunningServer server(handler_, Trusting("127.0.0.1", false));
  RawClient client(server.address());
  client.Send(GetFor("198.51.100.1, 203.0.113.9") + GetFor("2001:db8::1") +
              Get() + GetFor("nonsense"));
  EXPECT_EQ(client.Receive().body, "203.0.113.9");
  EXPECT_EQ(client.Receive().body, "2001:db8::1");
  EXPECT_EQ(client.Receive().body, "127.0.0.1");
  EXPECT_EQ(client.Receive().body, "127.0.0.1");
}

TEST_F(ProxiedConnectionTest, AdmissionKnowsTheSourceAsWell) {
  std::string seen;
  handler_.admit = [&seen](const RequestHead& head) {
    seen = head.source;
    return std::optional<Response>();
  };
  RunningServer server(handler_, Trusting("127.0.0.1", false));
  RawClient client(server.address());
  client.Send(GetFor("203.0.113.9"));
  client.Receive();
  EXPECT_EQ(seen, "203.0.113.9");
}

TEST_F(ProxiedConnectionTest, DoesNotBelieveAStranger) {
  RunningServer server(handler_, Trusting("192.0.2.1", false));
  RawClient client(server.address());
  client.Send(GetFor("203.0.113.9"));
  EXPECT_EQ(client.Receive().body, "127.0.0.1");
}

TEST_F(ProxiedConnectionTest, WithoutTheProtocolItsHeaderIsNoHttp) {
  RunningServer server(handler_, Trusting("127.0.0.1", false));
  RawClient client(server.address());
  client.Send(ProxyV4() + Get());
  EXPECT_EQ(client.Receive().status(), 400);
}

}  // namespace
}  // namespace tuco::http
