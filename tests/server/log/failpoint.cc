#include "tests/server/log/failpoint.h"

#include <algorithm>
#include <array>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/log/committer.h"
#include "server/log/event_log.h"
#include "tests/server/base/disk_content.h"
#include "tests/server/base/fake_clock.h"
#include "tests/server/base/memory_disk.h"
#include "tests/server/log/forwarding_log.h"
#include "tests/server/log/sample_records.h"
#include "tests/server/log/sqlite_vfs.h"
#include "tests/server/log/subscription_samples.h"
#include "tests/server/log/watched_files.h"

namespace tuco::log {
namespace {

using Crash = base::MemoryDisk::Crash;
using Moment = WatchedFiles::Moment;

constexpr int kRounds = 12;
constexpr std::size_t kBatchMax = 4;
// Of one batch, about: two for each page.
constexpr std::uint64_t kWritesMax = 24;

// What clients and subscribers were told until the end.
struct Told {
  std::map<std::uint64_t, std::uint64_t> answered;  // Sequence by number.
  std::map<std::uint64_t, Record> published;        // By sequence.
  std::uint64_t through = 0;  // How far the subscription is.
};

// The one subscription, which changes with the records.
constexpr std::uint64_t kSubscription = 1;

bool IsWrite(Failpoint point) {
  return point == Failpoint::kBeforeWrite || point == Failpoint::kAfterWrite;
}

class Victim {
 public:
  Victim(Failpoint point, std::uint64_t seed, bool lie)
      : point_(point),
        chance_(seed),
        disk_(seed + 1),
        target_commit_(1 + chance_.Below(kRounds / 2)),
        target_time_(1 +
                     chance_.Below(IsWrite(point) ? kWritesMax : kBatchMax)) {
    disk_.SetLieAboutSync(lie, /*folders=*/false);
    result_.power_loss = chance_.OneIn(2);
  }

  CrashResult Run() {
    Open();
    if (result_.wrong.empty()) SubmitUntilTheEnd();
    log_.reset();
    if (!result_.reached) return result_;
    disk_.Restart();
    Open();
    if (result_.wrong.empty()) Compare();
    if (result_.wrong.empty()) SubmitAllAgain();
    return result_;
  }

 private:
  // Knows which batch is on its way, and when it is durable.
  class PointLog final : public ForwardingLog {
   public:
    PointLog(std::unique_ptr<EventLog> log, Victim& victim)
        : ForwardingLog(std::move(log)), victim_(victim) {}
    absl::Status Commit(const Batch& batch) override {
      victim_.BeginCommit(batch);
      absl::Status status = ForwardingLog::Commit(batch);
      victim_.EndCommit();
      if (status.ok()) victim_.Pass(Failpoint::kBeforePublish);
      return status;
    }

   private:
    Victim& victim_;
  };

  void Open() {
    auto opened = OpenSqliteLog({.directory = "/log",
                                 .clock = clock_,
                                 .files = files_,
                                 .sqlite_vfs = vfs_.name()});
    if (!opened.ok())
      return Wrong("cannot open: " + opened.status().ToString());
    log_ = std::make_unique<PointLog>(*std::move(opened), *this);
  }

  void SubmitUntilTheEnd() {
    const auto committer = StartCommitter();
    for (int round = 0; round < kRounds && !over(); ++round) {
      const std::uint64_t count = 1 + chance_.Below(6);
      for (std::uint64_t i = 0; i < count; ++i) {
        // Copies as well, of what is there and of what is on its way.
        const std::uint64_t number = chance_.OneIn(5) && numbers_ > 0
                                         ? 1 + chance_.Below(numbers_)
                                         : ++numbers_;
        Submit(*committer, number);
        if (chance_.OneIn(3)) Move(*committer);
      }
      AwaitAnswers();
    }
    committer->Stop();
  }

