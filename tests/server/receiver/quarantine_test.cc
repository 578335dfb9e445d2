#include "server/receiver/quarantine.h"

#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/log/event_log.h"
#include "server/receiver/quarantined_delivery.h"
#include "server/receiver/receiver.h"
#include "tests/server/base/fake_clock.h"
#include "tests/server/log/gated_log.h"
#include "tuco/event_type.h"
#include "tuco/signature_verifier.h"

namespace tuco::receiver {
namespace {

using log::QuarantineEntry;
using log::QuarantineState;
using std::chrono::hours;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;

constexpr char kSecret[] = "whsec_right_0123456789";
constexpr char kWrong[] = "whsec_wrong_0123456789";

std::string Body(const std::string& id) {
  return R"({"event":"message.sent","timestamp":"2026-04-15T12:00:00Z",)"
         R"("workspaceId":"org_1","data":{"messageId":")" +
         id + R"("}})";
}

class QuarantineTest : public ::testing::Test {
 protected:
  QuarantineTest() : log_(log::MakeMemoryLog(clock_)) {}
  void TearDown() override { Stop(); }

  // A server whose endpoint `tuco` has one secret; begins with everything that
  // is held.
  void Start(const std::string& secret) {
    Stop();
    endpoints_.emplace(
        Endpoints::Create(
            {{.name = "tuco", .secrets = {{"main", secret}}, .workspaces = {}}})
            .value());
    committer_ = log::Committer::Start(*log_, {.clock = &clock_}, nullptr);
    quarantine_ =
        Quarantine::Create(*endpoints_, *log_, *committer_, clock_, metrics_);
    receiver_ = std::make_unique<Receiver>(
        *endpoints_, *committer_, *quarantine_, clock_, metrics_, 256UL * 1024);
    quarantine_->Start();
  }
  // What a reload does to the secret.
  void Replace(const std::string& secret) {
    endpoints_->Replace(
        Endpoints::Create({{.name = "tuco", .secrets = {{"main", secret}}}})
            .value());
  }
  void Stop() {
    if (quarantine_ != nullptr) quarantine_->Stop();
    if (committer_ != nullptr) committer_->Stop();
  }

  Answer Receive(const std::string& body, const std::string& secret,
                 const std::string& endpoint = "tuco",
                 const std::string& source = "192.0.2.1") {
    const std::string signature = Sign(body, secret).value();
    Delivery delivery;
    delivery.body = body;
    delivery.source = source;
    delivery.signatures = 1;
    delivery.signature = signature;
    std::promise<Answer> answer;
    receiver_->Receive(endpoint, delivery, [&answer](Answer result) {
      answer.set_value(std::move(result));
    });
    return answer.get_future().get();
  }

