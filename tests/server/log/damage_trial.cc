#include "tests/server/log/damage_trial.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/server/log/sample_records.h"
#include "tests/server/log/subscription_model.h"
#include "tests/server/log/subscription_samples.h"

namespace tuco::log {
namespace {

constexpr std::uint64_t kNewRecord = 1'000'000'000;
constexpr int kSamples = 6;

std::string Words(const absl::Status& status) { return status.ToString(); }

// Whether an operator learns from it that the log is damaged, and where.
bool NamesTheDamage(const absl::Status& status) {
  const bool code = absl::IsDataLoss(status) || absl::IsUnimplemented(status) ||
                    absl::IsPermissionDenied(status) ||
                    absl::IsFailedPrecondition(status);
  return code && (absl::StrContains(status.message(), "/log/") ||
                  absl::StrContains(status.message(), "record ") ||
                  absl::StrContains(status.message(), "epoch ") ||
                  absl::StrContains(status.message(), "subscription ") ||
                  absl::StrContains(status.message(), "table "));
}

bool Contains(const LogImage& image, const Gap& gap) {
  return std::find(image.gaps.begin(), image.gaps.end(), gap) !=
         image.gaps.end();
}

// Whether `shown` is `kept`, of which some parked events may be missing.
bool IsPartOf(const KeptSubscription& shown, const KeptSubscription& kept) {
  return shown.row == kept.row && shown.unsettled == kept.unsettled &&
         std::all_of(shown.parked.begin(), shown.parked.end(),
                     [&kept](const auto& event) {
                       const auto there = kept.parked.find(event.first);
                       return there != kept.parked.end() &&
                              there->second == event.second;
                     });
}

class DamageTrial {
 public:
  DamageTrial(const LogImage& image, const LogFiles& damaged,
              std::uint64_t seed, Witness witness, bool newest_changes)
      : image_(image),
        witness_(witness),
        newest_changes_(newest_changes),
        disk_(seed),
        chance_(seed),
        expected_(image.records) {
    PutLogFiles(damaged, disk_);
    // It is later than it was.
    clock_.Advance(image.records.back().recorded_at - clock_.Now() +
                   std::chrono::hours(1));
  }

  Verdict Run() {
    if (!Open()) return verdict_;
    if (witness_ == Witness::kMark) {
      CheckGaps();
    } else {
      ForgetTheNewest();
    }
    Read();
    FindSubscriptions();
    if (CheckKeys()) Append();
    ChangeSubscriptions();
    Read();
    log_.reset();
    if (!Open()) return verdict_;
    Read();
    CheckSubscriptions();
    if (verdict_.outcome == Outcome::kKeysRepaired) CheckRepaired();
    return verdict_;
  }

 private:
  bool Open() {
    auto opened = OpenSqliteLog({.directory = "/log",
                                 .clock = clock_,
                                 .files = disk_,
                                 .sqlite_vfs = vfs_.name()});
    if (!opened.ok()) {
      Refuse(Outcome::kOpenRefused, opened.status());
      return false;
    }
    log_ = *std::move(opened);
    return true;
  }

  void ForgetTheNewest() {
    const auto lost = FirstBehind(log_->bounds().head);
    if (lost == expected_.end()) return;
    Reach(Outcome::kUnnoticed);
    expected_.erase(lost, expected_.end());
  }

  void CheckGaps() {
    const Bounds bounds = log_->bounds();
    const bool another =
        std::any_of(log_->gaps().begin(), log_->gaps().end(),
                    [this](const Gap& gap) { return !Contains(image_, gap); });
    if (another) Reach(Outcome::kGap);
    const bool began = bounds.epoch > image_.epoch;
    const bool behind_gap =
        !log_->gaps().empty() && log_->gaps().back().to == bounds.head;
    if (bounds.epoch < image_.epoch || (another && !began) ||
        (began && !behind_gap)) {
      Wrong(absl::StrCat("epoch ", image_.epoch, " became ", bounds.epoch));
    }
    if (bounds.first > image_.first) {
      Wrong(absl::StrCat("the first record is ", bounds.first));
    }
  }

