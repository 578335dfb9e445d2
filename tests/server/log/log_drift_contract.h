// What every backend of the event log must do with names of drift, in the
// suite of event_log_contract.h.

#ifndef TUCO_TESTS_SERVER_LOG_LOG_DRIFT_CONTRACT_H_
#define TUCO_TESTS_SERVER_LOG_LOG_DRIFT_CONTRACT_H_

#include <array>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/log/drift_name.h"
#include "tests/server/log/drift_samples.h"
#include "tests/server/log/event_log_contract.h"
#include "tests/server/log/sample_records.h"

namespace tuco::log {

TEST_P(EventLogContract, KeepsNamesOfDrift) {
  EXPECT_THAT(DriftIn(*log_), IsEmpty());
  const std::vector<DriftName> names = {
      SampleDrift(DriftKind::kUnknownEvent, "lead.updated", 1),
      SampleDrift(DriftKind::kUnknownField, "data.reply.*", 2),
      SampleDrift(DriftKind::kWrongType, "data.reply.*", 3),
      SampleDrift(DriftKind::kNoObject, "", -1),
  };
  ASSERT_TRUE(log_->Commit({.drift = names}).ok());
  EXPECT_THAT(DriftIn(*log_), ::testing::UnorderedElementsAreArray(names));
  EXPECT_EQ(log_->bounds().head, 0u);
}

TEST_P(EventLogContract, NameOfDriftKeepsTheTimeItWasFirstSeen) {
  const std::array<DriftName, 2> names = {
      SampleDrift(DriftKind::kUnknownField, "new", 5),
      SampleDrift(DriftKind::kUnknownField, "new", 4)};
  ASSERT_TRUE(log_->Commit({.drift = names}).ok());
  const std::array<DriftName, 1> again = {
      SampleDrift(DriftKind::kUnknownField, "new", 9)};
  ASSERT_TRUE(log_->Commit({.drift = again}).ok());
  EXPECT_THAT(DriftIn(*log_), ElementsAre(names[0]));
}

TEST_P(EventLogContract, NamesOfDriftAreCommittedWithTheirRecords) {
  std::vector<Record> records = {SampleRecord(1)};
  std::array<Record*, 1> pointers = {&records[0]};
  const std::array<DriftName, 1> names = {
      SampleDrift(DriftKind::kUnknownEvent, "", 1)};
  ASSERT_TRUE(log_->Commit({.records = pointers, .drift = names}).ok());
  EXPECT_EQ(log_->bounds().head, 1u);
  EXPECT_THAT(DriftIn(*log_), ElementsAre(names[0]));
}

}  // namespace tuco::log

#endif  // TUCO_TESTS_SERVER_LOG_LOG_DRIFT_CONTRACT_H_
