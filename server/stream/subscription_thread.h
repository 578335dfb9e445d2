// The thread that all subscriptions live on: runs what is posted to it, and
// gives whoever it belongs to a turn after that and when one is due.

#ifndef TUCO_SERVER_STREAM_SUBSCRIPTION_THREAD_H_
#define TUCO_SERVER_STREAM_SUBSCRIPTION_THREAD_H_

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "server/base/clock.h"
#include "server/stream/shared_queue.h"

namespace tuco::stream {

// Safe for concurrent use.
class SubscriptionThread {
 public:
  using Task = absl::AnyInvocable<void()>;
  // Says when the next turn is due, if ever, as things are.
  using Turn = std::function<std::optional<Instant>()>;

  explicit SubscriptionThread(const base::Clock& clock) : clock_(clock) {}
  ~SubscriptionThread() { Stop(); }

  // Begins; `turn` is called on the thread alone.
  void Start(Turn turn);

  // Runs `task` on the thread, after those posted before. False: it has ended,
  // and the task is left as it was.
  bool Post(Task& task);
  bool Post(Task&& task) { return Post(task); }

  // Sees to it that there is a turn soon; cheap where one is coming anyway.
  void Wake();

  // Runs what is posted, and ends the thread. Not from the thread itself.
  void Stop();

 private:
  void Run(const Turn& turn);
  // Until there is something to do; whether there is.
  bool Await(std::optional<Instant> due, std::vector<Task>& tasks);

  const base::Clock& clock_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Task> tasks_ ABSL_GUARDED_BY(mutex_);
  bool woken_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace tuco::stream

#endif  // TUCO_SERVER_STREAM_SUBSCRIPTION_THREAD_H_
