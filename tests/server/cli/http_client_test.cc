#include "server/cli/http_client.h"

#include <gtest/gtest.h>

#include "server/cli/http_response_head.h"
#include "tests/server/cli/scripted_server.h"

namespace tuco::cli {
namespace {

using Answers = ScriptedServer::Answers;
using std::chrono::milliseconds;
using std::chrono::seconds;

HttpClient ClientOf(const ScriptedServer& server,
                    milliseconds timeout = seconds(30)) {
  return HttpClient(ParseHttpUrl(server.url()).value(), timeout);
}

TEST(HttpResponseHead, ReadsLengthAndClose) {
  const auto head = ReadResponseHead(
      "HTTP/1.1 401 Unauthorized\r\ncontent-length:  12 \r\nConnection: CLOSE");
  ASSERT_TRUE(head.ok());
  EXPECT_EQ(head->status, 401);
  EXPECT_EQ(head->content_length, 12U);
  EXPECT_TRUE(head->close);
}

TEST(HttpResponseHead, ReadsWithoutReasonOrHeaders) {
  const auto head = ReadResponseHead("HTTP/1.0 204");
  ASSERT_TRUE(head.ok());
  EXPECT_EQ(head->content_length, std::nullopt);
  EXPECT_TRUE(head->close);
}

TEST(HttpResponseHead, RefusesWhatIsNotHttp) {
  for (const char* text :
       {"", "SSH-2.0-OpenSSH", "HTTP/2 200", "HTTP/1.1 abc", "HTTP/1.1 20",
        "HTTP/1.1 200 OK\r\nno colon", "HTTP/1.1 200 OK\r\nContent-Length: -1",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999"}) {
    EXPECT_TRUE(absl::IsDataLoss(ReadResponseHead(text).status())) << text;
  }
}

TEST(HttpClient, SendsHeadersAndBody) {
  ScriptedServer server({Answers{Respond("200 OK", "fine")}});
  HttpClient client = ClientOf(server);
  const auto response = client.Post({{"X-A", "b"}}, "{}");
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(response->body, "fine");
  EXPECT_EQ(server.Requests(),
            std::vector<std::string>{"POST /hook?a=1 HTTP/1.1\r\nHost: "
                                     "127.0.0.1:" +
                                     server.port() +
                                     "\r\nContent-Length: 2\r\nX-A: "
                                     "b\r\n\r\n{}"});
}

TEST(HttpClient, KeepsItsConnection) {
  ScriptedServer server(
      {Answers{Respond("200 OK", "1"), Respond("200 OK", "2")}});
  HttpClient client = ClientOf(server);
  EXPECT_EQ(client.Post({}, "a").value().body, "1");
  EXPECT_EQ(client.Post({}, "b").value().body, "2");
}

TEST(HttpClient, ConnectsAgainWhenToldToClose) {
  ScriptedServer server(
      {Answers{Respond("401 Unauthorized", "1", "Connection: close\r\n")},
       Answers{Respond("200 OK", "2")}});
  HttpClient client = ClientOf(server);
  EXPECT_EQ(client.Post({}, "a").value().status, 401);
  EXPECT_EQ(client.Post({}, "b").value().status, 200);
}

TEST(HttpClient, ConnectsAgainWhenAKeptConnectionWasClosed) {
  ScriptedServer server(
      {Answers{Respond("200 OK", "1")}, Answers{Respond("200 OK", "2")}});
  HttpClient client = ClientOf(server);
  EXPECT_EQ(client.Post({}, "a").value().body, "1");
  EXPECT_EQ(client.Post({}, "b").value().body, "2");
}

TEST(HttpClient, PassesOverInterimResponses) {
  ScriptedServer server(
      {Answers{"HTTP/1.1 100 Continue\r\n\r\n" + Respond("200 OK", "x")}});
  HttpClient client = ClientOf(server);
  EXPECT_EQ(client.Post({}, "a").value().body, "x");
}

TEST(HttpClient, LeavesABodyWithoutLengthAlone) {
  ScriptedServer server(
      {Answers{"HTTP/1.1 200 OK\r\nTransfer-Encoding: "
               "chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n"}});
  HttpClient client = ClientOf(server);
  const auto response = client.Post({}, "a");
  ASSERT_TRUE(response.ok());
  EXPECT_EQ(response->body, "");
}

TEST(HttpClient, SaysWhenTheConnectionBreaks) {
  ScriptedServer server({Answers{""}});
  HttpClient client = ClientOf(server);
  EXPECT_TRUE(absl::IsUnavailable(client.Post({}, "a").status()));
}

TEST(HttpClient, SaysWhenTheAnswerIsCutShort) {
  ScriptedServer server(
      {Answers{"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab"}});
  HttpClient client = ClientOf(server);
  EXPECT_TRUE(absl::IsUnavailable(client.Post({}, "a").status()));
}

TEST(HttpClient, SaysWhenTheAnswerTakesTooLong) {
  // The second answer never comes, because no second request does.
  ScriptedServer server({Answers{"HTTP/1.1 200 OK\r\n", ""}});
  HttpClient client = ClientOf(server, milliseconds(20));
  EXPECT_TRUE(absl::IsDeadlineExceeded(client.Post({}, "a").status()));
}

TEST(HttpClient, SaysWhenItCannotConnect) {
  std::string url;
  {
    ScriptedServer gone(std::vector<Answers>{});
    url = gone.url();
  }
  HttpClient client(ParseHttpUrl(url).value(), seconds(30));
  EXPECT_TRUE(absl::IsFailedPrecondition(client.Post({}, "a").status()));
}

TEST(HttpClient, RefusesAHeaderBlockWithoutEnd) {
  ScriptedServer server(
      {Answers{"HTTP/1.1 200 OK\r\nX: " + std::string(70000, 'x')}});
  HttpClient client = ClientOf(server);
  EXPECT_TRUE(absl::IsDataLoss(client.Post({}, "a").status()));
}

}  // namespace
}  // namespace tuco::cli
