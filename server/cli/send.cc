#include "server/cli/send.h"

#include <unistd.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "server/base/status_macros.h"
#include "server/cli/environment.h"
#include "server/cli/exit_codes.h"
#include "server/cli/interrupt.h"
#include "server/cli/secret_source.h"
#include "server/cli/sender.h"

namespace tuco::cli {
namespace {

constexpr std::uint64_t kCountMax = 10'000'000;
constexpr double kRateMin = 0.001;
constexpr double kRateMax = 1'000'000;
constexpr std::uint64_t kConnectionsMax = 256;

constexpr const char* kDefaultUrl = "http://127.0.0.1:8080/webhooks/tuco";
constexpr const char* kDevSecret = "./data/dev-secret";

constexpr const char* kFooter =
    R"(Without --shape the first of S1 to S6 that carries the event is taken,
without --event the one that the shape is known for; `all` takes one shape after
the other. The body is new every time: timestamps are now and message ids unique.

--field sets a member of the body: a string, or behind `json:` any JSON value.
  --field data.message=STOP  --field lead.email=jo@example.com
  --field testMode=json:true --field 'data.attachmentUrls=json:["https://a.b"]'

The secret comes from --secret-file, else TUCO_WEBHOOK_SECRET, else the file
that TUCO_WEBHOOK_SECRET_FILE names, else ./data/dev-secret.

A delivery waits for the answer to the one before on its connection. With --rate,
latencies count from when a delivery is due, so that waiting for a slow server
shows; take as many --connections as the rate needs.

Exit code: 0 all answered 2xx, 1 some not, 2 wrong usage, 3 cannot connect.

Examples:
  tuco-events send
  tuco-events send --event message.fallback --shape S2 --output json
  tuco-events send --count 1000 --rate 200 --secret-file secret.txt
  tuco-events send --shape all --count 60000 --rate 1000 --connections 64)";

// The command line as it was given.
struct SendFlags {
  std::string url = kDefaultUrl;
  std::string event;
  std::string shape;
  std::uint64_t count = 1;
  double rate = 0;
  unsigned connections = 1;
  std::string secret_file;
  std::string tls_ca;
  std::vector<std::string> fields;
  std::string output = "text";
};

absl::StatusOr<std::shared_ptr<const TlsTrust>> TrustFor(
    const HttpUrl& url, const std::string& authorities) {
  if (url.tls) return TlsTrust::Create(authorities);
  if (authorities.empty()) return nullptr;
  return absl::InvalidArgumentError("--tls-ca: expected an https:// URL");
}

absl::StatusOr<SendPlan> MakePlan(const SendFlags& flags) {
  SendPlan plan;
  TUCO_ASSIGN_OR_RETURN(plan.url, ParseHttpUrl(flags.url));
  TUCO_ASSIGN_OR_RETURN(plan.trust, TrustFor(plan.url, flags.tls_ca));
  TUCO_ASSIGN_OR_RETURN(plan.kinds, ChooseKinds(flags.shape, flags.event));
  for (const std::string& field : flags.fields) {
    TUCO_ASSIGN_OR_RETURN(FieldSetting setting, ParseFieldSetting(field));
    plan.fields.push_back(std::move(setting));
  }
  TUCO_ASSIGN_OR_RETURN(plan.secret, FindSecret({flags.secret_file, kDevSecret},
                                                ProcessEnvironment()));
  plan.count = flags.count;
  plan.rate = flags.rate;
  plan.connections = flags.connections;
  plan.json = flags.output == "json";
  return plan;
}

int Send(const SendFlags& flags) {
  const absl::StatusOr<SendPlan> plan = MakePlan(flags);
  if (!plan.ok()) return Fail(kExitUsage, plan.status());
  Interrupt interrupt;
  const SignalWatcher watcher(interrupt);
  FdOutput output(STDOUT_FILENO);
  return RunSend(*plan, output, interrupt);
}

}  // namespace

void AddSend(Command parent) {
  const auto flags = std::make_shared<SendFlags>();
  const Command command = parent.AddCommand(
      "send", "Send signed deliveries, like Tuco's Test button");
  command.AddOption("--url", flags->url, "Where to: http:// or https://")
      .ShowDefault();
  command
      .AddOption("--tls-ca", flags->tls_ca,
                 "PEM: who must have signed the server's certificate; without, "
                 "whom the system trusts")
      .HelpText("FILE");
  command.AddOption("--event", flags->event, "Tuco's name of the event");
  command.AddOption("--shape", flags->shape, "S1 to S6, test or all");
  command.AddOption("--count", flags->count, "How many")
      .InRange(1, kCountMax)
      .ShowDefault();
  command.AddOption("--rate", flags->rate, "How many a second at most")
      .InRange(kRateMin, kRateMax);
  command
      .AddOption("--connections", flags->connections,
                 "How many deliveries wait for their answers at a time")
      .InRange(1, kConnectionsMax)
      .ShowDefault();
  command.AddOption("--secret-file", flags->secret_file,
                    "File that holds the signing secret");
  command.AddOption("--field", flags->fields, "PATH=VALUE, repeatable")
      .OneValueEach()
      .HelpText("TEXT");
  command.AddOption("--output", flags->output, "text or json")
      .OneOf({"text", "json"})
      .ShowDefault();
  command.SetFooter(kFooter);
  command.SetAction([flags] { return Send(*flags); });
}

}  // namespace tuco::cli
