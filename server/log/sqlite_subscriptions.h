// Tables `subscriptions`, `unsettled` and `parked`.
//
// A row that was damaged does not fit its checksum. One that is gone, or as old
// as a page of another day, is noticed by the sums: each subscription has those
// of its rows in the other two tables, and `meta` that of the subscriptions.

#ifndef TUCO_SERVER_LOG_SQLITE_SUBSCRIPTIONS_H_
#define TUCO_SERVER_LOG_SQLITE_SUBSCRIPTIONS_H_

#include <cstdint>
#include <memory>
#include <span>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/log/sqlite_db.h"
#include "server/log/sqlite_subscription_rows.h"
#include "server/log/subscription.h"

namespace tuco::log {

// The writing side. One thread at a time.
class SqliteSubscriptions {
 public:
  // Must not outlive `db`.
  static absl::StatusOr<std::unique_ptr<SqliteSubscriptions>> Open(
      SqliteDb& db);

  // Makes `changes`, in their order, within a transaction of the caller's.
  // DataLoss: a subscription that one of them changes is damaged; the caller
  // rolls back.
  absl::Status Apply(std::span<const SubscriptionChange* const> changes);

 private:
  // A table whose rows belong to a subscription, which has the sum of their
  // checksums.
  struct Belongings {
    SqliteStatement insert;
    SqliteStatement crc_of;  // Of subscription ?1 and sequence ?2.
    SqliteStatement remove;  // Likewise.
    SqliteStatement clear;   // All of subscription ?1.
  };

  explicit SqliteSubscriptions(SqliteDb& db) : db_(db) {}
  static absl::StatusOr<Belongings> OpenBelongings(SqliteDb& db,
                                                   const char* table,
                                                   const std::string& insert);

  // `total` is the sum of the checksums of all subscriptions.
  absl::Status Apply(const SubscriptionChange& change, std::uint64_t& total);
  absl::Status Remove(std::uint64_t id, std::uint64_t& total);
  // Takes what is there under the id of one that is new out of its way: it
  // belongs to one that nobody could read, and stays damaged.
  absl::Status SetAside(std::uint64_t id);
  absl::Status ChangeUnsettled(const SubscriptionChange& change,
                               std::uint64_t& sum);
  absl::Status ChangeParked(const SubscriptionChange& change,
                            std::uint64_t& sum);
  absl::Status UpdateParked(std::uint64_t id, const ParkedUpdate& update,
                            std::uint64_t& sum);
  // Whether there is such a row, whose checksum leaves the sum then.
  static absl::StatusOr<bool> Subtract(Belongings& rows, std::uint64_t id,
                                       std::uint64_t sequence,
                                       std::uint64_t& sum);
  static absl::Status RemoveFrom(Belongings& rows, std::uint64_t id,
                                 std::uint64_t sequence, std::uint64_t& sum);

  SqliteDb& db_;
  SqliteStatement insert_;
  SqliteStatement select_;  // The one with id ?1.
  SqliteStatement remove_;  // Likewise.
  Belongings unsettled_;
  Belongings parked_;
  SqliteStatement select_parked_;  // Of subscription ?1 and sequence ?2.
};

// Hands every subscription to `visit`, in the order of the names. DataLoss: one
// is damaged or gone; those that can be read were visited. One of whose parked
// events some are gone was visited as well.
absl::Status ReadSubscriptionRows(SqliteDb& db,
                                  const SubscriptionVisitor& visit);

// As EventLog::ReadParked.
absl::StatusOr<std::uint64_t> ReadParkedRows(SqliteDb& db,
                                             const ParkedRequest& request,
                                             const ParkedVisitor& visit);

// Reads all of the three tables. DataLoss: a row is damaged or gone.
absl::Status CheckSubscriptionRows(SqliteDb& db);

}  // namespace tuco::log

#endif  // TUCO_SERVER_LOG_SQLITE_SUBSCRIPTIONS_H_
