#include "server/base/listener.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "server/base/status_macros.h"
#include "tuco/strings.h"

namespace tuco::base {
namespace {

// Connections that wait while the I/O thread is busy; the kernel lowers it to
// net.core.somaxconn.
constexpr int kBacklog = 4'096;

absl::Status SystemError(const NetAddress& address, int error) {
  const std::string message =
      Concat({"cannot listen on ", address.ToString(), ": ",
              std::generic_category().message(error)});
  switch (error) {
    case EACCES:
    case EPERM:
    case EROFS:
      return absl::PermissionDeniedError(message);
    case EADDRNOTAVAIL:
    case EAFNOSUPPORT:
    case ENOENT:
    case ENOTDIR:
    case ENAMETOOLONG:
      return absl::InvalidArgumentError(message);
    default:
      return absl::UnavailableError(message);
  }
}

// Closes it unless it is taken.
class Descriptor {
 public:
  explicit Descriptor(int descriptor) : descriptor_(descriptor) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  int get() const { return descriptor_; }
  int Take() { return std::exchange(descriptor_, -1); }

 private:
  int descriptor_;
};

int OpenSocket(int family) {
  return ::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

// The descriptor, or -1 with errno set.
int BindTcp(const addrinfo& info) {
  Descriptor socket(OpenSocket(info.ai_family));
  if (socket.get() < 0) return -1;
  const int on = 1;
  const int off = 0;
  ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (info.ai_family == AF_INET6) {  // `[::]` takes IPv4 as well.
    ::setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
  }
  if (::bind(socket.get(), info.ai_addr, info.ai_addrlen) != 0) return -1;
  if (::listen(socket.get(), kBacklog) != 0) return -1;
  return socket.Take();
}

std::uint16_t BoundPort(int descriptor) {
  sockaddr_storage storage{};
  socklen_t size = sizeof(storage);
  ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&storage), &size);
  // The port is at the same place in both families.
  return ntohs(reinterpret_cast<const sockaddr_in&>(storage).sin_port);
}

sockaddr_un UnixAddress(const std::string& path) {
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  std::memcpy(name.sun_path, path.data(),
              std::min(path.size(), sizeof(name.sun_path) - 1));
  return name;
}

// Removes the socket file of a server that is gone. A file that is no socket,
// or whose server answers, stays.
absl::Status RemoveStaleSocket(const NetAddress& address) {
  struct stat file {};
  if (::lstat(address.path.c_str(), &file) != 0) return absl::OkStatus();
  if (!S_ISSOCK(file.st_mode)) {
    return absl::InvalidArgumentError(
        Concat({"cannot listen on ", address.ToString(),
                ": there is a file of that name that is no socket"}));
  }
  const Descriptor probe(OpenSocket(AF_UNIX));
  if (probe.get() < 0) return SystemError(address, errno);
  const sockaddr_un name = UnixAddress(address.path);
  const int result = ::connect(
      probe.get(), reinterpret_cast<const sockaddr*>(&name), sizeof(name));
  if (result == 0 || errno != ECONNREFUSED) {
    return absl::UnavailableError(Concat(
        {"cannot listen on ", address.ToString(), ": another server does"}));
  }
  if (::unlink(address.path.c_str()) != 0) return SystemError(address, errno);
  return absl::OkStatus();
}

std::string SourceOf(const sockaddr_storage& peer) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (peer.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(peer);
    ::inet_ntop(AF_INET, &v4.sin_addr, text.data(), text.size());
    return text.data();
  }
  if (peer.ss_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(peer);
    if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr)) {  // As a v4 listener says it.
      ::inet_ntop(AF_INET, &v6.sin6_addr.s6_addr[12], text.data(), text.size());
    } else {
      ::inet_ntop(AF_INET6, &v6.sin6_addr, text.data(), text.size());
    }
    return text.data();
  }
  return "unix";
}

// An integer option of a socket, or nothing where it is no socket.
std::optional<int> SocketOption(int descriptor, int option) {
  int value = 0;
  socklen_t size = sizeof(value);
  if (::getsockopt(descriptor, SOL_SOCKET, option, &value, &size) != 0) {
    return std::nullopt;
  }
  return value;
}

std::string HostText(int family, const void* address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(family, address, text.data(), text.size());
  return text.data();
}

// Where a socket is bound; `off` where that is no address of ours.
NetAddress BoundAddress(int descriptor) {
  sockaddr_storage storage{};
  socklen_t size = sizeof(storage);
  ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&storage), &size);
  NetAddress address;
  if (storage.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(storage);
    address.kind = NetAddress::Kind::kTcp;
    address.host = HostText(AF_INET, &v4.sin_addr);
    address.port = ntohs(v4.sin_port);
  } else if (storage.ss_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(storage);
    address.kind = NetAddress::Kind::kTcp;
    address.host = HostText(AF_INET6, &v6.sin6_addr);
    address.port = ntohs(v6.sin6_port);
  } else if (storage.ss_family == AF_UNIX) {
    address.kind = NetAddress::Kind::kUnix;
    address.path = reinterpret_cast<const sockaddr_un&>(storage).sun_path;
  }
  return address;
}

}  // namespace

