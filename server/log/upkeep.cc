#include "server/log/upkeep.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "server/base/logging.h"

namespace tuco::log {

using std::chrono::microseconds;

Upkeep::Upkeep(EventLog& log, const base::Clock& clock, DiskReserve* reserve,
               const Options& options)
    : log_(log),
      clock_(clock),
      reserve_(reserve),
      options_(options),
      watch_(clock),
      forget_at_(clock.Steady()),
      remove_at_(forget_at_),
      ballast_at_(forget_at_) {}

std::vector<std::pair<Digest, std::uint64_t>> Upkeep::Step() {
  const microseconds step = watch_.Look();
  if (step != microseconds::zero()) {
    base::Log(base::Severity::kError,
              "the wall clock was set by more than an hour: nothing is "
              "forgotten or removed for a day; see that it is right",
              {{"step_s",
                std::to_string(
                    std::chrono::floor<std::chrono::seconds>(step).count())}});
  }
  MakeBallast();
  if (!watch_.trusted()) return {};
  const microseconds now = clock_.Steady();
  if (now >= remove_at_) Remove();
  return now >= forget_at_ ? Forget()
                           : std::vector<std::pair<Digest, std::uint64_t>>();
}

std::vector<std::pair<Digest, std::uint64_t>> Upkeep::Forget() {
  const Timestamp now = clock_.Now();
  absl::StatusOr<ForgottenKeys> forgotten =
      log_.ForgetKeys({.before = now - options_.duplicate_window,
                       .now = now,
                       .after = forgotten_through_,
                       .rows_max = options_.rows_max});
  if (!forgotten.ok()) Complain("forget duplicate keys", forgotten.status());
  if (!forgotten.ok() || forgotten->end) {
    forgotten_through_ = 0;
    forget_at_ = clock_.Steady() + kForgetInterval;
  } else {
    forgotten_through_ = forgotten->scanned_through;
  }
  if (!forgotten.ok()) return {};
  counts_.forgotten_keys += forgotten->keys.size();
  return std::move(forgotten->keys);
}

void Upkeep::Remove() {
  RemoveRequest request{.recorded_before = std::nullopt,
                        .bytes_max = options_.bytes_max,
                        .rows_max = options_.rows_max};
  if (options_.age_max.has_value()) {
    request.recorded_before = clock_.Now() - *options_.age_max;
  }
  if (!request.recorded_before.has_value() && !request.bytes_max.has_value()) {
    return;
  }
  absl::StatusOr<RemovedRecords> removed = log_.RemoveOldest(request);
  if (absl::IsResourceExhausted(removed.status()) && ballast_there_) {
    ballast_there_ = false;
    if (reserve_->Release().ok()) removed = log_.RemoveOldest(request);
  }
  if (!removed.ok()) Complain("remove old events", removed.status());
  if (removed.ok()) {
    removed_in_pass_ += removed->count;
    counts_.removed_records += removed->count;
    if (!removed->end) return;
  }
  remove_at_ = clock_.Steady() + kRemoveInterval;
  if (removed_in_pass_ == 0) return;
  base::Log(base::Severity::kInfo,
            "removed events that were to be kept no more",
            {{"events", std::to_string(removed_in_pass_)},
             {"first_kept", std::to_string(log_.bounds().first)}});
  removed_in_pass_ = 0;
}

void Upkeep::MakeBallast() {
  // It is for removing records.
  const bool removes =
      options_.age_max.has_value() || options_.bytes_max.has_value();
  if (reserve_ == nullptr || !removes || ballast_there_ ||
      clock_.Steady() < ballast_at_) {
    return;
  }
  const absl::Status status = reserve_->MakeBallast();
  ballast_there_ = status.ok();
  ballast_at_ = clock_.Steady() + kRemoveInterval;
  if (!status.ok() && !absl::IsResourceExhausted(status)) {
    Complain("make the ballast", status);
  }
}

void Upkeep::Complain(const char* what, const absl::Status& status) {
  base::Log(base::Severity::kWarning, absl::StrCat("cannot ", what),
            {{"error", absl::StrCat(status.message())}});
}

Upkeep::Statistics Upkeep::statistics() const {
  Statistics statistics = counts_;
  statistics.clock_steps = watch_.steps();
  statistics.paused = !watch_.trusted();
  return statistics;
}

}  // namespace tuco::log
