#include "tests/server/rpc/fake_consumer.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "absl/status/status.h"

namespace tuco::testing {
namespace {

constexpr std::chrono::seconds kDeadline{60};

}  // namespace

class FakeConsumer final : public stream::Consumer {
 public:
  explicit FakeConsumer(std::shared_ptr<ConsumerScript> script)
      : script_(std::move(script)) {}

  ~FakeConsumer() override {
    FakeConsumer::Cancel();
    const std::lock_guard lock(script_->mutex_);
    script_->gone_ = true;
    script_->changed_.notify_all();
  }

  void Next(Done done) override {
    {
      const std::lock_guard lock(script_->mutex_);
      if (!script_->cancelled_) {
        script_->next_ = std::move(done);
        script_->changed_.notify_all();
        return;
      }
    }
    done(absl::CancelledError("cancelled"));
  }

  void Judge(std::vector<stream::Verdict> verdicts,
             absl::AnyInvocable<void()> taken) override {
    const std::lock_guard lock(script_->mutex_);
    script_->verdicts_.push_back(std::move(verdicts));
    script_->taken_ = std::move(taken);
    script_->changed_.notify_all();
  }

  void EndOfVerdicts() override {
    const std::lock_guard lock(script_->mutex_);
    script_->ended_ = true;
    script_->changed_.notify_all();
  }

  void Cancel() override {
    Done next;
    {
      const std::lock_guard lock(script_->mutex_);
      script_->cancelled_ = true;
      next = std::exchange(script_->next_, nullptr);
      script_->changed_.notify_all();
    }
    if (next != nullptr) next(absl::CancelledError("cancelled"));
  }

 private:
  const std::shared_ptr<ConsumerScript> script_;
};

std::unique_ptr<stream::Consumer> ConsumerScript::Open(
    std::shared_ptr<ConsumerScript> script) {
  return std::make_unique<FakeConsumer>(std::move(script));
}

void ConsumerScript::Await(const std::function<bool()>& condition) const {
  std::unique_lock lock(mutex_);
  if (changed_.wait_for(lock, kDeadline, condition)) return;
  std::fprintf(stderr, "the consumer was not asked in time\n");
  std::abort();
}

void ConsumerScript::Answer(absl::StatusOr<stream::ConsumerFrame> frame) {
  Await([this] { return next_ != nullptr; });
  stream::Consumer::Done next;
  {
    const std::lock_guard lock(mutex_);
    next = std::exchange(next_, nullptr);
  }
  next(std::move(frame));
}

std::vector<stream::Verdict> ConsumerScript::AwaitVerdicts() {
  Await([this] { return verdicts_.size() > awaited_; });
  const std::lock_guard lock(mutex_);
  return verdicts_[awaited_++];
}

void ConsumerScript::Take() {
  absl::AnyInvocable<void()> taken;
  {
    const std::lock_guard lock(mutex_);
    taken = std::exchange(taken_, nullptr);
  }
  taken();
}

void ConsumerScript::AwaitEndOfVerdicts() {
  Await([this] { return ended_; });
}

void ConsumerScript::AwaitCancel() {
  Await([this] { return cancelled_; });
}

void ConsumerScript::AwaitEnd() {
  Await([this] { return gone_; });
}

bool ConsumerScript::ended() const {
  const std::lock_guard lock(mutex_);
  return ended_;
}

std::size_t ConsumerScript::judged() const {
  const std::lock_guard lock(mutex_);
  return verdicts_.size();
}

}  // namespace tuco::testing