absl::StatusOr<NetAddress> AddressOfListening(int descriptor) {
  NetAddress address = BoundAddress(descriptor);
  if (SocketOption(descriptor, SO_TYPE) != SOCK_STREAM ||
      SocketOption(descriptor, SO_ACCEPTCONN) != 1 || address.off()) {
    return absl::InvalidArgumentError(
        Concat({"descriptor ", std::to_string(descriptor),
                ": expected a TCP or unix socket that listens"}));
  }
  ::fcntl(descriptor, F_SETFD, FD_CLOEXEC);
  address.descriptor = descriptor;
  return address;
}

absl::StatusOr<Listener> Listener::Open(const NetAddress& address) {
  if (address.descriptor >= 0) return Adopt(address.descriptor);
  switch (address.kind) {
    case NetAddress::Kind::kTcp:
      return OpenTcp(address);
    case NetAddress::Kind::kUnix:
      return OpenUnix(address);
    case NetAddress::Kind::kOff:
      break;
  }
  return absl::InvalidArgumentError("cannot listen on 'off'");
}

absl::StatusOr<Listener> Listener::OpenTcp(NetAddress address) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int failure =
      ::getaddrinfo(address.host.c_str(), std::to_string(address.port).c_str(),
                    &hints, &found);
  if (failure != 0) {
    return absl::InvalidArgumentError(
        Concat({"cannot listen on ", address.ToString(), ": ",
                ::gai_strerror(failure)}));
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(
      found, &::freeaddrinfo);
  int error = 0;
  for (const addrinfo* info = found; info != nullptr; info = info->ai_next) {
    const int descriptor = BindTcp(*info);
    if (descriptor >= 0) {
      address.port = BoundPort(descriptor);
      return Listener(descriptor, std::move(address));
    }
    // Of several addresses, the first one's reason is the one that counts.
    if (error == 0) error = errno;
  }
  return SystemError(address, error);
}

absl::StatusOr<Listener> Listener::OpenUnix(NetAddress address) {
  const sockaddr_un name = UnixAddress(address.path);
  if (address.path != name.sun_path) {
    return SystemError(address, ENAMETOOLONG);
  }
  if (const absl::Status status = RemoveStaleSocket(address); !status.ok()) {
    return status;
  }
  Descriptor socket(OpenSocket(AF_UNIX));
  if (socket.get() < 0 ||
      ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&name),
             sizeof(name)) != 0 ||
      ::listen(socket.get(), kBacklog) != 0) {
    return SystemError(address, errno);
  }
  Listener listener(socket.Take(), std::move(address));
  listener.OwnFile();
  return listener;
}

absl::StatusOr<Listener> Listener::Adopt(int descriptor) {
  TUCO_ASSIGN_OR_RETURN(NetAddress address, AddressOfListening(descriptor));
  ::fcntl(descriptor, F_SETFL, ::fcntl(descriptor, F_GETFL) | O_NONBLOCK);
  return Listener(descriptor, std::move(address));
}

Listener::Listener(int descriptor, NetAddress address)
    : descriptor_(descriptor), address_(std::move(address)) {}

void Listener::OwnFile() {
  struct stat file {};
  if (::lstat(address_.path.c_str(), &file) == 0) {
    file_device_ = file.st_dev;
    file_inode_ = file.st_ino;
  }
}

Listener::Listener(Listener&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      address_(std::move(other.address_)),
      file_device_(other.file_device_),
      file_inode_(other.file_inode_) {}

Listener::~Listener() {
  if (descriptor_ < 0) return;
  ::close(descriptor_);
  if (address_.kind != NetAddress::Kind::kUnix) return;
  struct stat file {};
  if (::lstat(address_.path.c_str(), &file) == 0 &&
      file.st_dev == file_device_ && file.st_ino == file_inode_) {
    ::unlink(address_.path.c_str());
  }
}

Accepted Listener::Accept() const {
  sockaddr_storage peer{};
  socklen_t size = sizeof(peer);
  Accepted accepted;
  do {
    accepted.descriptor =
        ::accept4(descriptor_, reinterpret_cast<sockaddr*>(&peer), &size,
                  SOCK_NONBLOCK | SOCK_CLOEXEC);
  } while (accepted.descriptor < 0 && errno == EINTR);
  if (accepted.descriptor < 0) {
    accepted.error = errno;
    return accepted;
  }
  accepted.family = peer.ss_family;
  accepted.source = SourceOf(peer);
  return accepted;
}

}  // namespace tuco::base
