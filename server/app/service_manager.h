// What a service manager such as systemd and a server tell each other: which
// sockets it holds for us, so that nobody is refused while we restart, and that
// we are ready or stopping. Without one all of it does nothing.
//
// The protocols are those of sd_listen_fds(3) and sd_notify(3).

#ifndef TUCO_SERVER_APP_SERVICE_MANAGER_H_
#define TUCO_SERVER_APP_SERVICE_MANAGER_H_

#include <optional>
#include <string_view>

#include "absl/status/statusor.h"
#include "server/base/net_address.h"
#include "server/cli/environment.h"

namespace tuco::app {

// The listening sockets that were handed to us, where they listen and with
// their descriptors.
struct InheritedSockets {
  std::optional<base::NetAddress> http;
  std::optional<base::NetAddress> grpc;
  std::optional<base::NetAddress> admin;
};

// Those that LISTEN_PID, LISTEN_FDS and LISTEN_FDNAMES tell of; none when they
// are for another process or not set. They are told apart by their names
// `http`, `grpc` and `admin`; a single one may have any name and is `http`.
// None is inherited by a child from then on. InvalidArgument: variables that
// make no sense, a name that is another or comes twice, or a socket that does
// not listen for streams. Before any thread starts.
absl::StatusOr<InheritedSockets> TakeInheritedSockets(
    const cli::Environment& environment);

// Sends `state`, such as `READY=1`, to the socket that NOTIFY_SOCKET names.
// Nobody waits for an answer, and a manager that is gone is none of our
// concern.
void NotifyServiceManager(const cli::Environment& environment,
                          std::string_view state);

}  // namespace tuco::app

#endif  // TUCO_SERVER_APP_SERVICE_MANAGER_H_
