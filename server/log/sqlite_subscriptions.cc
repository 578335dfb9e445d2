#include "server/log/sqlite_subscriptions.h"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/base/status_macros.h"
#include "server/log/sqlite_meta.h"
#include "tuco/strings.h"

namespace tuco::log {
namespace {

constexpr std::string_view kTotalKey = "subscriptions_sum";

std::int64_t Signed(std::uint64_t value) {
  return static_cast<std::int64_t>(value);
}

absl::StatusOr<std::uint64_t> ReadTotal(SqliteDb& db) {
  TUCO_ASSIGN_OR_RETURN(const std::optional<std::int64_t> total,
                        ReadMeta(db, kTotalKey));
  return static_cast<std::uint64_t>(total.value_or(0));
}

absl::Status DoNotFit(const SubscriptionRow& row, const char* table) {
  return absl::DataLossError(absl::StrCat("subscription ", Signed(row.id),
                                          " is damaged: its rows in table ",
                                          table, " are not those that it had"));
}

// Reads the tables within a transaction of the caller's, and goes on behind
// what is damaged.
class SubscriptionReading {
 public:
  explicit SubscriptionReading(SqliteDb& db) : db_(db) {}

  // What is wrong first, if anything.
  absl::Status Run() {
    absl::Status status = Prepare();
    if (status.ok()) status = ReadAll();
    if (!status.ok()) Note(std::move(status));
    return status_;
  }

  // What could be read, in the order of the names. A damaged page may have a
  // row twice.
  std::vector<StoredSubscription> Found() && {
    std::sort(found_.begin(), found_.end(),
              [](const StoredSubscription& a, const StoredSubscription& b) {
                return std::tie(a.row.name, a.row.id) <
                       std::tie(b.row.name, b.row.id);
              });
    const auto end = std::unique(
        found_.begin(), found_.end(),
        [](const StoredSubscription& a, const StoredSubscription& b) {
          return a.row.id == b.row.id;
        });
    found_.erase(end, found_.end());
    return std::move(found_);
  }

 private:
  absl::Status Prepare() {
    TUCO_ASSIGN_OR_RETURN(rows_, db_.Prepare(SubscriptionSelect("")));
    TUCO_ASSIGN_OR_RETURN(unsettled_,
                          db_.Prepare(UnsettledSelect("WHERE subscription = ? "
                                                      "ORDER BY sequence")));
    TUCO_ASSIGN_OR_RETURN(
        parked_, db_.Prepare("SELECT crc FROM parked WHERE subscription = ?"));
    return absl::OkStatus();
  }

  absl::Status ReadAll() {
    std::uint64_t sum = 0;
    while (true) {
      TUCO_ASSIGN_OR_RETURN(const bool found, rows_.Step());
      if (!found) break;
      sum += SubscriptionCrcAt(rows_);
      absl::Status status = ReadOne();
      if (!status.ok()) Note(std::move(status));
    }
    TUCO_ASSIGN_OR_RETURN(const std::uint64_t total, ReadTotal(db_));
    if (sum == total) return absl::OkStatus();
    return absl::DataLossError(
        "the rows of table subscriptions are not those that it had");
  }

  absl::Status ReadOne() {
    TUCO_ASSIGN_OR_RETURN(SubscriptionState state, SubscriptionAt(rows_));
    StoredSubscription stored{
        .row = std::move(state.row), .unsettled = {}, .parked = 0};
    TUCO_RETURN_IF_ERROR(ReadUnsettled(state.unsettled_sum, stored));
    absl::Status parked = CountParked(state.parked_sum, stored);
    found_.push_back(std::move(stored));
    return parked;
  }

  absl::Status ReadUnsettled(std::uint64_t expected,
                             StoredSubscription& stored) {
    const StatementReset reset(unsettled_);
    unsettled_.BindInt(1, Signed(stored.row.id));
    std::uint64_t sum = 0;
    while (true) {
      TUCO_ASSIGN_OR_RETURN(const bool found, unsettled_.Step());
      if (!found) break;
      sum += UnsettledCrcAt(unsettled_);
      TUCO_ASSIGN_OR_RETURN(const UnsettledEvent event,
                            UnsettledAt(unsettled_));
      stored.unsettled.push_back(event);
    }
    return sum == expected ? absl::OkStatus()
                           : DoNotFit(stored.row, "unsettled");
  }

