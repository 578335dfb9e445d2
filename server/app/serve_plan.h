// What `serve` is told, read at its start and whenever it is told anew.

#ifndef TUCO_SERVER_APP_SERVE_PLAN_H_
#define TUCO_SERVER_APP_SERVE_PLAN_H_

#include "absl/status/statusor.h"
#include "server/app/config_flags.h"
#include "server/app/config_sources.h"
#include "server/app/environment_secrets.h"
#include "server/base/file_watch.h"

namespace tuco::app {

struct ServeFlags {
  ConfigFlags config;
  bool dev = false;
};

// All that can be wrong before anything is opened: the flags, the environment,
// the file and the secrets. `watch` is given every file that this depends on,
// as it was before it was read, also where that fails; the secrets in
// `environment` are hidden there. The codes of LoadSources, Resolve and
// LoadEndpoints.
absl::StatusOr<ServePlan> ReadServePlan(const ServeFlags& flags,
                                        EnvironmentSecrets& environment,
                                        base::FileWatch& watch);

}  // namespace tuco::app

#endif  // TUCO_SERVER_APP_SERVE_PLAN_H_