  void Read() {
    Walk();
    for (int sample = 0; sample < kSamples && !expected_.empty(); ++sample) {
      const Record& record = expected_[chance_.Below(expected_.size())];
      if (record.sequence < log_->bounds().first) continue;
      ReadBehind({.after = record.sequence - 1, .events_max = 3});
      CheckTime(record.recorded_at);
    }
  }

  // From the beginning to the end, or to where it fails.
  void Walk() {
    ReadRequest request{
        .after = log_->bounds().first - 1, .events_max = 40, .bodies = true};
    while (verdict_.wrong.empty()) {
      const std::uint64_t through = ReadBehind(request);
      if (through == request.after) break;
      request.after = through;
    }
  }

  // One read. Returns how far it came, `after` where it failed.
  std::uint64_t ReadBehind(const ReadRequest& request) {
    const ReadResult read = ReadOnce(*log_, request);
    if (!read.scanned_through.ok()) {
      Refuse(Outcome::kReadRefused, read.scanned_through.status());
      CompareRead(
          request,
          read.records.empty() ? request.after : read.records.back().sequence,
          read.records);
      return request.after;
    }
    // That it came nowhere says that there is nothing more.
    const bool end = *read.scanned_through == request.after;
    CompareRead(request, end ? UINT64_MAX : *read.scanned_through,
                read.records);
    return *read.scanned_through;
  }

  // What was read must be what is expected in (after, through]. What was
  // removed may be there again, from an older file, and then all of it.
  void CompareRead(const ReadRequest& request, std::uint64_t through,
                   const std::vector<Record>& read) {
    auto next = read.begin();
    for (auto record = FirstBehind(request.after);
         record != expected_.end() && record->sequence <= through; ++record) {
      if (InGap(record->sequence)) continue;
      if (next == read.end() || next->sequence != record->sequence) {
        return Wrong(absl::StrCat("record ", record->sequence,
                                  " is left out of the read behind ",
                                  request.after));
      }
      Record wanted = AsRead(*record);
      if (!request.bodies) wanted.body.clear();
      if (*next != wanted) {
        return Wrong(absl::StrCat("record ", record->sequence,
                                  " is not what was acknowledged"));
      }
      ++next;
    }
    if (next != read.end()) {
      Wrong(absl::StrCat("record ", next->sequence, " was never acknowledged"));
    }
  }

  // Who reads from the first record of `time` on must miss none.
  void CheckTime(Timestamp time) {
    const absl::StatusOr<std::uint64_t> found = log_->FirstRecordedAt(time);
    if (!found.ok()) {
      return Refuse(Outcome::kReadRefused, found.status());
    }
    for (const Record& record : expected_) {
      if (record.sequence >= *found) break;
      if (record.recorded_at >= time && !InGap(record.sequence) &&
          record.sequence >= log_->bounds().first) {
        return Wrong(absl::StrCat("record ", record.sequence,
                                  " is before the first one of its time, ",
                                  *found));
      }
    }
  }

  absl::Status VisitKeys(std::map<std::uint64_t, Digest>& found) {
    return log_->VisitDuplicateKeys(
        [&found](const Digest& key, std::uint64_t sequence) {
          found[sequence] = key;
        });
  }

  // Whether the committer would start.
  bool CheckKeys() {
    std::map<std::uint64_t, Digest> found;
    absl::Status status = VisitKeys(found);
    if (!status.ok()) {
      Refuse(Outcome::kKeysRepaired, status);
      status = log_->RepairKeys().status();
      found.clear();
      if (status.ok()) status = VisitKeys(found);
    }
    if (!status.ok()) {
      Refuse(Outcome::kKeysRefused, status);
      return false;
    }
    for (const Record& record : expected_) {
      const auto key = found.find(record.sequence);
      if (key == found.end()) {
        CheckForgotten(record);
      } else if (key->second != record.duplicate_key) {
        Wrong(absl::StrCat("the key of record ", record.sequence, " is wrong"));
      }
      found.erase(record.sequence);
    }
    if (!found.empty()) {
      Wrong(absl::StrCat("there is a key of record ", found.begin()->first));
    }
    return true;
  }

