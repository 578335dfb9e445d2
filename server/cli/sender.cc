#include "server/cli/sender.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <variant>

#include "absl/base/thread_annotations.h"
#include "server/base/status_macros.h"
#include "server/cli/delivery_maker.h"
#include "server/cli/exit_codes.h"
#include "server/cli/http_client.h"
#include "server/cli/send_report.h"
#include "server/cli/version.h"
#include "tuco/signature_verifier.h"
#include "tuco/strings.h"

namespace tuco::cli {
namespace {

using std::chrono::steady_clock;

// Tuco itself gives up after this time.
constexpr std::chrono::seconds kTimeout{10};
// Up to this many deliveries get a line each.
constexpr std::uint64_t kLinesMax = 10;
constexpr std::chrono::milliseconds kProgressEvery{200};

Timestamp Now() {
  return std::chrono::floor<std::chrono::milliseconds>(
      std::chrono::system_clock::now());
}

absl::StatusOr<HttpResponse> Post(HttpClient& client, const Delivery& delivery,
                                  const std::string& signature) {
  return client.Post({{"Content-Type", "application/json"},
                      {"User-Agent", Concat({"tuco-events/", Version()})},
                      {"X-Tuco-Signature", signature},
                      {"X-Tuco-Event", delivery.event},
                      {"X-Tuco-Timestamp", delivery.timestamp}},
                     delivery.body);
}

// What the connections of one run share. Safe for concurrent use.
class Progress {
 public:
  Progress(const SendPlan& plan, Output& output)
      : plan_(plan), output_(output) {}

  // The number of the delivery that is to be sent next; none when there is no
  // more, or somebody has ended the run.
  std::optional<std::uint64_t> Next() {
    if (ended_) return std::nullopt;
    const std::uint64_t next = next_++;
    if (next >= plan_.count) return std::nullopt;
    return next;
  }

  // Ends the run: the process is to end with this. The first one counts.
  void End(int exit_code) {
    const std::lock_guard lock(mutex_);
    if (!exit_code_) exit_code_ = exit_code;
    ended_ = true;
  }
  // Likewise, with a message where nobody has ended it before.
  void Fail(int exit_code, const std::string& why) {
    {
      const std::lock_guard lock(mutex_);
      if (exit_code_) return;
      exit_code_ = cli::Fail(exit_code, why);
    }
    ended_ = true;
  }

  void Report(const Attempt& attempt) {
    const std::lock_guard lock(mutex_);
    summary_.Add(attempt);
    if (wants_lines()) {
      const WriteResult result = output_.Write(
          plan_.json ? AttemptJson(attempt) : AttemptText(attempt));
      if (result == WriteResult::kWritten) return;
      if (!exit_code_) exit_code_ = ExitCodeOf(result);
      ended_ = true;
    } else {
      Show();
    }
  }

  // The summary, and what the process ends with.
  int Finish(steady_clock::duration took) {
    const std::lock_guard lock(mutex_);
    if (shown_) std::fputc('\n', stderr);
    if (!wants_lines() && summary_.sent() > 0) {
      const WriteResult result =
          output_.Write(plan_.json ? summary_.Json(took) : summary_.Text(took));
      if (result == WriteResult::kFailed) return ExitCodeOf(result);
    }
    if (exit_code_) return *exit_code_;
    return summary_.all_accepted() ? kExitOk : kExitNegative;
  }

 private:
  bool wants_lines() const { return plan_.count <= kLinesMax; }

  void Show() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (!IsTerminal(STDERR_FILENO)) return;
    const auto now = steady_clock::now();
    if (now < show_at_ && summary_.sent() != plan_.count) return;
    show_at_ = now + kProgressEvery;
    shown_ = true;
    std::fprintf(stderr, "\rsent %zu of %llu", summary_.sent(),
                 static_cast<unsigned long long>(plan_.count));
  }

  const SendPlan& plan_;
  std::atomic<std::uint64_t> next_ = 0;
  std::atomic<bool> ended_ = false;
  std::mutex mutex_;
  Output& output_ ABSL_GUARDED_BY(mutex_);
  SendSummary summary_ ABSL_GUARDED_BY(mutex_);
  std::optional<int> exit_code_ ABSL_GUARDED_BY(mutex_);
  bool shown_ ABSL_GUARDED_BY(mutex_) = false;
  steady_clock::time_point show_at_ ABSL_GUARDED_BY(mutex_);
};

// One connection, used for one delivery after the other.
class Sender {
 public:
  Sender(const SendPlan& plan, steady_clock::time_point begin,
         Progress& progress, Interrupt& interrupt)
      : plan_(plan),
        begin_(begin),
        progress_(progress),
        interrupt_(interrupt),
        client_(plan.url, kTimeout, plan.trust) {}

  void Run() {
    while (const std::optional<std::uint64_t> number = progress_.Next()) {
      if (WaitForTurn(*number)) {
        progress_.End(kExitInterrupted);
      } else {
        Send(*number);
      }
    }
  }

 private:
  steady_clock::time_point DueTime(std::uint64_t number) const {
    const std::chrono::duration<double> after(static_cast<double>(number) /
                                              plan_.rate);
    return begin_ + std::chrono::duration_cast<steady_clock::duration>(after);
  }

  // Whether the user interrupts before the delivery is due.
  bool WaitForTurn(std::uint64_t number) const {
    if (plan_.rate <= 0) return interrupt_.raised();
    return interrupt_.WaitFor(DueTime(number) - steady_clock::now());
  }

  void Send(std::uint64_t number) {
    const Timestamp now = Now();
    const auto delivery =
        MakeDelivery({plan_.kinds[number % plan_.kinds.size()], now,
                      NewMessageId(now), plan_.fields});
    if (!delivery.ok()) return FailBy(kExitUsage, delivery.status());
    const auto signature = Sign(delivery->body, plan_.secret);
    if (!signature.ok()) return FailBy(kExitUsage, signature.status());

    Attempt attempt{.event = delivery->event};
    const auto start = plan_.rate > 0 ? DueTime(number) : steady_clock::now();
    const auto response = Post(client_, *delivery, *signature);
    attempt.latency = steady_clock::now() - start;
    if (response.ok()) {
      attempt.status = response->status;
      attempt.answer = response->body;
    } else if (absl::IsFailedPrecondition(response.status())) {
      return progress_.Fail(
          kExitConnect,
          Concat({FromAbsl(response.status().message()),
                  "; is the server running, and is --url right?"}));
    } else {
      attempt.problem = FromAbsl(response.status().message());
    }
    progress_.Report(attempt);
  }

  void FailBy(int exit_code, const absl::Status& status) {
    progress_.Fail(exit_code, std::string(FromAbsl(status.message())));
  }

  const SendPlan& plan_;
  const steady_clock::time_point begin_;
  Progress& progress_;
  Interrupt& interrupt_;
  HttpClient client_;
};

}  // namespace

int RunSend(const SendPlan& plan, Output& output, Interrupt& interrupt) {
  Progress progress(plan, output);
  const auto begin = steady_clock::now();
  const auto run = [&] { Sender(plan, begin, progress, interrupt).Run(); };
  std::vector<std::thread> others;
  const std::uint64_t wanted =
      std::min<std::uint64_t>(plan.connections, plan.count);
  others.reserve(wanted);
  for (std::uint64_t i = 1; i < wanted; ++i) others.emplace_back(run);
  run();
  for (std::thread& other : others) other.join();
  return progress.Finish(steady_clock::now() - begin);
}

}  // namespace tuco::cli
