// A consumer that does what the test says, when it says so.

#ifndef TUCO_TESTS_SERVER_RPC_FAKE_CONSUMER_H_
#define TUCO_TESTS_SERVER_RPC_FAKE_CONSUMER_H_

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "server/stream/consumer.h"

namespace tuco::testing {

// What a consumer was asked, and what it answers; outlives it. Safe for
// concurrent use.
class ConsumerScript {
 public:
  // A consumer of this script. One at a time.
  static std::unique_ptr<stream::Consumer> Open(
      std::shared_ptr<ConsumerScript> script);

  // Waits for a Next and answers it on this thread.
  void Answer(absl::StatusOr<stream::ConsumerFrame> frame);
  // Waits for the verdicts of one call of Judge.
  std::vector<stream::Verdict> AwaitVerdicts();
  // Says that the newest verdicts are taken, on this thread.
  void Take();
  void AwaitEndOfVerdicts();
  void AwaitCancel();
  // Waits until the consumer is destroyed.
  void AwaitEnd();
  // Whether EndOfVerdicts was called.
  bool ended() const;
  // How often Judge was called.
  std::size_t judged() const;

 private:
  friend class FakeConsumer;

  void Await(const std::function<bool()>& condition) const;

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  // All below under mutex_.
  stream::Consumer::Done next_;
  std::vector<std::vector<stream::Verdict>> verdicts_;
  std::size_t awaited_ = 0;
  absl::AnyInvocable<void()> taken_;
  bool ended_ = false;
  bool cancelled_ = false;
  bool gone_ = false;
};

}  // namespace tuco::testing

#endif  // TUCO_TESTS_SERVER_RPC_FAKE_CONSUMER_H_