  std::unique_ptr<Committer> StartCommitter() {
    return Committer::Start(*log_, {.batch_records_max = kBatchMax},
                            [this](std::span<const RecordPtr> records) {
                              Publish(records);
                              Pass(Failpoint::kAfterPublish);
                            });
  }

  static std::shared_ptr<Record> RecordOf(std::uint64_t number) {
    auto record = std::make_shared<Record>(SampleRecord(number));
    record->body.assign(number * 997 % 20'000, 'x');
    return record;
  }

  void Submit(Committer& committer, std::uint64_t number) {
    {
      const std::lock_guard lock(mutex_);
      ++waiting_;
    }
    committer.Submit(RecordOf(number),
                     [this, number](const absl::StatusOr<Appended>& answer) {
                       if (answer.ok()) Pass(Failpoint::kBeforeAnswer);
                       Answer(number, answer);
                       if (answer.ok()) Pass(Failpoint::kAfterAnswer);
                     });
  }

  // Moves the subscription by one; the first time it is created.
  void Move(Committer& committer) {
    SubscriptionChange change = ChangeOf(kSubscription);
    const std::uint64_t through = ++moves_;
    change.create = through == 1;
    change.row = SampleSubscription(kSubscription);
    change.row->through = through;
    change.clear_unsettled = true;
    change.unsettled = {SampleUnsettled(through)};
    {
      const std::lock_guard lock(mutex_);
      ++waiting_;
    }
    committer.ChangeSubscription(std::move(change),
                                 [this, through](const absl::Status& status) {
                                   AnswerMove(through, status);
                                 });
  }

  void AnswerMove(std::uint64_t through, const absl::Status& status) {
    const std::lock_guard lock(mutex_);
    if (--waiting_ == 0) answered_.notify_all();
    if (over_) return;
    if (!status.ok()) return WrongLocked(status.ToString());
    told_.through = through;
  }

  void Answer(std::uint64_t number, const absl::StatusOr<Appended>& answer) {
    const std::lock_guard lock(mutex_);
    if (--waiting_ == 0) answered_.notify_all();
    if (over_) return;
    if (!answer.ok()) return WrongLocked(answer.status().ToString());
    const auto [known, first] =
        told_.answered.emplace(number, answer->sequence);
    if (!first && known->second != answer->sequence) {
      WrongLocked(absl::StrCat("record ", number, " has two sequences"));
    }
    if (answer->duplicate == first && !may_be_there_) {
      WrongLocked(absl::StrCat("record ", number, " was taken for ",
                               first ? "known" : "new"));
    }
  }

  void AwaitAnswers() {
    std::unique_lock lock(mutex_);
    answered_.wait(lock, [this] { return waiting_ == 0 || over_; });
  }

  void Publish(std::span<const RecordPtr> records) {
    const std::lock_guard lock(mutex_);
    if (over_) return;
    for (const RecordPtr& record : records) {
      told_.published.emplace(record->sequence, *record);
    }
  }

  void BeginCommit(const Batch& batch) {
    const std::lock_guard lock(mutex_);
    committing_ = true;
    if (over_) return;
    ++commits_;
    times_ = 0;
    writes_ = 0;
    on_its_way_.clear();
    for (const Record* const record : batch.records) {
      on_its_way_.insert(record->duplicate_key);
    }
    through_before_ = through_on_its_way_;
    for (const SubscriptionChange* const change : batch.subscriptions) {
      through_on_its_way_ = change->row->through;
    }
  }
  void EndCommit() {
    const std::lock_guard lock(mutex_);
    committing_ = false;
  }

  void Watch(const std::string& path, Moment moment) {
    if (!absl::EndsWith(path, "-wal")) return;
    {
      const std::lock_guard lock(mutex_);
      if (!committing_ || over_) return;
      const bool sync =
          moment == Moment::kBeforeSync || moment == Moment::kAfterSync;
      if (moment == Moment::kBeforeWrite) ++writes_;
      // A journal that starts over has its header synced first.
      if (sync && writes_ == 1) return;
    }
    if (moment != Moment::kAfterSync) CheckNothingIsSeen();
    constexpr std::array<Failpoint, 4> kPoints = {
        Failpoint::kBeforeWrite, Failpoint::kAfterWrite, Failpoint::kBeforeSync,
        Failpoint::kAfterSync};
    Pass(kPoints[static_cast<std::size_t>(moment)]);
  }

  // In the midst of a commit.
  void CheckNothingIsSeen() {
    const std::uint64_t head = log_->bounds().head;
    const ReadResult behind = ReadOnce(*log_, {.after = head});
    const ReadResult before = ReadOnce(
        *log_,
        {.after = head - std::min<std::uint64_t>(head, 1), .bodies = true});
    if (!behind.records.empty() || before.records.size() > 1) {
      Wrong(absl::StrCat("a reader sees a record behind ", head));
    }
    if (!may_be_there_ && ThroughIn(*log_) != through_before_) {
      Wrong("a reader sees how far the subscription will be");
    }
  }

  // How far the subscription is, which must be whole; 0 when there is none.
  std::uint64_t ThroughIn(EventLog& log) {
    const SubscriptionsRead read = ReadSubscriptions(log);
    if (!read.status.ok()) Wrong(read.status.ToString());
    if (read.subscriptions.empty()) return 0;
    const std::uint64_t through = read.subscriptions[0].row.through;
    if (read.subscriptions[0].unsettled !=
        std::vector({SampleUnsettled(through)})) {
      Wrong("the subscription has other events than it had");
    }
    return through;
  }

  // The end, if it is to come here.
  void Pass(Failpoint point) {
    const std::lock_guard lock(mutex_);
    if (over_ || point != point_ || may_be_there_) return;
    ++times_;
    if (commits_ < target_commit_) return;
    if (commits_ == target_commit_ && times_ < target_time_ && Repeats()) {
      return;
    }
    over_ = true;
    result_.reached = true;
    disk_.CrashAfter(
        0, result_.power_loss ? Crash::kPowerLoss : Crash::kProcessDeath);
    answered_.notify_all();
  }
  // Whether the point may come up several times in one batch.
  bool Repeats() const {
    return IsWrite(point_) || point_ == Failpoint::kBeforeAnswer ||
           point_ == Failpoint::kAfterAnswer;
  }

  void Compare() {
    const Bounds bounds = log_->bounds();
    const ReadResult read = ReadAll(*log_);
    if (!read.scanned_through.ok()) {
      return Wrong(read.scanned_through.status().ToString());
    }
    if (bounds.epoch != 1 || bounds.head != read.records.size()) {
      return Wrong(absl::StrCat("the log has ", read.records.size(),
                                " records and ends at ", bounds.head));
    }
    for (const auto& [sequence, record] : told_.published) {
      if (sequence > read.records.size() ||
          read.records[sequence - 1] != AsRead(record)) {
        return Wrong(absl::StrCat("published record ", sequence, " is gone"));
      }
    }
    CompareKeys(read.records);
  }

  void CompareKeys(const std::vector<Record>& records) {
    std::map<Digest, std::uint64_t> found;
    const absl::Status status = log_->VisitDuplicateKeys(
        [&](const Digest& key, std::uint64_t sequence) {
          if (!found.emplace(key, sequence).second) {
            Wrong(absl::StrCat("record ", sequence, " is doubled"));
          }
        });
    if (!status.ok()) return Wrong(status.ToString());
    for (const auto& [number, sequence] : told_.answered) {
      const auto key = found.find(SampleKey(number));
      if (key == found.end() || key->second != sequence) {
        return Wrong(absl::StrCat("answered record ", sequence, " is gone"));
      }
      if (records[sequence - 1].body != RecordOf(number)->body) {
        return Wrong(absl::StrCat("record ", sequence, " is another one"));
      }
    }
    CheckWhatWasOnItsWay(found);
    for (std::uint64_t number = 1; number <= numbers_; ++number) {
      found.erase(SampleKey(number));
    }
    if (!found.empty()) Wrong("there is a record that nobody submitted");
  }

  void CheckWhatWasOnItsWay(const std::map<Digest, std::uint64_t>& found) {
    std::size_t there = 0;
    for (const Digest& key : on_its_way_) there += found.count(key);
    const std::uint64_t through = ThroughIn(*log_);
    if (through < told_.through || through > moves_) {
      Wrong(absl::StrCat("the subscription is at ", through));
    }
    // Once everything is submitted again nothing moves it any more.
    std::size_t all = on_its_way_.size();
    if (!may_be_there_ && through_before_ != through_on_its_way_) {
      ++all;
      there += through == through_on_its_way_ ? 1 : 0;
    }
    if (!may_be_there_) result_.batch_there = there > 0;
    if (there != 0 && there != all) {
      Wrong(absl::StrCat("of a batch of ", all, " records and changes ", there,
                         " are there"));
    }
    if (there == 0 && all > 0 && point_ >= Failpoint::kAfterSync) {
      Wrong("a batch that was synced is gone");
    }
  }

  void SubmitAllAgain() {
    {
      const std::lock_guard lock(mutex_);
      over_ = false;
      may_be_there_ = true;
      waiting_ = 0;
    }
    const auto committer = StartCommitter();
    for (std::uint64_t number = 1; number <= numbers_; ++number) {
      Submit(*committer, number);
    }
    committer->Stop();
    // Answer has compared each with what was told before.
    if (told_.answered.size() != numbers_ || log_->bounds().head != numbers_) {
      Wrong(absl::StrCat(numbers_, " records were submitted, ",
                         told_.answered.size(), " answered, and ",
                         log_->bounds().head, " are there"));
    }
    if (result_.wrong.empty()) Compare();
  }

  bool over() const {
    const std::lock_guard lock(mutex_);
    return over_;
  }
  void Wrong(const std::string& what) {
    const std::lock_guard lock(mutex_);
    WrongLocked(what);
  }
  void WrongLocked(const std::string& what) {
    if (result_.wrong.empty()) result_.wrong = what;
  }

  const Failpoint point_;
  base::DiskChance chance_;
  base::MemoryDisk disk_;
  WatchedFiles files_{disk_, [this](const std::string& path, Moment moment) {
                        Watch(path, moment);
                      }};
  SqliteVfs vfs_{files_};
  base::FakeClock clock_;
  std::unique_ptr<PointLog> log_;
  std::uint64_t numbers_ = 0;  // Of records submitted so far.
  std::uint64_t moves_ = 0;    // Of the subscription.
  // In which commit the end comes, and how often the point has come up then.
  const std::uint64_t target_commit_;
  const std::uint64_t target_time_;

  mutable std::mutex mutex_;
  std::condition_variable answered_;
  std::size_t waiting_ = 0;
  Told told_;
  bool committing_ = false;
  std::uint64_t commits_ = 0;
  // Since this one began: how often the point came up, and writes.
  std::uint64_t times_ = 0;
  std::uint64_t writes_ = 0;
  std::set<Digest> on_its_way_;
  // Where the subscription was before the commit, and will be with it.
  std::uint64_t through_before_ = 0;
  std::uint64_t through_on_its_way_ = 0;
  bool over_ = false;
  bool may_be_there_ = false;  // What is submitted, from before the crash.
  CrashResult result_;
};

}  // namespace

const char* NameOf(Failpoint point) {
  constexpr std::array<const char*, 8> kNames = {
      "BeforeWrite",   "AfterWrite",   "BeforeSync",   "AfterSync",
      "BeforePublish", "AfterPublish", "BeforeAnswer", "AfterAnswer"};
  return kNames[static_cast<std::size_t>(point)];
}

CrashResult CrashAt(Failpoint point, std::uint64_t seed, bool lie) {
  return Victim(point, seed, lie).Run();
}

}  // namespace tuco::log
