// The changes of subscriptions that go into the log with a batch.

#ifndef TUCO_SERVER_LOG_CHANGE_BATCH_H_
#define TUCO_SERVER_LOG_CHANGE_BATCH_H_

#include <span>
#include <vector>

#include "absl/status/status.h"
#include "server/log/commit_queue.h"
#include "server/log/event_log.h"
#include "server/log/subscription.h"

namespace tuco::log {

// One thread at a time.
class ChangeBatch {
 public:
  // Those of the next commit, which stay where they are until then.
  void Set(std::span<ChangeTask> changes);

  bool empty() const { return changes_.empty(); }
  std::span<const SubscriptionChange* const> pointers() const {
    return pointers_;
  }

  // Commits `batch`, which has these changes, and gives each of them its
  // status. Where damage keeps the log from taking all of it, a subscription
  // may be what is damaged: then the rest of the batch is committed alone, and
  // each change for itself. Returns what became of the rest.
  absl::Status Commit(EventLog& log, const Batch& batch);
  // Nothing could be committed.
  void Refuse(const absl::Status& why);

 private:
  std::span<ChangeTask> changes_;
  std::vector<const SubscriptionChange*> pointers_;
};

}  // namespace tuco::log

#endif  // TUCO_SERVER_LOG_CHANGE_BATCH_H_
