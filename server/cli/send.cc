#include "server/cli/send.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <utility>

#include "server/base/status_macros.h"
#include "server/cli/delivery_maker.h"
#include "server/cli/environment.h"
#include "server/cli/exit_codes.h"
#include "server/cli/http_client.h"
#include "server/cli/secret_source.h"
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
constexpr std::uint64_t kCountMax = 10'000'000;
constexpr double kRateMin = 0.001;
constexpr double kRateMax = 1'000'000;
constexpr std::chrono::milliseconds kProgressEvery{200};

constexpr const char* kDefaultUrl = "http://127.0.0.1:8080/webhooks/tuco";
constexpr const char* kDevSecret = "./data/dev-secret";

constexpr const char* kFooter =
    R"(Without --shape the first of S1 to S6 that carries the event is taken,
without --event the one that the shape is known for. The body is new every
time: timestamps are now and message ids unique.

--field sets a member of the body: a string, or behind `json:` any JSON value.
  --field data.message=STOP  --field lead.email=jo@example.com
  --field testMode=json:true --field 'data.attachmentUrls=json:["https://a.b"]'

The secret comes from --secret-file, else TUCO_WEBHOOK_SECRET, else the file
that TUCO_WEBHOOK_SECRET_FILE names, else ./data/dev-secret.

Exit code: 0 all answered 2xx, 1 some not, 2 wrong usage, 3 cannot connect.

Examples:
  tuco-events send
  tuco-events send --event message.fallback --shape S2 --output json
  tuco-events send --count 1000 --rate 200 --secret-file secret.txt)";

// The command line as it was given.
struct SendFlags {
  std::string url = kDefaultUrl;
  std::string event;
  std::string shape;
  std::uint64_t count = 1;
  double rate = 0;
  std::string secret_file;
  std::vector<std::string> fields;
  std::string output = "text";
};

absl::StatusOr<SendPlan> MakePlan(const SendFlags& flags) {
  SendPlan plan;
  TUCO_ASSIGN_OR_RETURN(plan.url, ParseHttpUrl(flags.url));
  TUCO_ASSIGN_OR_RETURN(plan.kind, ChooseKind(flags.shape, flags.event));
  for (const std::string& field : flags.fields) {
    TUCO_ASSIGN_OR_RETURN(FieldSetting setting, ParseFieldSetting(field));
    plan.fields.push_back(std::move(setting));
  }
  TUCO_ASSIGN_OR_RETURN(plan.secret, FindSecret({flags.secret_file, kDevSecret},
                                                ProcessEnvironment()));
  plan.count = flags.count;
  plan.rate = flags.rate;
  plan.json = flags.output == "json";
  return plan;
}

Timestamp Now() {
  return std::chrono::floor<std::chrono::milliseconds>(
      std::chrono::system_clock::now());
}

// Sends the deliveries of one plan.
class Sender {
 public:
  Sender(const SendPlan& plan, Output& output, Interrupt& interrupt)
      : plan_(plan),
        output_(output),
        interrupt_(interrupt),
        client_(plan.url, kTimeout) {}

  int Run() {
    const auto start = steady_clock::now();
    std::optional<int> exit_code;
    for (std::uint64_t i = 0; i < plan_.count && !exit_code; ++i) {
      exit_code = WaitForTurn(start, i) ? kExitInterrupted : SendOne();
      ShowProgress();
    }
    if (progress_) std::fputc('\n', stderr);
    return Finish(exit_code);
  }

 private:
  bool wants_lines() const { return plan_.count <= kLinesMax; }

  // Whether the user interrupts before delivery `i` is due.
  bool WaitForTurn(steady_clock::time_point start, std::uint64_t i) const {
    if (plan_.rate <= 0) return interrupt_.raised();
    const std::chrono::duration<double> due(static_cast<double>(i) /
                                            plan_.rate);
    const auto wait = due - (steady_clock::now() - start);
    return interrupt_.WaitFor(
        std::chrono::duration_cast<std::chrono::nanoseconds>(wait));
  }

