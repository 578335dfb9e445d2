// The environment of a process without the secrets that came in it.
//
// Whoever may read /proc/PID/environ, or gets a core file, has the environment.
// A secret that came that way is moved to memory that is out of their reach as
// soon as it is known to be one; it stays readable here, for the next reload.

#ifndef TUCO_SERVER_APP_ENVIRONMENT_SECRETS_H_
#define TUCO_SERVER_APP_ENVIRONMENT_SECRETS_H_

#include <map>
#include <optional>
#include <string>

#include "server/base/secret_memory.h"
#include "server/cli/environment.h"

namespace tuco::app {

// One thread at a time.
class EnvironmentSecrets {
 public:
  EnvironmentSecrets() = default;
  EnvironmentSecrets(const EnvironmentSecrets&) = delete;
  EnvironmentSecrets& operator=(const EnvironmentSecrets&) = delete;

  // The process's variables, also those that were hidden. Refers to this.
  cli::Environment Reader() const;

  // Overwrites the value of `name` where the process got it; the variable is
  // empty from then on for everybody else.
  void Hide(const std::string& name);

 private:
  std::optional<std::string> Read(const char* name) const;

  std::map<std::string, base::SecretMemory> hidden_;
};

}  // namespace tuco::app

#endif  // TUCO_SERVER_APP_ENVIRONMENT_SECRETS_H_
