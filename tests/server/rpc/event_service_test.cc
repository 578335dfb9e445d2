// The service over real gRPC, in process, on a log in memory.

#include "server/rpc/event_service.h"

#include <gmock/gmock.h>
#include <google/protobuf/util/time_util.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "google/rpc/status_details.pb.h"
#include "server/base/metrics.h"
#include "server/base/net_address.h"
#include "server/log/event_log.h"
#include "server/rpc/grpc_server.h"
#include "server/rpc/subscription_settings.h"
#include "tests/server/base/fake_clock.h"
#include "tests/server/rpc/fake_quarantine.h"
#include "tests/server/stream/records.h"
#include "tuco/event_type.h"
#include "tuco/finding.h"

namespace tuco::rpc {
namespace {

namespace pb = events::v1;
using ::testing::ElementsAre;

constexpr char kSecret[] = "whsec_0123456789abcdef";

class EventServiceTest : public ::testing::Test {
 public:
  ~EventServiceTest() override {
    subscriptions_->Stop();
    hub_->Stop();
    server_->Stop(std::chrono::milliseconds(100));
  }

 protected:
  EventServiceTest()
      : log_(log::MakeMemoryLog(clock_)),
        hub_(stream::Hub::Start(*log_, clock_, {})),
        committer_(log::Committer::Start(
            *log_, {},
            [this](std::span<const log::RecordPtr> records) {
              hub_->Publish(records);
            })),
        endpoints_(receiver::Endpoints::Create({{.name = "tuco",
                                                 .secrets = {{"main", kSecret}},
                                                 .workspaces = {}}})
                       .value()),
        receiver_(endpoints_, *committer_, quarantine_, clock_, metrics_,
                  1 << 20),
        finder_(*log_, *committer_),
        subscriptions_(
            stream::Subscriptions::Start(*log_, *committer_, *hub_, clock_,
                                         {.read_settings = ReadSettings})),
        service_(receiver_, *hub_, *subscriptions_, quarantine_, finder_, *log_,
                 {.version = "1.2.3",
                  .started_at = clock_.Now(),
                  .log = *log_,
                  .committer = *committer_,
                  .hub = *hub_,
                  .endpoints = endpoints_}),
        server_(GrpcServer::Listen(base::ParseNetAddress("127.0.0.1:0").value(),
                                   service_)
                    .value()),
        channel_(grpc::CreateChannel("ipv4:" + server_->address().ToString(),
                                     grpc::InsecureChannelCredentials())),
        stub_(pb::EventService::NewStub(channel_)) {}

  void Append(int count, const std::string& type_name = "message.sent") {
    for (int i = 0; i < count; ++i) {
      committer_->Submit(
          std::make_shared<log::Record>(
              testing::MakeRecord(next_++, type_name)),
          [](const auto& appended) { EXPECT_TRUE(appended.ok()); });
    }
  }

  // Waits until all that was appended is durable.
  void Flush() {
    std::promise<void> durable;
    committer_->Submit(
        std::make_shared<log::Record>(
            testing::MakeRecord(next_ - 1, "message.sent")),
        [&durable](const auto& /*copy*/) { durable.set_value(); });
    durable.get_future().wait();
  }

  // Runs a stream to its end.
  grpc::Status Stream(const pb::StreamEventsRequest& request,
                      std::vector<pb::StreamEventsResponse>& responses) {
    grpc::ClientContext context;
    const auto reader = stub_->StreamEvents(&context, request);
    pb::StreamEventsResponse response;
    while (reader->Read(&response)) responses.push_back(response);
    return reader->Finish();
  }

