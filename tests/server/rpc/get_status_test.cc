#include "server/rpc/get_status.h"

#include <gmock/gmock.h>
#include <google/protobuf/util/time_util.h>
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "tests/server/base/fake_clock.h"
#include "tests/server/base/temporary_directory.h"
#include "tests/server/log/gated_log.h"
#include "tests/server/log/log_in_folder.h"
#include "tests/server/log/sample_records.h"

namespace tuco::rpc {
namespace {

namespace pb = events::v1;
using google::protobuf::util::TimeUtil;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// A server's parts around a log.
class Parts {
 public:
  Parts(log::EventLog& log, const base::Clock& clock)
      : log_(log),
        clock_(clock),
        hub_(stream::Hub::Start(log, clock, {})),
        committer_(log::Committer::Start(log, {}, nullptr)) {}
  ~Parts() { hub_->Stop(); }

  log::Committer& committer() { return *committer_; }

  void AwaitLoaded() {
    while (!committer_->statistics().loaded) std::this_thread::yield();
  }
  void Submit(log::Record record) {
    std::promise<void> answer;
    committer_->Submit(std::make_shared<log::Record>(std::move(record)),
                       [&answer](const auto&) { answer.set_value(); });
    answer.get_future().wait();
  }

  pb::ServerStatus Status(bool has_spool = false) const {
    pb::GetStatusResponse response;
    AnswerGetStatus({.version = "1.2.3",
                     .started_at = clock_.Now(),
                     .has_spool = has_spool,
                     .log = log_,
                     .committer = *committer_,
                     .hub = *hub_,
                     .endpoints = endpoints_},
                    response);
    return response.status();
  }

