// A listener of HTTP/1.1 and its connections, on Boost.Asio sockets and
// llhttp.
//
// One I/O thread, the one that runs the io_context, does everything here but
// Responder::Send, which comes back to it.

#ifndef TUCO_SERVER_HTTP_SERVER_H_
#define TUCO_SERVER_HTTP_SERVER_H_

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/base/net_address.h"
#include "server/http/handler.h"
#include "server/http/limits.h"
#include "server/http/tls.h"
#include "server/http/trusted_peers.h"

namespace tuco::http {

struct ServerOptions {
  Limits limits{};
  // HTTPS with this certificate; none: plain HTTP.
  std::optional<base::TlsPaths> tls{};
  // Whose word counts for who sent a request: of those, every connection
  // begins with a PROXY header (proxy_header.h), before TLS, or each request
  // says it in X-Forwarded-For (trusted_peers.h).
  TrustedPeers trusted_peers{};
  bool proxy_protocol = false;
};

class Server {
 public:
  // Binds and listens. InvalidArgument, also for a certificate as
  // TlsContext::Create says, or the operating system's reason with the address
  // in its message (Unavailable: the port is taken; PermissionDenied).
  // `handler` must outlive the server and the io_context.
  static absl::StatusOr<std::unique_ptr<Server>> Listen(
      boost::asio::io_context& io, const base::NetAddress& address,
      ServerOptions options, Handler& handler);

  // Closes the listener and every connection. On the I/O thread, or when the
  // io_context does not run; responders may outlive the server.
  virtual ~Server() = default;

  // Starts to accept.
  virtual void Start() = 0;

  // The address with the port that was really bound.
  virtual base::NetAddress address() const = 0;

  // Takes what the kernel has queued, stops accepting, answers every request
  // that still comes on an open connection with `Connection: close`, and calls
  // `drained` on the I/O thread once no connection is left, or none has sent a
  // byte for `quiet` and no answer is owed, or `limit` has passed. From any
  // thread, once.
  virtual void Drain(std::chrono::milliseconds quiet,
                     std::chrono::milliseconds limit,
                     std::function<void()> drained) = 0;

  // Changes the limit on bodies, for the requests that begin from now on. From
  // any thread.
  virtual void set_body_bytes_max(std::size_t bytes) = 0;

  // Reads the certificate and its key again, as TlsContext::Reload does: new
  // connections get it, open ones go on. OK without TLS. From any thread.
  virtual absl::Status ReloadTls() = 0;

  // When the certificate expires; none without TLS. From any thread.
  virtual std::optional<Timestamp> tls_expires_at() const = 0;

  // Open connections now. Safe for concurrent use.
  virtual std::size_t connections() const = 0;
};

}  // namespace tuco::http

#endif  // TUCO_SERVER_HTTP_SERVER_H_
