#include "server/stream/event_finder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "tests/server/base/fake_clock.h"
#include "tests/server/log/forwarding_log.h"
#include "tests/server/stream/records.h"
#include "tuco/event_id.h"
#include "tuco/events/v1/event_service.pb.h"

namespace tuco::stream {
namespace {

using ::testing::HasSubstr;

// A log that lost something, or whose storage fails.
class FaultyLog final : public log::ForwardingLog {
 public:
  using ForwardingLog::ForwardingLog;
  const std::vector<log::Gap>& gaps() const override { return lost; }
  absl::StatusOr<std::uint64_t> Read(
      const log::ReadRequest& request, const log::Filter& filter,
      const std::function<void(const RecordColumns&)>& visit) override {
    ++reads;
    if (!failure.ok()) return failure;
    return ForwardingLog::Read(request, filter, visit);
  }

  std::vector<log::Gap> lost;
  absl::Status failure;
  int reads = 0;
};

class EventFinderTest : public ::testing::Test {
 protected:
  EventFinderTest()
      : log_(log::MakeMemoryLog(clock_)),
        committer_(log::Committer::Start(log_, {}, nullptr)),
        finder_(log_, *committer_) {}

  void Append(std::uint64_t first, std::uint64_t last) {
    for (std::uint64_t n = first; n <= last; ++n) {
      auto record = std::make_shared<log::Record>(tuco::testing::MakeRecord(n));
      record->occurred_at = base::FakeClock::kStart;
      record->received_at = base::FakeClock::kStart;
      std::promise<bool> done;
      committer_->Submit(record, [&done](const auto& appended) {
        done.set_value(appended.ok());
      });
      EXPECT_TRUE(done.get_future().get());
    }
  }

  // All but the newest one's key, which leaves this committer none the wiser.
  void ForgetKeys() {
    committer_->Stop();
    ASSERT_TRUE(log_.ForgetKeys({.before = Timestamp::max(),
                                 .now = base::FakeClock::kStart})
                    .ok());
    committer_ = log::Committer::Start(log_, {}, nullptr);
    while (!committer_->Probe().ok()) std::this_thread::yield();
  }

  static std::string IdOf(std::uint64_t n) {
    return EventId(tuco::testing::MakeRecord(n).duplicate_key);
  }

  absl::StatusOr<std::string> ById(const std::string& id) {
    EventFinder finder(log_, *committer_);
    return finder.ById(id, false, [] { return false; });
  }

  static events::v1::Event EventIn(const absl::StatusOr<std::string>& found) {
    EXPECT_TRUE(found.ok()) << found.status();
    events::v1::GetEventResponse response;
    EXPECT_TRUE(response.ParseFromString(found.value_or("")));
    EXPECT_TRUE(response.has_event());
    return response.event();
  }

  base::FakeClock clock_;
  FaultyLog log_;
  std::unique_ptr<log::Committer> committer_;
  EventFinder finder_;
};

TEST_F(EventFinderTest, FindsASequence) {
  Append(1, 3);
  const events::v1::Event event = EventIn(finder_.BySequence(2, false));
  EXPECT_EQ(event.sequence(), 2);
  EXPECT_EQ(event.event_id(), IdOf(2));
  EXPECT_FALSE(event.has_body());
  EXPECT_EQ(EventIn(finder_.BySequence(3, true)).body(), "body 3");
}

TEST_F(EventFinderTest, FindsAnId) {
  Append(1, 3);
  EXPECT_EQ(EventIn(ById(IdOf(3))).sequence(), 3);
}

TEST_F(EventFinderTest, NamesWhatIsNotThere) {
  Append(1, 3);
  const absl::Status beyond = finder_.BySequence(4, false).status();
  EXPECT_TRUE(absl::IsNotFound(beyond));
  EXPECT_THAT(std::string(beyond.message()), HasSubstr("event 4 "));
  const absl::Status unknown = ById(IdOf(4)).status();
  EXPECT_TRUE(absl::IsNotFound(unknown));
  EXPECT_THAT(std::string(unknown.message()), HasSubstr(IdOf(4)));
}

TEST_F(EventFinderTest, ReadsNothingWhereEveryKeyIsKnown) {
  Append(1, 3);
  log_.reads = 0;
  EXPECT_TRUE(absl::IsNotFound(ById(IdOf(4)).status()));
  EXPECT_EQ(log_.reads, 0);
}

TEST_F(EventFinderTest, SearchesForAnIdWhoseKeyIsForgotten) {
  Append(1, 3);
  ForgetKeys();
  EXPECT_EQ(EventIn(ById(IdOf(2))).sequence(), 2);
  EXPECT_TRUE(absl::IsNotFound(ById(IdOf(4)).status()));
}

TEST_F(EventFinderTest, GivesASearchUpThatNobodyWaitsFor) {
  Append(1, 3);
  ForgetKeys();
  EventFinder finder(log_, *committer_);
  EXPECT_TRUE(absl::IsCancelled(
      finder.ById(IdOf(4), false, [] { return true; }).status()));
}

TEST_F(EventFinderTest, SaysWhatRetentionHasRemoved) {
  Append(1, 3);
  committer_->Stop();
  ASSERT_TRUE(log_.RemoveOldest({.recorded_before = Timestamp::max(),
                                 .bytes_max = std::nullopt,
                                 .rows_max = 2})
                  .ok());
  for (const absl::Status& status :
       {finder_.BySequence(2, false).status(), ById(IdOf(2)).status()}) {
    EXPECT_TRUE(absl::IsOutOfRange(status)) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr("holds 3 to 3"));
    int payloads = 0;
    status.ForEachPayload([&payloads](auto, auto) { ++payloads; });
    EXPECT_EQ(payloads, 1);
  }
  EXPECT_EQ(EventIn(finder_.BySequence(3, false)).sequence(), 3);
}

TEST_F(EventFinderTest, SaysThatAGapIsThere) {
  Append(1, 3);
  log_.lost = {{.from = 2, .to = 2}};
  const absl::Status status = finder_.BySequence(2, false).status();
  EXPECT_TRUE(absl::IsNotFound(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("gap"));
}

TEST_F(EventFinderTest, SaysWhatTheLogSays) {
  Append(1, 3);
  log_.failure = absl::DataLossError("record 2 is damaged");
  EXPECT_EQ(finder_.BySequence(2, false).status(), log_.failure);
}

TEST_F(EventFinderTest, RefusesWhatIsNoKey) {
  EXPECT_TRUE(absl::IsInvalidArgument(finder_.BySequence(0, false).status()));
  const std::string id = IdOf(1);
  for (const std::string& wrong :
       {std::string(), id.substr(4), id + "0", id.substr(0, 35),
        "q_1_" + id.substr(4), id.substr(0, 35) + "g"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ById(wrong).status())) << wrong;
  }
}

}  // namespace
}  // namespace tuco::stream
