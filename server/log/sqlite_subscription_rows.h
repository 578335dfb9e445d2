// The rows of tables `subscriptions`, `unsettled` and `parked` as values
// (docs/log_format.md).
//
// A statement's views stay valid until its next step. What reads a row yields
// DataLoss, which names the subscription, when it is not what was written.

#ifndef TUCO_SERVER_LOG_SQLITE_SUBSCRIPTION_ROWS_H_
#define TUCO_SERVER_LOG_SQLITE_SUBSCRIPTION_ROWS_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "server/log/sqlite_db.h"
#include "server/log/subscription.h"
#include "tuco/record_layout.h"

namespace tuco::log {

// A subscription as its row has it.
struct SubscriptionState {
  SubscriptionRow row;
  // Of the checksums of its rows in the other two tables.
  std::uint64_t unsettled_sum = 0;
  std::uint64_t parked_sum = 0;
};

// `INSERT OR REPLACE`, with every column as a parameter.
std::string SubscriptionInsert();
std::string UnsettledInsert();
std::string ParkedInsert();

// Binds a row, of what must stay as it is until the statement has run, and
// returns its checksum.
std::uint32_t BindSubscription(const SubscriptionState& state,
                               SqliteStatement& insert);
std::uint32_t BindUnsettled(std::uint64_t subscription,
                            const UnsettledEvent& event,
                            SqliteStatement& insert);
std::uint32_t BindParked(std::uint64_t subscription, const ParkedEvent& event,
                         SqliteStatement& insert);

// `SELECT <every column> FROM <the table> `, to be followed by what narrows it.
std::string SubscriptionSelect(const char* condition);
std::string UnsettledSelect(const char* condition);
std::string ParkedSelect(const char* condition);

// The row at hand.
absl::StatusOr<SubscriptionState> SubscriptionAt(const SqliteStatement& select);
absl::StatusOr<UnsettledEvent> UnsettledAt(const SqliteStatement& select);
absl::StatusOr<ParkedEvent> ParkedAt(const SqliteStatement& select,
                                     bool with_body);

// Its checksum as it stands there, right or not.
std::uint64_t SubscriptionCrcAt(const SqliteStatement& select);
std::uint64_t UnsettledCrcAt(const SqliteStatement& select);

}  // namespace tuco::log

#endif  // TUCO_SERVER_LOG_SQLITE_SUBSCRIPTION_ROWS_H_
