// Has a server take what it was told anew: on SIGHUP, and when a file has
// changed that its configuration depends on.

#ifndef TUCO_SERVER_APP_CONFIG_RELOADER_H_
#define TUCO_SERVER_APP_CONFIG_RELOADER_H_

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/app/config_sources.h"
#include "server/app/serve_config.h"
#include "server/base/clock.h"
#include "server/base/file_watch.h"
#include "server/base/metrics.h"
#include "server/receiver/endpoints.h"

namespace tuco::app {

// One thread at a time.
class ConfigReloader {
 public:
  // ReadServePlan, with the flags of this process.
  using Read = std::function<absl::StatusOr<ServePlan>(base::FileWatch& watch)>;
  // ServerProcess::Reload.
  using Apply = std::function<absl::Status(const ServeConfig& config,
                                           receiver::Endpoints endpoints)>;

  // How often Poll is to be called.
  static constexpr std::chrono::seconds kPollInterval{1};

  // For a server that serves by `config`, which was read while `watch` was told
  // the files. `clock` must outlive the reloader.
  ConfigReloader(ServeConfig config, base::FileWatch watch, Read read,
                 Apply apply, const base::Clock& clock, base::Metrics& metrics);

  // Reads everything again and has the server take it; `because` is the reason
  // for people. Where anything is wrong all stays as it was. Logs one line that
  // says which, and one that names the settings that differ and need a restart.
  absl::Status Reload(std::string_view because);

  // Reloads if a file has changed, and has not gone on changing since the last
  // call.
  void Poll();

 private:
  struct Results;  // For metrics.

  absl::Status ReadAndApply();

  ServeConfig in_force_;
  base::FileWatch watch_;
  const Read read_;
  const Apply apply_;
  const base::Clock& clock_;
  // Shared with the gauges, which may be asked for longer than there is a
  // reloader.
  const std::shared_ptr<Results> results_;
  base::Counter& applied_;
  base::Counter& failed_;
};

// The settings, as docs/configuration.md calls them, in which `wanted` differs
// from `in_force` and that are read at the start only.
std::vector<std::string> SettingsThatNeedARestart(const ServeConfig& in_force,
                                                  const ServeConfig& wanted);

}  // namespace tuco::app

#endif  // TUCO_SERVER_APP_CONFIG_RELOADER_H_
