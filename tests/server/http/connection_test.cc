// What a client sees of one connection, over real sockets.

#include "server/http/connection.h"

#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/server/http/server_fixture.h"

namespace tuco::http {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::string Post(const std::string& body, const std::string& fields = "") {
  std::string request = "POST /hook HTTP/1.1\r\nHost: h\r\nContent-Length: ";
  request += std::to_string(body.size());
  request += "\r\n";
  request += fields;
  request += "\r\n";
  request += body;
  return request;
}

constexpr std::string_view kGet = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";

// Timeouts that a test waits for.
Limits Hasty() {
  Limits limits;
  limits.header_timeout = milliseconds(200);
  limits.body_timeout = milliseconds(200);
  limits.write_timeout = milliseconds(200);
  limits.idle_timeout = milliseconds(200);
  limits.linger_timeout = milliseconds(200);
  return limits;
}

class ConnectionTest : public testing::Test {
 protected:
  // Keeps responders for the test to answer.
  void KeepResponders() {
    handler_.handle = [this](const Request&, Responder responder) {
      responders_.set_value(std::move(responder));
    };
  }
  Responder NextResponder() {
    Responder responder = responders_.get_future().get();
    responders_ = {};
    return responder;
  }

  FunctionHandler handler_;
  std::promise<Responder> responders_;
};

TEST_F(ConnectionTest, AnswersSeveralRequests) {
  RunningServer server({}, handler_);
  RawClient client(server.address());
  for (const std::string body : {"one", "two", "three"}) {
    client.Send(Post(body));
    const RawResponse response = client.Receive();
    EXPECT_EQ(response.body, body);
    EXPECT_EQ(response.head,
              "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
              "Content-Length: " +
                  std::to_string(body.size()) + "\r\n\r\n");
  }
}

TEST_F(ConnectionTest, TellsTheSourceWithoutThePort) {
  handler_.handle = [](const Request& request, Responder responder) {
    responder.Send(TextResponse(request.head.source));
  };
  RunningServer server({}, handler_);
  RawClient client(server.address());
  client.Send(kGet);
  EXPECT_EQ(client.Receive().body, "127.0.0.1");
}

TEST_F(ConnectionTest, AnswersPipelinedRequestsInOrder) {
  RunningServer server({}, handler_);
  RawClient client(server.address());
  std::string requests;
  for (int i = 0; i < 2'000; ++i) requests += Post(std::to_string(i));
  std::thread sender([&] { client.Send(requests); });
  for (int i = 0; i < 2'000; ++i) {
    ASSERT_EQ(client.Receive().body, std::to_string(i));
  }
  sender.join();
}

TEST_F(ConnectionTest, AnswersPipelinedRequestsInOrderFromAnotherThread) {
  std::vector<std::thread> threads;
  handler_.handle = [&](const Request& request, Responder responder) {
    threads.emplace_back([body = std::string(request.body),
                          answer = std::move(responder)]() mutable {
      answer.Send(TextResponse(body));
    });
  };
  RunningServer server({}, handler_);
  RawClient client(server.address());
  client.Send(Post("1") + Post("2") + Post("3"));
  EXPECT_EQ(client.Receive().body, "1");
  EXPECT_EQ(client.Receive().body, "2");
  EXPECT_EQ(client.Receive().body, "3");
  for (std::thread& thread : threads) thread.join();
}

TEST_F(ConnectionTest, TakesAChunkedBodyInSmallPieces) {
  RunningServer server({}, handler_);
  RawClient client(server.address());
  const std::string request =
      "POST /hook HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
      "2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n";
  for (const char byte : request) client.Send({&byte, 1});
  EXPECT_EQ(client.Receive().body, "hello");
}

TEST_F(ConnectionTest, TakesTheLargestBody) {
  RunningServer server({}, handler_);
  RawClient client(server.address());
  const std::string body(Limits().body_bytes_max, 'b');
  client.Send(Post(body));
  EXPECT_EQ(client.Receive().body, body);
}

TEST_F(ConnectionTest, SendsFurtherFields) {
  handler_.admit = [](const RequestHead&) -> std::optional<Response> {
    Response response = Problem(405, "a method other than POST");
    response.headers.push_back({"Allow", "POST"});
    return response;
  };
  RunningServer server({}, handler_);
  RawClient client(server.address());
  client.Send("DELETE / HTTP/1.1\r\nHost: h\r\n\r\n");
  const RawResponse response = client.Receive();
  EXPECT_EQ(response.status(), 405);
  EXPECT_THAT(response.head, HasSubstr("\r\nAllow: POST\r\n"));
  EXPECT_THAT(response.head,
              HasSubstr("\r\nContent-Type: application/problem+json\r\n"));
}

TEST_F(ConnectionTest, SendsNoBodyInAnswerToHead) {
  handler_.handle = [](const Request&, Responder responder) {
    responder.Send(TextResponse("hello"));
  };
  RunningServer server({}, handler_);
  RawClient client(server.address());
  client.Send("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_THAT(client.Receive(true).head,
              HasSubstr("\r\nContent-Length: 5\r\n"));
  client.Send(kGet);
  EXPECT_EQ(client.Receive().body, "hello");
}

TEST_F(ConnectionTest, ClosesBehindEveryClientError) {
  handler_.handle = [](const Request&, Responder responder) {
    responder.Send(Problem(401, "no"));
  };
  RunningServer server({}, handler_);
  RawClient client(server.address());
  client.Send(Post("x") + Post("y"));
  const RawResponse response = client.Receive();
  EXPECT_EQ(response.status(), 401);
  EXPECT_TRUE(response.closes());
  EXPECT_TRUE(client.IsClosedByPeer());
}

TEST_F(ConnectionTest, ClosesWhenAsked) {
  RunningServer server({}, handler_);
  RawClient client(server.address());
  client.Send(Post("x", "Connection: close\r\n"));
  EXPECT_TRUE(client.Receive().closes());
  EXPECT_TRUE(client.IsClosedByPeer());
}

TEST_F(ConnectionTest, ClosesBehindHttp10) {
  RunningServer server({}, handler_);
  RawClient client(server.address());
  client.Send("GET / HTTP/1.0\r\n\r\n");
  EXPECT_TRUE(client.Receive().closes());
  EXPECT_TRUE(client.IsClosedByPeer());
}

TEST_F(ConnectionTest, StaysOpenForHttp10ThatAsksForIt) {
  RunningServer server({}, handler_);
  RawClient client(server.address());
  for (int i = 0; i < 2; ++i) {
    client.Send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_THAT(client.Receive().head,
                HasSubstr("\r\nConnection: keep-alive\r\n"));
  }
}

TEST_F(ConnectionTest, StaysOpenWhenAdmitAnswersARequestWithoutBody) {
  handler_.admit = [](const RequestHead&) { return TextResponse("ok"); };
  RunningServer server({}, handler_);
  RawClient client(server.address());
  client.Send(std::string(kGet) + std::string(kGet));
  EXPECT_EQ(client.Receive().body, "ok");
  EXPECT_EQ(client.Receive().body, "ok");
}

TEST_F(ConnectionTest, ClosesWhenAdmitAnswersARequestWithBody) {
  handler_.admit = [](const RequestHead&) { return TextResponse("ok"); };
  RunningServer server({}, handler_);
  RawClient client(server.address());
  client.Send(Post("body") + Post("body"));
  EXPECT_TRUE(client.Receive().closes());
  EXPECT_TRUE(client.IsClosedByPeer());
}

TEST_F(ConnectionTest, RefusesMalformedRequests) {
  RunningServer server({}, handler_);
  RawClient client(server.address());
  client.Send("GET / HTTP/1.1\r\n\r\n");
  const RawResponse response = client.Receive();
  EXPECT_EQ(response.status(), 400);
  EXPECT_TRUE(response.closes());
  EXPECT_EQ(response.body,
            R"({"type":"about:blank","title":"Bad Request","status":400,)"
            R"("detail":"no Host"})");
  EXPECT_TRUE(client.IsClosedByPeer());
  EXPECT_THAT(handler_.refused(), ElementsAre(400));
}

TEST_F(ConnectionTest, AnswersWhatCameBeforeAMalformedRequest) {
  RunningServer server({}, handler_);
  RawClient client(server.address());
  client.Send(Post("good") + "nonsense\r\n\r\n");
  EXPECT_EQ(client.Receive().body, "good");
  EXPECT_EQ(client.Receive().status(), 400);
  EXPECT_TRUE(client.IsClosedByPeer());
}

TEST_F(ConnectionTest, AnotherLimitOnBodiesCountsFromTheNextRequestOn) {
  RunningServer server({}, handler_);
  RawClient client(server.address());
  const std::string body(3'000, 'b');
  const std::string request = Post(body);
  EXPECT_TRUE(client.Send(Post("first")));
  EXPECT_EQ(client.Receive().body, "first");
  EXPECT_TRUE(client.Send(request.substr(0, request.size() - 1'000)));
  // Taken up before the next task of the I/O thread.
  RawClient other(server.address());
  EXPECT_TRUE(other.Send(Post("other")));
  EXPECT_EQ(other.Receive().body, "other");
  server.server().set_body_bytes_max(1'024);
  server.OnIoThread([] {});
  EXPECT_TRUE(client.Send(request.substr(request.size() - 1'000)));
  EXPECT_EQ(client.Receive().body, body);
  EXPECT_TRUE(client.Send(request));
  EXPECT_EQ(client.Receive().status(), 413);
}

TEST_F(ConnectionTest, ClientSeesTheRefusalOfABodyThatItStillSends) {
  RunningServer server({}, handler_);
  RawClient client(server.address());
  const std::string body(3UL * 1024 * 1024, 'b');
  EXPECT_TRUE(client.Send(Post(body)));
  const RawResponse response = client.Receive();
  EXPECT_EQ(response.status(), 413);
  EXPECT_TRUE(response.closes());
  EXPECT_TRUE(client.IsClosedByPeer());
}

TEST_F(ConnectionTest, CutsOffWhoGoesOnSendingWithoutEnd) {
  Limits limits;
  limits.linger_timeout = std::chrono::hours(1);
  limits.body_bytes_max = 1024;
  RunningServer server(limits, handler_);
  RawClient client(server.address());
  client.Send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999\r\n\r\n");
  const std::string piece(64UL * 1024, 'b');
  int pieces = 0;
  while (pieces < 10'000 && client.Send(piece)) ++pieces;
  EXPECT_LT(pieces, 10'000);
}

TEST_F(ConnectionTest, AsksForTheBodyThatWaitsForContinue) {
  RunningServer server({}, handler_);
  RawClient client(server.address());
  client.Send(
      "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n"
      "Content-Length: 5\r\n\r\n");
  EXPECT_EQ(client.Receive().head, "HTTP/1.1 100 Continue\r\n\r\n");
  client.Send("hello");
  EXPECT_EQ(client.Receive().body, "hello");
}

TEST_F(ConnectionTest, DoesNotAskForABodyThatAdmitRefuses) {
  handler_.admit = [](const RequestHead&) { return Problem(404, "unknown"); };
  RunningServer server({}, handler_);
  RawClient client(server.address());
  client.Send(
      "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n"
      "Content-Length: 5\r\n\r\n");
  EXPECT_EQ(client.Receive().status(), 404);
  EXPECT_TRUE(client.IsClosedByPeer());
}

TEST_F(ConnectionTest, RefusesAnotherExpectation) {
  RunningServer server({}, handler_);
  RawClient client(server.address());
  client.Send(Post("x", "Expect: 200-ok\r\n"));
  EXPECT_EQ(client.Receive().status(), 417);
}

// Room for one large body, and as much time as a test takes.
Limits NarrowMemory() {
  Limits limits;
  limits.buffered_bytes_max = 32UL * 1024;
  limits.body_timeout = std::chrono::hours(1);
  return limits;
}

constexpr std::string_view kLargeHead =
    "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 200000\r\n\r\n";

TEST_F(ConnectionTest, ReadsLargeBodiesOneByOneWhenMemoryIsShort) {
  RunningServer server(NarrowMemory(), handler_);
  const std::string body(200'000, 'b');
  std::vector<std::unique_ptr<RawClient>> clients;
  std::vector<std::thread> senders;
  for (int i = 0; i < 8; ++i) {
    clients.push_back(std::make_unique<RawClient>(server.address()));
    senders.emplace_back([&body, &client = *clients.back()] {
      EXPECT_TRUE(client.Send(std::string(kLargeHead) + body));
    });
  }
  for (const auto& client : clients) EXPECT_EQ(client->Receive().body, body);
  for (std::thread& sender : senders) sender.join();
}

TEST_F(ConnectionTest, TakesSmallBodiesWhileLargeOnesWaitForMemory) {
  RunningServer server(NarrowMemory(), handler_);
  const std::string half(100'000, 'b');
  RawClient first(server.address());
  RawClient second(server.address());
  first.Send(std::string(kLargeHead) + half);
  std::thread sender(
      [&] { second.Send(std::string(kLargeHead) + half + half); });
  for (int i = 0; i < 50; ++i) {
    RawClient small(server.address());
    small.Send(Post(std::string(4'000, 's')));
    EXPECT_EQ(small.Receive().status(), 200);
  }
  // Whoever has the room, both come to their end.
  first.Send(half);
  EXPECT_EQ(first.Receive().status(), 200);
  EXPECT_EQ(second.Receive().status(), 200);
  sender.join();
}

TEST_F(ConnectionTest, DoesNotWaitForEverForMemory) {
  Limits limits = Hasty();
  limits.buffered_bytes_max = 1;
  RunningServer server(limits, handler_);
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 6; ++i) {
    clients.push_back(std::make_unique<RawClient>(server.address()));
    clients.back()->Send(std::string(kLargeHead) + std::string(30'000, 'b'));
  }
  for (const auto& client : clients) {
    EXPECT_EQ(client->Receive().status(), 408);
  }
}

TEST_F(ConnectionTest, RefusesAHeaderThatDoesNotComeInTime) {
  RunningServer server(Hasty(), handler_);
  RawClient client(server.address());
  client.Send("POST / HTTP/1.1\r\nHo");
  EXPECT_EQ(client.Receive().status(), 408);
  EXPECT_TRUE(client.IsClosedByPeer());
  EXPECT_THAT(handler_.refused(), ElementsAre(408));
}

TEST_F(ConnectionTest, RefusesABodyThatDoesNotComeInTime) {
  RunningServer server(Hasty(), handler_);
  RawClient client(server.address());
  client.Send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhel");
  EXPECT_EQ(client.Receive().status(), 408);
  EXPECT_TRUE(client.IsClosedByPeer());
}

TEST_F(ConnectionTest, ClosesWithoutAWordWhenNoRequestBegins) {
  RunningServer server(Hasty(), handler_);
  RawClient silent(server.address());
  EXPECT_TRUE(silent.IsClosedByPeer());
  RawClient kept_alive(server.address());
  kept_alive.Send(kGet);
  EXPECT_EQ(kept_alive.Receive().status(), 200);
  EXPECT_TRUE(kept_alive.IsClosedByPeer());
  EXPECT_THAT(handler_.refused(), IsEmpty());
}

TEST_F(ConnectionTest, DoesNotTakeAnEmptyLineForARequest) {
  RunningServer server(Hasty(), handler_);
  RawClient client(server.address());
  client.Send(std::string(kGet) + "\r\n");
  EXPECT_EQ(client.Receive().status(), 200);
  EXPECT_TRUE(client.IsClosedByPeer());
  EXPECT_THAT(handler_.refused(), IsEmpty());
}

TEST_F(ConnectionTest, GivesUpOnAPeerThatDoesNotReadItsAnswer) {
  handler_.handle = [](const Request&, Responder responder) {
    responder.Send(TextResponse(std::string(64UL * 1024 * 1024, 'x')));
  };
  RunningServer server(Hasty(), handler_);
  RawClient client(server.address());
  client.Send(kGet);
  // The first byte shows that the answer has begun.
  EXPECT_THAT(client.Receive(true).head, Not(IsEmpty()));
  EXPECT_TRUE(
      IsReady(server.Drain(std::chrono::hours(1), std::chrono::hours(1))));
}

TEST_F(ConnectionTest, SendsALargeAnswerToASlowReader) {
  const std::string large(8UL * 1024 * 1024, 'x');
  handler_.handle = [&](const Request&, Responder responder) {
    responder.Send(TextResponse(large));
  };
  RunningServer server({}, handler_);
  RawClient client(server.address());
  client.Send(std::string(kGet) + std::string(kGet));
  EXPECT_EQ(client.Receive().body.size(), large.size());
  EXPECT_EQ(client.Receive().body.size(), large.size());
}

TEST_F(ConnectionTest, WaitsForAnAnswerLongerThanForAnyRequest) {
  KeepResponders();
  RunningServer server(Hasty(), handler_);
  RawClient other(server.address());
  RawClient client(server.address());
  client.Send(Post("x"));
  Responder responder = NextResponder();
  // Times out, and shows that as much time has passed.
  EXPECT_TRUE(other.IsClosedByPeer());
  responder.Send(TextResponse("late"));
  EXPECT_EQ(client.Receive().body, "late");
}

TEST_F(ConnectionTest, AnswersFromAnotherThread) {
  KeepResponders();
  RunningServer server({}, handler_);
  RawClient client(server.address());
  for (int i = 0; i < 3; ++i) {
    client.Send(Post("x"));
    NextResponder().Send(TextResponse("from afar"));
    EXPECT_EQ(client.Receive().body, "from afar");
  }
}

TEST_F(ConnectionTest, AnswersLaterOnTheIoThread) {
  KeepResponders();
  RunningServer server({}, handler_);
  RawClient client(server.address());
  client.Send(Post("x"));
  Responder responder = NextResponder();
  server.OnIoThread([&] { responder.Send(TextResponse("later")); });
  EXPECT_EQ(client.Receive().body, "later");
}

TEST_F(ConnectionTest, RequestStaysValidBehindSendWithinHandle) {
  std::string seen;
  handler_.handle = [&](const Request& request, Responder responder) {
    responder.Send(TextResponse("ok"));
    seen = std::string(request.head.path) + std::string(request.body);
  };
  RunningServer server({}, handler_);
  RawClient client(server.address());
  client.Send(Post("body") + Post("body"));
  EXPECT_EQ(client.Receive().body, "ok");
  EXPECT_EQ(client.Receive().body, "ok");
  server.OnIoThread([&] { EXPECT_EQ(seen, "/hookbody"); });
}

TEST_F(ConnectionTest, AnswersInternalErrorForADroppedResponder) {
  handler_.handle = [](const Request&, Responder) {};
  RunningServer server({}, handler_);
  RawClient client(server.address());
  client.Send(Post("x"));
  EXPECT_EQ(client.Receive().status(), 500);
  EXPECT_TRUE(client.IsClosedByPeer());
  EXPECT_THAT(handler_.refused(), ElementsAre(500));
}

TEST_F(ConnectionTest, AnswersInternalErrorForAResponderDroppedElsewhere) {
  KeepResponders();
  RunningServer server({}, handler_);
  RawClient client(server.address());
  client.Send(Post("x"));
  { const Responder dropped = NextResponder(); }
  EXPECT_EQ(client.Receive().status(), 500);
}

TEST_F(ConnectionTest, AnswersAClientThatHasShutItsSide) {
  KeepResponders();
  RunningServer server({}, handler_);
  RawClient client(server.address());
  client.Send(Post("x"));
  client.CloseSending();
  NextResponder().Send(TextResponse("still there"));
  EXPECT_EQ(client.Receive().body, "still there");
  EXPECT_TRUE(client.IsClosedByPeer());
}

TEST_F(ConnectionTest, SurvivesAClientThatLeavesBeforeTheAnswer) {
  KeepResponders();
  RunningServer server({}, handler_);
  RawClient client(server.address());
  client.Send(Post("x"));
  Responder responder = NextResponder();
  client.Reset();
  responder.Send(TextResponse(std::string(1024UL * 1024, 'x')));
  EXPECT_TRUE(
      IsReady(server.Drain(std::chrono::hours(1), std::chrono::hours(1))));
}

TEST_F(ConnectionTest, ForgetsAClientThatLeavesWithinARequest) {
  RunningServer server({}, handler_);
  {
    RawClient client(server.address());
    client.Send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhe");
  }
  RawClient other(server.address());
  other.Send(Post("x", "Connection: close\r\n"));
  EXPECT_EQ(other.Receive().body, "x");
  EXPECT_TRUE(
      IsReady(server.Drain(std::chrono::hours(1), std::chrono::hours(1))));
  EXPECT_THAT(handler_.refused(), IsEmpty());
}

TEST_F(ConnectionTest, ResponderOutlivesTheServer) {
  KeepResponders();
  std::optional<Responder> sent;
  std::optional<Responder> dropped;
  {
    RunningServer server({}, handler_);
    RawClient client(server.address());
    client.Send(Post("x"));
    sent.emplace(NextResponder());
    RawClient other(server.address());
    other.Send(Post("x"));
    dropped.emplace(NextResponder());
    server.Destroy();
    EXPECT_EQ(client.Receive().head, "");
  }
  sent->Send(TextResponse("too late"));
  dropped.reset();
}

}  // namespace
}  // namespace tuco::http
