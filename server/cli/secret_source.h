// Where a command finds the signing secret: in a file or the environment,
// never among its arguments, which every user of the machine can see.

#ifndef TUCO_SERVER_CLI_SECRET_SOURCE_H_
#define TUCO_SERVER_CLI_SECRET_SOURCE_H_

#include <string>

#include "absl/status/statusor.h"
#include "server/cli/environment.h"

namespace tuco::cli {

struct SecretPlaces {
  std::string file;      // --secret-file; empty: not given.
  std::string fallback;  // A file that need not exist; empty: none.
};

// The secret from `places.file`, else TUCO_WEBHOOK_SECRET, else the file that
// TUCO_WEBHOOK_SECRET_FILE names, else `places.fallback`. The first place that
// is given decides, even when it cannot be read.
//
// NotFound: none is given; InvalidArgument: it cannot be read or is empty.
// The messages say what to do and never hold a secret.
absl::StatusOr<std::string> FindSecret(const SecretPlaces& places,
                                       const Environment& environment);

// The file's text without its last line break. InvalidArgument when it cannot
// be read, is empty or larger than any secret.
absl::StatusOr<std::string> ReadSecretFile(const std::string& path);

}  // namespace tuco::cli

#endif  // TUCO_SERVER_CLI_SECRET_SOURCE_H_
