#include "server/app/serve_command.h"

#include <fcntl.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "server/app/config_flags.h"
#include "server/app/config_reloader.h"
#include "server/app/config_sources.h"
#include "server/app/dev_mode.h"
#include "server/app/environment_secrets.h"
#include "server/app/grpc_access.h"
#include "server/app/http_certificate.h"
#include "server/app/serve_config.h"
#include "server/app/serve_plan.h"
#include "server/app/server_process.h"
#include "server/app/service_manager.h"
#include "server/base/clock.h"
#include "server/base/file_watch.h"
#include "server/base/logging.h"
#include "server/base/status_macros.h"
#include "server/cli/console.h"
#include "server/cli/environment.h"
#include "server/cli/exit_codes.h"
#include "server/cli/version.h"
#include "tuco/strings.h"

namespace tuco::app {
namespace {

using base::Log;
using base::Severity;

constexpr const char* kFooter = R"(
ADDR is host:port, [v6]:port, unix:PATH or off; port 0 picks a free one. Each
setting comes from its flag, else the environment (TUCO_EVENTS_HTTP, …_GRPC,
…_ADMIN, …_DATA, …_LOG), else --config, else the default. The secret of endpoint
`tuco` comes from TUCO_WEBHOOK_SECRET or the file that TUCO_WEBHOOK_SECRET_FILE
names, unless the file of --config has endpoints.

When ready, one line of JSON with the addresses is written to stdout.

Examples:
  tuco-events serve --dev
  TUCO_WEBHOOK_SECRET_FILE=/etc/tuco/secret tuco-events serve --data /var/lib/tuco
  tuco-events serve --config /etc/tuco/tuco-events.toml)";

std::string AddressMember(std::string_view name,
                          const base::NetAddress& address) {
  if (address.off()) return "";
  return Concat({",\"", name, "\":", base::JsonQuote(address.ToString())});
}

// The one line on stdout.
std::string ReadyLine(const BoundAddresses& addresses,
                      const std::string& data) {
  return Concat({R"({"ready":true,"version":)", base::JsonQuote(cli::Version()),
                 R"(,"pid":)", std::to_string(getpid()),
                 AddressMember("http", addresses.http),
                 AddressMember("grpc", addresses.grpc),
                 AddressMember("admin", addresses.admin), R"(,"data":)",
                 base::JsonQuote(data), "}\n"});
}

// What the main thread does while the server serves: waits for signals, and
// looks whether the configuration has changed.
class Control {
 public:
  // Before any thread starts, so that no signal ends the process half-way.
  Control() : signals_(io_, SIGTERM, SIGINT, SIGHUP), poll_timer_(io_) {}

  // Ends Run, from any thread: the server takes nothing any more.
  void Fail(absl::Status failure) {
    boost::asio::post(io_, [this, failure = std::move(failure)]() mutable {
      failure_ = std::move(failure);
      io_.stop();
    });
  }

  // Waits for the signal to stop, drains, and returns that signal. A second one
  // ends the draining.
  int Run(ServerProcess& process, ConfigReloader& reloader) {
    WaitForSignal(process, reloader);
    WaitToPoll(reloader);
    io_.run();
    process.Stop();
    return first_signal_;
  }

  const absl::Status& failure() const { return failure_; }

 private:
  void WaitForSignal(ServerProcess& process, ConfigReloader& reloader) {
    signals_.async_wait(
        [&](const boost::system::error_code& error, int signal) {
          if (error) return;
          OnSignal(signal, process, reloader);
          WaitForSignal(process, reloader);
        });
  }

  void OnSignal(int signal, ServerProcess& process, ConfigReloader& reloader) {
    if (signal == SIGHUP) {
      reloader.Reload("SIGHUP").IgnoreError();
    } else if (first_signal_ == 0) {
      first_signal_ = signal;
      Log(Severity::kInfo, "stopping: draining connections");
      NotifyServiceManager(cli::ProcessEnvironment(), "STOPPING=1");
      process.Drain([this] { boost::asio::post(io_, [this] { io_.stop(); }); });
    } else {
      io_.stop();
    }
  }

  void WaitToPoll(ConfigReloader& reloader) {
    poll_timer_.expires_after(ConfigReloader::kPollInterval);
    poll_timer_.async_wait([&](const boost::system::error_code& error) {
      if (error) return;
      reloader.Poll();
      WaitToPoll(reloader);
    });
  }

