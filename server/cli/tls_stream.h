// The client's side of TLS on a socket, blocking.

#ifndef TUCO_SERVER_CLI_TLS_STREAM_H_
#define TUCO_SERVER_CLI_TLS_STREAM_H_

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

struct ssl_ctx_st;
struct ssl_st;

namespace tuco::cli {

// Whose certificates are taken. Immutable, safe for concurrent use.
class TlsTrust {
 public:
  // Those whom the PEM file `authorities` names; empty: those whom the system
  // trusts. InvalidArgument: the file cannot be read, or holds something else.
  static absl::StatusOr<std::shared_ptr<const TlsTrust>> Create(
      const std::string& authorities);

 private:
  friend class TlsStream;
  struct Deleter {
    void operator()(ssl_ctx_st* context) const;
  };

  std::unique_ptr<ssl_ctx_st, Deleter> context_;
};

// TLS 1.2 or 1.3 with a server whose certificate is trusted and is for the
// host that was asked for. One thread at a time. The timeouts of the socket
// apply to each call. Requires that the process ignores SIGPIPE.
class TlsStream {
 public:
  // Shakes hands on the connected socket `fd`, which stays the caller's and
  // must outlive the stream. `host` is a name or an address.
  // FailedPrecondition: the certificate is not taken, or what is there speaks
  // no TLS. Else the codes of Send.
  static absl::StatusOr<std::unique_ptr<TlsStream>> Connect(
      std::shared_ptr<const TlsTrust> trust, int fd, const std::string& host);

  // Unavailable: the connection broke. DeadlineExceeded.
  absl::Status Send(std::string_view bytes);
  // How much came into `buffer`; 0: the other side has closed. Likewise.
  absl::StatusOr<std::size_t> Receive(std::span<char> buffer);

 private:
  struct Deleter {
    void operator()(ssl_st* session) const;
  };
  using Session = std::unique_ptr<ssl_st, Deleter>;

  TlsStream(std::shared_ptr<const TlsTrust> trust, Session session)
      : trust_(std::move(trust)), session_(std::move(session)) {}

  const std::shared_ptr<const TlsTrust> trust_;
  const Session session_;
};

}  // namespace tuco::cli

#endif  // TUCO_SERVER_CLI_TLS_STREAM_H_