  // A subscription `crm` at the beginning.
  void Subscribe(pb::SubscriptionMode mode) {
    grpc::ClientContext context;
    pb::CreateSubscriptionRequest request;
    request.mutable_subscription()->set_name("crm");
    request.mutable_subscription()->set_mode(mode);
    request.set_anchor(pb::ANCHOR_EARLIEST);
    pb::CreateSubscriptionResponse response;
    const grpc::Status status =
        stub_->CreateSubscription(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
  }

  static pb::StreamEventsRequest OfSubscription() {
    pb::StreamEventsRequest request;
    request.set_subscription("crm");
    request.set_stop_at_end(true);
    return request;
  }

  static pb::StreamEventsRequest FromEarliest() {
    pb::StreamEventsRequest request;
    request.set_anchor(pb::ANCHOR_EARLIEST);
    request.set_stop_at_end(true);
    return request;
  }

  static std::vector<std::uint64_t> Sequences(
      const std::vector<pb::StreamEventsResponse>& responses) {
    std::vector<std::uint64_t> sequences;
    for (const auto& response : responses) {
      for (const auto& event : response.events()) {
        sequences.push_back(event.sequence());
      }
    }
    return sequences;
  }

  // The field that the request's error says is at fault.
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

  base::FakeClock clock_;
  base::Metrics metrics_;
  std::unique_ptr<log::EventLog> log_;
  std::unique_ptr<stream::Hub> hub_;
  std::unique_ptr<log::Committer> committer_;
  receiver::CurrentEndpoints endpoints_;
  testing::FakeQuarantine quarantine_;
  receiver::Receiver receiver_;
  stream::EventFinder finder_;
  std::unique_ptr<stream::Subscriptions> subscriptions_;
  EventService service_;
  std::unique_ptr<GrpcServer> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<pb::EventService::Stub> stub_;
  std::uint64_t next_ = 1;
};

TEST_F(EventServiceTest, StreamsThePastInOrder) {
  Append(3);
  committer_->Stop();
  std::vector<pb::StreamEventsResponse> responses;
  EXPECT_TRUE(Stream(FromEarliest(), responses).ok());
  EXPECT_THAT(Sequences(responses), ElementsAre(1, 2, 3));
  EXPECT_EQ(responses.back().scanned_through(), 3);
  const pb::Event& event = responses.front().events(0);
  EXPECT_EQ(event.epoch(), 1);
  EXPECT_EQ(event.type(), pb::EVENT_TYPE_MESSAGE_SENT);
  EXPECT_EQ(event.recorded_at().seconds(), 1'776'254'400);
  EXPECT_FALSE(event.has_body());
}

TEST_F(EventServiceTest, StreamsTheFutureUntilTheClientCancels) {
  grpc::ClientContext context;
  pb::StreamEventsRequest request;
  request.set_anchor(pb::ANCHOR_LATEST);
  const auto reader = stub_->StreamEvents(&context, request);
  pb::StreamEventsResponse response;
  ASSERT_TRUE(reader->Read(&response));
  EXPECT_TRUE(response.has_caught_up());
  Append(1);
  ASSERT_TRUE(reader->Read(&response));
  EXPECT_EQ(response.events(0).sequence(), 1);
  EXPECT_FALSE(response.has_caught_up());
  context.TryCancel();
  EXPECT_FALSE(reader->Read(&response));
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::CANCELLED);
}

TEST_F(EventServiceTest, FiltersByTypeAndByName) {
  Append(1);
  Append(1, "message.reply");
  Append(1, "message.replied");
  Append(1, "lead.created");
  committer_->Stop();
  pb::StreamEventsRequest request = FromEarliest();
  request.mutable_filter()->add_types(pb::EVENT_TYPE_MESSAGE_REPLY);
  request.mutable_filter()->add_type_names("lead.created");
  std::vector<pb::StreamEventsResponse> responses;
  EXPECT_TRUE(Stream(request, responses).ok());
  EXPECT_THAT(Sequences(responses), ElementsAre(2, 3, 4));
}

TEST_F(EventServiceTest, KeepsBatchesWithinTheirLimit) {
  Append(5);
  committer_->Stop();
  pb::StreamEventsRequest request = FromEarliest();
  request.set_max_batch_events(2);
  std::vector<pb::StreamEventsResponse> responses;
  EXPECT_TRUE(Stream(request, responses).ok());
  for (const auto& response : responses) {
    EXPECT_LE(response.events_size(), 2);
  }
  EXPECT_THAT(Sequences(responses), ElementsAre(1, 2, 3, 4, 5));
}

TEST_F(EventServiceTest, NamesTheFieldThatIsAtFault) {
  const auto fault = [this](auto change) {
    pb::StreamEventsRequest request = FromEarliest();
    change(request);
    std::vector<pb::StreamEventsResponse> responses;
    return FieldAtFault(Stream(request, responses));
  };
  using Request = pb::StreamEventsRequest;
  EXPECT_EQ(fault([](Request& r) { r.clear_anchor(); }), "position");
  EXPECT_EQ(fault([](Request& r) { r.set_anchor(pb::ANCHOR_UNSPECIFIED); }),
            "anchor");
  EXPECT_EQ(fault([](Request& r) { r.mutable_from_time()->set_nanos(-1); }),
            "from_time");
  EXPECT_EQ(fault([](Request& r) { r.set_max_batch_events(0); }),
            "max_batch_events");
  EXPECT_EQ(fault([](Request& r) { r.set_max_batch_events(4097); }),
            "max_batch_events");
  EXPECT_EQ(fault([](Request& r) { r.set_max_batch_bytes(3'145'729); }),
            "max_batch_bytes");
  EXPECT_EQ(fault([](Request& r) {
              r.mutable_filter()->add_types(pb::EVENT_TYPE_UNSPECIFIED);
            }),
            "filter.types");
  EXPECT_EQ(fault([](Request& r) {
              r.mutable_filter()->add_flags(static_cast<pb::Flag>(77));
            }),
            "filter.flags");
  EXPECT_EQ(fault([](Request& r) {
              r.mutable_filter()->set_test(static_cast<pb::TestFilter>(9));
            }),
            "filter.test");
  EXPECT_EQ(fault([](Request& r) {
              for (int i = 0; i < 1001; ++i) {
                r.mutable_filter()->add_workspaces("w");
              }
            }),
            "filter.workspaces");
}

TEST_F(EventServiceTest, SaysWhereTheLogBeginsAndEnds) {
  Append(2);
  committer_->Stop();
  pb::StreamEventsRequest request;
  request.set_after_sequence(3);
  std::vector<pb::StreamEventsResponse> responses;
  const grpc::Status status = Stream(request, responses);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::OUT_OF_RANGE);
  google::rpc::Status details;
  google::rpc::ErrorInfo info;
  ASSERT_TRUE(details.ParseFromString(status.error_details()));
  ASSERT_TRUE(details.details(0).UnpackTo(&info));
  EXPECT_EQ(info.metadata().at("earliest"), "1");
  EXPECT_EQ(info.metadata().at("head"), "2");
}

TEST_F(EventServiceTest, AStoppingHubEndsStreamsAsUnavailable) {
  grpc::ClientContext context;
  pb::StreamEventsRequest request;
  request.set_anchor(pb::ANCHOR_LATEST);
  const auto reader = stub_->StreamEvents(&context, request);
  pb::StreamEventsResponse response;
  ASSERT_TRUE(reader->Read(&response));
  hub_->Stop();
  EXPECT_FALSE(reader->Read(&response));
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(EventServiceTest, VerifiesAndParses) {
  pb::VerifyAndParseRequest request;
  request.set_body(
      R"({"event":"message.sent","timestamp":"2026-04-15T12:00:00Z"})");
  request.set_signature(Sign(request.body(), kSecret).value());
  request.set_event_header("message.reply");
  grpc::ClientContext context;
  pb::VerifyAndParseResponse response;
  ASSERT_TRUE(stub_->VerifyAndParse(&context, request, &response).ok());
  EXPECT_EQ(response.event().type(), pb::EVENT_TYPE_MESSAGE_SENT);
  EXPECT_EQ(response.event().secret_name(), "main");
  EXPECT_THAT(response.event().flags(), ElementsAre(pb::FLAG_HEADER_MISMATCH));
  EXPECT_EQ(response.event().sequence(), 0);
}

TEST_F(EventServiceTest, NotVerifyingIsAnAnswer) {
  const auto reason = [this](const std::string& signature,
                             const std::string& endpoint) {
    pb::VerifyAndParseRequest request;
    request.set_body("{}");
    request.set_signature(signature);
    if (!endpoint.empty()) request.set_endpoint(endpoint);
    grpc::ClientContext context;
    pb::VerifyAndParseResponse response;
    EXPECT_TRUE(stub_->VerifyAndParse(&context, request, &response).ok());
    return response.rejection().reason();
  };
  EXPECT_EQ(reason("", ""), pb::REASON_SIGNATURE_MISSING);
  EXPECT_EQ(reason("abc", ""), pb::REASON_SIGNATURE_MALFORMED);
  EXPECT_EQ(reason(std::string(64, '0'), ""), pb::REASON_SIGNATURE_MISMATCH);
  EXPECT_EQ(reason(std::string(64, '0'), "nobody"),
            pb::REASON_ENDPOINT_UNKNOWN);
}

TEST_F(EventServiceTest, AnswersABatchInOrder) {
  pb::VerifyAndParseBatchRequest request;
  for (int i = 0; i < 3; ++i) {
    pb::VerifyAndParseRequest& delivery = *request.add_deliveries();
    delivery.set_body("{}" + std::string(i, ' '));
    delivery.set_signature(Sign("{} ", kSecret).value());
  }
  grpc::ClientContext context;
  pb::VerifyAndParseBatchResponse response;
  ASSERT_TRUE(stub_->VerifyAndParseBatch(&context, request, &response).ok());
  ASSERT_EQ(response.results_size(), 3);
  for (int i = 0; i < 3; ++i) {
    grpc::ClientContext single_context;
    pb::VerifyAndParseResponse single;
    ASSERT_TRUE(
        stub_->VerifyAndParse(&single_context, request.deliveries(i), &single)
            .ok());
    EXPECT_EQ(response.results(i).has_event(), i == 1);
    EXPECT_EQ(response.results(i).SerializeAsString(),
              single.SerializeAsString());
  }
}

TEST_F(EventServiceTest, NamesTheFieldOfABatchThatIsAboveItsLimit) {
  const auto fault = [this](const pb::VerifyAndParseBatchRequest& request) {
    grpc::ClientContext context;
    pb::VerifyAndParseBatchResponse response;
    return FieldAtFault(
        stub_->VerifyAndParseBatch(&context, request, &response));
  };
  pb::VerifyAndParseBatchRequest request;
  for (int i = 0; i < 1025; ++i) request.add_deliveries();
  EXPECT_EQ(fault(request), "deliveries");
  request.clear_deliveries();
  request.add_deliveries()->set_body(std::string((4 << 20) + 1, ' '));
  EXPECT_EQ(fault(request), "deliveries.body");
}

TEST_F(EventServiceTest, ExplainsARejectionWhenAsked) {
  pb::VerifyAndParseRequest request;
  request.set_body("{}");
  request.set_signature(Sign("{}\n", kSecret).value());
  const auto findings = [&] {
    grpc::ClientContext context;
    pb::VerifyAndParseResponse response;
    EXPECT_TRUE(stub_->VerifyAndParse(&context, request, &response).ok());
    EXPECT_EQ(response.rejection().reason(), pb::REASON_SIGNATURE_MISMATCH);
    return response.rejection().findings();
  };
  EXPECT_TRUE(findings().empty());
  request.set_explain(true);
  ASSERT_EQ(findings().size(), 1);
  EXPECT_EQ(findings()[0].kind(), pb::FINDING_KIND_BODY_LACKS_LINE_BREAK);
  EXPECT_EQ(findings()[0].certainty(), pb::CERTAINTY_CERTAIN);
  EXPECT_EQ(findings()[0].secret_name(), "tuco/main");
  EXPECT_FALSE(findings()[0].text().empty());
}

TEST_F(EventServiceTest, ListsAndGetsWhatIsQuarantined) {
  quarantine_.entries[7] = testing::MakeEntry(7);
  grpc::ClientContext list_context;
  pb::ListQuarantineResponse list;
  ASSERT_TRUE(stub_->ListQuarantine(&list_context, {}, &list).ok());
  ASSERT_EQ(list.deliveries_size(), 1);
  EXPECT_EQ(list.deliveries(0).id(), "q_7");
  grpc::ClientContext get_context;
  pb::GetQuarantinedRequest request;
  request.set_id("q_7");
  pb::GetQuarantinedResponse response;
  ASSERT_TRUE(stub_->GetQuarantined(&get_context, request, &response).ok());
  EXPECT_EQ(response.delivery().body(), "{}");
  grpc::ClientContext gone_context;
  request.set_id("q_8");
  EXPECT_EQ(
      stub_->GetQuarantined(&gone_context, request, &response).error_code(),
      grpc::StatusCode::NOT_FOUND);
}

TEST_F(EventServiceTest, ChangesWhatIsQuarantined) {
  quarantine_.entries[7] = testing::MakeEntry(7);
  quarantine_.entries[7].verified = true;
  grpc::ClientContext hold_context;
  pb::HoldQuarantinedRequest hold;
  hold.add_ids("q_7");
  pb::HoldQuarantinedResponse held;
  ASSERT_TRUE(stub_->HoldQuarantined(&hold_context, hold, &held).ok());
  EXPECT_EQ(held.results(0).state(), pb::QUARANTINE_STATE_HELD);
  grpc::ClientContext release_context;
  pb::ReleaseQuarantinedRequest release;
  release.add_ids("q_7");
  pb::ReleaseQuarantinedResponse released;
  ASSERT_TRUE(
      stub_->ReleaseQuarantined(&release_context, release, &released).ok());
  EXPECT_EQ(released.results(0).sequence(), 107);
  grpc::ClientContext purge_context;
  pb::PurgeQuarantineRequest purge;
  purge.add_ids("q_8");
  pb::PurgeQuarantineResponse purged;
  ASSERT_TRUE(stub_->PurgeQuarantine(&purge_context, purge, &purged).ok());
  EXPECT_EQ(purged.results(0).error().code(), grpc::StatusCode::NOT_FOUND);
}

TEST_F(EventServiceTest, NamesTheFieldOfTheQuarantineThatIsAtFault) {
  grpc::ClientContext list_context;
  pb::ListQuarantineRequest list;
  list.set_page_size(0);
  pb::ListQuarantineResponse listed;
  EXPECT_EQ(FieldAtFault(stub_->ListQuarantine(&list_context, list, &listed)),
            "page_size");
  grpc::ClientContext purge_context;
  pb::PurgeQuarantineResponse purged;
  EXPECT_EQ(FieldAtFault(stub_->PurgeQuarantine(&purge_context, {}, &purged)),
            "ids");
}

TEST(FindingKindTest, HasTheNumbersOfTheLibrary) {
  for (int number = 0; number < pb::FindingKind_ARRAYSIZE; ++number) {
    const std::string name(FindingKindName(static_cast<FindingKind>(number)));
    EXPECT_EQ(pb::FindingKind_Name(number), "FINDING_KIND_" + name);
  }
  EXPECT_EQ(
      FindingKindName(static_cast<FindingKind>(pb::FindingKind_ARRAYSIZE)),
      "UNSPECIFIED");
  for (int number = 0; number < pb::Certainty_ARRAYSIZE; ++number) {
    const std::string name(CertaintyName(static_cast<Certainty>(number)));
    EXPECT_EQ(pb::Certainty_Name(number), "CERTAINTY_" + name);
  }
}

TEST_F(EventServiceTest, GetsAnEvent) {
  Append(2);
  committer_->Stop();
  grpc::ClientContext context;
  pb::GetEventRequest request;
  request.set_sequence(2);
  request.set_include_body(true);
  pb::GetEventResponse response;
  EXPECT_TRUE(stub_->GetEvent(&context, request, &response).ok());
  EXPECT_EQ(response.event().sequence(), 2);
  EXPECT_EQ(response.event().body(), "body 2");
}

TEST_F(EventServiceTest, GetsNothingWithoutAKey) {
  grpc::ClientContext context;
  pb::GetEventResponse response;
  EXPECT_EQ(FieldAtFault(stub_->GetEvent(&context, {}, &response)), "key");
}

TEST(ReasonTest, HasTheNumbersOfTheLibrary) {
  for (int number = 0; number < pb::Reason_ARRAYSIZE; ++number) {
    const std::string name(ReasonName(static_cast<Reason>(number)));
    EXPECT_EQ(pb::Reason_Name(number), "REASON_" + name);
  }
}

TEST_F(EventServiceTest, StreamsACursorBehindWhatItHasAcknowledged) {
  Append(3);
  Flush();
  Subscribe(pb::SUBSCRIPTION_MODE_CURSOR);
  std::vector<pb::StreamEventsResponse> responses;
  ASSERT_TRUE(Stream(OfSubscription(), responses).ok());
  EXPECT_THAT(Sequences(responses), ElementsAre(1, 2, 3));
  grpc::ClientContext context;
  pb::AcknowledgeRequest request;
  request.set_subscription("crm");
  request.set_through_sequence(2);
  pb::AcknowledgeResponse response;
  ASSERT_TRUE(stub_->Acknowledge(&context, request, &response).ok());
  EXPECT_EQ(response.acknowledged_through(), 2);
  responses.clear();
  ASSERT_TRUE(Stream(OfSubscription(), responses).ok());
  EXPECT_THAT(Sequences(responses), ElementsAre(3));
}

TEST_F(EventServiceTest, ASubscriptionBringsItsOwnFilterAndPlace) {
  Subscribe(pb::SUBSCRIPTION_MODE_CURSOR);
  std::vector<pb::StreamEventsResponse> responses;
  pb::StreamEventsRequest request = OfSubscription();
  request.mutable_filter();
  EXPECT_EQ(FieldAtFault(Stream(request, responses)), "filter");
  request = OfSubscription();
  request.set_epoch(1);
  EXPECT_EQ(FieldAtFault(Stream(request, responses)), "epoch");
  request = OfSubscription();
  request.set_subscription("No name");
  EXPECT_EQ(FieldAtFault(Stream(request, responses)), "subscription");
  request.set_subscription("other");
  EXPECT_EQ(Stream(request, responses).error_code(),
            grpc::StatusCode::NOT_FOUND);
}

TEST_F(EventServiceTest, DeliversToConsumers) {
  Append(1);
  Flush();
  Subscribe(pb::SUBSCRIPTION_MODE_SHARED);
  grpc::ClientContext context;
  const auto call = stub_->Consume(&context);
  pb::ConsumeRequest request;
  request.mutable_open()->set_subscription("crm");
  ASSERT_TRUE(call->Write(request));
  pb::ConsumeResponse response;
  ASSERT_TRUE(call->Read(&response));
  EXPECT_TRUE(response.has_opened());
  while (response.deliveries().empty()) ASSERT_TRUE(call->Read(&response));
  EXPECT_EQ(response.deliveries(0).event().sequence(), 1);
  EXPECT_EQ(response.deliveries(0).attempt(), 1);
  request.Clear();
  request.add_verdicts()->set_sequence(1);
  request.mutable_verdicts(0)->mutable_ack();
  ASSERT_TRUE(call->Write(request));
  ASSERT_TRUE(call->WritesDone());
  while (response.results().empty()) ASSERT_TRUE(call->Read(&response));
  EXPECT_EQ(response.results(0).outcome(), pb::VERDICT_OUTCOME_APPLIED);
  while (call->Read(&response)) {
  }
  EXPECT_TRUE(call->Finish().ok());
}

TEST_F(EventServiceTest, APortThatIsTakenIsAnError) {
  const auto second = GrpcServer::Listen(server_->address(), service_);
  EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace tuco::rpc
