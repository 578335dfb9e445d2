#include "server/stream/consumer_handle.h"

#include <utility>
#include <vector>

namespace tuco::stream {
namespace {

class ConsumerHandle final : public Consumer {
 public:
  ConsumerHandle(std::shared_ptr<SubscriptionThread> thread,
                 std::shared_ptr<SharedSubscription> subscription,
                 ConsumerId id, std::function<void()> gone)
      : thread_(std::move(thread)),
        subscription_(std::move(subscription)),
        id_(id),
        gone_(std::move(gone)) {}
  ~ConsumerHandle() override {
    (void)thread_->Post([subscription = subscription_, id = id_, gone = gone_] {
      subscription->Leave(id);
      gone();
    });
  }

  void Next(Done done) override {
    SubscriptionThread::Task task = [subscription = subscription_, id = id_,
                                     done = std::move(done)]() mutable {
      subscription->Next(id, std::move(done));
    };
    // Once the thread has ended, every consumer has; its end is only read.
    if (!thread_->Post(task)) std::move(task)();
  }

  void Judge(std::vector<Verdict> verdicts,
             absl::AnyInvocable<void()> taken) override {
    (void)thread_->Post([subscription = subscription_, id = id_,
                         verdicts = std::move(verdicts),
                         taken = std::move(taken)]() mutable {
      subscription->Judge(id, verdicts, std::move(taken));
    });
  }

  void EndOfVerdicts() override {
    (void)thread_->Post([subscription = subscription_, id = id_] {
      subscription->EndOfVerdicts(id);
    });
  }

  void Cancel() override {
    (void)thread_->Post(
        [subscription = subscription_, id = id_] { subscription->Cancel(id); });
  }

 private:
  const std::shared_ptr<SubscriptionThread> thread_;
  const std::shared_ptr<SharedSubscription> subscription_;
  const ConsumerId id_;
  const std::function<void()> gone_;
};

}  // namespace

std::unique_ptr<Consumer> MakeConsumerHandle(
    std::shared_ptr<SubscriptionThread> thread,
    std::shared_ptr<SharedSubscription> subscription, ConsumerId id,
    std::function<void()> gone) {
  return std::make_unique<ConsumerHandle>(
      std::move(thread), std::move(subscription), id, std::move(gone));
}

}  // namespace tuco::stream
