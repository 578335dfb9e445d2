#include "server/receiver/quarantine.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <variant>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "server/base/logging.h"
#include "server/base/status_macros.h"
#include "server/receiver/quarantined_delivery.h"
#include "server/receiver/record_maker.h"
#include "server/receiver/verification.h"
#include "tuco/signature_doctor.h"
#include "tuco/strings.h"

namespace tuco::receiver {
namespace {

using log::QuarantineEntry;
using log::QuarantineState;

// How many entries are read at a time where bodies are needed.
constexpr std::size_t kPortion = 64;
constexpr std::size_t kListPortion = 1'000;
// How often a pass that could not be finished is tried again.
constexpr std::chrono::seconds kRetryInterval{1};

class QuarantineImpl final : public Quarantine {
 public:
  QuarantineImpl(const CurrentEndpoints& endpoints, log::EventLog& log,
                 log::Committer& committer, const base::Clock& clock,
                 base::Metrics& metrics)
      : endpoints_(endpoints),
        log_(log),
        committer_(committer),
        clock_(clock),
        kept_(metrics.GetCounter("tuco_quarantined_total",
                                 "Deliveries that were kept in quarantine.")),
        left_out_(metrics.GetCounter(
            "tuco_quarantine_left_out_total",
            "Deliveries that were refused and could not be kept in full.")),
        released_(metrics.GetCounter(
            "tuco_quarantine_released_total",
            "Quarantined deliveries that became events after all.")) {}
  ~QuarantineImpl() override { Stop(); }

  void Start() override {
    thread_ = std::thread([this] { Run(); });
  }

  void Stop() override {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
  }

  void Keep(std::shared_ptr<QuarantineEntry> entry, KeepDone done) override {
    const Timestamp horizon = log_.dedup_horizon();
    if (horizon != Timestamp::min()) entry->dedup_horizon = horizon;
    if (!entry->body.has_value()) left_out_.Increment();
    const bool deferred =
        entry->reason == static_cast<std::uint32_t>(Reason::kCanonicalDeferred);
    committer_.Quarantine(std::move(entry),
                          [this, deferred, done = std::move(done)](
                              absl::StatusOr<std::uint64_t> id) mutable {
                            if (id.ok()) {
                              kept_.Increment();
                              if (deferred) Defer(*id);
                            } else {
                              left_out_.Increment();
                            }
                            done(std::move(id));
                          });
  }

  absl::StatusOr<Page> List(std::uint64_t after, std::size_t max,
                            Wanted wanted) override;
  absl::StatusOr<QuarantineEntry> Get(std::uint64_t id) override;
  std::vector<Finding> Explain(const QuarantineEntry& entry) const override;
  void Release(std::uint64_t id, ReleaseDone done) override;
  void HoldBack(std::uint64_t id, bool held_back, ChangeDone done) override;
  void Purge(std::uint64_t id, ChangeDone done) override;

  void VerifyAgain() override {
    {
      const std::lock_guard lock(mutex_);
      everything_ = true;
    }
    wake_.notify_all();
  }

 private:
  // What a thread waits for: the answers to what it has submitted.
  class Pending;

  void Run();
  absl::Status VerifyEverything();
  absl::Status VerifyDeferred();
  // Submits `entry` if it is genuine; in the order of the calls.
  void ReleaseIfGenuine(const QuarantineEntry& entry,
                        const Endpoints& endpoints, Pending& pending);
  void Defer(std::uint64_t id) {
    {
      const std::lock_guard lock(mutex_);
      deferred_.push_back(id);
    }
    wake_.notify_all();
  }
  bool stopping() const {
    const std::lock_guard lock(mutex_);
    return stopping_;
  }

  absl::StatusOr<QuarantineEntry> GetHeld(std::uint64_t id);
  struct Prepared;
  absl::StatusOr<Prepared> PrepareRelease(std::uint64_t id);
  void Change(const log::QuarantineUpdate& update, ChangeDone done);

