#include "tuco/timestamp.h"

#include <gtest/gtest.h>

#include <string>

namespace tuco {
namespace {

using std::chrono::microseconds;

Timestamp At(std::int64_t micros) { return Timestamp(microseconds(micros)); }

TEST(TimestampTest, ReadsSecondsAndFractions) {
  EXPECT_EQ(ParseTimestamp("1970-01-01T00:00:00Z"), At(0));
  EXPECT_EQ(ParseTimestamp("2026-04-15T12:00:01.500Z"), At(1776254401500000));
  EXPECT_EQ(ParseTimestamp("1970-01-01T00:00:00.1Z"), At(100000));
  EXPECT_EQ(ParseTimestamp("1970-01-01T00:00:00.000001Z"), At(1));
  EXPECT_EQ(ParseTimestamp("1969-12-31T23:59:59.999999Z"), At(-1));
}

TEST(TimestampTest, CutsDigitsBeyondTheSixth) {
  EXPECT_EQ(ParseTimestamp("1970-01-01T00:00:00.0000019999Z"), At(1));
}

TEST(TimestampTest, AppliesOffsets) {
  EXPECT_EQ(ParseTimestamp("1970-01-01T02:30:00+02:30"), At(0));
  EXPECT_EQ(ParseTimestamp("1969-12-31T23:00:00-01:00"), At(0));
  EXPECT_EQ(ParseTimestamp("1970-01-01T00:00:00-00:00"), At(0));
}

TEST(TimestampTest, ReadsALeapSecondAsTheOneThatFollows) {
  EXPECT_EQ(ParseTimestamp("2016-12-31T23:59:60Z"),
            ParseTimestamp("2017-01-01T00:00:00Z"));
}

TEST(TimestampTest, KnowsLeapYears) {
  EXPECT_TRUE(ParseTimestamp("2024-02-29T00:00:00Z"));
  EXPECT_FALSE(ParseTimestamp("2026-02-29T00:00:00Z"));
  EXPECT_TRUE(ParseTimestamp("2000-02-29T00:00:00Z"));
  EXPECT_FALSE(ParseTimestamp("1900-02-29T00:00:00Z"));
}

TEST(TimestampTest, HoldsWhatProtobufHolds) {
  EXPECT_TRUE(ParseTimestamp("0001-01-01T00:00:00Z"));
  EXPECT_TRUE(ParseTimestamp("9999-12-31T23:59:59.999999Z"));
  EXPECT_FALSE(ParseTimestamp("0000-12-31T23:59:59Z"));
  EXPECT_FALSE(ParseTimestamp("0001-01-01T00:00:00+00:01"));
  EXPECT_FALSE(ParseTimestamp("9999-12-31T23:59:59-00:01"));
  EXPECT_FALSE(ParseTimestamp("9999-12-31T23:59:60Z"));
}

TEST(TimestampTest, RefusesEverythingElse) {
  for (const char* text : {
           "",
           "Z",
           "2026-04-15",
           "2026-04-15T12:00:00",
           "2026-04-15T12:00Z",
           "2026-04-15 12:00:00Z",
           "2026-04-15t12:00:00Z",
           "2026-04-15T12:00:00z",
           " 2026-04-15T12:00:00Z",
           "2026-04-15T12:00:00Z ",
           "2026-04-15T12:00:00.Z",
           "2026-04-15T12:00:00,5Z",
           "2026-13-15T12:00:00Z",
           "2026-00-15T12:00:00Z",
           "2026-04-00T12:00:00Z",
           "2026-04-31T12:00:00Z",
           "2026-04-15T24:00:00Z",
           "2026-04-15T12:60:00Z",
           "2026-04-15T12:00:61Z",
           "2026-04-15T12:00:00+24:00",
           "2026-04-15T12:00:00+02:60",
           "2026-04-15T12:00:00+0200",
           "2026-04-15T12:00:00*02:00",
           "2026/04/15T12:00:00Z",
           "2026-04-15T12-00-00Z",
           "+02026-04-15T12:00:00Z",
           "x026-04-15T12:00:00Z",
           "2026-04-1xT12:00:00Z",
           "2026-04-15T1x:00:00Z",
           "2026-04-15T12:00:00.5x",
           "1776254401500",
       }) {
    EXPECT_FALSE(ParseTimestamp(text)) << text;
  }
}

TEST(TimestampTest, WritesAsFewDigitsAsItTakes) {
  EXPECT_EQ(FormatTimestamp(At(0)), "1970-01-01T00:00:00Z");
  EXPECT_EQ(FormatTimestamp(At(42000)), "1970-01-01T00:00:00.042Z");
  EXPECT_EQ(FormatTimestamp(At(42)), "1970-01-01T00:00:00.000042Z");
  EXPECT_EQ(FormatTimestamp(At(-1)), "1969-12-31T23:59:59.999999Z");
}

TEST(TimestampTest, ReadsWhatItWrites) {
  for (const std::int64_t micros :
       {std::int64_t{0}, std::int64_t{-1}, std::int64_t{1776254401500000},
        std::int64_t{-62135596800000000}, std::int64_t{253402300799999999}}) {
    EXPECT_EQ(ParseTimestamp(FormatTimestamp(At(micros))), At(micros));
  }
}

}  // namespace
}  // namespace tuco
