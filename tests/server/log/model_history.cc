#include "tests/server/log/model_history.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <mutex>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/server/log/random_records.h"
#include "tests/server/log/sample_records.h"
#include "tests/server/log/subscription_model.h"
#include "tests/server/log/subscription_samples.h"

namespace tuco::log {

using base::MemoryDisk;
using std::chrono::seconds;
using Operation = MemoryDisk::Operation;
using Crash = MemoryDisk::Crash;

namespace {

// What a log gives a record.
std::string NumbersOf(const Record& record) {
  return absl::StrCat("record ", record.sequence, " of epoch ", record.epoch,
                      ", recorded at ",
                      record.recorded_at.time_since_epoch().count(),
                      ", repeating ", record.suspected_duplicate_of);
}

}  // namespace

// Compares each commit with the model, on whichever thread it is done.
class ModelHistory::ModelledLog final : public PacedLog {
 public:
  ModelledLog(std::unique_ptr<EventLog> log, ModelHistory& history)
      : PacedLog(std::move(log)), history_(history) {}

  absl::Status Commit(const Batch& batch) override {
    const bool dead = Dead();
    std::vector<Record> expected = Copy(batch);
    history_.model_.Number(expected, history_.clock_.Now());
    if (history_.committer_ != nullptr) {
      for (Record& record : expected) ForgetRepeat(record);
      history_.model_.FlagRepeats(expected);
    }
    absl::Status status = PacedLog::Commit(batch);
    std::vector<Record> given = Copy(batch);
    std::vector<SubscriptionChange> changes;
    for (const SubscriptionChange* const change : batch.subscriptions) {
      changes.push_back(*change);
    }
    if (status.ok()) {
      for (std::size_t i = 0; i < given.size(); ++i) {
        if (given[i] == expected[i]) continue;
        history_.Wrong(absl::StrCat("appended was ", NumbersOf(given[i]),
                                    ", expected was ", NumbersOf(expected[i])));
      }
      history_.model_.Append(given);
      history_.model_.Apply(changes);
    } else if (!dead && Dead()) {
      in_doubt_ = std::move(given);
      changes_in_doubt_ = std::move(changes);
    }
    return status;
  }

  // The batch that may be there, or not, when the log is opened again.
  const std::vector<Record>& in_doubt() const { return in_doubt_; }
  const std::vector<SubscriptionChange>& changes_in_doubt() const {
    return changes_in_doubt_;
  }

 private:
  static std::vector<Record> Copy(const Batch& batch) {
    std::vector<Record> records;
    records.reserve(batch.records.size());
    for (const Record* const record : batch.records) {
      records.push_back(*record);
    }
    return records;
  }
  // Takes back what the committer found.
  static void ForgetRepeat(Record& record) {
    const Flags found = {Flag::kSuspectedDuplicate};
    record.suspected_duplicate_of = 0;
    record.flags = Flags::FromBits(record.flags.bits() & ~found.bits());
  }
  bool Dead() { return history_.disk_.crashed() || !Probe().ok(); }

