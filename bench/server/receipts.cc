// Posts deliveries at a steady pace and looks when subscribers get the events.
//
//   receipts HTTP_PORT GRPC_ADDRESS SUBSCRIBERS STALLED PER_SECOND SECONDS
//            FIRST BODY_FILE
//
// The first STALLED of the SUBSCRIBERS take one event and then nothing more
// until all others have everything. No two bodies are the same: they are
// numbered from FIRST on. Nobody else may post meanwhile. Prints one line:
//
//   {"events":3000,"p50_us":212,"p99_us":1904,"stalled_at":1,"drops":0}
//
// The percentiles are of the time from an answer, 200, to the event's receipt
// by a subscriber that is not stalled; below zero where the event was there
// before the answer; drops are connections that were lost. A subscriber that
// gets anything but the next event, and one that has not got all within a
// minute, ends it with status 3.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <iostream>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "bench/fail.h"
#include "bench/server/http_client.h"
#include "server/client/subscriber.h"
#include "tuco/strings.h"

namespace tuco::bench {
namespace {

using Clock = std::chrono::steady_clock;

// What one poster waits for at most, so that its pace is not the disk's.
constexpr std::uint64_t kPerPoster = 250;
constexpr std::uint64_t kSamplesMax = 2'000'000;
constexpr std::chrono::minutes kPatience{1};

template <typename Condition>
void Await(const char* what, const Condition& condition) {
  const auto end = Clock::now() + kPatience;
  while (!condition()) {
    if (Clock::now() > end) Fail(std::string("waited a minute for ") + what);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

// When things happened to every `stride`th event behind `base`.
class Times {
 public:
  Times(std::uint64_t events, std::uint64_t stride)
      : stride_(stride), times_(events / stride + 1) {}

  void Note(std::uint64_t number) {
    if (number % stride_ == 0) times_[number / stride_] = Clock::now();
  }
  const std::vector<Clock::time_point>& times() const { return times_; }

 private:
  const std::uint64_t stride_;
  std::vector<Clock::time_point> times_;
};

struct Plan {
  std::string address;
  std::uint64_t events = 0;
  std::uint64_t stride = 1;
};

// A subscriber with a thread of its own.
class Receiver {
 public:
  Receiver(const Plan& plan, bool stalls)
      : stalled_(stalls), times_(plan.events, plan.stride) {
    auto created = client::Subscriber::Create(
        {.address = plan.address, .position = client::Latest{}});
    if (!created.ok()) Fail(FromAbsl(created.status().message()));
    subscriber_ = *std::move(created);
    thread_ = std::thread([this] { Receive(); });
  }
  ~Receiver() {
    Release();
    subscriber_->Cancel();
    thread_.join();
  }

  bool caught_up() const { return caught_up_; }
  // The newest event when it began, and those that it took since.
  std::uint64_t base() const { return base_; }
  std::uint64_t taken() const { return taken_; }
  int drops() const { return drops_; }
  bool stalled() const { return stalled_; }
  const Times& times() const { return times_; }
  void Release() {
    stalled_ = false;
    stalled_.notify_all();
  }

 private:
  void Receive() {
    const absl::Status ended = subscriber_->Run(
        [this](const Event& event) { return Take(event.sequence); },
        [this](const client::Notice& notice) { TakeNotice(notice); });
    if (!absl::IsCancelled(ended)) Fail(FromAbsl(ended.message()));
  }

  client::Next Take(std::uint64_t sequence) {
    const std::uint64_t number = sequence - base_;
    if (number != taken_ + 1) Fail("an event that is not the next one");
    times_.Note(number);
    taken_ = number;
    stalled_.wait(true);
    return client::Next::kGoOn;
  }

  void TakeNotice(const client::Notice& notice) {
    if (const auto* const now = std::get_if<client::CaughtUp>(&notice)) {
      if (!caught_up_) base_ = now->head_sequence;
      caught_up_ = true;
    }
    if (std::holds_alternative<client::Gap>(notice)) Fail("there is a gap");
    // Until it has caught up it may yet be waiting for the server to listen.
    if (caught_up_ && std::holds_alternative<client::Reconnecting>(notice)) {
      ++drops_;
    }
  }

  std::atomic<bool> stalled_;
  Times times_;
  std::unique_ptr<client::Subscriber> subscriber_;
  std::atomic<bool> caught_up_ = false;
  std::atomic<std::uint64_t> base_ = 0;
  std::atomic<std::uint64_t> taken_ = 0;
  std::atomic<int> drops_ = 0;
  std::thread thread_;
};

std::uint64_t SequenceIn(std::string_view answer) {
  constexpr std::string_view kMember = "\"sequence\":\"";
  const std::size_t at = answer.find(kMember);
  if (at == std::string_view::npos) Fail("an answer without a sequence");
  return std::strtoull(answer.data() + at + kMember.size(), nullptr, 10);
}

// Posts `count` deliveries, `pause` from one to the next.
void Post(std::uint16_t port, Requests requests, std::uint64_t count,
          Clock::duration pause, std::uint64_t base, Times& answered) {
  Connection connection(port);
  Clock::time_point due = Clock::now();
  for (std::uint64_t i = 0; i < count; ++i, due += pause) {
    std::this_thread::sleep_until(due);
    connection.Post(requests.Next());
    connection.AwaitAnswer();
    answered.Note(SequenceIn(connection.answer()) - base);
  }
}

// In microseconds, in order.
std::vector<std::int64_t> Waits(const std::deque<Receiver>& receivers,
                                const Times& answered) {
  std::vector<std::int64_t> waits;
  for (const Receiver& receiver : receivers) {
    if (receiver.stalled()) continue;
    for (std::size_t i = 1; i < answered.times().size(); ++i) {
      waits.push_back(std::chrono::round<std::chrono::microseconds>(
                          receiver.times().times()[i] - answered.times()[i])
                          .count());
    }
  }
  std::sort(waits.begin(), waits.end());
  return waits;
}

void Print(const std::deque<Receiver>& receivers, const Plan& plan,
           const Times& answered) {
  const std::vector<std::int64_t> waits = Waits(receivers, answered);
  std::uint64_t stalled_at = plan.events;
  int drops = 0;
  for (const Receiver& receiver : receivers) {
    stalled_at = std::min(stalled_at, receiver.taken());
    drops += receiver.drops();
  }
  std::cout << "{\"events\":" << plan.events
            << ",\"p50_us\":" << waits[(waits.size() - 1) / 2]
            << ",\"p99_us\":" << waits[(waits.size() - 1) * 99 / 100]
            << ",\"stalled_at\":" << stalled_at << ",\"drops\":" << drops << "}"
            << std::endl;
}

int Main(int argc, char** argv) {
  if (argc != 9) {
    Fail(
        "usage: receipts HTTP_PORT GRPC_ADDRESS SUBSCRIBERS STALLED "
        "PER_SECOND SECONDS FIRST BODY_FILE");
  }
  const auto port =
      static_cast<std::uint16_t>(std::strtoul(argv[1], nullptr, 10));
  const std::uint64_t subscribers = std::strtoull(argv[3], nullptr, 10);
  const std::uint64_t stalled = std::strtoull(argv[4], nullptr, 10);
  const std::uint64_t per_second = std::strtoull(argv[5], nullptr, 10);
  const double seconds = std::strtod(argv[6], nullptr);
  const std::uint64_t first = std::strtoull(argv[7], nullptr, 10);

  const std::uint64_t posters = (per_second + kPerPoster - 1) / kPerPoster;
  const auto per_poster = static_cast<std::uint64_t>(
      std::max(1.0, seconds * static_cast<double>(per_second) /
                        static_cast<double>(posters)));
  Plan plan{.address = argv[2], .events = posters * per_poster};
  plan.stride = 1 + plan.events * subscribers / kSamplesMax;

  std::deque<Receiver> receivers;
  for (std::uint64_t i = 0; i < subscribers; ++i) {
    receivers.emplace_back(plan, i < stalled);
  }
  Await("streams to open", [&] {
    return std::all_of(receivers.begin(), receivers.end(),
                       [](const Receiver& one) { return one.caught_up(); });
  });

  Times answered(plan.events, plan.stride);
  const std::chrono::duration<double> pause(static_cast<double>(posters) /
                                            static_cast<double>(per_second));
  std::vector<std::jthread> threads;
  for (std::uint64_t i = 0; i < posters; ++i) {
    threads.emplace_back(Post, port, Requests(argv[8], first + i * per_poster),
                         per_poster,
                         std::chrono::duration_cast<Clock::duration>(pause),
                         receivers.front().base(), std::ref(answered));
    // Not all at the same moment.
    std::this_thread::sleep_for(pause / posters);
  }
  threads.clear();
  const auto has_all = [&](const Receiver& one) {
    return one.stalled() || one.taken() == plan.events;
  };
  Await("the events", [&] {
    return std::all_of(receivers.begin(), receivers.end(), has_all);
  });
  Print(receivers, plan, answered);
  for (Receiver& receiver : receivers) receiver.Release();
  Await("the stalled ones", [&] {
    return std::all_of(receivers.begin(), receivers.end(), has_all);
  });
  return 0;
}

}  // namespace
}  // namespace tuco::bench

int main(int argc, char** argv) { return tuco::bench::Main(argc, argv); }
