// `serve --dev`: a server for trying out, with a secret of its own and the
// commands to paste.

#ifndef TUCO_SERVER_APP_DEV_MODE_H_
#define TUCO_SERVER_APP_DEV_MODE_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "server/app/config.h"
#include "server/app/server_process.h"
#include "server/receiver/endpoints.h"
#include "tuco/timestamp.h"

namespace tuco::app {

// The endpoint `tuco` whose secret is in DATA/dev-secret, which is made with
// mode 0600 when it is not there.
absl::StatusOr<EndpointSettings> DevEndpoint(const std::string& data);

// Where a server is to be reached.
struct DevListeners {
  BoundAddresses addresses;
  bool https = false;
};

// What is printed at the start: a `curl` that posts a fresh, signed delivery
// to `endpoint`, and the `tail` that shows it; `program` is how the user calls
// us. The secret is not in it.
absl::StatusOr<std::string> DevGuide(const DevListeners& listeners,
                                     const receiver::EndpointConfig& endpoint,
                                     std::string_view program, Timestamp now);

}  // namespace tuco::app

#endif  // TUCO_SERVER_APP_DEV_MODE_H_
