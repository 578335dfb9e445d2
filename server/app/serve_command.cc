#include "server/app/serve_command.h"

#include <fcntl.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <functional>
#include <memory>
#include <string_view>
#include <utility>

#include "server/app/config_flags.h"
#include "server/app/config_sources.h"
#include "server/app/dev_mode.h"
#include "server/app/serve_config.h"
#include "server/app/server_process.h"
#include "server/app/service_manager.h"
#include "server/base/clock.h"
#include "server/base/logging.h"
#include "server/base/status_macros.h"
#include "server/cli/commands.h"
#include "server/cli/console.h"
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

struct ServeFlags {
  ConfigFlags config;
  bool dev = false;
};

// A socket that was handed to us counts before any address.
absl::StatusOr<Settings> FirstSettings(const ConfigFlags& flags) {
  TUCO_ASSIGN_OR_RETURN(Settings settings, SettingsFromFlags(flags));
  TUCO_ASSIGN_OR_RETURN(InheritedSockets sockets,
                        TakeInheritedSockets(cli::ProcessEnvironment()));
  if (sockets.http) settings.http = std::move(sockets.http);
  if (sockets.grpc) settings.grpc = std::move(sockets.grpc);
  if (sockets.admin) settings.admin = std::move(sockets.admin);
  return settings;
}

absl::StatusOr<ServeConfig> MakeConfig(const ServeFlags& flags) {
  TUCO_ASSIGN_OR_RETURN(Settings settings, FirstSettings(flags.config));
  TUCO_ASSIGN_OR_RETURN(ServeConfig config,
                        LoadConfig(std::move(settings), flags.config.file));
  if (config.endpoints.empty() && flags.dev) {
    TUCO_ASSIGN_OR_RETURN(config.endpoints.emplace_back(),
                          DevEndpoint(config.data));
  }
  return config;
}

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

// Waits for the signal to stop, drains, and returns that signal. A second one
// ends the draining.
int ServeUntilSignal(ServerProcess& process, boost::asio::io_context& control,
                     boost::asio::signal_set& signals) {
  int first_signal = 0;
  std::function<void(const boost::system::error_code&, int)> on_signal =
      [&](const boost::system::error_code& error, int signal) {
        if (error) return;
        signals.async_wait(on_signal);
        if (signal == SIGHUP) {
          Log(Severity::kWarning,
              "SIGHUP: settings are read at the start only; restart to apply "
              "changes");
        } else if (first_signal == 0) {
          first_signal = signal;
          Log(Severity::kInfo, "stopping: draining connections");
          NotifyServiceManager(cli::ProcessEnvironment(), "STOPPING=1");
          process.Drain([&control] {
            boost::asio::post(control, [&control] { control.stop(); });
          });
        } else {
          control.stop();
        }
      };
  signals.async_wait(on_signal);
  control.run();
  process.Stop();
  return first_signal;
}

// All that can be wrong before anything is opened.
struct Plan {
  ServeConfig config;
  ConfiguredEndpoints endpoints;
};

absl::StatusOr<Plan> MakePlan(const ServeFlags& flags) {
  TUCO_ASSIGN_OR_RETURN(ServeConfig config, MakeConfig(flags));
  TUCO_ASSIGN_OR_RETURN(
      ConfiguredEndpoints endpoints,
      LoadEndpoints(config, ", or try things out with --dev"));
  return Plan{std::move(config), std::move(endpoints)};
}

// Says that the server is ready, to people and to programs.
absl::Status Announce(const Plan& plan, const BoundAddresses& addresses,
                      const ServeFlags& flags, const std::string& program) {
  if (flags.dev) {
    TUCO_ASSIGN_OR_RETURN(const std::string guide,
                          DevGuide(addresses, plan.endpoints.secrets.front(),
                                   program, base::SystemClock().Now()));
    cli::FdOutput(STDERR_FILENO).Write(guide);
  }
  cli::FdOutput(STDOUT_FILENO).Write(ReadyLine(addresses, plan.config.data));
  NotifyServiceManager(cli::ProcessEnvironment(), "READY=1");
  return absl::OkStatus();
}

// Returns what the process ends with.
int Serve(const ServeFlags& flags, const std::string& program) {
  // Before any thread starts, so that no signal ends the process half-way.
  std::signal(SIGPIPE, SIG_IGN);
  boost::asio::io_context control(1);
  boost::asio::signal_set signals(control, SIGTERM, SIGINT, SIGHUP);

  absl::StatusOr<Plan> plan = MakePlan(flags);
  if (!plan.ok()) {
    return cli::Fail(ExitCodeOfConfig(plan.status()), plan.status());
  }
  absl::Status failure;
  const absl::StatusOr<std::unique_ptr<ServerProcess>> process =
      ServerProcess::Start(plan->config, std::move(plan->endpoints.endpoints),
                           [&](const absl::Status& status) {
                             boost::asio::post(control, [&, status] {
                               failure = status;
                               control.stop();
                             });
                           });
  if (!process.ok()) {
    return cli::Fail(ExitCodeOfStart(process.status()), process.status());
  }
  const absl::Status announced =
      Announce(*plan, (*process)->addresses(), flags, program);
  if (!announced.ok()) return cli::Fail(cli::kExitConnect, announced);
  const int signal = ServeUntilSignal(**process, control, signals);
  if (!failure.ok()) return cli::Fail(cli::kExitStorage, failure);
  return signal == SIGINT ? cli::kExitInterrupted : cli::kExitOk;
}

}  // namespace

void AddServe(CLI::App& app, const std::string& program, int& exit_code) {
  const auto flags = std::make_shared<ServeFlags>();
  CLI::App* const serve =
      app.add_subcommand("serve", "Receive deliveries and serve events.");
  AddConfigFlags(*serve, flags->config);
  serve->add_flag("--dev", flags->dev,
                  "Make a secret in DATA/dev-secret when none is configured, "
                  "and print commands to paste");
  serve->footer(kFooter);
  serve->callback(
      [flags, program, &exit_code] { exit_code = Serve(*flags, program); });
}

}  // namespace tuco::app