  const CurrentEndpoints& endpoints_;
  log::EventLog& log_;
  log::Committer& committer_;
  const base::Clock& clock_;
  base::Counter& kept_;
  base::Counter& left_out_;
  base::Counter& released_;
  std::thread thread_;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool everything_ ABSL_GUARDED_BY(mutex_) = true;
  std::deque<std::uint64_t> deferred_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
};

class QuarantineImpl::Pending {
 public:
  ~Pending() { Wait().IgnoreError(); }
  void Add() {
    const std::lock_guard lock(mutex_);
    ++waiting_;
  }
  void Done(const absl::Status& status) {
    const std::lock_guard lock(mutex_);
    --waiting_;
    status_.Update(status);
    all_done_.notify_all();
  }
  // Until everything is answered: what went wrong first.
  absl::Status Wait() {
    std::unique_lock lock(mutex_);
    while (waiting_ > 0) all_done_.wait(lock);
    return status_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable all_done_;
  int waiting_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Status status_ ABSL_GUARDED_BY(mutex_);
};

// What an entry becomes, and what it is due to.
struct Passed {
  std::shared_ptr<log::Record> record;
  VerifiedForm form;
  // Shared, since the endpoints may be replaced before this is in the log.
  std::shared_ptr<SecretUse> use;