  // A replay of a record whose key is not there must be told by its time.
  void CheckForgotten(const Record& record) {
    if (InGap(record.sequence)) return;
    if (record.occurred_at.has_value()
            ? *record.occurred_at <= log_->dedup_horizon()
            : log_->untimed_in_doubt()) {
      return;
    }
    Wrong(absl::StrCat("record ", record.sequence, " would be taken again"));
  }

  // What was repaired must be so for good.
  void CheckRepaired() {
    std::map<std::uint64_t, Digest> found;
    const absl::Status status = VisitKeys(found);
    if (!status.ok()) Wrong(absl::StrCat("repaired in vain: ", Words(status)));
    for (const Record& record : expected_) {
      if (!found.contains(record.sequence)) CheckForgotten(record);
    }
  }

  void Append() {
    std::vector<Record> records = {SampleRecord(kNewRecord),
                                   SampleRecord(kNewRecord + 1)};
    const Bounds before = log_->bounds();
    const absl::Status status = log::Append(*log_, records);
    log_->AfterAppend();
    if (!status.ok()) return Refuse(Outcome::kAppendRefused, status);
    for (const Record& record : records) {
      const std::uint64_t newest =
          expected_.empty() ? 0 : expected_.back().sequence;
      if (record.sequence <= newest || InGap(record.sequence) ||
          record.epoch != before.epoch) {
        Wrong(absl::StrCat("the new record has sequence ", record.sequence));
      }
      expected_.push_back(record);
    }
  }

  // What is shown of them must be what some commit left, and all of them, if
  // nothing is said of damage, what one commit did.
  void FindSubscriptions() {
    const FoundSubscriptions found = log::FindSubscriptions(*log_);
    if (!found.wrong.empty()) Wrong(found.wrong);
    for (const absl::Status& status : {found.status, found.parked}) {
      if (!status.ok()) Refuse(Outcome::kSubscriptionsDamaged, status);
    }
    subscriptions_whole_ = found.status.ok() && found.parked.ok();
    subscriptions_ = found.subscriptions;
    SubscriptionModel then;
    bool fits = subscriptions_whole_ && Fits(then, image_.changes.empty());
    for (std::size_t i = 0; i < image_.changes.size(); ++i) {
      then.Apply(image_.changes[i]);
      NoteFitting(then, i + 1 == image_.changes.size());
      fits = fits || Fits(then, i + 1 == image_.changes.size());
    }
    if (subscriptions_whole_ && !fits) {
      Wrong("the subscriptions are what no commit left");
    }
    for (const auto& [id, kept] : subscriptions_) {
      if (!fitting_.contains(id)) {
        Wrong(absl::StrCat("subscription ", id, " is what no commit left"));
      }
    }
  }

  bool Fits(const SubscriptionModel& then, bool newest) const {
    return (newest || !newest_changes_) &&
           then.subscriptions() == subscriptions_;
  }

  // Of what is damaged some parked events may be missing.
  void NoteFitting(const SubscriptionModel& then, bool newest) {
    if (newest_changes_ && !newest) return;
    for (const auto& [id, kept] : then.subscriptions()) {
      const auto found = subscriptions_.find(id);
      if (found == subscriptions_.end()) continue;
      if (IsPartOf(found->second, kept)) fitting_.insert(id);
    }
  }

