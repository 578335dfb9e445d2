// Many subscribers over the real stack: beside a stalled one, over connections
// that are cut at random, and across restarts of the server.
//
// `make soak` tries it for longer: TUCO_STREAM_SECONDS is for how long events
// come (5), TUCO_STREAM_DROPS how many connections are cut (200).

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <variant>

#include "server/client/subscriber.h"
#include "tests/server/client/campaign.h"
#include "tests/server/client/event_stack.h"
#include "tests/server/client/tcp_proxy.h"

namespace tuco::client {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

// Which events the subscriber with this number wants.
EventFilter FilterOf(std::size_t number) {
  switch (number % 4) {
    case 1:
      return {.types = {EventType::kMessageReply}};
    case 2:
      return {.workspaces = {"org_0", "org_3"}};
    case 3:
      return {.type_names = {"message.sent"}, .workspaces = {"org_1"}};
    default:
      return {};
  }
}

bool Wants(std::size_t number, std::uint64_t sequence) {
  switch (number % 4) {
    case 1:
      return sequence % 3 == 1;
    case 2:
      return sequence % 5 == 0 || sequence % 5 == 3;
    case 3:
      return sequence % 3 == 0 && sequence % 5 == 1;
    default:
      return true;
  }
}

// A subscriber with a thread of its own, which checks that it gets what it
// wants, all of it, once and in order.
class Reader {
 public:
  Reader(std::size_t number, const std::string& address) : number_(number) {
    SubscriberOptions options;
    options.address = address;
    options.position = AfterSequence{0};
    options.filter = FilterOf(number);
    options.batch_events_max = 16;
    options.pause_min = milliseconds(1);
    options.pause_max = milliseconds(20);
    subscriber_ = Subscriber::Create(options).value();
    thread_ = std::thread([this] { Read(); });
  }

  ~Reader() {
    Release();
    subscriber_->Cancel();
    thread_.join();
  }

  // It takes nothing from here on, until Release.
  void Stall() { stalled_ = true; }
  void Release() {
    stalled_ = false;
    stalled_.notify_all();
  }

  // Whether it has all that it wants of the events up to `head`.
  bool HasAll(std::uint64_t head) const {
    std::uint64_t wanted = head;
    while (wanted > 0 && !Wants(number_, wanted)) --wanted;
    return reached_ >= wanted;
  }
  std::uint64_t reached() const { return reached_; }
  int wrong() const { return wrong_; }
  int drops() const { return drops_; }

 private:
  void Read() {
    const absl::Status ended = subscriber_->Run(
        [this](const Event& event) { return Take(event.sequence); },
        [this](const Notice& notice) { TakeNotice(notice); });
    if (!absl::IsCancelled(ended)) ++wrong_;
  }

  Next Take(std::uint64_t sequence) {
    stalled_.wait(true);
    std::uint64_t wanted = reached_ + 1;
    while (!Wants(number_, wanted)) ++wanted;
    if (sequence != wanted) ++wrong_;
    reached_ = sequence;
    return Next::kGoOn;
  }

  void TakeNotice(const Notice& notice) {
    drops_ += std::holds_alternative<Reconnecting>(notice) ? 1 : 0;
    if (std::holds_alternative<Gap>(notice)) ++wrong_;
  }

  const std::size_t number_;
  std::unique_ptr<Subscriber> subscriber_;
  std::atomic<bool> stalled_ = false;
  std::atomic<std::uint64_t> reached_ = 0;
  std::atomic<int> wrong_ = 0;
  std::atomic<int> drops_ = 0;
  std::thread thread_;
};

using Readers = std::deque<Reader>;

// Long enough for a machine under load; reached only by a failing test.
constexpr seconds kDeadline{100};

template <typename Condition>
[[nodiscard]] bool Await(const Condition& condition) {
  const auto end = steady_clock::now() + kDeadline;
  while (!condition()) {
    if (steady_clock::now() > end) return false;
    std::this_thread::sleep_for(milliseconds(1));
  }
  return true;
}

[[nodiscard]] bool AwaitAll(const Readers& readers, const Reader* except,
                            std::uint64_t head) {
  return Await([&] {
    return std::all_of(readers.begin(), readers.end(),
                       [&](const Reader& reader) {
                         return &reader == except || reader.HasAll(head);
                       });
  });
}

int Wrong(const Readers& readers) {
  int wrong = 0;
  for (const Reader& reader : readers) wrong += reader.wrong();
  return wrong;
}

// Events at a steady pace for so long, as many in each hundredth of a second.
void AppendAtPace(EventStack& stack, std::size_t per_second, seconds time) {
  constexpr milliseconds kTick{10};
  const auto begin = steady_clock::now();
  for (auto tick = begin; tick < begin + time; tick += kTick) {
    stack.Append(per_second * kTick.count() / 1'000);
    std::this_thread::sleep_until(tick + kTick);
  }
}

TEST(StackStreams, AStalledSubscriberHoldsNobodyUp) {
  const seconds time(CampaignNumber("TUCO_STREAM_SECONDS", 5));
  EventStack stack({.tail_events_max = 1'000});
  Readers readers;
  for (std::size_t i = 0; i < 100; ++i)
    readers.emplace_back(i, stack.address());
  ASSERT_TRUE(Await([&] { return stack.streams() == readers.size(); }));
  Reader& stalled = readers.front();
  stalled.Stall();
  AppendAtPace(stack, 2'000, time);
  EXPECT_TRUE(AwaitAll(readers, &stalled, stack.head()));
  EXPECT_LT(stalled.reached(), stack.head());
  stalled.Release();
  EXPECT_TRUE(AwaitAll(readers, nullptr, stack.head()));
  EXPECT_EQ(Wrong(readers), 0);
}

TEST(StackStreams, CutConnectionsLoseAndRepeatNothing) {
  const std::uint64_t cuts = CampaignNumber("TUCO_STREAM_DROPS", 200);
  EventStack stack;
  std::mt19937 random(static_cast<std::uint32_t>(cuts));
  // Enough for a portion of 16 events, or not.
  std::uniform_int_distribution<std::size_t> bytes(500, 6'000);
  TcpProxy proxy(stack.port(), [&] { return bytes(random); });
  Readers readers;
  for (std::size_t i = 0; i < 8; ++i) readers.emplace_back(i, proxy.address());
  const auto end = steady_clock::now() + kDeadline + milliseconds(10) * cuts;
  while (proxy.connections() < cuts + readers.size()) {
    ASSERT_LT(steady_clock::now(), end);
    stack.Append(20);
    // All of them, so that what they all miss does not only grow.
    ASSERT_TRUE(Await([&] { return readers[0].HasAll(stack.head()); }));
  }
  EXPECT_TRUE(AwaitAll(readers, nullptr, stack.head()));
  EXPECT_EQ(Wrong(readers), 0);
}

TEST(StackStreams, GoOnWhenTheServerIsStoppedAndStartedAgain) {
  EventStack stack;
  Readers readers;
  for (std::size_t i = 0; i < 12; ++i) readers.emplace_back(i, stack.address());
  for (int restart = 0; restart < 5; ++restart) {
    ASSERT_TRUE(Await([&] { return stack.streams() == readers.size(); }));
    stack.Append(200);
    stack.Stop();
    stack.Start();
    stack.Append(200);
  }
  EXPECT_TRUE(AwaitAll(readers, nullptr, stack.head()));
  EXPECT_EQ(Wrong(readers), 0);
  for (const Reader& reader : readers) EXPECT_GE(reader.drops(), 5);
}

}  // namespace
}  // namespace tuco::client
