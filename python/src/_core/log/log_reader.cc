#include "_core/log/log_reader.h"

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <initializer_list>
#include <string_view>
#include <system_error>

#include "_core/log/mark.h"
#include "tuco/strings.h"

namespace tuco::python::log {
namespace {

constexpr std::size_t kScanBytes = std::size_t{64} << 20;

// The SQL function that is TakesNext.
constexpr const char kTakeRow[] = "take_row";

// So far behind damage every record is tried, and beyond that one in ever more.
constexpr std::uint64_t kNearby = 10'000;

std::int64_t ToSql(std::uint64_t sequence) {
  return static_cast<std::int64_t>(
      std::min<std::uint64_t>(sequence, INT64_MAX));
}

absl::Status CheckVersion(std::int64_t version) {
  if (version >= 1 && version <= kLogSchemaVersion) return absl::OkStatus();
  const std::string found = std::to_string(version);
  if (version < 1) {
    return absl::DataLossError(
        ToAbsl(Concat({found, " is no version of the log's format"})));
  }
  return absl::UnimplementedError(ToAbsl(
      Concat({"the log has version ", found,
              " of its format, and this tuco-events ", "reads versions 1 to ",
              std::to_string(kLogSchemaVersion), ": install a newer one"})));
}

}  // namespace

absl::StatusOr<std::unique_ptr<LogReader>> LogReader::Open(
    const std::string& path, const std::string& mark_path,
    ReadOptions options) {
  // Before the log, which a server writes before its mark.
  const std::uint64_t marked = mark_path.empty() ? 0 : ReadMark(mark_path);
  std::unique_ptr<LogReader> reader(new LogReader(path, std::move(options)));
  absl::Status status = reader->OpenDatabase();
  if (!status.ok()) return status;
  const Transaction transaction(*reader->database_);
  status = reader->Prepare();
  if (!status.ok()) return status;
  reader->Limit(marked);
  status = reader->SeekTimes();
  if (!status.ok()) return status;
  return reader;
}

// Opens the database and finds that it is a log.
absl::Status LogReader::OpenDatabase() {
  std::error_code error;
  if (!std::filesystem::exists(path_ + "-wal", error)) {
    access_ = Access::kFileOnly;
  } else if (!std::filesystem::exists(path_ + "-shm", error)) {
    access_ = Access::kAlone;
  }
  absl::Status status = OpenDatabase(Damaged::kRefused);
  if (!absl::IsDataLoss(status)) return status;
  if (!OpenDatabase(Damaged::kRead).ok()) return status;
  damage_ = std::string(FromAbsl(status.message()));
  return absl::OkStatus();
}

absl::Status LogReader::OpenDatabase(Damaged damaged) {
  absl::StatusOr<std::unique_ptr<Database>> database =
      Database::Open(path_, access_, damaged);
  if (!database.ok()) return database.status();
  database_ = *std::move(database);
  const absl::StatusOr<std::int64_t> id =
      database_->QueryInt("PRAGMA application_id");
  if (!id.ok()) return id.status();
  if (*id != std::int64_t{kLogApplicationId}) {
    return absl::DataLossError("it is no event log of tuco-events");
  }
  const absl::StatusOr<std::int64_t> version =
      database_->QueryInt("PRAGMA user_version");
  if (!version.ok()) return version.status();
  version_ = *version;
  return CheckVersion(version_);
}

// Whoever opens the log besides makes the file whose absence was relied on.
absl::Status LogReader::CheckAlone() const {
  if (access_ == Access::kShared) return absl::OkStatus();
  std::error_code error;
  const char* const made = access_ == Access::kAlone ? "-shm" : "-wal";
  if (!std::filesystem::exists(path_ + made, error)) return absl::OkStatus();
  return absl::UnavailableError(
      "a server has begun to write to the log meanwhile: read it again");
}

absl::Status LogReader::Prepare() {
  absl::Status begun = database_->Begin();
  if (!begun.ok()) return begun;
  // Called by SQLite itself for each row, since that gives all columns at once;
  // fetching them one by one takes longer than reading them.
  absl::Status defined = database_->Define(
      kTakeRow, kRowColumnCount,
      [this](const Values& values) { return TakesNext(RowAt(values)); });
  if (!defined.ok()) return defined;
  const std::string columns = RowColumns(version_);
  const auto prepare = [this](std::initializer_list<std::string_view> sql,
                              Statement& statement) {
    absl::StatusOr<Statement> prepared = database_->Prepare(Concat(sql));
    if (!prepared.ok()) return prepared.status();
    statement = *std::move(prepared);
    return absl::OkStatus();
  };
  absl::Status prepared =
      prepare({"SELECT 1 FROM events WHERE sequence >= ? AND NOT ", kTakeRow,
               "(", columns, ") ORDER BY sequence LIMIT 1"},
              rows_);
  if (!prepared.ok()) return prepared;
  prepared = prepare({"SELECT ", columns,
                      " FROM events WHERE sequence >= ? ORDER BY sequence "
                      "LIMIT 1"},
                     row_);
  if (!prepared.ok()) return prepared;
  absl::StatusOr<Position> position = ReadPosition(*database_, version_);
  if (!position.ok()) return position.status();
  position_ = *std::move(position);
  return absl::OkStatus();
}

// Where the end is, and whether anything is missing there.
void LogReader::Limit(std::uint64_t marked) {
  next_ = std::max(next_, position_.first);
  through_ = options_.through;
  if (position_.head_known) through_ = std::min(through_, position_.head);
  const std::uint64_t there = std::max(position_.head, options_.after);
  const std::uint64_t wanted = std::min(marked, options_.through);
  if (position_.head_known && wanted > there) {
    lost_ = {.from = there + 1, .to = wanted};
  }
}

// Records are in the order of the time when they were recorded, which is
// therefore looked for and not read up to.
absl::Status LogReader::SeekTimes() {
  const TimeRange& range = options_.filter.recorded_at;
  if (range.IsAll() || !position_.head_known || next_ > through_) {
    return absl::OkStatus();
  }
  absl::StatusOr<std::uint64_t> to = SeekTime(range.to, false);
  if (!to.ok()) return to.status();
  absl::StatusOr<std::uint64_t> from = SeekTime(range.from, true);
  if (!from.ok()) return from.status();
  if (*to <= through_) {
    through_ = *to - 1;
    lost_.reset();
  }
  next_ = std::max(next_, *from);
  return absl::OkStatus();
}

// The first sequence recorded at or after `time`; where it leads past damage,
// rather one that is too low (`from_below`) or too high.
absl::StatusOr<std::uint64_t> LogReader::SeekTime(std::int64_t time,
                                                  bool from_below) {
  std::uint64_t low = next_;
  std::uint64_t high = through_ + 1;
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    row_.Reset();
    row_.Bind(1, ToSql(middle));
    const absl::StatusOr<bool> found = row_.Step();
    if (!found.ok() && !absl::IsDataLoss(found.status())) {
      return found.status();
    }
    bool is_before = !from_below;
    if (found.ok() && *found) {
      const Row row = RowAt(row_);
      if (row.fits) is_before = row.columns.recorded_at_us < time;
    }
    if (is_before) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  row_.Reset();
  return low;
}

absl::StatusOr<Scanned> LogReader::Scan() {
  Scanned scanned(chunks_);
  std::swap(scanned.damages, position_.damages);
  if (!Stops(scanned) && next_ <= through_) {
    const Transaction transaction(*database_);
    absl::Status status = ScanInside(scanned);
    rows_.Reset();
    row_.Reset();
    if (status.ok()) status = CheckAlone();
    if (!status.ok()) return status;
  }
  if (Stops(scanned)) {
    done_ = true;
  } else if (next_ > through_) {
    End(scanned);
  }
  scanned.through = next_ - 1;
  return scanned;
}

absl::Status LogReader::ScanInside(Scanned& scanned) {
  absl::Status status = database_->Begin();
  if (!status.ok()) return status;
  // What retention removed since the last scan is no hole. What is damaged
  // there was said before.
  std::vector<Damage> said;
  const absl::StatusOr<std::uint64_t> first =
      ReadFirst(*database_, version_, said);
  if (!first.ok()) return first.status();
  next_ = std::max(next_, *first);
  if (next_ > through_) return absl::OkStatus();
  status = ScanRows(scanned);
  return absl::IsDataLoss(status) ? SkipDamage(status, scanned) : status;
}

absl::Status LogReader::ScanRows(Scanned& scanned) {
  rows_.Bind(1, ToSql(next_));
  scan_ = {.scanned = &scanned};
  const absl::StatusOr<bool> stopped = rows_.Step();
  if (!stopped.ok()) return stopped.status();
  if (!*stopped || scan_.ended) {
    if (position_.head_known) NoteMissing(next_, through_, scanned);
    next_ = std::max(next_, through_ + 1);
  }
  return absl::OkStatus();
}

// Whether the scan goes on behind the row.
bool LogReader::TakesNext(const Row& row) {
  Scanned& scanned = *scan_.scanned;
  scan_.ended = !TakeRow(row, scanned);
  return !scan_.ended && !Stops(scanned) &&
         ++scan_.rows < options_.rows_at_a_time &&
         scanned.events.bytes() < kScanBytes;
}

bool LogReader::Stops(const Scanned& scanned) const {
  return options_.stop_at_damage && !scanned.damages.empty();
}

// False when it lies behind the end.
bool LogReader::TakeRow(const Row& row, Scanned& scanned) {
  const std::uint64_t sequence = row.columns.sequence;
  if (!row.fits) {
    // What it says of its sequence may be what is damaged.
    SkipGap();
    if (next_ > through_) return false;
    AddDamage({next_, next_, "its row does not fit its checksum"},
              scanned.damages);
    ++next_;
    return true;
  }
  if (sequence > through_) return false;
  if (sequence < next_) {
    AddDamage({sequence, sequence, "it is not in its place"}, scanned.damages);
    return true;
  }
  NoteMissing(next_, sequence - 1, scanned);
  if (Stops(scanned)) return true;
  if (options_.filter.Matches(row.columns)) {
    scanned.events.Add(row.columns, options_.bodies);
  }
  next_ = sequence + 1;
  return true;
}

// The gap that `next_` lies in.
void LogReader::SkipGap() {
  for (const Gap& gap : position_.gaps) {
    if (gap.from <= next_ && next_ <= gap.to) next_ = gap.to + 1;
  }
}

// Those from `from` to `to` that lie in no gap.
void LogReader::NoteMissing(std::uint64_t from, std::uint64_t to,
                            Scanned& scanned) const {
  const auto note = [&](std::uint64_t last) {
    if (from > last) return;
    AddDamage({from, last, "it is not in the log any more"}, scanned.damages);
  };
  for (const Gap& gap : position_.gaps) {  // In ascending order.
    if (gap.to < from || gap.from > to) continue;
    note(gap.from - 1);
    from = std::max(from, gap.to + 1);
  }
  note(to);
}

void LogReader::End(Scanned& scanned) {
  done_ = true;
  for (const Damage& damage : position_.damages_at_end) {
    scanned.damages.push_back(damage);
  }
  if (!damage_.empty() && scanned.damages.empty()) {
    scanned.damages.push_back({.what = damage_});
  }
  if (!lost_.has_value()) return;
  AddDamage({lost_->from, lost_->to,
             "the log's mark knows of it and the log does not have it (was "
             "events.db-wal copied with events.db?)"},
            scanned.damages);
}

// Where a page is damaged SQLite reads nothing that is on it, and no further.
absl::Status LogReader::SkipDamage(const absl::Status& damage,
                                   Scanned& scanned) {
  rows_.Reset();
  SkipGap();
  absl::StatusOr<std::optional<std::uint64_t>> legible = NextLegible();
  if (!legible.ok()) return legible.status();
  const std::uint64_t last =
      position_.head_known ? through_ : std::max(next_, position_.head);
  const std::uint64_t end = legible->value_or(last + 1);
  if (end > next_) {
    AddDamage({next_, end - 1,
               Concat({"it cannot be read: ", FromAbsl(damage.message())})},
              scanned.damages);
  }
  next_ = legible->has_value() ? end : through_ + 1;
  return absl::OkStatus();
}

// The first sequence, from `next_` on, at which there is something to read;
// nothing where that is behind the end.
absl::StatusOr<std::optional<std::uint64_t>> LogReader::NextLegible() {
  std::uint64_t damaged = next_;
  std::uint64_t step = 1;
  while (true) {
    const std::uint64_t tried = damaged + step;
    if (tried < damaged || tried > through_) return std::nullopt;
    absl::StatusOr<bool> legible = IsLegibleFrom(tried);
    if (!legible.ok()) return legible.status();
    if (*legible) break;
    damaged = tried;
    if (damaged - next_ > kNearby) step *= 2;
  }
  std::uint64_t legible_from = damaged + step;
  while (legible_from - damaged > 1) {
    const std::uint64_t middle = damaged + (legible_from - damaged) / 2;
    absl::StatusOr<bool> legible = IsLegibleFrom(middle);
    if (!legible.ok()) return legible.status();
    (*legible ? legible_from : damaged) = middle;
  }
  return legible_from;
}

absl::StatusOr<bool> LogReader::IsLegibleFrom(std::uint64_t sequence) {
  row_.Reset();
  row_.Bind(1, ToSql(sequence));
  const absl::StatusOr<bool> found = row_.Step();
  if (found.ok()) return *found;
  if (absl::IsDataLoss(found.status())) return false;
  return found.status();
}

}  // namespace tuco::python::log
