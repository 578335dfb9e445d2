// All parts of a server, started and stopped in the one right order.
//
//   start: log ▸ hub ▸ committer ▸ subscriptions ▸ receiver ▸ listeners bound ▸
//          accepting
//   stop:  ingress drained ▸ subscriptions ▸ committer ▸ hub ▸ gRPC ▸ admin ▸
//   log
//
// So nothing is accepted before it can be kept, every delivery that was taken
// in is answered, and subscribers are served until the last one is streamed;
// consumers end while what they judged can still be kept.

#ifndef TUCO_SERVER_APP_SERVER_PROCESS_H_
#define TUCO_SERVER_APP_SERVER_PROCESS_H_

#include <chrono>
#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/app/grpc_access.h"
#include "server/app/serve_config.h"
#include "server/base/metrics.h"
#include "server/base/net_address.h"
#include "server/receiver/endpoints.h"

namespace tuco::app {

// Where a server really listens; `off` where it does not.
struct BoundAddresses {
  base::NetAddress http;
  base::NetAddress grpc;
  base::NetAddress admin;
};

// One thread at a time.
class ServerProcess {
 public:
  // How a server stops: it leaves once no connection has asked for anything
  // for `quiet`, after `limit` at the latest.
  static constexpr std::chrono::milliseconds kDrainQuiet{2'000};
  static constexpr std::chrono::milliseconds kDrainLimit{30'000};

  // Told, on a thread of the server, that its log takes nothing any more and
  // that it must be stopped and started again.
  using OnFailure = std::function<void(const absl::Status&)>;

  // Serves when it returns. The statuses of OpenSqliteLog and of the
  // listeners.
  static absl::StatusOr<std::unique_ptr<ServerProcess>> Start(
      const ServeConfig& config, receiver::Endpoints endpoints,
      GrpcAccess access, OnFailure on_failure);

  virtual ~ServerProcess() = default;

  virtual BoundAddresses addresses() const = 0;

  // What the server counts, for those around it that count as well. Lives as
  // long as the server.
  virtual base::Metrics& metrics() = 0;

  // Takes what may change while it serves: the endpoints, http.body_bytes_max,
  // and what the reloadable parts (reloadable.h) make of `config`. What is in
  // progress goes on by what it began with. Where a secret is new, what the
  // quarantine holds is verified again. The status of the part that cannot be
  // reloaded; nothing has changed then.
  virtual absl::Status Reload(const ServeConfig& config,
                              receiver::Endpoints endpoints) = 0;

  // Stops taking connections and calls `drained`, on a thread of the server,
  // when the open ones are done with. Once.
  virtual void Drain(std::function<void()> drained) = 0;

  // Ends everything, drained or not: every delivery that was taken in is
  // committed and answered.
  virtual void Stop() = 0;
};

}  // namespace tuco::app

#endif  // TUCO_SERVER_APP_SERVER_PROCESS_H_