  // Each for itself, and a new one. What is not refused must be there later.
  void ChangeSubscriptions() {
    if (!verdict_.wrong.empty()) return;
    std::uint64_t newest = 0;
    for (const auto& [id, kept] : subscriptions_) newest = std::max(newest, id);
    std::vector<SubscriptionChange> changes = {
        SampleCreation(newest + 1, {SampleUnsettled(4)}, {SampleParked(3)})};
    for (const auto& [id, kept] : subscriptions_) {
      SubscriptionChange change = ChangeOf(id);
      change.row = SampleSubscription(id);
      change.unsettled = {SampleUnsettled(7)};
      changes.push_back(change);
    }
    for (const SubscriptionChange& change : changes) {
      const absl::Status status = log::Commit(*log_, {change});
      if (!status.ok()) {
        Refuse(Outcome::kSubscriptionsDamaged, status);
        if (!change.create) refused_.insert(change.id);
        continue;
      }
      KeptSubscription& kept = subscriptions_[change.id];
      kept.row = *change.row;
      for (const UnsettledEvent& event : change.unsettled) {
        kept.unsettled[event.sequence] = event;
      }
      for (const ParkedEvent& event : change.parked) {
        kept.parked[event.sequence] = event;
      }
    }
  }

  // What was shown, and changed, is still there.
  void CheckSubscriptions() {
    const FoundSubscriptions found = log::FindSubscriptions(*log_);
    if (!found.wrong.empty()) Wrong(found.wrong);
    if (subscriptions_whole_ && refused_.empty() &&
        (!found.status.ok() || !found.parked.ok())) {
      Wrong(absl::StrCat("damaged by changes: ", Words(found.status), ", ",
                         Words(found.parked)));
    }
    for (const auto& [id, kept] : found.subscriptions) {
      const auto expected = subscriptions_.find(id);
      if (expected == subscriptions_.end() ||
          kept.row != expected->second.row ||
          kept.unsettled != expected->second.unsettled) {
        Wrong(absl::StrCat("subscription ", id, " is not what it became"));
      }
    }
    for (const auto& [id, kept] : subscriptions_) {
      if (found.status.ok() && !found.subscriptions.contains(id)) {
        Wrong(absl::StrCat("subscription ", id, " has disappeared"));
      }
    }
  }

  std::vector<Record>::const_iterator FirstBehind(std::uint64_t after) const {
    return std::upper_bound(expected_.begin(), expected_.end(), after,
                            [](std::uint64_t at, const Record& record) {
                              return at < record.sequence;
                            });
  }
  bool InGap(std::uint64_t sequence) const {
    const std::vector<Gap>& gaps = log_->gaps();
    return std::any_of(gaps.begin(), gaps.end(), [sequence](const Gap& gap) {
      return gap.from <= sequence && sequence <= gap.to;
    });
  }

  void Refuse(Outcome outcome, const absl::Status& status) {
    Reach(outcome);
    if (!NamesTheDamage(status)) {
      Wrong(absl::StrCat("does not name the damage: ", Words(status)));
    }
  }
  void Reach(Outcome outcome) {
    verdict_.outcome = std::max(verdict_.outcome, outcome);
  }
  void Wrong(std::string what) {
    if (verdict_.wrong.empty()) verdict_.wrong = std::move(what);
  }

  const LogImage& image_;
  const Witness witness_;
  const bool newest_changes_;
  base::MemoryDisk disk_;
  base::DiskChance chance_;
  SqliteVfs vfs_{disk_};
  base::FakeClock clock_;
  std::unique_ptr<EventLog> log_;
  // What must be there unless it was removed, or a gap tells that it is gone.
  std::vector<Record> expected_;
  // What the log showed of them, as it is since.
  KeptSubscriptions subscriptions_;
  bool subscriptions_whole_ = true;
  std::set<std::uint64_t> fitting_;  // Those that some commit left like that.
  std::set<std::uint64_t> refused_;  // Those that cannot be changed.
  Verdict verdict_;
};

}  // namespace

const char* NameOf(Outcome outcome) {
  constexpr const char* kNames[kOutcomes] = {
      "no effect",     "loss unnoticed",
      "gap",           "subscriptions damaged",
      "keys repaired", "append refused",
      "keys refused",  "read refused",
      "open refused"};
  return kNames[static_cast<std::size_t>(outcome)];
}

Verdict TryDamagedLog(const LogImage& image, const LogFiles& damaged,
                      std::uint64_t seed, Witness witness,
                      bool newest_changes) {
  return DamageTrial(image, damaged, seed, witness, newest_changes).Run();
}

}  // namespace tuco::log
