// Subscriptions over a log in memory, with a clock that a test moves.

#ifndef TUCO_TESTS_SERVER_STREAM_SUBSCRIPTION_FIXTURE_H_
#define TUCO_TESTS_SERVER_STREAM_SUBSCRIPTION_FIXTURE_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "server/log/committer.h"
#include "server/log/event_log.h"
#include "server/stream/hub.h"
#include "server/stream/subscriptions.h"
#include "tests/server/base/fake_clock.h"
#include "tests/server/log/forwarding_log.h"
#include "tests/server/stream/records.h"
#include "tuco/events/v1/event_service.pb.h"

namespace tuco::stream::testing {

// Long enough for a machine under load; reached only by a failing test.
inline constexpr std::chrono::seconds kDeadline{20};

// Settings as a log keeps them in these tests: the mode, and what is changed.
inline SubscriptionSettings Settings(SubscriptionMode mode) {
  SubscriptionSettings settings;
  settings.mode = mode;
  settings.stored = mode == SubscriptionMode::kCursor ? "cursor" : "shared";
  return settings;
}

// A log that can refuse to take anything, take its time, or lose a parked
// event.
class RefusingLog final : public log::ForwardingLog {
 public:
  using ForwardingLog::ForwardingLog;
  absl::Status Commit(const log::Batch& batch) override {
    ++commits;
    const std::lock_guard wait(gate);
    if (refuses) return absl::ResourceExhaustedError("the disk is full");
    return ForwardingLog::Commit(batch);
  }
  absl::StatusOr<std::uint64_t> ReadParked(
      const log::ParkedRequest& request,
      const log::ParkedVisitor& visit) override {
    if (request.after + 1 == damaged) return absl::DataLossError("damaged");
    return ForwardingLog::ReadParked(request, visit);
  }

  std::atomic<bool> refuses = false;
  std::atomic<std::uint64_t> damaged = 0;  // The sequence; 0: none.
  std::atomic<int> commits = 0;            // That have begun.
  std::mutex gate;  // No commit goes on while it is held.
};

class SubscriptionTest : public ::testing::Test {
 protected:
  void SetUp() override {
    log_ = std::make_unique<RefusingLog>(log::MakeMemoryLog(clock_));
    Start();
  }
  void TearDown() override { Stop(); }

  void Start() {
    hub_ = Hub::Start(*log_, clock_, {});
    log::Committer::Options options;
    options.clock = &clock_;
    committer_ = log::Committer::Start(
        *log_, options, [this](std::span<const log::RecordPtr> records) {
          hub_->Publish(records);
          if (subscriptions_ != nullptr) subscriptions_->OnCommitted();
        });
    subscriptions_ =
        Subscriptions::Start(*log_, *committer_, *hub_, clock_,
                             {.read_settings = [this](std::string_view stored) {
                               return ReadSettings(stored);
                             }});
  }
  void Stop() {
    subscriptions_->Stop();
    committer_->Stop();
    hub_->Stop();
    committer_.reset();
    subscriptions_.reset();
    hub_.reset();
  }
  void Restart() {
    Stop();
    Start();
  }

  absl::StatusOr<SubscriptionSettings> ReadSettings(std::string_view stored) {
    if (stored == "damaged") return absl::DataLossError("no settings");
    SubscriptionSettings settings =
        Settings(stored == "cursor" ? SubscriptionMode::kCursor
                                    : SubscriptionMode::kShared);
    settings.ordering_key = ordering_;
    settings.deliveries_max = deliveries_max_;
    settings.expires_after = expires_after_;
    return settings;
  }

  void Create(const std::string& name, SubscriptionMode mode,
              const Position& position = Earliest{}) {
    const auto created = subscriptions_->Create(
        name,
        *ReadSettings(mode == SubscriptionMode::kCursor ? "cursor" : "shared"),
        position);
    ASSERT_TRUE(created.ok()) << created.status();
  }

  // Appends events through the committer, and waits for them.
  void Append(int count, const std::string& type_name = "message.sent",
              const std::string& lead = "") {
    for (int i = 0; i < count; ++i) {
      log::Record made = tuco::testing::MakeRecord(next_++, type_name);
      if (!lead.empty()) made.lead_id = lead;
      std::promise<bool> appended;
      committer_->Submit(std::make_shared<log::Record>(std::move(made)),
                         [&](const absl::StatusOr<log::Appended>& result) {
                           appended.set_value(result.ok());
                         });
      ASSERT_TRUE(appended.get_future().get());
    }
  }

  void RemoveOldest(std::size_t count) {
    ASSERT_TRUE(log_->RemoveOldest({.recorded_before = Timestamp::max(),
                                    .bytes_max = std::nullopt,
                                    .rows_max = count})
                    .ok());
  }

