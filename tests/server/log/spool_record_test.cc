#include "server/log/spool_record.h"

#include <string>

#include "gtest/gtest.h"
#include "tests/server/log/sample_records.h"

namespace tuco::log {
namespace {

std::string Encode(const Record& record) {
  std::string bytes;
  AppendSpoolRecord(record, bytes);
  return bytes;
}

Record EmptyRecord() {
  Record record;
  record.received_at = Timestamp(std::chrono::microseconds(1));
  return record;
}

TEST(SpoolRecordTest, ReadsBackAsItWasWritten) {
  Record odd = SampleRecord(2);
  odd.phone = "";  // There, and empty.
  odd.lead_id.reset();
  odd.occurred_at.reset();
  odd.received_at = Timestamp(std::chrono::microseconds(-1));
  odd.event = std::string("\0\xff TUCOSPOL", 11);
  odd.body.assign(300'000, '\xee');
  for (const Record& record : {SampleRecord(1), odd, EmptyRecord()}) {
    const auto decoded = DecodeSpoolRecord(Encode(record));
    ASSERT_TRUE(decoded.ok()) << decoded.status();
    EXPECT_EQ(*decoded, record);
  }
}

TEST(SpoolRecordTest, SizeIsKnownBefore) {
  for (const Record& record : {SampleRecord(77), EmptyRecord()}) {
    EXPECT_EQ(SpoolRecordBytes(record), Encode(record).size());
  }
}

TEST(SpoolRecordTest, WhatTheLogGivesIsLeftOut) {
  Record record = SampleRecord(1);
  record.sequence = 42;
  record.epoch = 2;
  record.recorded_at = record.received_at;
  record.suspected_duplicate_of = 41;
  record.flags.Add(Flag::kSuspectedDuplicate);
  EXPECT_EQ(DecodeSpoolRecord(Encode(record)).value(), SampleRecord(1));
}

TEST(SpoolRecordTest, RecordThatIsCutShortOrTooLongIsNone) {
  const std::string bytes = Encode(SampleRecord(1));
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_EQ(DecodeSpoolRecord(bytes.substr(0, size)).status().code(),
              absl::StatusCode::kDataLoss)
        << size;
  }
  EXPECT_EQ(DecodeSpoolRecord(bytes + '\0').status().code(),
            absl::StatusCode::kDataLoss);
}

TEST(SpoolRecordTest, VersionIsChecked) {
  std::string bytes = Encode(SampleRecord(1));
  bytes[0] = 0;
  EXPECT_EQ(DecodeSpoolRecord(bytes).status().code(),
            absl::StatusCode::kDataLoss);
  bytes[0] = kSpoolRecordVersion + 1;
  EXPECT_EQ(DecodeSpoolRecord(bytes).status().code(),
            absl::StatusCode::kUnimplemented);
}

// Bytes that are one record are no other one: they encode to themselves.
TEST(SpoolRecordTest, EveryChangedByteIsAnotherRecordOrNone) {
  const Record record = SampleRecord(1);
  const std::string bytes = Encode(record);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string changed = bytes;
    changed[i] = static_cast<char>(changed[i] ^ 0xff);
    const auto decoded = DecodeSpoolRecord(changed);
    if (!decoded.ok()) continue;
    EXPECT_NE(*decoded, record) << i;
    EXPECT_EQ(Encode(*decoded), changed) << i;
  }
}

}  // namespace
}  // namespace tuco::log