  boost::asio::io_context io_{1};
  boost::asio::signal_set signals_;
  boost::asio::steady_timer poll_timer_;
  int first_signal_ = 0;
  absl::Status failure_;
};

// Certificates, keys and tokens, before anything is opened.
absl::StatusOr<GrpcAccess> CheckAccess(const ServeConfig& config,
                                       const base::Clock& clock) {
  TUCO_ASSIGN_OR_RETURN(const std::optional<Timestamp> expires_at,
                        CheckHttpCertificate(config));
  if (expires_at && *expires_at - clock.Now() < kCertificateWarning) {
    Log(Severity::kWarning,
        *expires_at <= clock.Now()
            ? "the certificate of the ingress has expired: who looks at it "
              "sends nothing"
            : "the certificate of the ingress expires within two weeks",
        {{"file", config.http_tls->certificate}});
  }
  return LoadGrpcAccess(config, clock);
}

// Says that the server is ready, to people and to programs.
absl::Status Announce(const ServePlan& plan, const BoundAddresses& addresses,
                      const ServeFlags& flags, const std::string& program) {
  if (flags.dev) {
    TUCO_ASSIGN_OR_RETURN(const std::string guide,
                          DevGuide({.addresses = addresses,
                                    .https = plan.config.http_tls.has_value()},
                                   plan.endpoints.secrets.all().front(),
                                   program, base::SystemClock().Now()));
    cli::FdOutput(STDERR_FILENO).Write(guide);
  }
  cli::FdOutput(STDOUT_FILENO).Write(ReadyLine(addresses, plan.config.data));
  NotifyServiceManager(cli::ProcessEnvironment(), "READY=1");
  return absl::OkStatus();
}

// Returns what the process ends with.
int Serve(const ServeFlags& flags, const std::string& program) {
  std::signal(SIGPIPE, SIG_IGN);
  Control control;
  EnvironmentSecrets environment;
  base::FileWatch watch;
  absl::StatusOr<ServePlan> plan = ReadServePlan(flags, environment, watch);
  if (!plan.ok()) {
    return cli::Fail(ExitCodeOfConfig(plan.status()), plan.status());
  }
  const base::SystemClock clock;
  absl::StatusOr<GrpcAccess> access = CheckAccess(plan->config, clock);
  if (!access.ok()) {
    return cli::Fail(ExitCodeOfConfig(access.status()), access.status());
  }
  const absl::StatusOr<std::unique_ptr<ServerProcess>> process =
      ServerProcess::Start(
          plan->config, std::move(plan->endpoints.endpoints),
          *std::move(access),
          [&control](const absl::Status& status) { control.Fail(status); });
  if (!process.ok()) {
    return cli::Fail(ExitCodeOfStart(process.status()), process.status());
  }
  ConfigReloader reloader(
      plan->config, std::move(watch),
      [&flags, &environment](base::FileWatch& files) {
        return ReadServePlan(flags, environment, files);
      },
      [&process](const ServeConfig& config, receiver::Endpoints endpoints) {
        return (*process)->Reload(config, std::move(endpoints));
      },
      clock, (*process)->metrics());
  const absl::Status announced =
      Announce(*plan, (*process)->addresses(), flags, program);
  if (!announced.ok()) return cli::Fail(cli::kExitConnect, announced);
  plan->endpoints.secrets.Clear();
  const int signal = control.Run(**process, reloader);
  if (!control.failure().ok()) {
    return cli::Fail(cli::kExitStorage, control.failure());
  }
  return signal == SIGINT ? cli::kExitInterrupted : cli::kExitOk;
}

}  // namespace

void AddServe(cli::Command parent, const std::string& program) {
  const auto flags = std::make_shared<ServeFlags>();
  const cli::Command serve =
      parent.AddCommand("serve", "Receive deliveries and serve events.");
  AddConfigFlags(serve, flags->config);
  serve.AddFlag("--dev", flags->dev,
                "Make a secret in DATA/dev-secret when none is configured, "
                "and print commands to paste");
  serve.SetFooter(kFooter);
  serve.SetAction([flags, program] { return Serve(*flags, program); });
}

}  // namespace tuco::app