  std::unique_ptr<Consumer> Consume(const std::string& name,
                                    const ConsumerOptions& options = {}) {
    auto consumer = subscriptions_->OpenConsumer(name, options);
    EXPECT_TRUE(consumer.ok()) << consumer.status();
    return consumer.ok() ? *std::move(consumer) : nullptr;
  }

  using Answer = std::future<absl::StatusOr<ConsumerFrame>>;
  static Answer Ask(Consumer& consumer) {
    auto promise =
        std::make_shared<std::promise<absl::StatusOr<ConsumerFrame>>>();
    Answer answer = promise->get_future();
    consumer.Next([promise](absl::StatusOr<ConsumerFrame> frame) {
      promise->set_value(std::move(frame));
    });
    return answer;
  }
  static absl::StatusOr<ConsumerFrame> Await(Answer answer) {
    if (answer.wait_for(kDeadline) != std::future_status::ready) {
      return absl::DeadlineExceededError("no frame");
    }
    return answer.get();
  }
  static events::v1::ConsumeResponse Parse(
      const absl::StatusOr<ConsumerFrame>& frame) {
    EXPECT_TRUE(frame.ok()) << frame.status();
    events::v1::ConsumeResponse response;
    if (frame.ok()) {
      EXPECT_TRUE(response.ParseFromString(frame->bytes));
    }
    return response;
  }
  static events::v1::ConsumeResponse Next(Consumer& consumer) {
    return Parse(Await(Ask(consumer)));
  }

  // What comes next that has deliveries; `asked` is the first to look at.
  static events::v1::ConsumeResponse NextDeliveries(Consumer& consumer,
                                                    Answer asked) {
    events::v1::ConsumeResponse response = Parse(Await(std::move(asked)));
    while (response.deliveries().empty() && !HasFailure()) {
      response = Next(consumer);
    }
    return response;
  }

  // The sequences that come next, `count` of them.
  static std::vector<std::uint64_t> Take(Consumer& consumer,
                                         std::size_t count) {
    std::vector<std::uint64_t> taken;
    while (taken.size() < count && !HasFailure()) {
      const events::v1::ConsumeResponse response = Next(consumer);
      for (const auto& delivery : response.deliveries()) {
        taken.push_back(delivery.event().sequence());
      }
    }
    return taken;
  }

  static void Judge(Consumer& consumer, std::vector<Verdict> verdicts) {
    consumer.Judge(std::move(verdicts), [] {});
  }

  // Judges one event, and the outcome once it is told; what is delivered
  // meanwhile is left where it is.
  static events::v1::VerdictOutcome Settle(Consumer& consumer,
                                           const Verdict& verdict) {
    Judge(consumer, {verdict});
    while (!HasFailure()) {
      const events::v1::ConsumeResponse response = Next(consumer);
      for (const auto& result : response.results()) {
        if (result.sequence() == verdict.sequence) return result.outcome();
      }
    }
    return events::v1::VERDICT_OUTCOME_UNSPECIFIED;
  }

  SubscriptionInfo Info(const std::string& name) {
    const auto info = subscriptions_->Get(name);
    EXPECT_TRUE(info.ok()) << info.status();
    return info.value_or(SubscriptionInfo());
  }

  // Until what was asked for on other threads before has certainly been heard.
  void LetBeHeard() {
    for (int i = 0; i < 200; ++i) (void)subscriptions_->statistics();
  }

  // Begins something on another thread, and lets it be heard.
  template <typename Ask>
  auto Begin(Ask ask) {
    std::atomic<bool> begun = false;
    auto answer = std::async(std::launch::async, [&begun, &ask] {
      const Ask asked = std::move(ask);
      begun = true;
      return asked();
    });
    while (!begun) std::this_thread::yield();
    LetBeHeard();
    return answer;
  }

  // Begins something that changes a subscription, while the log's gate is
  // held: until its commit waits there.
  template <typename Ask>
  auto BeginChange(Ask ask) {
    const int begun = log_->commits;
    auto answer = std::async(std::launch::async, std::move(ask));
    while (log_->commits == begun) std::this_thread::yield();
    return answer;
  }

  // Lets time pass, and sees to it that everybody notices.
  void Pass(std::chrono::microseconds time) {
    (void)subscriptions_->statistics();
    clock_.Advance(time);
    subscriptions_->OnCommitted();
    (void)subscriptions_->statistics();
  }

  base::FakeClock clock_;
  OrderingKey ordering_ = OrderingKey::kNone;
  std::uint32_t deliveries_max_ = 20;
  std::optional<std::chrono::seconds> expires_after_;
  std::unique_ptr<RefusingLog> log_;
  std::unique_ptr<Hub> hub_;
  std::unique_ptr<log::Committer> committer_;
  std::unique_ptr<Subscriptions> subscriptions_;
  std::uint64_t next_ = 1;
};

}  // namespace tuco::stream::testing

#endif  // TUCO_TESTS_SERVER_STREAM_SUBSCRIPTION_FIXTURE_H_