  absl::Status CountParked(std::uint64_t expected, StoredSubscription& stored) {
    const StatementReset reset(parked_);
    parked_.BindInt(1, Signed(stored.row.id));
    std::uint64_t sum = 0;
    while (true) {
      TUCO_ASSIGN_OR_RETURN(const bool found, parked_.Step());
      if (!found) break;
      sum += static_cast<std::uint64_t>(parked_.Int(0));
      ++stored.parked;
    }
    return sum == expected ? absl::OkStatus() : DoNotFit(stored.row, "parked");
  }

  void Note(absl::Status status) {
    if (status_.ok()) status_ = std::move(status);
  }

  SqliteDb& db_;
  SqliteStatement rows_;
  SqliteStatement unsettled_;
  SqliteStatement parked_;  // The checksums alone.
  std::vector<StoredSubscription> found_;
  absl::Status status_;
};

}  // namespace

absl::StatusOr<SqliteSubscriptions::Belongings>
SqliteSubscriptions::OpenBelongings(SqliteDb& db, const char* table,
                                    const std::string& insert) {
  constexpr std::string_view kRow = " WHERE subscription = ? AND sequence = ?";
  Belongings rows;
  TUCO_ASSIGN_OR_RETURN(rows.insert, db.Prepare(insert));
  TUCO_ASSIGN_OR_RETURN(rows.crc_of,
                        db.Prepare(Concat({"SELECT crc FROM ", table, kRow})));
  TUCO_ASSIGN_OR_RETURN(rows.remove,
                        db.Prepare(Concat({"DELETE FROM ", table, kRow})));
  TUCO_ASSIGN_OR_RETURN(
      rows.clear,
      db.Prepare(Concat({"DELETE FROM ", table, " WHERE subscription = ?"})));
  return rows;
}

absl::StatusOr<std::unique_ptr<SqliteSubscriptions>> SqliteSubscriptions::Open(
    SqliteDb& db) {
  std::unique_ptr<SqliteSubscriptions> opened(new SqliteSubscriptions(db));
  TUCO_ASSIGN_OR_RETURN(opened->insert_, db.Prepare(SubscriptionInsert()));
  TUCO_ASSIGN_OR_RETURN(opened->select_,
                        db.Prepare(SubscriptionSelect("WHERE id = ?")));
  TUCO_ASSIGN_OR_RETURN(opened->remove_,
                        db.Prepare("DELETE FROM subscriptions WHERE id = ?"));
  TUCO_ASSIGN_OR_RETURN(opened->unsettled_,
                        OpenBelongings(db, "unsettled", UnsettledInsert()));
  TUCO_ASSIGN_OR_RETURN(opened->parked_,
                        OpenBelongings(db, "parked", ParkedInsert()));
  TUCO_ASSIGN_OR_RETURN(
      opened->select_parked_,
      db.Prepare(ParkedSelect("WHERE subscription = ? AND sequence = ?")));
  return opened;
}

absl::Status SqliteSubscriptions::Apply(
    std::span<const SubscriptionChange* const> changes) {
  if (changes.empty()) return absl::OkStatus();
  const absl::StatusOr<std::uint64_t> before = ReadTotal(db_);
  // One that is damaged stays so, and readers say so; subscriptions go on.
  if (!before.ok() && !absl::IsDataLoss(before.status())) {
    return before.status();
  }
  std::uint64_t total = before.value_or(0);
  for (const SubscriptionChange* const change : changes) {
    TUCO_RETURN_IF_ERROR(Apply(*change, total));
  }
  if (!before.ok() || total == *before) return absl::OkStatus();
  return WriteMeta(db_, kTotalKey, Signed(total));
}

absl::Status SqliteSubscriptions::Apply(const SubscriptionChange& change,
                                        std::uint64_t& total) {
  if (change.remove) return Remove(change.id, total);
  SubscriptionState state;
  if (change.create) {
    if (!change.row.has_value()) return absl::OkStatus();
    TUCO_RETURN_IF_ERROR(SetAside(change.id));
  } else {
    const StatementReset reset(select_);
    select_.BindInt(1, Signed(change.id));
    TUCO_ASSIGN_OR_RETURN(const bool found, select_.Step());
    if (!found) return absl::OkStatus();
    TUCO_ASSIGN_OR_RETURN(state, SubscriptionAt(select_));
    total -= SubscriptionCrcAt(select_);
  }
  if (change.row.has_value()) state.row = *change.row;
  state.row.id = change.id;
  TUCO_RETURN_IF_ERROR(ChangeUnsettled(change, state.unsettled_sum));
  TUCO_RETURN_IF_ERROR(ChangeParked(change, state.parked_sum));
  total += BindSubscription(state, insert_);
  return insert_.Run();
}

absl::Status SqliteSubscriptions::Remove(std::uint64_t id,
                                         std::uint64_t& total) {
  {
    const StatementReset reset(select_);
    select_.BindInt(1, Signed(id));
    TUCO_ASSIGN_OR_RETURN(const bool found, select_.Step());
    if (found) total -= SubscriptionCrcAt(select_);
  }
  for (SqliteStatement* const statement :
       {&remove_, &unsettled_.clear, &parked_.clear}) {
    statement->BindInt(1, Signed(id));
    TUCO_RETURN_IF_ERROR(statement->Run());
  }
  return absl::OkStatus();
}

absl::Status SqliteSubscriptions::SetAside(std::uint64_t id) {
  for (const char* const sql :
       {"UPDATE subscriptions SET id = -id WHERE id = ?",
        "UPDATE unsettled SET subscription = -subscription "
        "WHERE subscription = ?",
        "UPDATE parked SET subscription = -subscription "
        "WHERE subscription = ?"}) {
    TUCO_ASSIGN_OR_RETURN(SqliteStatement update, db_.Prepare(sql));
    update.BindInt(1, Signed(id));
    TUCO_RETURN_IF_ERROR(update.Run());
  }
  return absl::OkStatus();
}

absl::Status SqliteSubscriptions::ChangeUnsettled(
    const SubscriptionChange& change, std::uint64_t& sum) {
  if (change.clear_unsettled) {
    unsettled_.clear.BindInt(1, Signed(change.id));
    TUCO_RETURN_IF_ERROR(unsettled_.clear.Run());
    sum = 0;
  }
  for (const UnsettledEvent& event : change.unsettled) {
    TUCO_RETURN_IF_ERROR(
        Subtract(unsettled_, change.id, event.sequence, sum).status());
    sum += BindUnsettled(change.id, event, unsettled_.insert);
    TUCO_RETURN_IF_ERROR(unsettled_.insert.Run());
  }
  for (const std::uint64_t sequence : change.settled) {
    TUCO_RETURN_IF_ERROR(RemoveFrom(unsettled_, change.id, sequence, sum));
  }
  return absl::OkStatus();
}

absl::Status SqliteSubscriptions::ChangeParked(const SubscriptionChange& change,
                                               std::uint64_t& sum) {
  for (const ParkedEvent& event : change.parked) {
    TUCO_RETURN_IF_ERROR(
        Subtract(parked_, change.id, event.sequence, sum).status());
    sum += BindParked(change.id, event, parked_.insert);
    TUCO_RETURN_IF_ERROR(parked_.insert.Run());
  }
  for (const ParkedUpdate& update : change.parked_updates) {
    TUCO_RETURN_IF_ERROR(UpdateParked(change.id, update, sum));
  }
  for (const std::uint64_t sequence : change.unparked) {
    TUCO_RETURN_IF_ERROR(RemoveFrom(parked_, change.id, sequence, sum));
  }
  return absl::OkStatus();
}

absl::Status SqliteSubscriptions::UpdateParked(std::uint64_t id,
                                               const ParkedUpdate& update,
                                               std::uint64_t& sum) {
  ParkedEvent event;
  {
    const StatementReset reset(select_parked_);
    select_parked_.BindInt(1, Signed(id));
    select_parked_.BindInt(2, Signed(update.sequence));
    TUCO_ASSIGN_OR_RETURN(const bool found, select_parked_.Step());
    if (!found) return absl::OkStatus();
    TUCO_ASSIGN_OR_RETURN(event, ParkedAt(select_parked_, /*with_body=*/true));
  }
  TUCO_RETURN_IF_ERROR(Subtract(parked_, id, event.sequence, sum).status());
  event.deliveries = update.deliveries;
  event.replaying = update.replaying;
  sum += BindParked(id, event, parked_.insert);
  return parked_.insert.Run();
}

absl::StatusOr<bool> SqliteSubscriptions::Subtract(Belongings& rows,
                                                   std::uint64_t id,
                                                   std::uint64_t sequence,
                                                   std::uint64_t& sum) {
  const StatementReset reset(rows.crc_of);
  rows.crc_of.BindInt(1, Signed(id));
  rows.crc_of.BindInt(2, Signed(sequence));
  TUCO_ASSIGN_OR_RETURN(const bool found, rows.crc_of.Step());
  if (found) sum -= static_cast<std::uint64_t>(rows.crc_of.Int(0));
  return found;
}

absl::Status SqliteSubscriptions::RemoveFrom(Belongings& rows, std::uint64_t id,
                                             std::uint64_t sequence,
                                             std::uint64_t& sum) {
  TUCO_ASSIGN_OR_RETURN(const bool found, Subtract(rows, id, sequence, sum));
  if (!found) return absl::OkStatus();
  rows.remove.BindInt(1, Signed(id));
  rows.remove.BindInt(2, Signed(sequence));
  return rows.remove.Run();
}

absl::Status ReadSubscriptionRows(SqliteDb& db,
                                  const SubscriptionVisitor& visit) {
  // One transaction, so that the tables fit each other.
  TUCO_RETURN_IF_ERROR(db.Execute("BEGIN"));
  std::vector<StoredSubscription> found;
  absl::Status status;
  {
    SubscriptionReading reading(db);
    status = reading.Run();
    found = std::move(reading).Found();
  }
  db.Rollback();
  for (const StoredSubscription& stored : found) visit(stored);
  return status;
}

absl::StatusOr<std::uint64_t> ReadParkedRows(SqliteDb& db,
                                             const ParkedRequest& request,
                                             const ParkedVisitor& visit) {
  TUCO_ASSIGN_OR_RETURN(
      SqliteStatement select,
      db.Prepare(ParkedSelect("WHERE subscription = ? AND sequence > ? "
                              "ORDER BY sequence LIMIT ?")));
  select.BindInt(1, Signed(request.id));
  select.BindInt(2, Signed(request.after));
  select.BindInt(
      3, static_cast<std::int64_t>(std::min<std::size_t>(
             request.events_max, std::numeric_limits<std::int64_t>::max())));
  std::uint64_t last = request.after;
  while (true) {
    TUCO_ASSIGN_OR_RETURN(const bool found, select.Step());
    if (!found) return last;
    TUCO_ASSIGN_OR_RETURN(const ParkedEvent event,
                          ParkedAt(select, request.bodies));
    visit(event);
    last = event.sequence;
  }
}

absl::Status CheckSubscriptionRows(SqliteDb& db) {
  std::vector<std::uint64_t> ids;
  TUCO_RETURN_IF_ERROR(
      ReadSubscriptionRows(db, [&ids](const StoredSubscription& stored) {
        ids.push_back(stored.row.id);
      }));
  for (const std::uint64_t id : ids) {
    TUCO_RETURN_IF_ERROR(
        ReadParkedRows(
            db, {.id = id, .after = 0, .events_max = SIZE_MAX, .bodies = false},
            [](const ParkedEvent&) {})
            .status());
  }
  return absl::OkStatus();
}

}  // namespace tuco::log