 private:
  log::EventLog& log_;
  const base::Clock& clock_;
  const std::unique_ptr<stream::Hub> hub_;
  const std::unique_ptr<log::Committer> committer_;
  const receiver::CurrentEndpoints endpoints_{
      receiver::Endpoints::Create(
          {{.name = "tuco",
            .secrets = {{"main", "whsec_0123456789abcdef"}},
            .revoked = {{"old", "whsec_fedcba9876543210"}}},
           {.name = "other", .secrets = {{"main", "whsec_another_secret"}}}})
          .value()};
};

TEST(GetStatus, TellsOfAServerThatHasTakenNothing) {
  const base::FakeClock clock;
  const auto log = log::MakeMemoryLog(clock);
  Parts parts(*log, clock);
  parts.AwaitLoaded();
  const pb::ServerStatus status = parts.Status();
  EXPECT_EQ(status.version(), "1.2.3");
  EXPECT_EQ(TimeUtil::TimestampToMicroseconds(status.started_at()),
            clock.Now().time_since_epoch().count());
  EXPECT_EQ(status.intake().state(), pb::INTAKE_STATE_TAKING);
  EXPECT_EQ(status.intake().reason(), "");
  EXPECT_EQ(status.log().epoch(), 1u);
  EXPECT_EQ(status.log().head_sequence(), 0u);
  EXPECT_EQ(status.log().earliest_sequence(), 1u);
  EXPECT_EQ(status.log().duplicate_keys(), 0u);
  EXPECT_TRUE(status.log().has_duplicate_keys());
  EXPECT_FALSE(status.log().has_dedup_horizon());
  EXPECT_FALSE(status.log().has_database_bytes());
  EXPECT_TRUE(status.has_quarantine());
  EXPECT_FALSE(status.has_spool());
  EXPECT_THAT(status.drift_names(), IsEmpty());
  EXPECT_TRUE(parts.Status(/*has_spool=*/true).has_spool());
}

TEST(GetStatus, NamesEndpointsAndSecretsButTellsNoSecret) {
  const base::FakeClock clock;
  const auto log = log::MakeMemoryLog(clock);
  Parts parts(*log, clock);
  parts.AwaitLoaded();
  parts.Submit(log::SampleRecord(1));
  const pb::ServerStatus status = parts.Status();
  ASSERT_EQ(status.endpoints_size(), 2);
  const pb::EndpointStatus& tuco = status.endpoints(0);
  EXPECT_EQ(tuco.name(), "tuco");
  EXPECT_THAT(tuco.secret_names(), ElementsAre("main"));
  EXPECT_THAT(tuco.revoked_secret_names(), ElementsAre("old"));
  ASSERT_EQ(tuco.secrets_size(), 2);
  EXPECT_EQ(tuco.secrets(0).name(), "main");
  EXPECT_EQ(tuco.secrets(0).state(), pb::SECRET_STATE_ACTIVE);
  EXPECT_FALSE(tuco.secrets(0).has_last_used_at());
  EXPECT_EQ(tuco.secrets(1).name(), "old");
  EXPECT_EQ(tuco.secrets(1).state(), pb::SECRET_STATE_REVOKED);
  EXPECT_EQ(tuco.last_sequence(), 1u);
  EXPECT_EQ(tuco.last_received_at().seconds(), 1'776'254'400);
  EXPECT_FALSE(status.endpoints(1).has_last_received_at());
  EXPECT_FALSE(status.endpoints(1).has_last_sequence());
  EXPECT_THAT(status.DebugString(),
              ::testing::Not(::testing::HasSubstr("whsec_")));
}

TEST(GetStatus, AnswersWhileTheLogIsBeingRead) {
  const base::FakeClock clock;
  log::GatedLog log(clock);
  log.CloseKeys();
  Parts parts(log, clock);
  const pb::ServerStatus status = parts.Status(/*has_spool=*/true);
  EXPECT_EQ(status.intake().state(), pb::INTAKE_STATE_READING_LOG);
  EXPECT_EQ(status.intake().reason(), "the duplicate keys are being read");
  EXPECT_FALSE(status.log().has_duplicate_keys());
  EXPECT_FALSE(status.has_quarantine());
  EXPECT_FALSE(status.has_spool());
  EXPECT_EQ(status.endpoints_size(), 2);
  log.OpenKeys();
}

TEST(GetStatus, SaysWhyNothingIsTaken) {
  const base::FakeClock clock;
  log::GatedLog log(clock);
  Parts parts(log, clock);
  parts.AwaitLoaded();
  log.FailNext(absl::ResourceExhaustedError("/data\xff is full"));
  parts.Submit(log::SampleRecord(1));
  EXPECT_EQ(parts.Status().intake().state(), pb::INTAKE_STATE_REFUSING);
  EXPECT_EQ(parts.Status().intake().reason(), "/data\xef\xbf\xbd is full");
  log.Break(absl::DataLossError("the disk fails"));
  EXPECT_EQ(parts.Status().intake().state(), pb::INTAKE_STATE_FAILED);
  EXPECT_EQ(parts.Status().intake().reason(), "the disk fails");
}

TEST(GetStatus, CountsWhatTheQuarantineHolds) {
  const base::FakeClock clock;
  const auto log = log::MakeMemoryLog(clock);
  Parts parts(*log, clock);
  parts.AwaitLoaded();
  for (const bool verified : {true, false}) {
    auto entry = std::make_shared<log::QuarantineEntry>();
    entry->verified = verified;
    entry->body_bytes = verified ? 1'000 : 2'000;
    std::promise<void> kept;
    parts.committer().Quarantine(entry,
                                 [&kept](const auto&) { kept.set_value(); });
    kept.get_future().wait();
  }
  const pb::QuarantineStatus quarantine = parts.Status().quarantine();
  EXPECT_EQ(quarantine.verified(), 1u);
  EXPECT_GE(quarantine.verified_bytes(), 1'000u);
  EXPECT_EQ(quarantine.unverified(), 1u);
  EXPECT_GE(quarantine.unverified_bytes(), 2'000u);
  EXPECT_EQ(quarantine.settled(), 0u);
}

TEST(GetStatus, ListsNamesOfDriftInOrder) {
  const base::FakeClock clock;
  const auto log = log::MakeMemoryLog(clock);
  Parts parts(*log, clock);
  parts.AwaitLoaded();
  log::Record record = log::SampleRecord(1);
  record.drift = {{.kind = DriftKind::kUnknownField, .name = "z"},
                  {.kind = DriftKind::kUnknownField, .name = "a"},
                  {.kind = DriftKind::kUnknownEvent, .name = "lead.updated"}};
  parts.Submit(record);
  const pb::ServerStatus status = parts.Status();
  ASSERT_EQ(status.drift_names_size(), 3);
  EXPECT_EQ(status.drift_names(0).kind(), pb::DRIFT_KIND_UNKNOWN_EVENT);
  EXPECT_EQ(status.drift_names(0).name(), "lead.updated");
  EXPECT_EQ(status.drift_names(0).first_seen_at().seconds(), 1'776'254'400);
  EXPECT_EQ(status.drift_names(1).name(), "a");
  EXPECT_EQ(status.drift_names(2).name(), "z");
}

TEST(GetStatus, MeasuresALogOnADisk) {
  const base::TemporaryDirectory directory;
  const base::FakeClock clock;
  const auto log = log::OpenLogIn(directory.path(), clock).value();
  ASSERT_TRUE(log::AppendSamples(*log, 1, 3).ok());
  const Timestamp later = clock.Now() + std::chrono::hours(1);
  ASSERT_TRUE(log->RemoveOldest({.recorded_before = later}).ok());
  ASSERT_TRUE(log->ForgetKeys({.before = later, .now = later}).ok());
  Parts parts(*log, clock);
  parts.AwaitLoaded();
  const pb::LogStatus status = parts.Status().log();
  EXPECT_GT(status.database_bytes(), 0u);
  EXPECT_GT(status.wal_bytes(), 0u);
  EXPECT_GT(status.free_bytes(), 0u);
  EXPECT_EQ(status.head_sequence(), 3u);
  EXPECT_EQ(status.earliest_sequence(), 3u);
  EXPECT_EQ(status.duplicate_keys(), 1u);
  EXPECT_EQ(TimeUtil::TimestampToMicroseconds(status.dedup_horizon()),
            log->dedup_horizon().time_since_epoch().count());
}

}  // namespace
}  // namespace tuco::rpc
