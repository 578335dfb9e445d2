// `tuco-events secret new`: a new signing secret.

#ifndef TUCO_SERVER_CLI_SECRET_NEW_H_
#define TUCO_SERVER_CLI_SECRET_NEW_H_

#include <string>

#include "absl/status/status.h"
#include "server/cli/command_line.h"

namespace tuco::cli {

// `whsec_` and 64 hexadecimal digits, 32 bytes that nobody can guess.
std::string NewSecret();

// Writes `secret` and a line break to the new file `path`, which only its
// owner may read. AlreadyExists, or InvalidArgument when it cannot be written;
// then nothing is left behind.
absl::Status WriteSecretFile(const std::string& path,
                             const std::string& secret);

// Adds the command to `parent`.
void AddSecret(Command parent);

}  // namespace tuco::cli

#endif  // TUCO_SERVER_CLI_SECRET_NEW_H_
