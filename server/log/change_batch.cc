#include "server/log/change_batch.h"

namespace tuco::log {

void ChangeBatch::Set(std::span<ChangeTask> changes) {
  changes_ = changes;
  pointers_.clear();
  for (const ChangeTask& task : changes_) pointers_.push_back(&task.change);
}

absl::Status ChangeBatch::Commit(EventLog& log, const Batch& batch) {
  absl::Status status = log.Commit(batch);
  // Of storage that failed there is nothing to be had any more.
  const bool damage = absl::IsDataLoss(status) && log.Probe().ok();
  if (changes_.empty() || !damage) {
    Refuse(status);
    return status;
  }
  Batch rest = batch;
  rest.subscriptions = {};
  status = rest.empty() ? absl::OkStatus() : log.Commit(rest);
  for (ChangeTask& task : changes_) {
    const SubscriptionChange* const change = &task.change;
    task.status = log.Commit({.records = {},
                              .quarantined = {},
                              .updates = {},
                              .evicted = {},
                              .subscriptions = {&change, 1}});
  }
  return status;
}

void ChangeBatch::Refuse(const absl::Status& why) {
  for (ChangeTask& task : changes_) task.status = why;
}

}  // namespace tuco::log