  void NoteUse(Timestamp arrival) const { use->Note(form, arrival); }
};

// That of `entry` if a secret of `endpoint` verifies it, else why not.
std::variant<Passed, Reason> Verified(const QuarantineEntry& entry,
                                      const Endpoint& endpoint) {
  const Delivery delivery = DeliveryOf(entry);
  const Verdict verdict = Verify(delivery, endpoint, endpoint.mode);
  if (!verdict.genuine()) return verdict.reason();
  Event event = ReadEvent(verdict.delivery(), delivery, endpoint);
  event.origin = Origin::kQuarantine;
  event.flags.Add(Flag::kLate);
  return Passed{MakeRecord(std::move(event), verdict.delivery()),
                verdict.delivery().form(),
                endpoint.UseOf(verdict.delivery().secret_name())};
}

struct QuarantineImpl::Prepared {
  Passed passed;
  Timestamp arrival;
};

void QuarantineImpl::Run() {
  while (true) {
    bool everything;
    {
      std::unique_lock lock(mutex_);
      while (!stopping_ && !everything_ && deferred_.empty()) wake_.wait(lock);
      if (stopping_) return;
      everything = std::exchange(everything_, false);
    }
    const absl::Status status =
        everything ? VerifyEverything() : VerifyDeferred();
    if (status.ok()) continue;
    // The log is not open for business, or damaged: later, then.
    base::Log(base::Severity::kWarning,
              "quarantined deliveries could not be verified again",
              {{"error", absl::StrCat(status.message())}});
    std::unique_lock lock(mutex_);
    everything_ = true;
    wake_.wait_for(lock, kRetryInterval,
                   [this]()
                       ABSL_NO_THREAD_SAFETY_ANALYSIS { return stopping_; });
  }
}

// One pass is by the same endpoints from begin to end, so that what it releases
// comes in the order of arrival. Where they are replaced meanwhile it ends
// early: another pass is due.
absl::Status QuarantineImpl::VerifyEverything() {
  log::QuarantineRequest request{
      .after = 0, .entries_max = kPortion, .bodies = true};
  const EndpointsPtr endpoints = endpoints_.Get();
  while (!stopping()) {
    std::vector<QuarantineEntry> entries;
    TUCO_ASSIGN_OR_RETURN(
        const std::uint64_t last,
        log_.ReadQuarantine(request, [&](const QuarantineEntry& entry) {
          entries.push_back(entry);
        }));
    if (last == request.after) break;
    Pending pending;
    for (const QuarantineEntry& entry : entries) {
      if (endpoints->generation() != endpoints_.generation()) {
        VerifyAgain();
        return pending.Wait();
      }
      ReleaseIfGenuine(entry, *endpoints, pending);
    }
    TUCO_RETURN_IF_ERROR(pending.Wait());
    request.after = last;
  }
  return absl::OkStatus();
}

absl::Status QuarantineImpl::VerifyDeferred() {
  std::deque<std::uint64_t> ids;
  {
    const std::lock_guard lock(mutex_);
    ids.swap(deferred_);
  }
  std::sort(ids.begin(), ids.end());
  const EndpointsPtr endpoints = endpoints_.Get();
  Pending pending;
  for (const std::uint64_t id : ids) {
    const absl::StatusOr<QuarantineEntry> entry = Get(id);
    if (absl::IsNotFound(entry.status())) continue;
    TUCO_RETURN_IF_ERROR(entry.status());
    ReleaseIfGenuine(*entry, *endpoints, pending);
  }
  return pending.Wait();
}

void QuarantineImpl::ReleaseIfGenuine(const QuarantineEntry& entry,
                                      const Endpoints& endpoints,
                                      Pending& pending) {
  if (entry.state != QuarantineState::kHeld || entry.verified ||
      entry.held_back || !entry.body.has_value()) {
    return;
  }
  const Endpoint* const endpoint = endpoints.Find(entry.endpoint);
  if (endpoint == nullptr) return;
  auto verified = Verified(entry, *endpoint);
  auto* const passed = std::get_if<Passed>(&verified);
  if (passed == nullptr) return;
  pending.Add();
  log::Release release{
      .id = entry.id,
      .record = std::move(passed->record),
      .dedup_horizon = entry.dedup_horizon.value_or(Timestamp::min())};
  committer_.SubmitReleased(
      std::move(release), [this, &pending, passed = std::move(*passed),
                           arrival = entry.received_at](
                              const absl::StatusOr<log::Appended>& appended) {
        if (appended.ok()) passed.NoteUse(arrival);
        if (appended.ok() && !appended->duplicate) released_.Increment();
        // What cannot be told from a replay stays where it is.
        pending.Done(absl::IsFailedPrecondition(appended.status())
                         ? absl::OkStatus()
                         : appended.status());
      });
}

absl::StatusOr<Quarantine::Page> QuarantineImpl::List(std::uint64_t after,
                                                      std::size_t max,
                                                      Wanted wanted) {
  Page page{.entries = {}, .scanned_through = after};
  while (page.entries.size() < max) {
    bool full = false;
    std::uint64_t through = page.scanned_through;
    TUCO_ASSIGN_OR_RETURN(
        const std::uint64_t last,
        log_.ReadQuarantine({.after = page.scanned_through,
                             .entries_max = kListPortion,
                             .bodies = false},
                            [&](const QuarantineEntry& entry) {
                              full = full || page.entries.size() == max;
                              if (full) return;
                              through = entry.id;
                              if (wanted(entry)) page.entries.push_back(entry);
                            }));
    if (last == page.scanned_through) break;
    page.scanned_through = through;
  }
  return page;
}

absl::StatusOr<QuarantineEntry> QuarantineImpl::Get(std::uint64_t id) {
  std::optional<QuarantineEntry> found;
  TUCO_RETURN_IF_ERROR(
      log_.ReadQuarantine({.after = id - 1, .entries_max = 1, .bodies = true},
                          [&](const QuarantineEntry& entry) { found = entry; })
          .status());
  if (found.has_value() && found->id == id) return *std::move(found);
  return absl::NotFoundError(
      Concat({"there is no quarantined delivery ", QuarantineIdText(id)}));
}

std::vector<Finding> QuarantineImpl::Explain(
    const QuarantineEntry& entry) const {
  const Delivery delivery = DeliveryOf(entry);
  if (delivery.signatures > 1) {
    return {HintFinding(FindingKind::kSignatureRepeated)};
  }
  const EndpointsPtr endpoints = endpoints_.Get();
  const WipedSecrets secrets = endpoints->doctor_secrets();
  return tuco::Explain(delivery.body, delivery.signature, secrets.all(),
                       delivery.timestamp_header);
}

absl::StatusOr<QuarantineEntry> QuarantineImpl::GetHeld(std::uint64_t id) {
  TUCO_ASSIGN_OR_RETURN(QuarantineEntry entry, Get(id));
  if (entry.state == QuarantineState::kHeld) return entry;
  return absl::FailedPreconditionError(
      Concat({"the quarantined delivery ", QuarantineIdText(id),
              " is not held any more"}));
}

absl::StatusOr<QuarantineImpl::Prepared> QuarantineImpl::PrepareRelease(
    std::uint64_t id) {
  TUCO_ASSIGN_OR_RETURN(const QuarantineEntry entry, GetHeld(id));
  if (!entry.body.has_value()) {
    return absl::FailedPreconditionError(
        Concat({"the body of ", QuarantineIdText(id), " was not kept"}));
  }
  const EndpointsPtr endpoints = endpoints_.Get();
  std::vector<const Endpoint*> candidates;
  if (const Endpoint* const named = endpoints->Find(entry.endpoint)) {
    candidates.push_back(named);
  } else {
    for (const Endpoint& endpoint : endpoints->all()) {
      candidates.push_back(&endpoint);
    }
  }
  Reason reason = Reason::kUnspecified;
  for (const Endpoint* const endpoint : candidates) {
    auto verified = Verified(entry, *endpoint);
    if (auto* const passed = std::get_if<Passed>(&verified)) {
      return Prepared{std::move(*passed), entry.received_at};
    }
    reason = std::get<Reason>(verified);
  }
  return absl::FailedPreconditionError(
      Concat({"no active secret verifies ", QuarantineIdText(id), ": ",
              ReasonName(reason)}));
}

void QuarantineImpl::Release(std::uint64_t id, ReleaseDone done) {
  absl::StatusOr<Prepared> prepared = PrepareRelease(id);
  if (!prepared.ok()) {
    done(prepared.status());
    return;
  }
  log::Release release{.id = id, .record = std::move(prepared->passed.record)};
  committer_.SubmitReleased(
      std::move(release),
      [this, prepared = *std::move(prepared),
       done = std::move(done)](absl::StatusOr<log::Appended> appended) mutable {
        if (appended.ok()) prepared.passed.NoteUse(prepared.arrival);
        if (appended.ok() && !appended->duplicate) released_.Increment();
        done(std::move(appended));
      });
}

void QuarantineImpl::HoldBack(std::uint64_t id, bool held_back,
                              ChangeDone done) {
  Change(
      {.id = id, .state = QuarantineState::kHeld, .held_back = held_back},
      [this, held_back, done = std::move(done)](absl::Status status) mutable {
        if (status.ok() && !held_back) VerifyAgain();
        done(std::move(status));
      });
}

void QuarantineImpl::Purge(std::uint64_t id, ChangeDone done) {
  Change(
      {.id = id, .state = QuarantineState::kPurged, .settled_at = clock_.Now()},
      std::move(done));
}

void QuarantineImpl::Change(const log::QuarantineUpdate& update,
                            ChangeDone done) {
  const absl::StatusOr<QuarantineEntry> entry = GetHeld(update.id);
  if (!entry.ok()) {
    done(entry.status());
    return;
  }
  committer_.UpdateQuarantined(
      update, [done = std::move(done)](
                  const absl::StatusOr<std::uint64_t>& id) mutable {
        done(id.status());
      });
}

}  // namespace

std::unique_ptr<Quarantine> Quarantine::Create(
    const CurrentEndpoints& endpoints, log::EventLog& log,
    log::Committer& committer, const base::Clock& clock,
    base::Metrics& metrics) {
  return std::make_unique<QuarantineImpl>(endpoints, log, committer, clock,
                                          metrics);
}

}  // namespace tuco::receiver