  // What the process ends with now, or nothing to go on.
  std::optional<int> SendOne() {
    const Timestamp now = Now();
    const auto delivery =
        MakeDelivery({plan_.kind, now, NewMessageId(now), plan_.fields});
    if (!delivery.ok()) return Fail(kExitUsage, delivery.status());
    const auto signature = Sign(delivery->body, plan_.secret);
    if (!signature.ok()) return Fail(kExitUsage, signature.status());

    Attempt attempt{.event = delivery->event};
    const auto start = steady_clock::now();
    const auto response = Post(*delivery, *signature);
    attempt.latency = steady_clock::now() - start;
    if (response.ok()) {
      attempt.status = response->status;
      attempt.answer = response->body;
    } else if (absl::IsFailedPrecondition(response.status())) {
      return Fail(kExitConnect,
                  Concat({FromAbsl(response.status().message()),
                          "; is the server running, and is --url right?"}));
    } else {
      attempt.problem = FromAbsl(response.status().message());
    }
    return Report(attempt);
  }

  absl::StatusOr<HttpResponse> Post(const Delivery& delivery,
                                    const std::string& signature) {
    return client_.Post({{"Content-Type", "application/json"},
                         {"User-Agent", Concat({"tuco-events/", Version()})},
                         {"X-Tuco-Signature", signature},
                         {"X-Tuco-Event", delivery.event},
                         {"X-Tuco-Timestamp", delivery.timestamp}},
                        delivery.body);
  }

  std::optional<int> Report(const Attempt& attempt) {
    summary_.Add(attempt);
    if (!wants_lines()) return std::nullopt;
    const WriteResult result =
        output_.Write(plan_.json ? AttemptJson(attempt) : AttemptText(attempt));
    if (result == WriteResult::kWritten) return std::nullopt;
    return ExitCodeOf(result);
  }

  void ShowProgress() {
    if (wants_lines() || !IsTerminal(STDERR_FILENO)) return;
    const auto now = steady_clock::now();
    if (now < next_progress_ && summary_.sent() != plan_.count) return;
    next_progress_ = now + kProgressEvery;
    progress_ = true;
    std::fprintf(stderr, "\rsent %zu of %llu", summary_.sent(),
                 static_cast<unsigned long long>(plan_.count));
  }

  int Finish(std::optional<int> exit_code) {
    if (!wants_lines() && summary_.sent() > 0) {
      const WriteResult result =
          output_.Write(plan_.json ? summary_.Json() : summary_.Text());
      if (result == WriteResult::kFailed) return ExitCodeOf(result);
    }
    if (exit_code.has_value()) return *exit_code;
    return summary_.all_accepted() ? kExitOk : kExitNegative;
  }

  const SendPlan& plan_;
  Output& output_;
  Interrupt& interrupt_;
  HttpClient client_;
  SendSummary summary_;
  bool progress_ = false;
  steady_clock::time_point next_progress_;
};

int Send(const SendFlags& flags) {
  const absl::StatusOr<SendPlan> plan = MakePlan(flags);
  if (!plan.ok()) return Fail(kExitUsage, plan.status());
  Interrupt interrupt;
  const SignalWatcher watcher(interrupt);
  FdOutput output(STDOUT_FILENO);
  return RunSend(*plan, output, interrupt);
}

}  // namespace

int RunSend(const SendPlan& plan, Output& output, Interrupt& interrupt) {
  return Sender(plan, output, interrupt).Run();
}

void AddSend(CLI::App& app, int& exit_code) {
  const auto flags = std::make_shared<SendFlags>();
  CLI::App& command = *app.add_subcommand(
      "send", "Send signed deliveries, like Tuco's Test button");
  command.add_option("--url", flags->url, "Where to, over plain HTTP")
      ->capture_default_str();
  command.add_option("--event", flags->event, "Tuco's name of the event");
  command.add_option("--shape", flags->shape, "S1 to S6 or test");
  command.add_option("--count", flags->count, "How many")
      ->check(CLI::Range(std::uint64_t{1}, kCountMax))
      ->capture_default_str();
  command.add_option("--rate", flags->rate, "How many a second at most")
      ->check(CLI::Range(kRateMin, kRateMax));
  command.add_option("--secret-file", flags->secret_file,
                     "File that holds the signing secret");
  command.add_option("--field", flags->fields, "PATH=VALUE, repeatable")
      ->allow_extra_args(false)
      ->option_text("TEXT");
  command.add_option("--output", flags->output, "text or json")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  command.footer(kFooter);
  command.callback([flags, &exit_code] { exit_code = Send(*flags); });
}

}  // namespace tuco::cli
