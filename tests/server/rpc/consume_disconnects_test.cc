// A thousand clients of Consume that go at any moment and in any way, under a
// consumer that answers from a thread of its own. Under ASan and TSan it shows
// what outlives what; anywhere it shows that every consumer ends.

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/stream/consumer.h"
#include "tests/server/rpc/consume_server.h"

namespace tuco::rpc {
namespace {

namespace pb = events::v1;

constexpr int kClients = 4;
constexpr int kCallsOfEach = 250;

// Runs what it is given, in order, on a thread of its own.
class Engine {
 public:
  Engine() : thread_([this] { Run(); }) {}
  ~Engine() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
      changed_.notify_one();
    }
    thread_.join();
  }

  void Post(std::function<void()> job) {
    const std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
    changed_.notify_one();
  }

 private:
  void Run() {
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
      if (jobs_.empty()) return;
      const std::function<void()> job = std::move(jobs_.front());
      jobs_.pop_front();
      lock.unlock();
      job();
      lock.lock();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> jobs_;
  bool stopping_ = false;
  std::thread thread_;
};

// Has always something to send, until it is told of the end or cancelled.
class BusyConsumer final : public stream::Consumer {
 public:
  BusyConsumer(Engine& engine, std::atomic<int>& alive)
      : engine_(engine), alive_(alive), state_(std::make_shared<State>()) {
    ++alive_;
  }
  ~BusyConsumer() override {
    BusyConsumer::Cancel();
    --alive_;
  }

  void Next(Done done) override {
    {
      const std::lock_guard lock(state_->mutex);
      state_->next = std::move(done);
    }
    engine_.Post([state = state_] { state->Answer(); });
  }

  void Judge(std::vector<stream::Verdict> /*verdicts*/,
             absl::AnyInvocable<void()> taken) override {
    // Only copyable jobs are posted.
    const auto shared =
        std::make_shared<absl::AnyInvocable<void()>>(std::move(taken));
    engine_.Post([shared] { (*shared)(); });
  }

  void EndOfVerdicts() override {
    const std::lock_guard lock(state_->mutex);
    state_->ended = true;
  }

  void Cancel() override {
    {
      const std::lock_guard lock(state_->mutex);
      state_->cancelled = true;
    }
    state_->Answer();
  }

 private:
  // Outlives the consumer in the jobs that are posted.
  struct State {
    void Answer() {
      Done answer;
      absl::StatusOr<stream::ConsumerFrame> frame;
      {
        const std::lock_guard lock(mutex);
        answer = std::exchange(next, nullptr);
        if (cancelled) {
          frame = absl::CancelledError("cancelled");
        } else {
          frame = Made(ended);
        }
      }
      if (answer != nullptr) answer(std::move(frame));
    }

    static stream::ConsumerFrame Made(bool end) {
      pb::ConsumeResponse response;
      response.add_results()->set_sequence(1);
      return {.bytes = response.SerializeAsString(), .end = end};
    }

    std::mutex mutex;
    Done next;
    bool ended = false;
    bool cancelled = false;
  };

  Engine& engine_;
  std::atomic<int>& alive_;
  const std::shared_ptr<State> state_;
};

// One client that goes in one of many ways.
class RandomClient {
 public:
  RandomClient(const testing::ConsumeServer& server, unsigned seed)
      : server_(server), random_(seed), channel_(server.Connect()) {}

  void Call() {
    if (Draw(10) == 0) channel_ = server_.Connect();
    const auto stub = pb::EventService::NewStub(channel_);
    grpc::ClientContext context;
    const auto call = stub->Consume(&context);
    // Some go before they have said anything, or begin with what opens nothing.
    const bool says = Draw(20) != 0;
    if (says) call->Write(Draw(20) != 0 ? Open() : Verdicts());
    const int steps = says ? Draw(6) : 0;
    for (int i = 0; i < steps; ++i) TakeStep(*call);
    Leave(context, *call);
  }

 private:
  using Stream =
      grpc::ClientReaderWriter<pb::ConsumeRequest, pb::ConsumeResponse>;

  int Draw(int count) {
    return std::uniform_int_distribution<int>(0, count - 1)(random_);
  }

  static pb::ConsumeRequest Open() {
    pb::ConsumeRequest request;
    request.mutable_open()->set_subscription("work");
    return request;
  }

  pb::ConsumeRequest Verdicts() {
    pb::ConsumeRequest request;
    const int count = Draw(4);
    for (int i = 0; i < count; ++i) {
      request.add_verdicts()->set_sequence(i + 1);
      request.mutable_verdicts(i)->mutable_ack();
    }
    // Now and then what is no verdict.
    if (Draw(20) == 0) request.add_verdicts();
    return request;
  }

  void TakeStep(Stream& call) {
    pb::ConsumeResponse response;
    if (Draw(2) == 0) {
      call.Write(Verdicts());
    } else {
      call.Read(&response);
    }
  }

  void Leave(grpc::ClientContext& context, Stream& call) {
    pb::ConsumeResponse response;
    const int way = Draw(3);
    if (way == 0) {
      call.WritesDone();
      if (Draw(2) == 0) {
        while (call.Read(&response)) {
        }
      }
    }
    if (way == 1) channel_ = server_.Connect();
    context.TryCancel();
    call.Finish();
  }

  const testing::ConsumeServer& server_;
  std::mt19937 random_;
  std::shared_ptr<grpc::Channel> channel_;
};

TEST(ConsumeDisconnectsTest, EveryConsumerEndsHoweverItsClientGoes) {
  std::atomic<int> alive = 0;
  Engine engine;
  testing::ConsumeServer server(
      [&](const stream::ConsumerOptions& /*options*/) {
        return std::make_unique<BusyConsumer>(engine, alive);
      });
  std::vector<std::thread> clients;
  clients.reserve(kClients);
  for (int i = 0; i < kClients; ++i) {
    clients.emplace_back([&server, i] {
      RandomClient client(server, static_cast<unsigned>(i) + 1);
      for (int call = 0; call < kCallsOfEach; ++call) client.Call();
    });
  }
  for (std::thread& client : clients) client.join();
  server.Stop();
  EXPECT_EQ(alive, 0);
}

}  // namespace
}  // namespace tuco::rpc
