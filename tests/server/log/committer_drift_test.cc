// What the committer makes of drift.

#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/log/committer.h"
#include "tests/server/base/fake_clock.h"
#include "tests/server/log/drift_samples.h"
#include "tests/server/log/gated_log.h"
#include "tests/server/log/sample_records.h"

namespace tuco::log {
namespace {

using ::testing::ElementsAre;
using ::testing::FieldsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class CommitterDriftTest : public ::testing::Test {
 protected:
  CommitterDriftTest() { Start(); }

  void Start() {
    committer_ =
        Committer::Start(log_, {}, [this](std::span<const RecordPtr> records) {
          for (const RecordPtr& record : records) {
            observed_.push_back(record);
          }
        });
    while (!committer_->Probe().ok()) std::this_thread::yield();
  }

  // Submits sample record `number` with a field that is new; whether it is in
  // the log.
  bool Submit(std::uint64_t number, const std::string& field) {
    auto record = std::make_shared<Record>(SampleRecord(number));
    record->drift = {{.kind = DriftKind::kUnknownField, .name = field}};
    std::promise<bool> answer;
    committer_->Submit(std::move(record),
                       [&answer](const absl::StatusOr<Appended>& appended) {
                         answer.set_value(appended.ok());
                       });
    return answer.get_future().get();
  }

  base::FakeClock clock_;
  GatedLog log_{clock_};
  std::vector<RecordPtr> observed_;  // The committer's thread's, until Stop.
  std::unique_ptr<Committer> committer_;
};

TEST_F(CommitterDriftTest, NameGoesIntoTheLogWithItsRecord) {
  EXPECT_TRUE(Submit(1, "new"));
  EXPECT_TRUE(Submit(2, "new"));
  const auto name =
      FieldsAre(DriftKind::kUnknownField, "new", SampleRecord(1).received_at);
  EXPECT_THAT(DriftIn(log_), ElementsAre(name));
  EXPECT_THAT(committer_->drift_names(), ElementsAre(name));
  EXPECT_THAT(committer_->statistics().drift.names, ElementsAre(0, 0, 1, 0, 0));
  EXPECT_EQ(committer_->statistics().drift.events, 2u);
  committer_->Stop();
  for (const RecordPtr& record : observed_) {
    EXPECT_THAT(record->drift, IsEmpty());
  }
}

TEST_F(CommitterDriftTest, CopyOfAnEventCountsOnce) {
  EXPECT_TRUE(Submit(1, "new"));
  EXPECT_TRUE(Submit(1, "new"));
  EXPECT_EQ(committer_->statistics().drift.events, 1u);
}

TEST_F(CommitterDriftTest, NameIsNotRememberedBeforeItIsDurable) {
  log_.FailNext(absl::ResourceExhaustedError("full"));
  EXPECT_FALSE(Submit(1, "new"));
  EXPECT_THAT(committer_->drift_names(), IsEmpty());
  EXPECT_THAT(DriftIn(log_), IsEmpty());
  EXPECT_TRUE(Submit(2, "new"));
  EXPECT_THAT(DriftIn(log_), SizeIs(1));
}

TEST_F(CommitterDriftTest, NamesAreKnownAfterARestart) {
  EXPECT_TRUE(Submit(1, "new"));
  committer_.reset();
  Start();
  EXPECT_THAT(committer_->drift_names(), SizeIs(1));
  EXPECT_THAT(committer_->statistics().drift.names, ElementsAre(0, 0, 1, 0, 0));
}

}  // namespace
}  // namespace tuco::log
