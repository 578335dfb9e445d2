#include "tuco/record_layout.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <string>
#include <string_view>

#include "tuco/crc32c.h"

namespace tuco {
namespace {

// Empty, but not absent: it has data.
constexpr char kNoBytes[] = "";
constexpr std::string_view kEmpty = kNoBytes;

TEST(RecordLayoutTest, CrcCoversTheColumnsInOrder) {
  RecordColumns columns;
  columns.sequence = 1;
  columns.epoch = 0x0102030405060708;
  columns.event_id = "0123456789abcdef";
  columns.endpoint = "tuco";
  columns.occurred_at_us = -1;
  columns.flags = 6;
  const std::string null(8, '\xff');
  const std::string zero(8, '\0');
  std::string bytes("\1\0\0\0\0\0\0\0\x8\x7\x6\x5\x4\x3\x2\x1", 16);
  bytes += std::string("\x10\0\0\0\0\0\0\0", 8) + "0123456789abcdef";
  bytes += std::string("\4\0\0\0\0\0\0\0tuco", 12);
  for (int i = 0; i < 7; ++i) bytes += null;  // type_name to phone.
  bytes += std::string(8, '\xff') + zero + zero;
  bytes += std::string("\6\0\0\0\0\0\0\0", 8);
  bytes += null + null + null;
  EXPECT_EQ(RecordCrc(columns), ExtendCrc32c(0, bytes));
}

std::string Ascending(std::size_t size) {
  std::string bytes(size, '\0');
  std::iota(bytes.begin(), bytes.end(), '\0');
  return bytes;
}

TEST(RecordLayoutTest, AgreesWithTheExampleOfTheSpecification) {
  const std::string event_id = Ascending(16);
  const std::string signature(32, '\xab');
  RecordColumns columns;
  columns.sequence = 1;
  columns.epoch = 1;
  columns.event_id = event_id;
  columns.endpoint = "tuco";
  columns.type_name = "message.sent";
  columns.workspace_id = "w1";
  columns.occurred_at_us = 1776254400042000;
  columns.received_at_us = 1776254400100000;
  columns.recorded_at_us = 1776254400101000;
  columns.event = kEmpty;
  columns.body = "{}";
  columns.signature = signature;
  EXPECT_EQ(RecordCrc(columns), 0x1e87462bu);

  const std::string bytes = Ascending(32);
  Digest key;
  std::copy(bytes.begin(), bytes.end(), key.begin());
  EXPECT_EQ(DuplicateKeyCrc({.sequence = 1, .key = key}), 0x3f7b8eb2u);
}

// A column of text as the checksum covers it: its length, then its bytes.
std::string Covered(std::string_view text) {
  std::string bytes(8, '\0');
  std::size_t size = text.size();
  for (char& byte : bytes) {
    byte = static_cast<char>(size & 0xff);
    size >>= 8;
  }
  return bytes.append(text);
}

// Whether columns are gathered first, or are too long for that, is not seen.
TEST(RecordLayoutTest, CrcCoversColumnsOfEverySize) {
  const std::string bytes = Ascending(3'000);
  const std::string_view all = bytes;
  const std::string null(8, '\xff');
  const std::string zero(8, '\0');
  const std::size_t sizes[] = {0, 1, 500, 850, 1'000, 1'024, 1'025, 3'000};
  for (const std::size_t event_size : sizes) {
    for (const std::size_t body_size : sizes) {
      RecordColumns columns;
      columns.occurred_at_us = 0;
      columns.event = all.substr(0, event_size);
      columns.body = all.substr(3'000 - body_size);
      columns.signature = "of 32 bytes, elsewhere";
      std::string expected = zero + zero;
      for (int i = 0; i < 9; ++i) expected += null;  // event_id to phone.
      for (int i = 0; i < 4; ++i) expected += zero;  // The times and flags.
      expected += Covered(columns.event) + Covered(columns.body) +
                  Covered(columns.signature);
      EXPECT_EQ(RecordCrc(columns), ExtendCrc32c(0, expected))
          << event_size << " and " << body_size;
    }
  }
}

TEST(RecordLayoutTest, NullIsNotEmpty) {
  RecordColumns null;
  RecordColumns empty;
  empty.phone = kEmpty;
  EXPECT_NE(RecordCrc(null), RecordCrc(empty));
}

TEST(RecordLayoutTest, WithoutASuspectedDuplicateTheCrcIsThatOfVersion1) {
  RecordColumns columns;
  columns.signature = kEmpty;
  const std::uint32_t without = RecordCrc(columns);
  columns.suspected_duplicate_of = 7;
  EXPECT_EQ(RecordCrc(columns),
            ExtendCrc32c(without, std::string_view("\7\0\0\0\0\0\0\0", 8)));
}

TEST(RecordLayoutTest, LengthsKeepNeighboursApart) {
  RecordColumns a;
  a.line_id = "ab";
  a.campaign_id = "c";
  RecordColumns b;
  b.line_id = "a";
  b.campaign_id = "bc";
  EXPECT_NE(RecordCrc(a), RecordCrc(b));
}

TEST(RecordLayoutTest, DuplicateKeyCrcCoversSequenceAndKey) {
  Digest key{};
  key[0] = 7;
  std::string bytes("\2\0\0\0\0\0\0\0\x20\0\0\0\0\0\0\0\7", 17);
  bytes += std::string(31, '\0');
  EXPECT_EQ(DuplicateKeyCrc({.sequence = 2, .key = key}),
            ExtendCrc32c(0, bytes));
}

TEST(RecordLayoutTest, CrcsOfASubscriptionCoverItsColumnsInTheirOrder) {
  const auto number = [](std::uint64_t value) {
    std::string bytes(8, '\0');
    bytes[0] = static_cast<char>(value);
    return bytes;
  };
  const auto text = [&](const std::string& value) {
    return number(value.size()) + value;
  };
  EXPECT_EQ(SubscriptionCrc({.id = 1,
                             .name = "ab",
                             .settings = "c",
                             .through = 2,
                             .created_at_us = 3,
                             .active_at_us = 4,
                             .unsettled_sum = 5,
                             .parked_sum = 6}),
            ExtendCrc32c(0, number(1) + text("ab") + text("c") + number(2) +
                                number(3) + number(4) + number(5) + number(6)));
  EXPECT_EQ(UnsettledCrc({.subscription = 1,
                          .sequence = 2,
                          .deliveries = 3,
                          .retry_at_us = 4}),
            ExtendCrc32c(0, number(1) + number(2) + number(3) + number(4)));
  ParkedColumns parked{.subscription = 1, .sequence = 2, .epoch = 3};
  parked.recorded_at_us = 4;
  parked.suspected_duplicate_of = 5;
  parked.deliveries = 6;
  parked.reason = 7;
  parked.parked_at_us = 8;
  parked.replaying = 9;
  parked.lead_id = "a";
  parked.phone = "b";
  parked.signature = "c";
  parked.event = "d";
  parked.body = "e";
  std::string bytes;
  for (std::uint64_t value = 1; value <= 9; ++value) bytes += number(value);
  for (const char* const value : {"a", "b", "c", "d", "e"}) {
    bytes += text(value);
  }
  EXPECT_EQ(ParkedCrc(parked), ExtendCrc32c(0, bytes));
}

}  // namespace
}  // namespace tuco
