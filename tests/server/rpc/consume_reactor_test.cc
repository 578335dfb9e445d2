// Consume over real gRPC, with a consumer that does what the test says.

#include "server/rpc/consume_reactor.h"

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "google/rpc/status_details.pb.h"
#include "tests/server/rpc/consume_server.h"
#include "tests/server/rpc/fake_consumer.h"

namespace tuco::rpc {
namespace {

namespace pb = events::v1;
using testing::ConsumerScript;

class ConsumeReactorTest : public ::testing::Test {
 protected:
  using Call =
      grpc::ClientReaderWriter<pb::ConsumeRequest, pb::ConsumeResponse>;

  ConsumeReactorTest()
      : script_(std::make_shared<ConsumerScript>()),
        server_([this](const stream::ConsumerOptions& options) {
          const std::lock_guard lock(mutex_);
          options_ = options;
          return ConsumerScript::Open(script_);
        }),
        stub_(pb::EventService::NewStub(server_.Connect())) {}

  static pb::ConsumeRequest OpenRequest(const std::string& name = "work") {
    pb::ConsumeRequest request;
    request.mutable_open()->set_subscription(name);
    return request;
  }

  static pb::ConsumeRequest AckRequest(std::uint64_t sequence) {
    pb::ConsumeRequest request;
    request.add_verdicts()->set_sequence(sequence);
    request.mutable_verdicts(0)->mutable_ack();
    return request;
  }

  static stream::ConsumerFrame Frame(std::uint64_t sequence, bool end = false) {
    pb::ConsumeResponse response;
    response.add_results()->set_sequence(sequence);
    return {.bytes = response.SerializeAsString(), .end = end};
  }

  // A call that is open, its first response read.
  std::unique_ptr<Call> OpenCall() {
    auto call = stub_->Consume(&context_);
    EXPECT_TRUE(call->Write(OpenRequest()));
    pb::ConsumeResponse response;
    EXPECT_TRUE(call->Read(&response));
    EXPECT_TRUE(response.has_opened());
    return call;
  }

  // What a call ends with whose client says nothing after `request`.
  grpc::Status EndOf(const pb::ConsumeRequest& request) {
    grpc::ClientContext context;
    const auto call = stub_->Consume(&context);
    call->Write(request);
    pb::ConsumeResponse response;
    EXPECT_FALSE(call->Read(&response));
    return call->Finish();
  }

  static std::string FieldAtFault(const grpc::Status& status) {
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    google::rpc::Status details;
    google::rpc::BadRequest bad_request;
    if (!details.ParseFromString(status.error_details()) ||
        details.details_size() != 1 ||
        !details.details(0).UnpackTo(&bad_request)) {
      return "no details";
    }
    return bad_request.field_violations(0).field();
  }

  // What the newest consumer was asked for.
  stream::ConsumerOptions Options() {
    const std::lock_guard lock(mutex_);
    return options_;
  }

