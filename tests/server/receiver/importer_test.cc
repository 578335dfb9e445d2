#include "server/receiver/importer.h"

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <string>

#include "server/log/event_log.h"
#include "tests/server/base/fake_clock.h"
#include "tuco/events/v1/event.pb.h"
#include "tuco/signature_verifier.h"

namespace tuco::receiver {
namespace {

namespace pb = events::v1;

constexpr char kSecret[] = "whsec_first_0123456789";
constexpr char kOtherSecret[] = "whsec_other_0123456789";
constexpr char kBody[] =
    R"({"event":"message.sent","timestamp":"2026-04-15T11:00:00Z",)"
    R"("data":{"messageId":"m"}})";
constexpr Timestamp kOneHourAgo =
    base::FakeClock::kStart - std::chrono::hours(1);

class ImporterTest : public testing::Test {
 protected:
  ImporterTest() : log_(log::MakeMemoryLog(clock_)) {
    const EndpointConfig tuco{.name = "tuco", .secrets = {{"main", kSecret}}};
    const EndpointConfig other{.name = "other",
                               .secrets = {{"main", kOtherSecret}}};
    endpoints_.emplace(Endpoints::Create({tuco, other}).value());
    committer_ = log::Committer::Start(*log_, {}, nullptr);
    importer_.emplace(*endpoints_, clock_, 1'024);
  }

  static Archived Signed(const std::string& body, const std::string& secret) {
    static std::string signature;  // A delivery only has a view of it.
    signature = Sign(body, secret).value();
    Archived archived;
    archived.candidate.delivery.body = body;
    archived.candidate.delivery.signatures = 1;
    archived.candidate.delivery.signature = signature;
    return archived;
  }

  Imported Import(const Archived& archived) {
    std::promise<Imported> answer;
    importer_->Import(
        archived, *committer_,
        [&answer](const Imported& imported) { answer.set_value(imported); });
    return answer.get_future().get();
  }

  pb::Event Newest() {
    pb::Event event;
    const auto read =
        log_->Read({.after = log_->bounds().head - 1}, {},
                   [&event](const RecordColumns& columns) {
                     EXPECT_TRUE(event.ParseFromArray(
                         columns.event.data(), int(columns.event.size())));
                   });
    EXPECT_TRUE(read.ok()) << read.status();
    return event;
  }
  bool NewestHas(pb::Flag flag) {
    const pb::Event event = Newest();
    for (const int found : event.flags()) {
      if (found == flag) return true;
    }
    return false;
  }

  base::FakeClock clock_;
  std::unique_ptr<log::EventLog> log_;
  std::optional<Endpoints> endpoints_;
  std::unique_ptr<log::Committer> committer_;
  std::optional<Importer> importer_;
  const std::string body_ = kBody;
};

TEST_F(ImporterTest, AppendsWithItsOwnTimeOfArrival) {
  Archived archived = Signed(body_, kSecret);
  archived.candidate.delivery.received_at = kOneHourAgo;
  EXPECT_EQ(Import(archived).kind, Imported::Kind::kAccepted);
  const pb::Event event = Newest();
  EXPECT_EQ(event.origin(), pb::ORIGIN_BACKFILL);
  EXPECT_EQ(event.received_at().seconds(), 1'776'254'400 - 3'600);
  EXPECT_FALSE(NewestHas(pb::FLAG_LATE));
}

TEST_F(ImporterTest, ArrivesNowWithoutATimeOfArrival) {
  EXPECT_EQ(Import(Signed(body_, kSecret)).kind, Imported::Kind::kAccepted);
  EXPECT_EQ(Newest().received_at().seconds(), 1'776'254'400);
  EXPECT_TRUE(NewestHas(pb::FLAG_LATE));
}

TEST_F(ImporterTest, AppendsNoCopy) {
  EXPECT_EQ(Import(Signed(body_, kSecret)).kind, Imported::Kind::kAccepted);
  EXPECT_EQ(Import(Signed(body_, kSecret)).kind, Imported::Kind::kDuplicate);
  EXPECT_EQ(log_->bounds().head, 1);
}

TEST_F(ImporterTest, FindsTheEndpointThatVerifies) {
  EXPECT_EQ(Import(Signed(body_, kOtherSecret)).kind,
            Imported::Kind::kAccepted);
  EXPECT_EQ(Newest().endpoint(), "other");
}

TEST_F(ImporterTest, TriesNoEndpointButTheOneThatIsNamed) {
  Archived archived = Signed(body_, kOtherSecret);
  archived.candidate.endpoint = "tuco";
  EXPECT_EQ(Import(archived).reason, Reason::kSignatureMismatch);
  archived.candidate.endpoint = "none";
  EXPECT_EQ(Import(archived).reason, Reason::kEndpointUnknown);
  EXPECT_EQ(log_->bounds().head, 0);
}

TEST_F(ImporterTest, RefusesABodyThatIsTooLarge) {
  const std::string large(1'025, ' ');
  EXPECT_EQ(Import(Signed(large, kSecret)).reason, Reason::kBodyTooLarge);
}

TEST_F(ImporterTest, RestoresThatTheHeadersDiffered) {
  Archived archived = Signed(body_, kSecret);
  archived.headers_differed = true;
  EXPECT_EQ(Import(archived).kind, Imported::Kind::kAccepted);
  EXPECT_TRUE(NewestHas(pb::FLAG_HEADER_MISMATCH));
}

TEST_F(ImporterTest, OnlyLooksWhenItIsAskedToCheck) {
  EXPECT_EQ(importer_->Check(Signed(body_, kSecret)), std::nullopt);
  EXPECT_EQ(importer_->Check(Signed(body_, "whsec_of_nobody_0123")),
            Reason::kSignatureMismatch);
  EXPECT_EQ(log_->bounds().head, 0);
}

}  // namespace
}  // namespace tuco::receiver
