// The layout of a record in the log, shared by the server that writes it and
// by readers that open the file in place. docs/log_format.md is the
// specification.

#ifndef TUCO_RECORD_LAYOUT_H_
#define TUCO_RECORD_LAYOUT_H_

#include <cstdint>
#include <string_view>

#include "tuco/digest.h"

namespace tuco {

// The version that this code writes, in SQLite's `user_version`.
inline constexpr int kLogSchemaVersion = 4;

// What tells a log from any other SQLite file, in its `application_id`: TUCO.
inline constexpr std::uint32_t kLogApplicationId = 0x5455434f;

// The columns of table `events`, in the order in which the CRC covers them
// (all but the last).
inline constexpr std::string_view kEventColumns =
    "sequence, epoch, event_id, endpoint, type_name, workspace_id, line_id, "
    "campaign_id, message_id, lead_id, phone, occurred_at_us, "
    "received_at_us, recorded_at_us, flags, event, body, signature, "
    "suspected_duplicate_of, crc";

// One row of `events` without its CRC. Text columns that are absent (SQL
// NULL) are views without data; times are microseconds since 1970, and
// `occurred_at_us` is kNoTime where the body had none. No sequence is 0.
struct RecordColumns {
  static constexpr std::int64_t kNoTime = INT64_MIN;

  std::uint64_t sequence = 0;
  std::uint64_t epoch = 0;
  std::string_view event_id;  // 16 bytes.
  std::string_view endpoint;
  std::string_view type_name;
  std::string_view workspace_id;
  std::string_view line_id;
  std::string_view campaign_id;
  std::string_view message_id;
  std::string_view lead_id;
  std::string_view phone;
  std::int64_t occurred_at_us = kNoTime;
  std::int64_t received_at_us = 0;
  std::int64_t recorded_at_us = 0;
  std::uint32_t flags = 0;
  std::string_view event;  // Serialized tuco.events.v1.Event.
  std::string_view body;
  std::string_view signature;  // 32 bytes.
  std::uint64_t suspected_duplicate_of = 0;
};

// CRC32C over every column: integers as 8 little-endian bytes, text and blobs
// as an 8-byte little-endian length (all ones for NULL) and their bytes. A NULL
// `suspected_duplicate_of` adds nothing, so that it is the same for rows of
// version 1, which had no such column.
std::uint32_t RecordCrc(const RecordColumns& columns);

// One row of `duplicate_keys` without its CRC. Times as above; those of rows
// that version 1 or 2 wrote are both kNoTime.
struct KeyColumns {
  std::uint64_t sequence = 0;
  Digest key{};
  std::int64_t received_at_us = RecordColumns::kNoTime;
  std::int64_t occurred_at_us = RecordColumns::kNoTime;
};

// The same over a row of `duplicate_keys`. Without a `received_at_us` neither
// time adds anything, so that it is the same for rows of version 2.
std::uint32_t DuplicateKeyCrc(const KeyColumns& columns);

// The same over a row of `meta`.
std::uint32_t MetaCrc(std::string_view key, std::int64_t value);

// One row of `quarantine` without its CRC. Times as above; a sequence of 0 and
// a view without data stand for NULL.
struct QuarantineColumns {
  std::uint64_t id = 0;
  std::int64_t verified = 0;
  std::int64_t state = 0;
  std::int64_t held_back = 0;
  std::string_view endpoint;
  std::string_view source;
  std::int64_t reason = 0;
  std::int64_t received_at_us = 0;
  std::int64_t dedup_horizon_us = RecordColumns::kNoTime;
  std::string_view headers;
  std::uint64_t body_bytes = 0;
  std::string_view body;
  std::uint64_t sequence = 0;
  std::int64_t settled_at_us = RecordColumns::kNoTime;
};

// The columns of table `quarantine`, in the order in which the CRC covers them
// (all but the last).
inline constexpr std::string_view kQuarantineColumns =
    "id, verified, state, held_back, endpoint, source, reason, "
    "received_at_us, dedup_horizon_us, headers, body_bytes, body, sequence, "
    "settled_at_us, crc";

// The same over a row of `quarantine`; a NULL sequence counts as 0.
std::uint32_t QuarantineCrc(const QuarantineColumns& columns);

// One row of `subscriptions` without its CRC. The sums are those of the CRCs of
// its rows in the two tables below.
struct SubscriptionColumns {
  std::uint64_t id = 0;
  std::string_view name;
  std::string_view settings;
  std::uint64_t through = 0;
  std::int64_t created_at_us = 0;
  std::int64_t active_at_us = 0;
  std::uint64_t unsettled_sum = 0;
  std::uint64_t parked_sum = 0;
};

// The columns of table `subscriptions`, in the order in which the CRC covers
// them (all but the last).
inline constexpr std::string_view kSubscriptionColumns =
    "id, name, settings, through, created_at_us, active_at_us, "
    "unsettled_sum, parked_sum, crc";

// The same over a row of `subscriptions`.
std::uint32_t SubscriptionCrc(const SubscriptionColumns& columns);

// One row of `unsettled` without its CRC. Times as above.
struct UnsettledColumns {
  std::uint64_t subscription = 0;  // Its id.
  std::uint64_t sequence = 0;
  std::uint64_t deliveries = 0;
  std::int64_t retry_at_us = RecordColumns::kNoTime;
};

// The columns of table `unsettled`, in the order in which the CRC covers them
// (all but the last).
inline constexpr std::string_view kUnsettledColumns =
    "subscription, sequence, deliveries, retry_at_us, crc";

// The same over a row of `unsettled`.
std::uint32_t UnsettledCrc(const UnsettledColumns& columns);

// One row of `parked` without its CRC. Text that is empty stands for what the
// event does not have.
struct ParkedColumns {
  std::uint64_t subscription = 0;  // Its id.
  std::uint64_t sequence = 0;
  std::uint64_t epoch = 0;
  std::int64_t recorded_at_us = 0;
  std::uint64_t suspected_duplicate_of = 0;
  std::uint64_t deliveries = 0;
  std::int64_t reason = 0;
  std::int64_t parked_at_us = 0;
  std::int64_t replaying = 0;
  std::string_view lead_id;
  std::string_view phone;
  std::string_view signature;  // 32 bytes.
  std::string_view event;
  std::string_view body;
};

// The columns of table `parked`, in the order in which the CRC covers them (all
// but itself, which stands where it is read without the long ones).
inline constexpr std::string_view kParkedColumns =
    "subscription, sequence, epoch, recorded_at_us, suspected_duplicate_of, "
    "deliveries, reason, parked_at_us, replaying, crc, lead_id, phone, "
    "signature, event, body";

// The same over a row of `parked`.
std::uint32_t ParkedCrc(const ParkedColumns& columns);

// The same over a row of `epochs`.
std::uint32_t EpochCrc(std::uint64_t epoch, std::uint64_t first_sequence,
                       std::uint64_t lost_after, std::int64_t began_at_us);

}  // namespace tuco

#endif  // TUCO_RECORD_LAYOUT_H_