  std::vector<QuarantineEntry> All() {
    return quarantine_
        ->List(0, 10'000, [](const QuarantineEntry&) { return true; })
        ->entries;
  }
  QuarantineState StateOf(std::uint64_t id) {
    return quarantine_->Get(id)->state;
  }
  // Until nothing is held that could be released.
  void AwaitState(std::uint64_t id, QuarantineState state) {
    while (StateOf(id) != state) std::this_thread::yield();
  }
  absl::Status HoldBack(std::uint64_t id, bool held_back) {
    std::promise<absl::Status> status;
    quarantine_->HoldBack(id, held_back, [&](const absl::Status& done) {
      status.set_value(done);
    });
    return status.get_future().get();
  }
  absl::Status Purge(std::uint64_t id) {
    std::promise<absl::Status> status;
    quarantine_->Purge(
        id, [&](const absl::Status& done) { status.set_value(done); });
    return status.get_future().get();
  }
  absl::StatusOr<log::Appended> Release(std::uint64_t id) {
    std::promise<absl::StatusOr<log::Appended>> result;
    quarantine_->Release(id, [&](absl::StatusOr<log::Appended> done) {
      result.set_value(std::move(done));
    });
    return result.get_future().get();
  }
  // The events in the log.
  struct Seen {
    std::string body;
    Flags flags;
    Timestamp received_at;
  };
  std::vector<Seen> Events() {
    std::vector<Seen> events;
    const auto read = log_->Read(
        {.after = log_->bounds().first - 1, .bodies = true}, {},
        [&](const RecordColumns& columns) {
          events.push_back(
              {std::string(columns.body), Flags::FromBits(columns.flags),
               Timestamp(std::chrono::microseconds(columns.received_at_us))});
        });
    EXPECT_TRUE(read.ok());
    return events;
  }

  base::FakeClock clock_;
  base::Metrics metrics_;
  std::unique_ptr<log::EventLog> log_;
  std::optional<CurrentEndpoints> endpoints_;
  std::unique_ptr<log::Committer> committer_;
  std::unique_ptr<Quarantine> quarantine_;
  std::unique_ptr<Receiver> receiver_;
};

TEST(QuarantineIdTest, IsReadAsItIsWritten) {
  EXPECT_EQ(QuarantineIdText(42), "q_42");
  EXPECT_EQ(ParseQuarantineId("q_42").value(), 42u);
  EXPECT_EQ(ParseQuarantineId("q_9223372036854775807").value(),
            std::uint64_t{INT64_MAX});
  for (const char* text :
       {"", "q_", "42", "q_0", "q_-1", "q_+1", "q_ 1", "q_1 ", "Q_1", "q_1a",
        "q_9223372036854775808", "q_99999999999999999999"}) {
    EXPECT_EQ(ParseQuarantineId(text).status().code(),
              absl::StatusCode::kInvalidArgument)
        << text;
  }
}

TEST_F(QuarantineTest, KeepsWhatIsRefusedWithEverythingThatCame) {
  Start(kSecret);
  const std::string body = Body("m1");
  EXPECT_EQ(Receive(body, kWrong).reason, Reason::kSignatureMismatch);
  ASSERT_THAT(All(), SizeIs(1));
  const QuarantineEntry entry = quarantine_->Get(1).value();
  EXPECT_EQ(entry.endpoint, "tuco");
  EXPECT_EQ(entry.source, "192.0.2.1");
  EXPECT_EQ(entry.body, body);
  EXPECT_EQ(entry.received_at, clock_.Now());
  EXPECT_EQ(entry.reason,
            static_cast<std::uint32_t>(Reason::kSignatureMismatch));
  EXPECT_FALSE(entry.verified);
  EXPECT_THAT(HeadersOf(entry), ElementsAre(Pair("x-tuco-signature",
                                                 Sign(body, kWrong).value())));
}

TEST_F(QuarantineTest, UnknownEndpointIsKeptUnderItsName) {
  Start(kSecret);
  EXPECT_EQ(Receive(Body("m1"), kSecret, "t\xc3\xbc k\n").reason,
            Reason::kEndpointUnknown);
  EXPECT_EQ(quarantine_->Get(1)->endpoint, "t???k?");
}

TEST_F(QuarantineTest, ReleasesByItselfWhatANewSecretVerifies) {
  Start(kWrong);
  for (const char* id : {"m1", "m2", "m3"}) {
    Receive(Body(id), kSecret);
    clock_.Advance(std::chrono::minutes(1));
  }
  Receive(Body("forged"), "whsec_nobody_0123456789");
  const Timestamp arrival = quarantine_->Get(2)->received_at;
  clock_.Advance(hours(5));
  Start(kSecret);
  AwaitState(3, QuarantineState::kReleased);
  const std::vector<Seen> events = Events();
  ASSERT_THAT(events, SizeIs(3));
  EXPECT_EQ(events[0].body, Body("m1"));
  EXPECT_EQ(events[1].body, Body("m2"));
  EXPECT_EQ(events[2].body, Body("m3"));
  EXPECT_EQ(events[1].received_at, arrival);
  EXPECT_TRUE(events[1].flags.Has(Flag::kLate));
  EXPECT_EQ(quarantine_->Get(2)->sequence, 2u);
  EXPECT_FALSE(quarantine_->Get(2)->body.has_value());
  EXPECT_EQ(StateOf(4), QuarantineState::kHeld);
}

TEST_F(QuarantineTest, ReleasesInOrderWhatReplacedEndpointsVerify) {
  Start(kWrong);
  std::vector<std::string> bodies;
  for (int i = 0; i < 150; ++i) {
    bodies.push_back(Body("m" + std::to_string(i)));
    Receive(bodies.back(), kSecret);
  }
  Replace(kSecret);
  quarantine_->VerifyAgain();
  AwaitState(bodies.size(), QuarantineState::kReleased);
  std::vector<std::string> released;
  for (const Seen& event : Events()) released.push_back(event.body);
  EXPECT_EQ(released, bodies);
  const auto use = endpoints_->Get()->Find("tuco")->UseOf("main");
  EXPECT_EQ(use->count(VerifiedForm::kRaw), bodies.size());
  EXPECT_EQ(use->last(), clock_.Now());
}

TEST_F(QuarantineTest, ReleasesNothingOfASecretThatIsGone) {
  Start(kSecret);
  Replace(kWrong);
  Receive(Body("m1"), kSecret);
  Receive(Body("m2"), kSecret);
  quarantine_->VerifyAgain();
  EXPECT_EQ(Release(1).status().code(), absl::StatusCode::kFailedPrecondition);
  Replace("whsec_third_0123456789");
  quarantine_->VerifyAgain();
  Receive(Body("m3"), "whsec_third_0123456789");
  Stop();
  EXPECT_EQ(StateOf(1), QuarantineState::kHeld);
  EXPECT_EQ(StateOf(2), QuarantineState::kHeld);
  EXPECT_THAT(Events(), SizeIs(1));
}

// It enters the quarantine behind the pass that the new secret leads to.
TEST_F(QuarantineTest, ReleasesWhatWasRefusedWhileTheSecretsChanged) {
  auto gated = std::make_unique<log::GatedLog>(clock_);
  log::GatedLog& gate = *gated;
  log_ = std::move(gated);
  Start(kWrong);
  gate.CloseGate();
  std::thread sender([this] { Receive(Body("m1"), kSecret); });
  gate.AwaitAppends(1);
  Replace(kSecret);
  gate.OpenGate();
  sender.join();
  AwaitState(1, QuarantineState::kReleased);
}

TEST_F(QuarantineTest, CopyOfAnEventIsSettledAsOne) {
  Start(kWrong);
  Receive(Body("m1"), kSecret);
  Receive(Body("m1"), kSecret);
  Start(kSecret);
  AwaitState(2, QuarantineState::kDuplicate);
  EXPECT_EQ(StateOf(1), QuarantineState::kReleased);
  EXPECT_EQ(quarantine_->Get(2)->sequence, 1u);
  EXPECT_THAT(Events(), SizeIs(1));
}

TEST_F(QuarantineTest, WhatIsHeldBackStaysUntilItNoLongerIs) {
  Start(kWrong);
  Receive(Body("m1"), kSecret);
  Receive(Body("m2"), kSecret);
  ASSERT_TRUE(HoldBack(1, true).ok());
  Start(kSecret);
  AwaitState(2, QuarantineState::kReleased);
  EXPECT_EQ(StateOf(1), QuarantineState::kHeld);
  ASSERT_TRUE(HoldBack(1, false).ok());
  AwaitState(1, QuarantineState::kReleased);
}

TEST_F(QuarantineTest, PurgedDeliveryIsGoneButForATrace) {
  Start(kWrong);
  Receive(Body("m1"), kSecret);
  ASSERT_TRUE(Purge(1).ok());
  EXPECT_EQ(StateOf(1), QuarantineState::kPurged);
  EXPECT_FALSE(quarantine_->Get(1)->body.has_value());
  EXPECT_EQ(quarantine_->Get(1)->settled_at, clock_.Now());
  for (const absl::Status& status :
       {Purge(1), HoldBack(1, true), Release(1).status()}) {
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  }
  EXPECT_EQ(Purge(77).code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(Release(77).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(quarantine_->Get(77).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(QuarantineTest, WhatIsNotGenuineIsNotReleasedByHandEither) {
  Start(kSecret);
  Receive(Body("m1"), kWrong);
  const absl::Status status = Release(1).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()),
              ::testing::HasSubstr("SIGNATURE_MISMATCH"));
  EXPECT_THAT(Events(), IsEmpty());
}

TEST_F(QuarantineTest, MistypedEndpointIsReleasedByHandOnly) {
  Start(kSecret);
  Receive(Body("m1"), kSecret, "tucco");
  Receive(Body("m2"), kWrong);
  Start(kSecret);
  EXPECT_EQ(Receive(Body("m3"), kSecret).sequence, 1u);
  EXPECT_EQ(StateOf(1), QuarantineState::kHeld);
  EXPECT_EQ(Release(1)->sequence, 2u);
  EXPECT_EQ(StateOf(1), QuarantineState::kReleased);
}

TEST_F(QuarantineTest, ReformattedDeliveryIsReleasedAsItWasSigned) {
  Start(kWrong);
  const std::string body = Body("m1");
  const std::string signature = Sign(body, kSecret).value();
  const std::string reformatted = " " + body + "\n";
  Delivery delivery;
  delivery.body = reformatted;
  delivery.signatures = 1;
  delivery.signature = signature;
  std::promise<void> answered;
  receiver_->Receive("tuco", delivery,
                     [&](const Answer&) { answered.set_value(); });
  answered.get_future().wait();
  Start(kSecret);
  AwaitState(1, QuarantineState::kReleased);
  EXPECT_EQ(Events().at(0).body, body);
}

// The canonical form of a forgery is looked at later, and found to be one.
TEST_F(QuarantineTest, DeferredDeliveryIsVerifiedByItself) {
  Start(kSecret);
  const std::string body = Body("m1");
  const std::string large = std::string(60'000, ' ') + body;
  const std::string signature = Sign(body, kSecret).value();
  std::vector<Reason> reasons;
  std::uint64_t accepted = 0;
  for (int i = 0; i < 120; ++i) {
    std::string padded = large;
    padded[0] = i % 2 == 0 ? ' ' : '\n';
    Delivery delivery;
    delivery.body = padded;
    delivery.source = "192.0.2.1";
    delivery.signatures = 1;
    delivery.signature = signature;
    std::promise<Answer> answer;
    receiver_->Receive("tuco", delivery,
                       [&](const Answer& done) { answer.set_value(done); });
    const Answer got = answer.get_future().get();
    if (got.kind == Answer::Kind::kRejected) {
      reasons.push_back(got.reason);
    } else {
      ++accepted;
    }
  }
  EXPECT_GT(accepted, 60u);
  ASSERT_THAT(reasons, ::testing::Not(IsEmpty()));
  EXPECT_EQ(reasons.back(), Reason::kCanonicalDeferred);
  for (const QuarantineEntry& entry : All()) {
    AwaitState(entry.id, QuarantineState::kDuplicate);
  }
}

TEST_F(QuarantineTest, SourceThatKnocksWithoutEndIsThrottledAlone) {
  Start(kSecret);
  int kept = 0;
  int throttled = 0;
  for (int i = 0; i < 2'100; ++i) {
    const Answer answer = Receive(Body(std::to_string(i)), kWrong);
    ++(answer.throttled ? throttled : kept);
  }
  EXPECT_EQ(kept, 2'000);
  EXPECT_EQ(throttled, 100);
  EXPECT_TRUE(quarantine_->Get(2'000)->body.has_value());
  EXPECT_FALSE(quarantine_->Get(2'001)->body.has_value());
  EXPECT_EQ(Release(2'001).status().code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_FALSE(Receive(Body("m"), kWrong, "tuco", "192.0.2.2").throttled);
  // A genuine one is taken from anybody.
  EXPECT_EQ(Receive(Body("m"), kSecret).kind, Answer::Kind::kAccepted);
  clock_.Advance(std::chrono::seconds(1));
  EXPECT_FALSE(Receive(Body("n"), kWrong).throttled);
}

// A log that has forgotten the key of an event cannot tell a replay of it.
class ReplayTest : public QuarantineTest {
 protected:
  void SetUp() override {
    Start(kSecret);
    ASSERT_EQ(Receive(Body("old"), kSecret).kind, Answer::Kind::kAccepted);
    clock_.Advance(hours(1));
    const std::string later =
        R"({"event":"message.sent","timestamp":"2026-04-15T13:00:00Z"})";
    ASSERT_EQ(Receive(later, kSecret).kind, Answer::Kind::kAccepted);
    clock_.Advance(hours(24 * 40));
    ASSERT_EQ(log_->ForgetKeys({.before = clock_.Now() - hours(24 * 30),
                                .now = clock_.Now()})
                  ->keys.size(),
              1u);
    Start(kSecret);
  }
};

TEST_F(ReplayTest, IsKeptAsVerifiedAndReleasedByHandOnly) {
  const Answer answer = Receive(Body("old"), kSecret);
  EXPECT_EQ(answer.kind, Answer::Kind::kQuarantined);
  EXPECT_EQ(answer.quarantine_id, 1u);
  const QuarantineEntry entry = quarantine_->Get(1).value();
  EXPECT_TRUE(entry.verified);
  EXPECT_EQ(entry.reason, static_cast<std::uint32_t>(Reason::kReplayBounds));
  EXPECT_EQ(entry.source, "192.0.2.1");
  EXPECT_EQ(entry.dedup_horizon, log_->dedup_horizon());
  EXPECT_EQ(entry.body, Body("old"));
  Start(kSecret);
  EXPECT_EQ(Receive(Body("older"), kSecret).quarantine_id, 2u);
  EXPECT_EQ(StateOf(1), QuarantineState::kHeld);
  EXPECT_EQ(Release(1)->sequence, 3u);
  // Now its key is known again.
  EXPECT_EQ(Receive(Body("old"), kSecret).kind, Answer::Kind::kDuplicate);
}

TEST_F(ReplayTest, DeliveryWithoutATimestampIsNone) {
  EXPECT_EQ(Receive(R"({"event":"message.sent"})", kSecret).kind,
            Answer::Kind::kAccepted);
}

}  // namespace
}  // namespace tuco::receiver
