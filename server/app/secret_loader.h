// Reads the secrets of the configured endpoints and refuses those that protect
// nobody.

#ifndef TUCO_SERVER_APP_SECRET_LOADER_H_
#define TUCO_SERVER_APP_SECRET_LOADER_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/app/config.h"
#include "server/cli/environment.h"
#include "server/receiver/endpoints.h"

namespace tuco::app {

// The endpoints with the texts of their active secrets, and of the revoked ones
// that can be read. InvalidArgument, never with a secret in its message: an
// active one cannot be read, is empty, a placeholder, or shorter than
// kSecretBytesMin where that is not allowed; or an endpoint has none.
absl::StatusOr<receiver::WipedConfigs> LoadSecrets(
    const std::vector<EndpointSettings>& endpoints,
    const cli::Environment& environment);

// The file that `secret` is in; empty when it is in the environment.
// InvalidArgument: it is a credential, and the service manager has given us
// none.
absl::StatusOr<std::string> SecretFile(const SecretConfig& secret,
                                       const cli::Environment& environment);

// OK when `text` can be a secret; InvalidArgument saying why not.
absl::Status CheckSecret(std::string_view text, bool allow_short);

}  // namespace tuco::app

#endif  // TUCO_SERVER_APP_SECRET_LOADER_H_
