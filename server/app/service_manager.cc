#include "server/app/service_manager.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_split.h"
#include "server/base/listener.h"
#include "server/base/status_macros.h"
#include "tuco/strings.h"

namespace tuco::app {
namespace {

// Where the handed sockets begin.
constexpr int kFirstDescriptor = 3;
constexpr int kSocketsMax = 3;

absl::StatusOr<int> NumberIn(const cli::Environment& environment,
                             const char* name) {
  const std::string text = environment(name).value_or("0");
  int number = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && end == text.data() + text.size()) return number;
  return absl::InvalidArgumentError(
      Concat({name, ": expected a number, found '", text, "'"}));
}

// The names of `count` sockets; empty ones where there are none.
std::vector<std::string> NamesOf(const cli::Environment& environment,
                                 int count) {
  std::vector<std::string> names;
  if (const auto text = environment("LISTEN_FDNAMES")) {
    names = absl::StrSplit(ToAbsl(*text), ':');
  }
  names.resize(static_cast<std::size_t>(count));
  return names;
}

std::optional<base::NetAddress>* SlotOf(std::string_view name,
                                        InheritedSockets& sockets) {
  if (name == "http") return &sockets.http;
  if (name == "grpc") return &sockets.grpc;
  if (name == "admin") return &sockets.admin;
  return nullptr;
}

}  // namespace

absl::StatusOr<InheritedSockets> TakeInheritedSockets(
    const cli::Environment& environment) {
  InheritedSockets sockets;
  TUCO_ASSIGN_OR_RETURN(const int process, NumberIn(environment, "LISTEN_PID"));
  if (process != ::getpid()) return sockets;
  TUCO_ASSIGN_OR_RETURN(const int count, NumberIn(environment, "LISTEN_FDS"));
  if (count < 0 || count > kSocketsMax) {
    return absl::InvalidArgumentError(
        Concat({"LISTEN_FDS: expected at most ", std::to_string(kSocketsMax),
                " sockets, found ", std::to_string(count)}));
  }
  const std::vector<std::string> names = NamesOf(environment, count);
  for (int i = 0; i < count; ++i) {
    const std::string& name = names[static_cast<std::size_t>(i)];
    std::optional<base::NetAddress>* slot = SlotOf(name, sockets);
    if (slot == nullptr && count == 1) slot = &sockets.http;
    if (slot == nullptr || slot->has_value()) {
      return absl::InvalidArgumentError(
          Concat({"LISTEN_FDNAMES: expected each of http, grpc and admin once "
                  "at most, found '",
                  name, "'; a socket unit sets it with FileDescriptorName="}));
    }
    absl::StatusOr<base::NetAddress> address =
        base::AddressOfListening(kFirstDescriptor + i);
    if (!address.ok()) {
      return absl::InvalidArgumentError(
          Concat({"LISTEN_FDS: ", FromAbsl(address.status().message())}));
    }
    *slot = *std::move(address);
  }
  return sockets;
}

void NotifyServiceManager(const cli::Environment& environment,
                          std::string_view state) {
  const std::optional<std::string> path = environment("NOTIFY_SOCKET");
  sockaddr_un name{};
  if (!path || path->size() >= sizeof(name.sun_path)) return;
  name.sun_family = AF_UNIX;
  std::copy(path->begin(), path->end(), name.sun_path);
  // That is how an abstract one is written.
  if (name.sun_path[0] == '@') name.sun_path[0] = '\0';
  const int descriptor = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return;
  const auto size =
      static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path->size());
  ::sendto(descriptor, state.data(), state.size(), MSG_NOSIGNAL,
           reinterpret_cast<const sockaddr*>(&name), size);
  ::close(descriptor);
}

}  // namespace tuco::app
