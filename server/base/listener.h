// A socket that takes connections.

#ifndef TUCO_SERVER_BASE_LISTENER_H_
#define TUCO_SERVER_BASE_LISTENER_H_

#include <sys/types.h>

#include <string>

#include "absl/status/statusor.h"
#include "server/base/net_address.h"

namespace tuco::base {

// A connection that was taken, or why there was none.
struct Accepted {
  int descriptor = -1;  // Non-blocking; the caller closes it.
  int error = 0;        // errno, when there is no descriptor.
  int family = 0;       // AF_INET, AF_INET6 or AF_UNIX.
  std::string source;   // The peer's address without its port; `unix`.
};

// The address of a socket that listens already, with its descriptor, as a
// service manager hands it over; from now on no child inherits it.
// InvalidArgument: `descriptor` is nothing of the kind.
absl::StatusOr<NetAddress> AddressOfListening(int descriptor);

// A bound, listening, non-blocking socket; closes it when destroyed and then
// removes a unix socket's file. One thread at a time.
class Listener {
 public:
  // TCP: the first address of the host that can be bound. Unix: the file of a
  // server that is gone is replaced, that of a living one is not. For the
  // errors see http::Server::Listen. A descriptor that `address` brings along
  // is adopted.
  static absl::StatusOr<Listener> Open(const NetAddress& address);

  // Takes over a socket that was bound by somebody else and listens already,
  // as a service manager hands it over. The file of a unix socket stays when
  // the listener goes: it is not ours. InvalidArgument: `descriptor` is
  // nothing of the kind; it is left alone then.
  static absl::StatusOr<Listener> Adopt(int descriptor);

  Listener(Listener&& other) noexcept;
  Listener& operator=(Listener&&) = delete;
  Listener(const Listener&) = delete;
  ~Listener();

  // Takes one connection, without waiting.
  Accepted Accept() const;

  int descriptor() const { return descriptor_; }
  // With the port that was bound.
  const NetAddress& address() const { return address_; }

 private:
  Listener(int descriptor, NetAddress address);

  static absl::StatusOr<Listener> OpenTcp(NetAddress address);
  static absl::StatusOr<Listener> OpenUnix(NetAddress address);

  // Remembers the file of a unix socket as one to remove.
  void OwnFile();

  int descriptor_;
  NetAddress address_;
  // Which file is ours, should another server have replaced it; 0 is none.
  dev_t file_device_ = 0;
  ino_t file_inode_ = 0;
};

}  // namespace tuco::base

#endif  // TUCO_SERVER_BASE_LISTENER_H_