  ModelHistory& history_;
  std::vector<Record> in_doubt_;
  std::vector<SubscriptionChange> changes_in_doubt_;
};

// A record that is submitted, and its answer.
struct ModelHistory::Submission {
  std::shared_ptr<Record> record;
  std::optional<std::uint64_t> known{};  // Its sequence before.
  bool replay = false;                   // It is no younger than the horizon.
  std::optional<absl::StatusOr<Appended>> answer{};
};

ModelHistory::ModelHistory(Backend backend, std::uint64_t seed)
    : backend_(backend), chance_(seed), disk_(seed + 1) {}

ModelHistory::~ModelHistory() { Close(); }

std::string ModelHistory::Run(std::uint64_t operations) {
  const absl::Status status = Open();
  if (!status.ok()) return status.ToString();
  StartCommitter();
  while (wrong_.empty() && operations-- > 0) {
    Step();
    if (!wrong_.empty()) break;
    if (disk_.crashed() || (!log_->Probe().ok() && chance_.OneIn(3))) Recover();
  }
  if (wrong_.empty()) Recover();
  return wrong_;
}

void ModelHistory::Step() {
  const bool quiet = !Troubled();
  const bool disk = backend_ == Backend::kSqlite;
  const std::uint64_t kind = chance_.Below(1'000);
  if (kind < 420) return Append();
  if (kind < 800) return Read();
  if (kind < 850) return AskForATime();
  if (kind < 880) return AskForAKey();
  if (kind < 900) return ReadSubscriptions();
  if (kind < 940) return SetClock();
  if (kind < 946) return quiet ? RemoveOldest() : EndTrouble();
  if (kind < 952) return quiet ? ForgetKeys() : EndTrouble();
  if (!disk) return Append();
  if (kind < 975) return quiet ? MakeTrouble() : EndTrouble();
  if (kind < 990) return Recover();
  if (kind < 996) return quiet ? TakeCopy() : EndTrouble();
  return quiet ? PutCopyBack() : EndTrouble();
}

Record ModelHistory::NewRecord() {
  return RandomRecord(next_number_++, clock_.Now(), chance_);
}

void ModelHistory::Append() {
  const std::uint64_t count = 1 + chance_.Below(6);
  std::vector<SubscriptionChange> changes;
  if (chance_.OneIn(3)) {
    changes = RandomChanges(model_.subscriptions(), 3, chance_);
  }
  if (committer_ == nullptr) {
    std::vector<Record> batch;
    const bool alone = !changes.empty() && chance_.OneIn(3);
    for (std::uint64_t i = alone ? count : 0; i < count; ++i) {
      batch.push_back(NewRecord());
    }
    return AppendDirectly(std::move(batch), changes);
  }
  std::vector<Submission> submissions;
  // The first one alone: the thread does not rest yet, and might or might not
  // take another one with it.
  if (!rests_) changes.clear();
  const std::uint64_t together = std::exchange(rests_, true) ? count : 1;
  for (std::uint64_t i = 0; i < together; ++i) {
    Record record = NewRecord();
    if (chance_.OneIn(4)) {
      record.duplicate_key = SampleKey(1 + chance_.Below(next_number_ - 1));
    } else if (i > 0 && chance_.OneIn(5)) {
      record = *submissions[chance_.Below(i)].record;
    }
    submissions.push_back({std::make_shared<Record>(std::move(record))});
  }
  if (!changes.empty() && chance_.OneIn(3)) submissions.clear();
  Submit(std::move(submissions), std::move(changes));
}

void ModelHistory::AppendDirectly(
    std::vector<Record> batch, const std::vector<SubscriptionChange>& changes) {
  Count("appends");
  if (!changes.empty()) Count("commits with changes of subscriptions");
  const bool troubled = Troubled();
  const absl::Status status = log::Commit(*log_, changes, batch);
  log_->AfterAppend();
  if (!status.ok()) Count("appends that failed");
  if (!status.ok() && !troubled) Wrong("cannot append: " + status.ToString());
  if (wrong_.empty()) Wrong(model_.CheckPosition(*log_));
}

void ModelHistory::Submit(std::vector<Submission> submissions,
                          std::vector<SubscriptionChange> changes) {
  Count("appends by a committer");
  if (!changes.empty()) Count("commits with changes of subscriptions");
  const bool troubled = Troubled();
  const std::size_t expected = submissions.size() + changes.size();
  std::atomic<std::size_t> answered = 0;
  std::atomic<std::size_t> refused = 0;
  for (Submission& submission : submissions) {
    const Record& record = *submission.record;
    submission.known = model_.SequenceOf(record.duplicate_key);
    submission.replay = record.occurred_at.has_value() &&
                        *record.occurred_at <= model_.dedup_horizon();
  }
  for (Submission& submission : submissions) {
    committer_->Submit(submission.record, [&](absl::StatusOr<Appended> answer) {
      submission.answer = std::move(answer);
      ++answered;
    });
  }
  for (SubscriptionChange& change : changes) {
    committer_->ChangeSubscription(std::move(change),
                                   [&](const absl::Status& status) {
                                     if (!status.ok()) ++refused;
                                     ++answered;
                                   });
  }
  log_->AwaitRest();
  while (answered < expected) {
    log_->EndRest();
    log_->AwaitRest();
  }
  CompareAnswers(submissions, troubled);
  if (refused > 0) Count("changes of subscriptions that failed");
  if (refused > 0 && !troubled) Wrong("a change of a subscription was refused");
  if (wrong_.empty()) Wrong(model_.CheckPosition(*log_));
}

void ModelHistory::CompareAnswers(const std::vector<Submission>& submissions,
                                  bool troubled) {
  std::map<Digest, std::size_t> firsts;
  for (std::size_t i = 0; i < submissions.size(); ++i) {
    const Submission& submission = submissions[i];
    const Digest& key = submission.record->duplicate_key;
    const bool copy = !firsts.emplace(key, i).second;
    const Submission& first = submissions[firsts.at(key)];
    const absl::StatusOr<Appended>& answer = *submission.answer;
    if (!answer.ok()) {
      const bool refused = absl::IsFailedPrecondition(answer.status());
      if (refused ? !first.replay || first.known.has_value() : !troubled) {
        Wrong("cannot submit: " + answer.status().ToString());
      }
      if (!first.known.has_value() && model_.SequenceOf(key).has_value()) {
        Wrong("a record is there that was refused");
      }
      continue;
    }
    const std::uint64_t sequence = model_.SequenceOf(key).value_or(0);
    const bool duplicate = copy || first.known.has_value();
    if (answer->sequence != sequence || answer->duplicate != duplicate) {
      Wrong(absl::StrCat("the answer was ", answer->sequence, ", expected was ",
                         sequence));
    }
  }
}

ReadRequest ModelHistory::SomeRequest() {
  constexpr std::array<std::size_t, 5> kEvents = {0, 1, 3, 10, 1'000};
  constexpr std::array<std::size_t, 4> kBytes = {0, 500, 5'000, 1 << 20};
  constexpr std::array<std::size_t, 5> kRows = {1, 3, 10, 100, 50'000};
  const Bounds& bounds = model_.bounds();
  std::uint64_t after = bounds.first - 1;
  if (!model_.records().empty() && !chance_.OneIn(4)) {
    const auto& records = model_.records();
    after = records[chance_.Below(records.size())].sequence - chance_.Below(2);
  } else if (chance_.OneIn(2)) {
    after = chance_.Below(bounds.head + 3);
  }
  return {.after = after,
          .events_max = kEvents[chance_.Below(kEvents.size())],
          .bytes_max = kBytes[chance_.Below(kBytes.size())],
          .scan_max = kRows[chance_.Below(kRows.size())],
          .bodies = chance_.OneIn(2)};
}

void ModelHistory::Read() {
  Count("reads");
  const bool troubled = Troubled();
  const ReadRequest request = SomeRequest();
  const Filter filter = RandomFilter(chance_);
  const ReadResult read = ReadOnce(*log_, request, filter);
  const absl::Status status = read.scanned_through.status();
  const bool failed = !status.ok() && !absl::IsOutOfRange(status);
  if (failed) Count("reads that failed");
  Wrong(failed && troubled ? model_.CheckFailedRead(request, filter, read)
                           : model_.CheckRead(request, filter, read));
}

void ModelHistory::AskForATime() {
  Count("times asked for");
  const bool troubled = Troubled();
  Timestamp time = clock_.Now();
  if (!model_.records().empty() && !chance_.OneIn(5)) {
    const auto& records = model_.records();
    time = records[chance_.Below(records.size())].recorded_at;
  }
  time += std::chrono::microseconds(chance_.Below(3)) -
          std::chrono::microseconds(1);
  const absl::StatusOr<std::uint64_t> found = log_->FirstRecordedAt(time);
  if (found.ok()) return Wrong(model_.CheckTime(time, *found));
  if (!troubled) Wrong("no time: " + found.status().ToString());
}

void ModelHistory::AskForAKey() {
  Count("keys asked for");
  const bool troubled = Troubled();
  const Digest key = SampleKey(1 + chance_.Below(next_number_));
  const std::optional<std::uint64_t> sequence = model_.SequenceOf(key);
  if (committer_ != nullptr && !failed_) {
    std::array<std::uint8_t, kEventIdBytes> id{};
    std::copy_n(key.begin(), id.size(), id.begin());
    const auto found = committer_->FindEvent(id);
    if (!found.ok() || *found != sequence) {
      Wrong(absl::StrCat("the committer finds event ",
                         found.ok() ? absl::StrCat(found->value_or(0))
                                    : found.status().ToString(),
                         " in the place of ", sequence.value_or(0)));
    }
  }
  if (!sequence.has_value()) return;
  const auto found = log_->KeyOf(*sequence);
  if (found.ok() ? *found != key : !troubled) {
    Wrong(absl::StrCat("the key of record ", *sequence, " is wrong"));
  }
}

void ModelHistory::ReadSubscriptions() {
  Count("readings of the subscriptions");
  const bool troubled = Troubled();
  const std::string wrong = model_.subscriptions().Check(*log_);
  if (!troubled) Wrong(wrong);
}

// A few of them, or now and then as many as there are.
std::uint64_t ModelHistory::SomeRows() { return chance_.OneIn(4) ? 1'000 : 10; }

void ModelHistory::RemoveOldest() {
  Count("removals");
  RemoveRequest request{.rows_max = 1 + chance_.Below(SomeRows())};
  if (chance_.OneIn(2)) {
    request.bytes_max = 0;
  } else {
    request.recorded_before = clock_.Now() - seconds(chance_.Below(600));
  }
  const absl::StatusOr<RemovedRecords> removed = log_->RemoveOldest(request);
  if (!removed.ok()) return Wrong("no removal: " + removed.status().ToString());
  Wrong(model_.Remove(request, *removed));
}

// A committer would have to know of it.
void ModelHistory::ForgetKeys() {
  if (committer_ != nullptr) return Read();
  Count("times that keys were forgotten");
  const ForgetRequest request{
      .before = clock_.Now() - seconds(chance_.Below(600)),
      .now = clock_.Now(),
      .rows_max = 1 + chance_.Below(SomeRows())};
  const absl::StatusOr<ForgottenKeys> keys = log_->ForgetKeys(request);
  if (!keys.ok()) return Wrong("cannot forget: " + keys.status().ToString());
  Wrong(model_.Forget(request, *keys));
}

void ModelHistory::SetClock() {
  Count("times that the clock was set");
  constexpr std::array<seconds, 6> kSteps = {
      seconds(1),       seconds(-1),          std::chrono::minutes(5),
      seconds(-5 * 60), std::chrono::days(1), seconds(-86'400)};
  if (chance_.OneIn(12)) {
    clock_.Set(Timestamp());
  } else if (chance_.OneIn(12)) {
    clock_.Set(Timestamp(seconds(2'147'483'647)));
  } else if (chance_.OneIn(6)) {
    clock_.Set(base::FakeClock::kStart);
  } else {
    clock_.Advance(kSteps[chance_.Below(kSteps.size())]);
  }
}

void ModelHistory::MakeTrouble() {
  Count("troubles");
  constexpr std::array<Operation, 8> kOperations = {
      Operation::kWrite, Operation::kWrite,    Operation::kSync,
      Operation::kSync,  Operation::kTruncate, Operation::kRead,
      Operation::kLook,  Operation::kOpen};
  constexpr std::array<int, 3> kErrors = {EIO, ENOSPC, EROFS};
  switch (chance_.Below(8)) {
    case 0:
      disk_.SetCapacity(disk_.used_bytes() + chance_.Below(100'000));
      restricted_ = true;
      return;
    case 1:
      disk_.SetReadOnly(true);
      restricted_ = true;
      return;
    case 2:
    case 3:
      disk_.CrashAfter(1 + chance_.Below(300), chance_.OneIn(3)
                                                   ? Crash::kProcessDeath
                                                   : Crash::kPowerLoss);
      armed_ = true;
      return;
    default:
      disk_.Inject({.operation = kOperations[chance_.Below(8)],
                    .skip = chance_.Below(30),
                    .count = 1 + chance_.Below(3),
                    .error_number = kErrors[chance_.Below(3)],
                    .partly = chance_.OneIn(2)});
  }
}

void ModelHistory::EndTrouble() {
  disk_.ClearFaults();
  disk_.SetReadOnly(false);
  disk_.SetCapacity(std::uint64_t{1} << 40);
  restricted_ = false;
}

bool ModelHistory::Troubled() const {
  return armed_ || restricted_ || failed_ || !disk_.faults_done() ||
         !log_->Probe().ok();
}

absl::Status ModelHistory::Open() {
  if (backend_ == Backend::kMemory) {
    log_ = std::make_unique<ModelledLog>(MakeMemoryLog(clock_), *this);
    return absl::OkStatus();
  }
  auto opened = OpenSqliteLog({.directory = "/log",
                               .clock = clock_,
                               .files = disk_,
                               .sqlite_vfs = vfs_.name()});
  if (!opened.ok()) return opened.status();
  log_ = std::make_unique<ModelledLog>(*std::move(opened), *this);
  return absl::OkStatus();
}

void ModelHistory::StartCommitter() {
  failed_ = false;
  if (chance_.OneIn(2)) return;
  log_->SetPaced(true);
  rests_ = false;
  committer_ = Committer::Start(
      *log_,
      {.batch_records_max = 1 + chance_.Below(6),
       .on_failure = [this](const absl::Status&) { failed_ = true; }},
      nullptr);
  // Until it has read the keys.
  while (!failed_ && !committer_->FindEvent({}).ok()) {
    std::this_thread::yield();
  }
  if (failed_) Wrong("the committer cannot read the keys");
}

void ModelHistory::Close() {
  if (log_ != nullptr) log_->SetPaced(false);
  committer_.reset();
  log_.reset();
}

void ModelHistory::Recover() {
  Count("recoveries");
  const std::vector<Record> in_doubt = log_->in_doubt();
  const std::vector<SubscriptionChange> changes = log_->changes_in_doubt();
  if (backend_ == Backend::kMemory) return Wrong(model_.CheckAll(*log_));
  if (!disk_.crashed() && chance_.OneIn(2)) {
    disk_.CrashAfter(
        0, chance_.OneIn(3) ? Crash::kProcessDeath : Crash::kPowerLoss);
  }
  Close();
  // Without a crash it may still be opened while the disk fails.
  if (!disk_.crashed() && !Open().ok()) Count("openings that failed");
  Close();
  if (disk_.crashed() || armed_) disk_.Restart();
  armed_ = false;
  EndTrouble();
  const absl::Status status = Open();
  if (!status.ok()) return Wrong("cannot open: " + status.ToString());
  Wrong(CheckReopened(in_doubt, changes));
  StartCommitter();
}

std::string ModelHistory::CheckReopened(
    const std::vector<Record>& in_doubt,
    const std::vector<SubscriptionChange>& changes) {
  LogModel with = model_;
  with.Append(in_doubt);
  with.Apply(changes);
  with.Reopen();
  model_.Reopen();
  // Without a record in it only the subscriptions tell whether it is there.
  const std::uint64_t head = log_->bounds().head;
  const bool there = in_doubt.empty() ? !model_.CheckAll(*log_).empty()
                                      : head == in_doubt.back().sequence;
  if (there) {
    Count("batches in doubt that were there");
    model_ = std::move(with);
  }
  return model_.CheckAll(*log_);
}

void ModelHistory::TakeCopy() {
  Count("copies taken");
  Close();
  copy_.emplace();
  for (const char* const path : {"/log/events.db", "/log/events.db-wal"}) {
    copy_->files[path] = disk_.Contents(path);
  }
  const absl::Status status = Open();
  if (!status.ok()) return Wrong("cannot open: " + status.ToString());
  model_.Reopen();
  copy_->model = model_;
  StartCommitter();
}

void ModelHistory::PutCopyBack() {
  if (!copy_.has_value()) return TakeCopy();
  Count("copies put back");
  // Opened once more, the log has a mark that is right, whatever went before.
  Close();
  if (const absl::Status status = Open(); !status.ok()) {
    return Wrong("cannot open: " + status.ToString());
  }
  Close();
  for (const auto& [path, contents] : copy_->files) {
    disk_.SetContents(path, contents);
  }
  const Bounds lost = model_.bounds();
  model_ = copy_->model;
  model_.ReplaceLost(lost);
  if (const absl::Status status = Open(); !status.ok()) {
    return Wrong("cannot open: " + status.ToString());
  }
  Wrong(model_.CheckAll(*log_));
  StartCommitter();
  // Also of a log that has nothing behind the gap.
  if (chance_.OneIn(4)) TakeCopy();
  if (chance_.OneIn(4)) RemoveOldest();
  if (chance_.OneIn(4)) ForgetKeys();
}

void ModelHistory::Wrong(std::string what) {
  if (wrong_.empty()) wrong_ = std::move(what);
}

}  // namespace tuco::log
