#include "server/log/sqlite_subscription_rows.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "tuco/strings.h"

namespace tuco::log {
namespace {

constexpr int kSubscriptionCrcColumn = 8;
constexpr int kUnsettledCrcColumn = 4;

std::int64_t Microseconds(Timestamp time) {
  return time.time_since_epoch().count();
}

Timestamp TimeOf(std::int64_t microseconds) {
  return Timestamp(std::chrono::microseconds(microseconds));
}

std::string InsertInto(std::string_view table, std::string_view columns) {
  std::string parameters = "?";
  for (const char c : columns) {
    if (c == ',') parameters += ", ?";
  }
  return Concat({"INSERT OR REPLACE INTO ", table, " (", columns, ") VALUES (",
                 parameters, ")"});
}

std::string SelectFrom(std::string_view table, std::string_view columns,
                       const char* condition) {
  return Concat({"SELECT ", columns, " FROM ", table, " ", condition});
}

std::int64_t Signed(std::uint64_t value) {
  return static_cast<std::int64_t>(value);
}

std::uint64_t UnsignedAt(const SqliteStatement& select, int column) {
  return static_cast<std::uint64_t>(select.Int(column));
}

absl::Status Damaged(std::uint64_t subscription, const char* table) {
  return absl::DataLossError(absl::StrCat(
      "subscription ", Signed(subscription), " is damaged: a row of it in ",
      "table ", table, " does not fit its checksum"));
}

// Views into `state`.
SubscriptionColumns ColumnsOf(const SubscriptionState& state) {
  return {.id = state.row.id,
          .name = state.row.name,
          .settings = state.row.settings,
          .through = state.row.through,
          .created_at_us = Microseconds(state.row.created_at),
          .active_at_us = Microseconds(state.row.active_at),
          .unsettled_sum = state.unsettled_sum,
          .parked_sum = state.parked_sum};
}

UnsettledColumns ColumnsOf(std::uint64_t subscription,
                           const UnsettledEvent& event) {
  return {.subscription = subscription,
          .sequence = event.sequence,
          .deliveries = event.deliveries,
          .retry_at_us = event.retry_at.has_value()
                             ? Microseconds(*event.retry_at)
                             : RecordColumns::kNoTime};
}

// Views into `event`.
ParkedColumns ColumnsOf(std::uint64_t subscription, const ParkedEvent& event) {
  ParkedColumns columns;
  columns.subscription = subscription;
  columns.sequence = event.sequence;
  columns.epoch = event.epoch;
  columns.recorded_at_us = Microseconds(event.recorded_at);
  columns.suspected_duplicate_of = event.suspected_duplicate_of;
  columns.deliveries = event.deliveries;
  columns.reason = event.reason;
  columns.parked_at_us = Microseconds(event.parked_at);
  columns.replaying = event.replaying ? 1 : 0;
  columns.lead_id = event.lead_id;
  columns.phone = event.phone;
  columns.signature = {reinterpret_cast<const char*>(event.signature.data()),
                       event.signature.size()};
  columns.event = event.event;
  columns.body = event.body;
  return columns;
}

ParkedEvent ToEvent(const ParkedColumns& columns, bool with_body) {
  ParkedEvent event;
  event.sequence = columns.sequence;
  event.epoch = columns.epoch;
  event.recorded_at = TimeOf(columns.recorded_at_us);
  event.suspected_duplicate_of = columns.suspected_duplicate_of;
  event.lead_id = columns.lead_id;
  event.phone = columns.phone;
  event.event = columns.event;
  if (with_body) event.body = columns.body;
  std::copy_n(columns.signature.begin(),
              std::min(columns.signature.size(), event.signature.size()),
              event.signature.begin());
  event.deliveries = static_cast<std::uint32_t>(columns.deliveries);
  event.reason = static_cast<std::uint32_t>(columns.reason);
  event.parked_at = TimeOf(columns.parked_at_us);
  event.replaying = columns.replaying != 0;
  return event;
}

}  // namespace

std::string SubscriptionInsert() {
  return InsertInto("subscriptions", kSubscriptionColumns);
}
std::string UnsettledInsert() {
  return InsertInto("unsettled", kUnsettledColumns);
}
std::string ParkedInsert() { return InsertInto("parked", kParkedColumns); }

std::uint32_t BindSubscription(const SubscriptionState& state,
                               SqliteStatement& insert) {
  const SubscriptionColumns columns = ColumnsOf(state);
  const std::uint32_t crc = SubscriptionCrc(columns);
  int at = 0;
  insert.BindInt(++at, Signed(columns.id));
  insert.BindText(++at, columns.name);
  insert.BindBlob(++at, columns.settings);
  insert.BindInt(++at, Signed(columns.through));
  insert.BindInt(++at, columns.created_at_us);
  insert.BindInt(++at, columns.active_at_us);
  insert.BindInt(++at, Signed(columns.unsettled_sum));
  insert.BindInt(++at, Signed(columns.parked_sum));
  insert.BindInt(++at, crc);
  return crc;
}

std::uint32_t BindUnsettled(std::uint64_t subscription,
                            const UnsettledEvent& event,
                            SqliteStatement& insert) {
  const UnsettledColumns columns = ColumnsOf(subscription, event);
  const std::uint32_t crc = UnsettledCrc(columns);
  int at = 0;
  insert.BindInt(++at, Signed(columns.subscription));
  insert.BindInt(++at, Signed(columns.sequence));
  insert.BindInt(++at, Signed(columns.deliveries));
  if (event.retry_at.has_value()) {
    insert.BindInt(++at, columns.retry_at_us);
  } else {
    insert.BindNull(++at);
  }
  insert.BindInt(++at, crc);
  return crc;
}

std::uint32_t BindParked(std::uint64_t subscription, const ParkedEvent& event,
                         SqliteStatement& insert) {
  const ParkedColumns columns = ColumnsOf(subscription, event);
  const std::uint32_t crc = ParkedCrc(columns);
  int at = 0;
  insert.BindInt(++at, Signed(columns.subscription));
  insert.BindInt(++at, Signed(columns.sequence));
  insert.BindInt(++at, Signed(columns.epoch));
  insert.BindInt(++at, columns.recorded_at_us);
  insert.BindInt(++at, Signed(columns.suspected_duplicate_of));
  insert.BindInt(++at, Signed(columns.deliveries));
  insert.BindInt(++at, columns.reason);
  insert.BindInt(++at, columns.parked_at_us);
  insert.BindInt(++at, columns.replaying);
  insert.BindInt(++at, crc);
  insert.BindText(++at, columns.lead_id);
  insert.BindText(++at, columns.phone);
  insert.BindBlob(++at, columns.signature);
  insert.BindBlob(++at, columns.event);
  insert.BindBlob(++at, columns.body);
  return crc;
}

std::string SubscriptionSelect(const char* condition) {
  return SelectFrom("subscriptions", kSubscriptionColumns, condition);
}
std::string UnsettledSelect(const char* condition) {
  return SelectFrom("unsettled", kUnsettledColumns, condition);
}
std::string ParkedSelect(const char* condition) {
  return SelectFrom("parked", kParkedColumns, condition);
}

absl::StatusOr<SubscriptionState> SubscriptionAt(
    const SqliteStatement& select) {
  SubscriptionColumns columns;
  int at = 0;
  columns.id = UnsignedAt(select, at++);
  columns.name = select.Bytes(at++);
  columns.settings = select.Bytes(at++);
  columns.through = UnsignedAt(select, at++);
  columns.created_at_us = select.Int(at++);
  columns.active_at_us = select.Int(at++);
  columns.unsettled_sum = UnsignedAt(select, at++);
  columns.parked_sum = UnsignedAt(select, at++);
  if (select.Int(at) != SubscriptionCrc(columns)) {
    return Damaged(columns.id, "subscriptions");
  }
  return SubscriptionState{.row = {.name = std::string(columns.name),
                                   .id = columns.id,
                                   .settings = std::string(columns.settings),
                                   .through = columns.through,
                                   .created_at = TimeOf(columns.created_at_us),
                                   .active_at = TimeOf(columns.active_at_us)},
                           .unsettled_sum = columns.unsettled_sum,
                           .parked_sum = columns.parked_sum};
}

absl::StatusOr<UnsettledEvent> UnsettledAt(const SqliteStatement& select) {
  UnsettledColumns columns;
  int at = 0;
  columns.subscription = UnsignedAt(select, at++);
  columns.sequence = UnsignedAt(select, at++);
  columns.deliveries = UnsignedAt(select, at++);
  const bool timed = !select.IsNull(at);
  if (timed) columns.retry_at_us = select.Int(at);
  if (select.Int(++at) != UnsettledCrc(columns)) {
    return Damaged(columns.subscription, "unsettled");
  }
  return UnsettledEvent{
      .sequence = columns.sequence,
      .deliveries = static_cast<std::uint32_t>(columns.deliveries),
      .retry_at =
          timed ? std::optional(TimeOf(columns.retry_at_us)) : std::nullopt};
}

absl::StatusOr<ParkedEvent> ParkedAt(const SqliteStatement& select,
                                     bool with_body) {
  ParkedColumns columns;
  int at = 0;
  columns.subscription = UnsignedAt(select, at++);
  columns.sequence = UnsignedAt(select, at++);
  columns.epoch = UnsignedAt(select, at++);
  columns.recorded_at_us = select.Int(at++);
  columns.suspected_duplicate_of = UnsignedAt(select, at++);
  columns.deliveries = UnsignedAt(select, at++);
  columns.reason = select.Int(at++);
  columns.parked_at_us = select.Int(at++);
  columns.replaying = select.Int(at++);
  const std::int64_t crc = select.Int(at++);
  columns.lead_id = select.Bytes(at++);
  columns.phone = select.Bytes(at++);
  columns.signature = select.Bytes(at++);
  columns.event = select.Bytes(at++);
  columns.body = select.Bytes(at);
  if (crc != ParkedCrc(columns)) {
    return absl::DataLossError(absl::StrCat(
        "parked event ", columns.sequence, " of subscription ",
        Signed(columns.subscription), " is damaged: its row in table parked ",
        "does not fit its checksum"));
  }
  return ToEvent(columns, with_body);
}

std::uint64_t SubscriptionCrcAt(const SqliteStatement& select) {
  return UnsignedAt(select, kSubscriptionCrcColumn);
}
std::uint64_t UnsettledCrcAt(const SqliteStatement& select) {
  return UnsignedAt(select, kUnsettledCrcColumn);
}

}  // namespace tuco::log