  std::mutex mutex_;
  stream::ConsumerOptions options_;
  std::shared_ptr<ConsumerScript> script_;
  testing::ConsumeServer server_;
  std::unique_ptr<pb::EventService::Stub> stub_;
  grpc::ClientContext context_;
};

TEST_F(ConsumeReactorTest, SaysFirstThatItIsOpen) {
  const auto call = stub_->Consume(&context_);
  pb::ConsumeRequest request = OpenRequest();
  request.mutable_open()->set_max_outstanding_events(7);
  ASSERT_TRUE(call->Write(request));
  pb::ConsumeResponse response;
  ASSERT_TRUE(call->Read(&response));
  EXPECT_EQ(response.opened().subscription().name(), "work");
  EXPECT_EQ(response.opened().subscription().max_deliveries(), 20);
  EXPECT_EQ(Options().events_max, 7);
  context_.TryCancel();
}

TEST_F(ConsumeReactorTest, WritesWhatItsConsumerHas) {
  const auto call = OpenCall();
  for (const std::uint64_t sequence : {5, 6}) {
    script_->Answer(Frame(sequence));
    pb::ConsumeResponse response;
    ASSERT_TRUE(call->Read(&response));
    EXPECT_EQ(response.results(0).sequence(), sequence);
  }
  context_.TryCancel();
}

TEST_F(ConsumeReactorTest, JudgesTheVerdictsOfTheFirstRequest) {
  pb::ConsumeRequest request = AckRequest(3);
  *request.mutable_open() = OpenRequest().open();
  const auto call = stub_->Consume(&context_);
  ASSERT_TRUE(call->Write(request));
  EXPECT_EQ(script_->AwaitVerdicts().at(0).sequence, 3);
  context_.TryCancel();
}

TEST_F(ConsumeReactorTest, ReadsNoFurtherThanVerdictsAreTaken) {
  const auto call = OpenCall();
  ASSERT_TRUE(call->Write(AckRequest(1)));
  ASSERT_TRUE(call->Write(AckRequest(2)));
  EXPECT_EQ(script_->AwaitVerdicts().at(0).sequence, 1);
  script_->Answer(Frame(1));
  pb::ConsumeResponse response;
  ASSERT_TRUE(call->Read(&response));
  EXPECT_EQ(script_->judged(), 1);
  script_->Take();
  EXPECT_EQ(script_->AwaitVerdicts().at(0).sequence, 2);
  context_.TryCancel();
}

TEST_F(ConsumeReactorTest, ARequestThatSaysNothingIsRight) {
  const auto call = OpenCall();
  ASSERT_TRUE(call->Write({}));
  ASSERT_TRUE(call->Write(AckRequest(1)));
  EXPECT_EQ(script_->AwaitVerdicts().size(), 1);
  context_.TryCancel();
}

TEST_F(ConsumeReactorTest, AClientThatHasNoMoreToSayGetsTheLastResults) {
  const auto call = OpenCall();
  ASSERT_TRUE(call->Write(AckRequest(1)));
  ASSERT_TRUE(call->WritesDone());
  script_->AwaitVerdicts();
  script_->Take();
  script_->AwaitEndOfVerdicts();
  script_->Answer(Frame(1, /*end=*/true));
  pb::ConsumeResponse response;
  ASSERT_TRUE(call->Read(&response));
  EXPECT_EQ(response.results(0).sequence(), 1);
  EXPECT_FALSE(call->Read(&response));
  EXPECT_TRUE(call->Finish().ok());
  script_->AwaitEnd();
}

TEST_F(ConsumeReactorTest, MustOpenFirst) {
  EXPECT_EQ(FieldAtFault(EndOf({})), "open");
  EXPECT_EQ(FieldAtFault(EndOf(AckRequest(1))), "open");
}

TEST_F(ConsumeReactorTest, AClientThatSaysNothingAtAllIsTold) {
  const auto call = stub_->Consume(&context_);
  ASSERT_TRUE(call->WritesDone());
  EXPECT_EQ(FieldAtFault(call->Finish()), "open");
}

TEST_F(ConsumeReactorTest, RefusesWhatItCannotOpen) {
  EXPECT_EQ(EndOf(OpenRequest("other")).error_code(),
            grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(FieldAtFault(EndOf(OpenRequest("No name"))), "open.subscription");
  pb::ConsumeRequest request = OpenRequest();
  request.add_verdicts();
  EXPECT_EQ(FieldAtFault(EndOf(request)), "verdicts.sequence");
}

TEST_F(ConsumeReactorTest, OpensOnce) {
  const auto call = OpenCall();
  ASSERT_TRUE(call->Write(OpenRequest()));
  pb::ConsumeResponse response;
  EXPECT_FALSE(call->Read(&response));
  EXPECT_EQ(FieldAtFault(call->Finish()), "open");
  script_->AwaitEnd();
}

TEST_F(ConsumeReactorTest, WhatWasJudgedBeforeAMistakeStaysJudged) {
  const auto call = OpenCall();
  ASSERT_TRUE(call->Write(AckRequest(1)));
  script_->AwaitVerdicts();
  script_->Take();
  ASSERT_TRUE(call->Write(AckRequest(0)));
  pb::ConsumeResponse response;
  EXPECT_FALSE(call->Read(&response));
  EXPECT_EQ(FieldAtFault(call->Finish()), "verdicts.sequence");
  script_->AwaitCancel();
  EXPECT_EQ(script_->judged(), 1);
}

TEST_F(ConsumeReactorTest, EndsAsItsConsumerDoes) {
  const auto call = OpenCall();
  script_->Answer(absl::AbortedError("the subscription was deleted"));
  pb::ConsumeResponse response;
  EXPECT_FALSE(call->Read(&response));
  const grpc::Status status = call->Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::ABORTED);
  EXPECT_EQ(status.error_message(), "the subscription was deleted");
  script_->AwaitEnd();
}

TEST_F(ConsumeReactorTest, AClientThatGoesLetsItsConsumerGo) {
  const auto call = OpenCall();
  context_.TryCancel();
  script_->AwaitCancel();
  script_->AwaitEnd();
}

TEST_F(ConsumeReactorTest, AClientThatGoesDoesNotCountAsDone) {
  const auto call = OpenCall();
  context_.TryCancel();
  script_->AwaitEnd();
  EXPECT_FALSE(script_->ended());
}

TEST_F(ConsumeReactorTest, AClientMayGoBeforeItsVerdictsAreTaken) {
  const auto call = OpenCall();
  ASSERT_TRUE(call->Write(AckRequest(1)));
  script_->AwaitVerdicts();
  context_.TryCancel();
  script_->AwaitEnd();
  script_->Take();
}

TEST_F(ConsumeReactorTest, AServerThatStopsEndsItsCalls) {
  const auto call = OpenCall();
  server_.Stop();
  pb::ConsumeResponse response;
  EXPECT_FALSE(call->Read(&response));
  EXPECT_FALSE(call->Finish().ok());
  script_->AwaitEnd();
}

}  // namespace
}  // namespace tuco::rpc
